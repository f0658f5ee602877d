import type { Topology } from '../graph';
import type { Constraints } from '../model';
import { count, formatBandwidth, formatLatency, listFirst } from '../units';
import { newProblem } from './problem';
import type { Path } from './path';
import { pathOf } from './path';
import type { Request } from './request';
import { compileRequest } from './request';
import { everything, solve } from './solve';

/**
 * No route, or not the wanted one, as a value: `same-region`, source is destination; `disconnected`, no links
 * lead there; `drained`, they would but for drained links or regions; `no-transit`, they would but for
 * regions that no path passes through; `constrained`, paths exist but none keeps to the constraints;
 * `not-disjoint`, there is a route but no disjoint pair; `search-limit`, the search gave up and nothing is
 * proven.
 */
export interface Refusal {
  readonly code:
    | 'same-region'
    | 'disconnected'
    | 'drained'
    | 'no-transit'
    | 'constrained'
    | 'not-disjoint'
    | 'search-limit';
  readonly message: string;
  /** The nearest thing that would work; empty if nothing would. */
  readonly nearest: string;
  /** Of `constrained`: every single constraint whose relaxation gives a path, the smallest first. */
  readonly relaxations: readonly Relaxation[];
}

/** One constraint, relaxed as little as gives a path while all others hold. */
export interface Relaxation {
  readonly constraint: keyof Constraints;
  /** The figure it would have to be (ms, hops or Mbps); null where something is avoided or required. */
  readonly needed: number | null;
  /** What would have to be dropped from an avoided or required list. */
  readonly drop: string | null;
  /** The path that it gives. */
  readonly path: Path;
  /** A sentence for people. */
  readonly advice: string;
}

/** Why there is no path from source to target; slow, as it tries what would help. */
export function refuse(request: Request, source: number, target: number, limited: boolean): Refusal {
  const { nodes } = request.topology;
  const [from, to] = [nodes[source], nodes[target]];
  if (source === target)
    return refusal(
      'same-region',
      `'${from}' is source and destination; traffic within a region needs no route`,
    );
  if (limited) return searchLimit(request, from, to);
  return unreachable(request.topology, source, target) ?? constrained(request, source, target);
}

/** The search gave up. */
export function searchLimit(request: Request, from: string, to: string): Refusal {
  const message = `the search from '${from}' to '${to}' passed ${count(request.labelLimit, 'partial path')} without an answer`;
  return refusal('search-limit', message, 'fewer required things or looser bounds make the search shorter');
}

export function refusal(
  code: Refusal['code'],
  message: string,
  nearest = '',
  relaxations: readonly Relaxation[] = [],
): Refusal {
  return { code, message, nearest, relaxations };
}

function unreachable(topology: Topology, source: number, target: number): Refusal | null {
  const { nodes, drained, noTransit } = topology;
  const [from, to] = [nodes[source], nodes[target]];
  const live = Array.from({ length: topology.arcCount }, (_, a) => ({
    tail: topology.tail[a],
    head: topology.head[a],
  }));
  const reached = reach(live, source, noTransit);
  const ends = [from, to].filter((id) => drained.regions.includes(id));
  if (reached.has(target)) return null;
  const back = reach([...live, ...drained.arcs], source, noTransit);
  if (back.has(target)) {
    const via: string[] = [];
    const regions = new Set<string>();
    for (let v = target; v !== source;) {
      const arc = back.get(v)!;
      for (const id of [nodes[arc.tail], nodes[arc.head]]) if (drained.regions.includes(id)) regions.add(id);
      if (arc.link !== undefined && drained.links.includes(arc.link)) via.push(arc.link);
      v = arc.tail;
    }
    const blockers = [
      ...[...regions].sort().map((id) => `region '${id}'`),
      ...via.sort().map((id) => `link '${id}'`),
    ];
    const message =
      ends.length > 0
        ? `${ends.map((id) => `region '${id}'`).join(' and ')} ${ends.length === 1 ? 'is' : 'are'} drained`
        : `every path from '${from}' to '${to}' runs through a drained region or link`;
    return refusal('drained', message, `put ${blockers.join(', ')} back into service`);
  }
  const through = reach(live, source);
  if (through.has(target)) {
    const ends: string[] = [];
    for (let v = through.get(target)!.tail; v !== source; v = through.get(v)!.tail)
      if (noTransit[v] === 1) ends.push(nodes[v]);
    const regions = `region${ends.length > 1 ? 's' : ''} ${ends
      .sort()
      .map((id) => `'${id}'`)
      .join(' and ')}`;
    return refusal(
      'no-transit',
      `every path from '${from}' to '${to}' passes through a region without transit`,
      `let traffic pass through ${regions} (transit: true), or add a link from '${from}' to '${to}'`,
    );
  }
  const side = [...through.keys()].map((v) => nodes[v]).sort();
  const message = `no links lead from '${from}' to '${to}'; from '${from}' traffic reaches ${listFirst(side, 5)}`;
  return refusal(
    'disconnected',
    message,
    `a link from one of these to '${to}', or to a region that reaches it`,
  );
}

