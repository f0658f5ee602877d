import { visibleTexts } from '../escape';
import { buildTopology, type Topology } from '../graph';
import { defaultWeights, type Constraints, type Policy, type QosClass, type Window } from '../model';
import type { PlanDocument, PlannedPath, PlannedReservation, PlannedRoute } from '../plan';
import { openingsAfter } from '../reservation';
import { compileRequest, inForce, kShortest, type Path } from '../routing';
import { mostHops, pathMtu } from '../tunnels';
import { formatBandwidth, formatLatency, formatPrice } from '../units';
import { paint } from './paint';
import { instantsOf, type OpeningInstants } from './opening-instants';
import { fold, table, type Column } from './table';
import { windowText } from './window-text';

/** Every metric of one path. */
export interface PathFigures {
  readonly id: string;
  readonly regions: readonly string[];
  readonly links: readonly string[];
  readonly latencyMs: number;
  readonly costPerGbUsd: number | null;
  /** The cost as routing counts it: the sum with each unknown price as the dearest known one. */
  readonly countedCostPerGbUsd: number;
  readonly bandwidthMbps: number;
  /** 0.4 x latency ms / 1000 + 0.3 x cost / 100 + 0.3 x utilisation % / 100, or with the policy's weights. */
  readonly balanced: number;
  /** Sum of the links' administrative metrics. */
  readonly metric: number;
  readonly hops: number;
  readonly mtu: number;
}

/** Why a pair is routed as it is, in some classes. */
export interface Explanation {
  readonly from: string;
  readonly to: string;
  readonly classes: readonly QosClass[];
  readonly strategy: PlannedRoute['strategy'];
  readonly policy: string | null;
  readonly constraints: readonly string[];
  readonly primary: PathFigures | null;
  /**
   * The next path in the strategy's order, under the same constraints; null if the primary is the only one.
   */
  readonly runnerUp: PathFigures | null;
  readonly backups: readonly (PathFigures & { readonly shares: readonly string[] })[];
  readonly equalCost: readonly string[];
  readonly equalCostMore: boolean;
  /** There and back by the primaries; null without one of them. */
  readonly roundTripMs: number | null;
  readonly reason: string;
  readonly hint: string | null;
  /** Reservations from one to the other in these classes, by id. */
  readonly reservations: readonly ExplainedReservation[];
}

/** A reservation, and when its window opens. */
export type ExplainedReservation = Pick<
  PlannedReservation,
  'id' | 'class' | 'bandwidthMbps' | 'admitted' | 'path' | 'window'
> & {
  /** The first opening of its window, by ISO 8601; null: it is always open. */
  readonly first: OpeningInstants | null;
};

/**
 * Explains a pair. The runner-up is found anew, on the topology that stands in the plan.
 *
 * @param qos one class only; absent: every class.
 * @throws RangeError if a region is not in the plan; never for a pair without a route.
 */
export function explain(plan: PlanDocument, from: string, to: string, qos?: QosClass): Explanation[] {
  for (const id of [from, to]) {
    if (!plan.regions.some((r) => r.id === id)) throw new RangeError(`no region '${id}' in the plan`);
  }
  const topology = buildTopology(plan, mostHops);
  const routes = plan.routes.filter(
    (r) => r.from === from && r.to === to && (qos === undefined || r.classes.includes(qos)),
  );
  return routes.map((route) => explainRoute(plan, topology, route));
}

