import { type QosClass, qosClasses, type Statement } from '../model';
import { count, formatDuration, formatRatio } from '../units';
import type { FailureResults } from './analyse';
import { utilisation } from './base-state';
import { naming, whenOf } from './naming';
import type { Outcome } from './outcome';
import type { ScenarioKind } from './scenario';

/** Whether a statement holds; `undecided`: failures do not decide it, or were not evaluated. */
export interface Decision {
  readonly verdict: 'holds' | 'broken' | 'undecided';
  /** One sentence: the figure that decides it, and the failure that breaks it. */
  readonly evidence: string;
}

/** Whom a statement concerns; empty or absent: everyone. */
export interface DecisionScope {
  readonly from?: readonly string[];
  readonly to?: readonly string[];
  readonly classes?: readonly QosClass[];
  /**
   * Failures under which utilisation and headroom must hold, too. Default: none, only the network as it is.
   */
  readonly under?: readonly ScenarioKind[];
  /**
   * What others hold of a direction, which utilisation and headroom count as used; not under failures.
   * Default: nothing.
   */
  readonly reservedMbps?: (link: string, from: string) => number;
}

/**
 * Decides by failures: `survive` (each concerned route keeps a living planned path under each failure of the
 * kind, and its traffic fits in strict priority; who begins or ends in a failed region is left out; of a
 * failed gateway's workloads the routes must be ours to move),
 * `max-utilisation` and `headroom` (of every link, whoever uses it). O(outcomes x their flows).
 */
export function decide(statement: Statement, results: FailureResults, scope: DecisionScope = {}): Decision {
  if (statement.kind === 'survive') return survive(statement.of, results, scope);
  if (statement.kind === 'max-utilisation') {
    return fullest(statement.ratio, `${formatRatio(statement.ratio)} are allowed`, results, scope);
  }
  if (statement.kind === 'headroom') {
    const wanted = `${formatRatio(statement.ratio)} are to stay free`;
    return fullest(1 - statement.ratio, wanted, results, scope);
  }
  return { verdict: 'undecided', evidence: 'failures do not decide it' };
}

const nouns = { link: 'link', region: 'region', gateway: 'gateway', srlg: 'shared-risk group' } as const;

function survive(of: keyof typeof nouns, results: FailureResults, scope: DecisionScope): Decision {
  const noun = nouns[of];
  if (!results.kinds.includes(of)) {
    return { verdict: 'undecided', evidence: `${noun} failures were not evaluated` };
  }
  const { table } = results.evaluator.base;
  const names = naming(table);
  const concerned = concerns(results, scope);
  const unserved = results.unserved.find(concerned.route);
  if (unserved !== undefined) {
    return { verdict: 'broken', evidence: `${names.flow(unserved)} has no route, even without a failure` };
  }
  const lostBy = (o: Outcome) => [...o.stranded, ...o.cut].sort((a, b) => a - b).filter(concerned.route);
  const cutBy = (o: Outcome) => o.congested.filter((c) => concerned.traffic(c.flow));
  const full = cutBy(results.noFailure);
  const failures = results.outcomes.filter((o) => o.scenario.kind === of);
  const broken = [...(full.length > 0 ? [results.noFailure] : []), ...failures]
    .map((outcome) => ({ outcome, lost: lostBy(outcome), cut: cutBy(outcome) }))
    .filter(({ lost, cut }) => lost.length + cut.length > 0);
  if (broken.length === 0) {
    if (failures.length === 0)
      return { verdict: 'holds', evidence: `the network has no ${noun} that could fail` };
    const unmoved = failures.find((o) => waitsForGateway(o) && interrupts(o, concerned.route));
    if (unmoved) {
      const { region } = unmoved.scenario.outage!;
      const evidence =
        `${whenOf(unmoved.scenario)}, its workloads wait until it is back or you move their routes: ` +
        `region '${table.topology.nodes[region]}' names no route tables`;
      return { verdict: 'undecided', evidence };
    }
    const worst = worstOf(failures);
    const moving = failures.filter((o) => o.interrupted !== null && !waitsForGateway(o));
    const waits = Math.max(0, ...moving.map((o) => o.interrupted!.seconds));
    const moved = waits > 0 ? ` once routes have moved, within ${formatDuration(waits)}` : '';
    const figure = worst?.fullest ? `; the fullest link then is ${names.use(worst.fullest)}, ` : '';
    return {
      verdict: 'holds',
      evidence:
        `everything is carried under each of ${count(failures.length, `${noun} failure`)}${moved}${figure}` +
        (worst?.fullest ? whenOf(worst.scenario) : ''),
    };
  }
  const weight = (b: (typeof broken)[number]) => b.lost.length * 2 ** 30 + b.cut.length;
  const worst = broken.reduce((most, b) => (weight(b) > weight(most) ? b : most));
  const more =
    broken.length > 1
      ? `; ${count(broken.length - 1, 'other failure breaks', 'other failures break')} it`
      : '';
  return { verdict: 'broken', evidence: `${whenOf(worst.outcome.scenario)}, ${sentence(worst)}${more}` };

  function interrupts({ scenario }: Outcome, concerns: (f: number) => boolean): boolean {
    const { count: flows, source, target, partFirst } = table;
    const region = scenario.outage?.region;
    return Array.from({ length: flows }, (_, f) => f).some(
      (f) => (source[f] === region || target[f] === region) && partFirst[f] < partFirst[f + 1] && concerns(f),
    );
  }

  function sentence({ outcome, lost, cut }: (typeof broken)[number]): string {
    const others = (n: number) => (n > 1 ? ` and ${count(n - 1, 'other')}` : '');
    if (lost.length > 0) {
      const one = outcome.cut.includes(lost[0]) ? 'is cut off' : 'has no planned path left';
      const several = 'have no planned path left';
      return `${names.flow(lost[0])}${others(lost.length)} ${lost.length > 1 ? several : one}`;
    }
    const use = outcome.overloaded.find((u) => u.arc === cut[0].arc)!;
    const verb = cut.length > 1 ? 'do' : 'does';
    return `${names.flow(cut[0].flow)}${others(cut.length)} ${verb} not fit: ${names.use(use)}`;
  }
}