type Step = { readonly tail: number; readonly head: number; readonly link?: string };

/**
 * Nodes reached from the source, fewest arcs first, each with the arc that reached it; through none of those
 * without transit.
 */
function reach(arcs: readonly Step[], source: number, noTransit?: Readonly<Uint8Array>): Map<number, Step> {
  const out = new Map<number, Step[]>();
  for (const arc of arcs) out.set(arc.tail, [...(out.get(arc.tail) ?? []), arc]);
  const reached = new Map<number, Step>([[source, { tail: source, head: source }]]);
  for (const v of reached.keys()) {
    if (v !== source && noTransit?.[v] === 1) continue;
    for (const arc of out.get(v) ?? []) if (!reached.has(arc.head)) reached.set(arc.head, arc);
  }
  return reached;
}

function constrained(request: Request, source: number, target: number): Refusal {
  const { constraints, topology } = request;
  const [from, to] = [topology.nodes[source], topology.nodes[target]];
  const { relaxations, limited } = relax(request, source, target);
  if (limited && relaxations.length === 0) return searchLimit(request, from, to);
  if (relaxations.length > 0) {
    const [first] = relaxations;
    const message = `no path from '${from}' to '${to}' keeps to ${nameOf(first, constraints)} together with the other constraints`;
    const alone = relaxations.length === 1 && activeKinds(constraints).length === 1;
    return refusal(
      'constrained',
      alone ? `no path from '${from}' to '${to}' keeps to ${nameOf(first, constraints)}` : message,
      first.advice,
      relaxations,
    );
  }
  const names = activeKinds(constraints).join(', ');
  const free = solve(newProblem(relaxedRequest(request, {}, 'all'), target), source, everything);
  const message = `no path from '${from}' to '${to}' keeps to the constraints (${names}), and relaxing one alone is not enough`;
  return refusal(
    'constrained',
    message,
    free === null ? '' : `without constraints: ${pathOf(request, free).id}`,
  );
}

const kinds = [
  'maxLatencyMs',
  'maxHops',
  'minBandwidthMbps',
  'avoidRegions',
  'avoidLinks',
  'avoidCountries',
  'requireRegions',
  'requireLinks',
  'requireCountries',
] as const;

function activeKinds(constraints: Constraints): (typeof kinds)[number][] {
  return kinds.filter((k) => {
    const value = constraints[k];
    return Array.isArray(value) ? value.length > 0 : value !== null;
  });
}

function nameOf({ constraint, drop }: Relaxation, constraints: Constraints): string {
  switch (constraint) {
    case 'maxLatencyMs':
      return `maxLatency ${formatLatency(constraints.maxLatencyMs!)}`;
    case 'maxHops':
      return `maxHops ${constraints.maxHops}`;
    case 'minBandwidthMbps':
      return `minBandwidth ${formatBandwidth(constraints.minBandwidthMbps!)}`;
    default:
      return `${constraint.replace(/([A-Z])/, ' $1').toLowerCase()} '${drop}'`;
  }
}

/**
 * Each constraint taken back by itself; numbers by how far they must move, then what must be dropped from
 * lists.
 */