function explainRoute(plan: PlanDocument, topology: Topology, route: PlannedRoute): Explanation {
  const paths = new Map(plan.paths.map((path) => [path.id, path]));
  const policy = plan.policies.find((p) => p.id === route.policy) ?? null;
  const figures = figuresOf(plan, topology, policy);
  const primary = route.primary === null ? null : figures(paths.get(route.primary)!);
  const runnerUp = primary === null ? null : findRunnerUp(topology, route, policy, primary.id);
  const back = plan.routes.find(
    (r) => r.from === route.to && r.to === route.from && r.classes.some((c) => route.classes.includes(c)),
  );
  const home = back?.primary ? paths.get(back.primary)! : null;
  const next = runnerUp === null ? null : figures({ ...runnerUp, mtu: mtuOf(plan, runnerUp.links) });
  return {
    from: route.from,
    to: route.to,
    classes: route.classes,
    strategy: route.strategy,
    policy: route.policy,
    constraints: policy ? constraintTexts(policy.constraints) : [],
    primary,
    runnerUp: next,
    backups: route.backups.map((b) => ({
      ...figures(paths.get(b.path)!),
      shares: [...b.sharedLinks, ...b.sharedRegions, ...b.sharedSrlgs.map((g) => `#${g}`)],
    })),
    equalCost: route.equalCost,
    equalCostMore: route.equalCostMore,
    roundTripMs: primary && home ? Math.round((primary.latencyMs + home.latencyMs) * 1e6) / 1e6 : null,
    reason: keptReason(plan, route) ?? reasonOf(route, primary, next, policy),
    hint: route.hint,
    reservations: plan.reservations
      .filter((r) => r.from === route.from && r.to === route.to && route.classes.includes(r.class))
      .map(({ id, class: qos, bandwidthMbps, admitted, path, window }) => {
        return { id, class: qos, bandwidthMbps, admitted, path, window, first: firstOpening(window) };
      }),
  };
}

function firstOpening(window: Window | null): ExplainedReservation['first'] {
  const [first] = window === null ? [] : openingsAfter(window, -Infinity);
  return first === undefined ? null : instantsOf(first);
}

function mtuOf(plan: PlanDocument, links: readonly string[]): number {
  return pathMtu(
    links.map((link) => Math.min(...plan.tunnels.filter((t) => t.link === link).map((t) => t.mtu))),
  );
}

function findRunnerUp(
  topology: Topology,
  route: PlannedRoute,
  policy: Policy | null,
  primary: string,
): Path | null {
  const { strategy } = route;
  const compiled = compileRequest(topology, {
    strategy,
    weights: policy?.weights,
    constraints: policy?.constraints,
  });
  const { nodeIndex } = topology;
  const request = inForce(compiled, nodeIndex.get(route.from)!, nodeIndex.get(route.to)!);
  const found = kShortest(topology, request, route.from, route.to, 2);
  return found.paths.find((path) => path.id !== primary) ?? null;
}

/** Adds the balanced figure to a path: an unknown price counts as the dearest known one, as in routing. */
function figuresOf(plan: PlanDocument, topology: Topology, policy: Policy | null) {
  const directions = new Map(
    plan.links.flatMap((l) => l.directions.map((d) => [`${l.id} ${d.from}`, d] as const)),
  );
  const prices = [...topology.costPerGbUsd].filter((usd) => !Number.isNaN(usd));
  const dearest = prices.length === 0 ? 0 : Math.max(...prices);
  const { latency, cost, utilisation } = policy?.weights ?? defaultWeights;
  return (
    path: Omit<PathFigures, 'balanced' | 'metric' | 'hops' | 'countedCostPerGbUsd'> | PlannedPath,
  ): PathFigures => {
    let [balanced, counted, metric] = [0, 0, 0];
    path.links.forEach((link, i) => {
      const d = directions.get(`${link} ${path.regions[i]}`)!;
      const usd = d.costPerGbUsd ?? dearest;
      counted += usd;
      metric += d.metric;
      balanced += (latency * d.latencyMs) / 1000 + (cost * usd) / 100 + utilisation * d.utilisationRatio;
    });
    const { id, regions, links, latencyMs, costPerGbUsd, bandwidthMbps, mtu } = path;
    const round = (figure: number) => Math.round(figure * 1e12) / 1e12;
    return {
      id,
      regions,
      links,
      latencyMs,
      costPerGbUsd,
      countedCostPerGbUsd: round(counted),
      bandwidthMbps,
      balanced: round(balanced),
      metric,
      hops: links.length,
      mtu,
    };
  };
}

