import { type QosClass, qosClasses, type Statement } from '../model';
import type { FailureResults } from './analyse';
import { utilisation } from './base-state';
import type { FailureEvidence } from './failure-evidence';
import { failureIn, naming } from './naming';
import type { Outcome } from './outcome';
import type { ScenarioKind } from './scenario';

/** Whether a statement holds; `undecided`: failures do not decide it, or were not evaluated. */
export interface Decision {
  readonly verdict: 'holds' | 'broken' | 'undecided';
  /** The figure that decides it, and the failure that breaks it. */
  readonly evidence: FailureEvidence;
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
  if (statement.kind === 'max-utilisation') return fullest(statement.ratio, results, scope);
  if (statement.kind === 'headroom') return fullest(1 - statement.ratio, results, scope);
  return { verdict: 'undecided', evidence: { kind: 'not-decided' } };
}

type Survivable = Extract<Statement, { readonly kind: 'survive' }>['of'];

function survive(of: Survivable, results: FailureResults, scope: DecisionScope): Decision {
  if (!results.kinds.includes(of)) {
    return { verdict: 'undecided', evidence: { kind: 'not-evaluated', of } };
  }
  const { table } = results.evaluator.base;
  const names = naming(table);
  const concerned = concerns(results, scope);
  const unserved = results.unserved.find(concerned.route);
  if (unserved !== undefined) {
    return { verdict: 'broken', evidence: { kind: 'no-route', flow: names.flow(unserved) } };
  }
  const lostBy = (o: Outcome) => [...o.stranded, ...o.cut].sort((a, b) => a - b).filter(concerned.route);
  const cutBy = (o: Outcome) => o.congested.filter((c) => concerned.traffic(c.flow));
  const full = cutBy(results.noFailure);
  const failures = results.outcomes.filter((o) => o.scenario.kind === of);
  const broken = [...(full.length > 0 ? [results.noFailure] : []), ...failures]
    .map((outcome) => ({ outcome, lost: lostBy(outcome), cut: cutBy(outcome) }))
    .filter(({ lost, cut }) => lost.length + cut.length > 0);
  if (broken.length === 0) {
    if (failures.length === 0) return { verdict: 'holds', evidence: { kind: 'nothing-fails' } };
    const unmoved = failures.find((o) => waitsForGateway(o) && interrupts(o, concerned.route));
    if (unmoved) {
      const region = table.topology.nodes[unmoved.scenario.outage!.region];
      const failure = failureIn(unmoved.scenario)!;
      return { verdict: 'undecided', evidence: { kind: 'waits', failure, region } };
    }
    const worst = worstOf(failures);
    const moving = failures.filter((o) => o.interrupted !== null && !waitsForGateway(o));
    const seconds = Math.max(0, ...moving.map((o) => o.interrupted!.seconds));
    const figure = worst?.fullest
      ? { use: names.use(worst.fullest), failure: failureIn(worst.scenario)! }
      : null;
    const evidence = { kind: 'survived', failures: failures.length, seconds, fullest: figure } as const;
    return { verdict: 'holds', evidence };
  }
  const weight = (b: (typeof broken)[number]) => b.lost.length * 2 ** 30 + b.cut.length;
  const worst = broken.reduce((most, b) => (weight(b) > weight(most) ? b : most));
  return { verdict: 'broken', evidence: evidenceOf(worst, broken.length - 1) };

  function interrupts({ scenario }: Outcome, concerns: (f: number) => boolean): boolean {
    const { count: flows, source, target, partFirst } = table;
    const region = scenario.outage?.region;
    return Array.from({ length: flows }, (_, f) => f).some(
      (f) => (source[f] === region || target[f] === region) && partFirst[f] < partFirst[f + 1] && concerns(f),
    );
  }

  function evidenceOf(
    { outcome, lost, cut }: (typeof broken)[number],
    otherFailures: number,
  ): FailureEvidence {
    const failure = failureIn(outcome.scenario);
    if (lost.length > 0) {
      const [first] = lost;
      const cutOff = outcome.cut.includes(first);
      const otherFlows = lost.length - 1;
      return { kind: 'lost', failure, flow: names.flow(first), cutOff, otherFlows, otherFailures };
    }
    const use = names.use(outcome.overloaded.find((u) => u.arc === cut[0].arc)!);
    const otherFlows = cut.length - 1;
    return { kind: 'congested', failure, flow: names.flow(cut[0].flow), use, otherFlows, otherFailures };
  }
}

/** Do workloads wait for the gateway itself, since nobody here moves their routes? */
function waitsForGateway({ interrupted, scenario }: Outcome): boolean {
  return interrupted !== null && interrupted.seconds >= scenario.outage!.backSeconds;
}

function fullest(limit: number, results: FailureResults, scope: DecisionScope): Decision {
  const under = scope.under ?? [];
  const missing = under.find((kind) => !results.kinds.includes(kind));
  if (missing !== undefined && missing !== 'none')
    return { verdict: 'undecided', evidence: { kind: 'not-evaluated', of: missing } };
  const worst = worstOf([
    withReserved(results, scope),
    ...results.outcomes.filter((o) => under.includes(o.scenario.kind)),
  ]);
  if (!worst?.fullest) return { verdict: 'holds', evidence: { kind: 'no-links' } };
  // A millionth above is rounding to whole units, as it is for overload.
  const verdict = worst.fullest.ratio <= limit * (1 + 1e-6) ? 'holds' : 'broken';
  const use = naming(results.evaluator.base.table).use(worst.fullest);
  return { verdict, evidence: { kind: 'fullest', failure: failureIn(worst.scenario), use } };
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