/** Do workloads wait for the gateway itself, since nobody here moves their routes? */
function waitsForGateway({ interrupted, scenario }: Outcome): boolean {
  return interrupted !== null && interrupted.seconds >= scenario.outage!.backSeconds;
}

function fullest(limit: number, wanted: string, results: FailureResults, scope: DecisionScope): Decision {
  const under = scope.under ?? [];
  const missing = under.find((kind) => !results.kinds.includes(kind));
  if (missing !== undefined)
    return { verdict: 'undecided', evidence: `failures of kind ${missing} were not evaluated` };
  const worst = worstOf([
    withReserved(results, scope),
    ...results.outcomes.filter((o) => under.includes(o.scenario.kind)),
  ]);
  if (!worst?.fullest) return { verdict: 'holds', evidence: 'the network has no links' };
  // A millionth above is rounding to whole units, as it is for overload.
  const verdict = worst.fullest.ratio <= limit * (1 + 1e-6) ? 'holds' : 'broken';
  const use = naming(results.evaluator.base.table).use(worst.fullest);
  return { verdict, evidence: `the fullest link, ${whenOf(worst.scenario)}, is ${use}; ${wanted}` };
}

/** The network as it is, the fullest link counted with what others hold of it. */
function withReserved({ noFailure, evaluator }: FailureResults, { reservedMbps }: DecisionScope): Outcome {
  if (!reservedMbps) return noFailure;
  const { load, table } = evaluator.base;
  const { links, nodes, link, tail } = table.topology;
  const ratios = Array.from(load, (units, arc) => {
    const held = reservedMbps(links[link[arc]], nodes[tail[arc]]) * table.unitsPerMbps;
    return utilisation(units + held, table.capacity[arc] + held);
  });
  const most = ratios.reduce((best, ratio, arc) => (ratio > ratios[best] ? arc : best), 0);
  return { ...noFailure, fullest: ratios.length === 0 ? null : { arc: most, ratio: ratios[most] } };
}

/** The outcome with the fullest link, the first of equals. */
function worstOf(outcomes: readonly Outcome[]): Outcome | undefined {
  const ratio = (o: Outcome) => o.fullest?.ratio ?? -1;
  return outcomes.reduce<Outcome | undefined>(
    (most, o) => (most && ratio(most) >= ratio(o) ? most : o),
    undefined,
  );
}

/** Which flows a scope is about: as routes of all their classes, and as traffic of its own class. */
function concerns(
  { evaluator }: FailureResults,
  { from = [], to = [], classes = qosClasses }: DecisionScope,
): Record<'route' | 'traffic', (f: number) => boolean> {
  const { topology, source, target, rank, leads, route, routes } = evaluator.base.table;
  const matches = (side: readonly string[], v: number) =>
    side.length === 0 || side.includes(topology.nodes[v]);
  const wanted = new Set(classes.length === 0 ? qosClasses : classes);
  const pair = (f: number) => matches(from, source[f]) && matches(to, target[f]);
  const traffic = (f: number) => pair(f) && wanted.has(qosClasses[rank[f]]);
  return {
    traffic,
    route: (f) =>
      traffic(f) || (leads[f] === 1 && pair(f) && routes[route[f]].classes.some((c) => wanted.has(c))),
  };
}