/** A policy's constraints, one text each. */
export function constraintTexts(c: Constraints): string[] {
  const list = (what: string, ids: readonly string[]) =>
    ids.length === 0 ? [] : [`${what} ${ids.join(', ')}`];
  return [
    ...(c.maxLatencyMs === null ? [] : [`at most ${formatLatency(c.maxLatencyMs)} one way`]),
    ...(c.maxHops === null ? [] : [`at most ${c.maxHops} hops`]),
    ...(c.minBandwidthMbps === null ? [] : [`at least ${formatBandwidth(c.minBandwidthMbps)} available`]),
    ...list('avoids', [...c.avoidRegions, ...c.avoidLinks, ...c.avoidCountries]),
    ...list('passes', [...c.requireRegions, ...c.requireLinks, ...c.requireCountries]),
  ];
}

const metricNames = {
  latency: 'latency',
  cost: 'price',
  bandwidth: 'available bandwidth',
  balanced: 'balanced figure',
  metric: 'metric',
} as const;

function metricText(strategy: PlannedRoute['strategy'], path: PathFigures): string {
  switch (strategy) {
    case 'latency':
      return formatLatency(path.latencyMs);
    case 'cost':
      return path.costPerGbUsd === null
        ? `${formatPrice(path.countedCostPerGbUsd)} (unknown prices counted as the dearest known)`
        : formatPrice(path.costPerGbUsd);
    case 'bandwidth':
      return formatBandwidth(path.bandwidthMbps);
    case 'balanced':
      return path.balanced.toFixed(6);
    case 'metric':
      return String(path.metric);
  }
}

/** Why a path that is not the best is the primary; undefined where it is. */
function keptReason({ previous }: PlanDocument, route: PlannedRoute): string | undefined {
  const kept = previous?.kept.routes.find(
    (k) => k.from === route.from && k.to === route.to && k.classes.join() === route.classes.join(),
  );
  if (!previous || !kept || kept.bestMetric === null) return undefined;
  const ratio = Math.round(previous.toleranceRatio * 1000) / 10;
  return `it was the primary before, and is within ${ratio} % of the best ${metricNames[route.strategy]}`;
}

function reasonOf(
  route: PlannedRoute,
  primary: PathFigures | null,
  next: PathFigures | null,
  policy: Policy | null,
): string {
  if (primary === null) return [route.refusal?.message, route.refusal?.nearest].filter(Boolean).join('; ');
  const name = metricNames[route.strategy];
  const own = metricText(route.strategy, primary);
  if (policy && policy.disjoint !== 'none' && route.refusal === null) {
    return `primary and first backup are the cheapest ${policy.disjoint}-disjoint pair by ${name}`;
  }
  if (next === null) return `it is the only path that keeps to the policy: ${name} ${own}`;
  const other = metricText(route.strategy, next);
  if (own !== other) return `best ${name}: ${own}; the runner-up has ${other}`;
  if (route.strategy === 'bandwidth' && primary.latencyMs !== next.latencyMs) {
    return `as wide as the runner-up, ${own}, and shorter: ${formatLatency(primary.latencyMs)} against ${formatLatency(next.latencyMs)}`;
  }
  const tie = primary.hops < next.hops ? 'it has fewer hops' : 'its link ids come first';
  return `as good as the runner-up, ${name} ${own}; ${tie}`;
}