function relax(
  request: Request,
  source: number,
  target: number,
): { relaxations: Relaxation[]; limited: boolean } {
  const { constraints } = request;
  const numbers: { far: number; relaxation: Relaxation }[] = [];
  const drops: Relaxation[] = [];
  let limited = false;
  const attempt = (change: Partial<Constraints>, name: string, strategy = request.strategy): Path | null => {
    const other = relaxedRequest(request, change, name, strategy);
    const problem = newProblem(other, target);
    const best = solve(problem, source, everything);
    limited ||= problem.limited;
    return best && pathOf(other, best);
  };
  const { maxLatencyMs, maxHops, minBandwidthMbps } = constraints;
  if (maxLatencyMs !== null) {
    const path = attempt({ maxLatencyMs: null }, 'maxLatency', 'latency');
    if (path) {
      const text = formatLatency(path.latencyMs);
      const advice = `the fastest path that keeps to the rest, ${path.id}, takes ${text}; allow maxLatency ${text}`;
      const relaxation = {
        constraint: 'maxLatencyMs',
        needed: path.latencyMs,
        drop: null,
        path,
        advice,
      } as const;
      numbers.push({ far: path.latencyMs / Math.max(maxLatencyMs, 1e-9), relaxation });
    }
  }
  if (maxHops !== null) {
    const path = fewestHops(attempt, request.topology.nodes.length, maxHops);
    if (path) {
      const advice = `the shortest path that keeps to the rest, ${path.id}, has ${count(path.hops, 'hop')}; allow maxHops ${path.hops}`;
      const relaxation = { constraint: 'maxHops', needed: path.hops, drop: null, path, advice } as const;
      numbers.push({ far: path.hops / Math.max(maxHops, 1), relaxation });
    }
  }
  if (minBandwidthMbps !== null) {
    const path = attempt({ minBandwidthMbps: null }, 'minBandwidth', 'bandwidth');
    if (path) {
      const text = formatBandwidth(path.bandwidthMbps);
      const advice = `the widest path that keeps to the rest, ${path.id}, has ${text} available; allow minBandwidth ${text}`;
      const relaxation = {
        constraint: 'minBandwidthMbps',
        needed: path.bandwidthMbps,
        drop: null,
        path,
        advice,
      } as const;
      numbers.push({ far: minBandwidthMbps / Math.max(path.bandwidthMbps, 1e-9), relaxation });
    }
  }
  for (const kind of kinds.slice(3) as Exclude<
    (typeof kinds)[number],
    'maxLatencyMs' | 'maxHops' | 'minBandwidthMbps'
  >[]) {
    const list = [...new Set(constraints[kind])].sort();
    for (const drop of list) {
      const path = attempt({ [kind]: list.filter((id) => id !== drop) }, `${kind} ${drop}`);
      if (!path) continue;
      const verb = kind.startsWith('avoid') ? 'do not avoid' : 'do not require';
      const noun = kind.endsWith('Regions') ? 'region' : kind.endsWith('Links') ? 'link' : 'country';
      drops.push({
        constraint: kind,
        needed: null,
        drop,
        path,
        advice: `${verb} ${noun} '${drop}': ${path.id} would do`,
      });
    }
  }
  numbers.sort((a, b) => a.far - b.far);
  return { relaxations: [...numbers.map((x) => x.relaxation), ...drops], limited };
}

/** The path of the fewest hops that are enough, by bisection: more hops never close a path. */
function fewestHops(
  attempt: (change: Partial<Constraints>, name: string) => Path | null,
  nodes: number,
  tooFew: number,
): Path | null {
  let best = attempt({ maxHops: null }, 'maxHops');
  let low = tooFew + 1;
  while (best !== null && low < best.hops) {
    const middle = Math.floor((low + Math.min(best.hops, nodes) - 1) / 2);
    const path = attempt({ maxHops: middle }, `maxHops ${middle}`);
    if (path === null) low = middle + 1;
    else best = path;
  }
  return best;
}

/** The request with some constraints changed, compiled once per request. */
function relaxedRequest(
  request: Request,
  change: Partial<Constraints>,
  name: string,
  strategy = request.strategy,
): Request {
  const { topology, weights, constraints, labelLimit, memo } = request;
  let other = memo.relaxed.get(name);
  if (!other) {
    const kept = name === 'all' ? {} : { ...constraints, ...change };
    memo.relaxed.set(
      name,
      (other = compileRequest(topology, { strategy, weights, constraints: kept, labelLimit })),
    );
  }
  return other;
}