/** The explanations as text. Ends with a newline. */
export function renderExplanations(
  plan: PlanDocument,
  given: readonly Explanation[],
  options: { width?: number; colour?: boolean } = {},
): string {
  const explanations = visibleTexts(given);
  const { width = 100, colour = false } = options;
  const p = paint(colour);
  const lines: string[] = [];
  for (const e of explanations) {
    if (lines.length > 0) lines.push('');
    const ruled =
      e.policy === null
        ? `the default of ${e.classes.length === 1 ? 'the class' : 'these classes'}`
        : `policy ${e.policy}`;
    const which = `${p.bold(`${e.from} → ${e.to}`)}  ${e.classes.join(', ')}: by ${e.strategy}, ${ruled}`;
    lines.push(...fold(which, width, 0, 2));
    for (const text of e.constraints) lines.push(...fold(text, width, 2, 2));
    if (e.primary === null) {
      lines.push(...fold(`${p.red('no route')}: ${e.reason}`, width, 2, 2));
      continue;
    }
    lines.push(...fold(`because ${spaced(e.reason)}`, width, 2, 2));
    if (e.roundTripMs !== null) lines.push(`  round trip ${formatLatency(e.roundTripMs)}`);
    const standby = (path: PathFigures) =>
      path.links.some((id) => plan.links.some((l) => l.id === id && l.standby)) ? ', standby' : '';
    const row = (what: string, path: PathFigures) => [
      what + standby(path),
      spaced(path.id),
      formatLatency(path.latencyMs),
      formatBandwidth(path.bandwidthMbps),
      path.costPerGbUsd === null ? 'unknown' : formatPrice(path.costPerGbUsd).replace(' USD/GB', ''),
      e.strategy === 'metric' ? String(path.metric) : path.balanced.toFixed(4),
      String(path.mtu),
    ];
    const next = e.runnerUp;
    const same = e.backups.findIndex((b) => b.id === next?.id);
    const rows = [
      row('primary', e.primary),
      ...(next && same < 0 ? [row('runner-up', next)] : []),
      ...e.backups.map((b, k) => row(k === same ? `backup ${k + 1}, runner-up` : `backup ${k + 1}`, b)),
    ];
    const columns: Column[] = [
      { title: '' },
      { title: 'path', elastic: 'beneath' },
      { title: 'one way', align: 'right' },
      { title: 'available', align: 'right' },
      { title: 'USD/GB', align: 'right' },
      { title: e.strategy === 'metric' ? 'metric' : 'balanced', align: 'right' },
      { title: 'mtu', align: 'right' },
    ];
    lines.push('', ...table(columns, rows, width, 2, p.dim));
    e.backups.forEach((b, k) => {
      const what = b.shares.length === 0 ? 'nothing' : p.yellow(b.shares.join(', '));
      lines.push(...fold(`backup ${k + 1} shares ${what} with the primary`, width, 2, 2));
    });
    if (e.backups.length === 0)
      lines.push(...fold(p.yellow('no backup: there is no other path'), width, 2, 2));
    if (e.equalCost.length > 1) {
      const ids = e.equalCost.map(spaced).join('; ') + (e.equalCostMore ? '; and more' : '');
      lines.push(
        ...fold(`equal cost within ${Math.round(toleranceOf(plan, e) * 1000) / 10} %: ${ids}`, width, 2, 2),
      );
    }
    for (const r of e.reservations) {
      const answer = r.path === null ? p.red('refused') : `on ${spaced(r.path)}`;
      const when = r.window === null ? 'always' : windowText(r.window);
      const what = `reservation ${r.id}, ${formatBandwidth(r.bandwidthMbps)} ${r.class}, ${answer}: ${when}`;
      lines.push(...fold(what, width, 2, 2));
    }
    if (e.hint !== null) lines.push(...fold(p.yellow(spaced(e.hint)), width, 2, 2));
  }
  return `${lines.join('\n')}\n`;
}

/** Path ids with room for a line to fold. */
function spaced(text: string): string {
  return text.replace(/(?<=\S)>(?=\S)/g, ' > ');
}

function toleranceOf(plan: PlanDocument, e: Explanation): number {
  return plan.policies.find((p) => p.id === e.policy)?.ecmpToleranceRatio ?? 0.1;
}
