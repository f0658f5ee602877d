import type { PlannedFailures } from '../plan';
import { qosClasses } from '../model/qos';
import { outageOf, type Outage } from './outages';
import { laneKey, type Lane, type World } from './world';

type Summary = PlannedFailures['noFailure'];

/** What moves together: a route with the demands that follow it, or a demand with paths of its own. */
export interface Flow {
  readonly from: string;
  readonly to: string;
  /** Place in the order of classes. */
  readonly rank: number;
  /** Of the route that it belongs to; empty: none. */
  readonly classes: readonly string[];
  /** Does it stand for its route in counts? */
  readonly leads: boolean;
  readonly parts: readonly (Way & { readonly weight: number })[];
  readonly spares: readonly Way[];
  /** Of its demands. */
  readonly ids: readonly string[];
  readonly demands: number;
  /** Bit/s, or coarser where sums would pass 2^50. */
  readonly units: number;
}

/** A path: numbers of its lanes, and its latency. */
interface Way {
  readonly way: Int32Array;
  readonly latencyMs: number;
}

/** Something that fails: dead lanes, lanes that lose a share, and the region whose own traffic ends. */
export interface Event {
  readonly kind: Summary['kind'];
  readonly id: string;
  readonly dead: ReadonlySet<number>;
  readonly lostRatio: ReadonlyMap<number, number>;
  readonly region: string | null;
  /** What waits behind a gateway; undefined: nothing, or it is not known. */
  readonly outage?: Outage;
}

/** The network under one event. */
export interface State {
  readonly event: Event;
  readonly moved: readonly { readonly flow: Flow; readonly beforeMs: number; readonly afterMs: number }[];
  readonly stranded: readonly Flow[];
  readonly cut: readonly Flow[];
  readonly ended: readonly Flow[];
  /** Flows that an overloaded lane does not carry whole. */
  readonly congested: ReadonlySet<Flow>;
  /** Load over capacity by living lane. */
  readonly ratios: ReadonlyMap<number, number>;
}

/** More than this above its capacity a lane is overloaded; less is rounding. */
export const slack = 1e-6;

/** The flows of a plan, and units in a Mbps. */
function flowsOf(world: World): { readonly flows: readonly Flow[]; readonly unitsPerMbps: number } {
  const { plan } = world;
  const placed = new Map(plan.traffic.classes.flatMap((c) => c.demands.map((d) => [d.id, d] as const)));
  const mbpsOf = (id: string) => placed.get(id)?.carriedMbps ?? 0;
  const total = plan.demands.reduce((s, d) => s + mbpsOf(d.id), 0);
  let unitsPerMbps = 1e6;
  while (total * unitsPerMbps > 2 ** 50) unitsPerMbps /= 10;
  const ways = new Map<string, Way>();
  const along = (id: string) => {
    let found = ways.get(id);
    if (!found) {
      const way = Int32Array.from(world.lanesOf.get(id)!, (l) => l.number);
      ways.set(id, (found = { way, latencyMs: world.paths.get(id)!.latencyMs }));
    }
    return found;
  };
  const asked = plan.demands.map((d) => ({
    ...d,
    own: placed.get(d.id)?.paths ?? [],
    units: Math.round(mbpsOf(d.id) * unitsPerMbps),
  }));
  const byPair = new Map<string, (typeof asked)[number][]>();
  for (const d of asked) {
    const key = `${d.from} ${d.to}`;
    const known = byPair.get(key);
    if (known) known.push(d);
    else byPair.set(key, [d]);
  }
  const flows: Flow[] = [];
  for (const r of plan.routes) {
    const planned = r.primary === null ? [] : [r.primary, ...r.backups.map((b) => b.path)].map(along);
    const mine = (byPair.get(`${r.from} ${r.to}`) ?? []).filter((d) => r.classes.includes(d.class));
    const followers = mine.filter((d) => d.own.length === 0);
    const used = r.classes.filter((c) => followers.some((d) => d.class === c));
    (used.length > 0 ? used : r.classes.slice(0, 1)).forEach((qos, i) => {
      const of = followers.filter((d) => d.class === qos);
      flows.push({
        from: r.from,
        to: r.to,
        rank: qosClasses.indexOf(qos),
        classes: r.classes,
        leads: i === 0,
        parts: planned.slice(0, 1).map((p) => ({ weight: 1, ...p })),
        spares: planned.slice(1),
        ids: of.map((d) => d.id),
        demands: of.length,
        units: of.reduce((s, d) => s + d.units, 0),
      });
    });
    for (const d of mine.filter((x) => x.own.length > 0)) {
      flows.push({
        from: r.from,
        to: r.to,
        rank: qosClasses.indexOf(d.class),
        classes: [d.class],
        leads: false,
        parts: d.own.map((p) => ({ weight: p.weight, ...along(p.path) })),
        spares: planned,
        ids: [d.id],
        demands: 1,
        units: d.units,
      });
    }
  }
  return { flows, unitsPerMbps };
}

/** Every single failure of a link, region, gateway and shared-risk group, by kind and id. */
export function eventsOf(world: World): Event[] {
  const { lanes, nodes, plan } = world;
  const event = (kind: Event['kind'], id: string, dies: (l: Lane) => boolean): Event => ({
    kind,
    id,
    dead: new Set(lanes.filter(dies).map((l) => l.number)),
    lostRatio: new Map(),
    region: kind === 'region' ? id : null,
  });
  const sorted = (ids: Iterable<string>) => [...new Set(ids)].sort();
  const carriers = plan.tunnels.filter((t) => lanes.some((l) => l.link === t.link));
  const gateways = sorted(carriers.flatMap((t) => t.ends.map((e) => e.gateway))).map((id): Event => {
    const share = (link: string) => {
      const all = carriers.filter((t) => t.link === link);
      return all.filter((t) => t.ends.some((e) => e.gateway === id)).length / all.length;
    };
    const shares = new Map(sorted(carriers.map((t) => t.link)).map((link) => [link, share(link)]));
    const of = (l: Lane) => shares.get(l.link) ?? 0;
    const lost = lanes.filter((l) => of(l) > 0 && of(l) < 1).map((l) => [l.number, of(l)] as const);
    const outage = outageOf(world, id);
    return { ...event('gateway', id, (l) => of(l) >= 1), lostRatio: new Map(lost), outage };
  });
  return [
    ...gateways,
    ...sorted(lanes.map((l) => l.link)).map((id) => event('link', id, (l) => l.link === id)),
    ...nodes
      .filter((id) => !world.drained.has(id))
      .map((id) => event('region', id, (l) => nodes[l.tail] === id || nodes[l.head] === id)),
    ...sorted(lanes.flatMap((l) => l.srlgs)).map((id) => event('srlg', id, (l) => l.srlgs.includes(id))),
  ];
}

/** Nothing fails. */
export const calm: Event = { kind: 'none', id: '', dead: new Set(), lostRatio: new Map(), region: null };

/** What flows lay on lanes while nothing fails, in whole units: any order of adding gives the same. */
export interface Calm {
  readonly flows: readonly Flow[];
  readonly unitsPerMbps: number;
  /** What reservations leave, by lane. */
  readonly capacity: readonly number[];
  readonly load: Float64Array;
  /** By lane, who runs over it and with how much. */
  readonly users: readonly (readonly Use[])[];
}

interface Use {
  readonly flow: Flow;
  readonly units: number;
}

/** Lays every flow over all its parts. */
export function calmOf(world: World): Calm {
  const { flows, unitsPerMbps } = flowsOf(world);
  const reserved = new Map(world.plan.traffic.loads.map((l) => [laneKey(l.link, l.from), l.reservedMbps]));
  const capacity = world.lanes.map(
    (l) => Math.max(0, l.mbps - (reserved.get(laneKey(l.link, world.nodes[l.tail])) ?? 0)) * unitsPerMbps,
  );
  const load = new Float64Array(world.lanes.length);
  const users = world.lanes.map((): Use[] => []);
  for (const flow of flows) {
    add(flow, flow.parts, 1, load);
    recordUse(flow, flow.parts, (n) => users[n]);
  }
  return { flows, unitsPerMbps, capacity, load, users };
}

/** Adds a flow to the loads of its ways; a negative sign takes it away. */
function add(flow: Flow, ways: Flow['parts'], sign: 1 | -1, load: Float64Array): void {
  if (flow.units === 0) return;
  const units = unitsOf(flow, ways);
  for (let i = 0; i < ways.length; i++) {
    const { way } = ways[i];
    for (let k = 0; k < way.length; k++) load[way[k]] += sign * units[i];
  }
}

function recordUse(flow: Flow, ways: Flow['parts'], onto: (lane: number) => Use[] | undefined): void {
  const units = unitsOf(flow, ways);
  ways.forEach(({ way }, i) => {
    const use: Use = { flow, units: units[i] };
    for (const n of way) onto(n)?.push(use);
  });
}

function unitsOf(flow: Flow, ways: Flow['parts']): readonly number[] {
  if (ways.length === 1) return [flow.units];
  return apportion(
    flow.units,
    ways.map((w) => w.weight),
  );
}

/**
 * Places the flows of dead lanes again: over what lives of their parts, else over their first living spare.
 * All others stay as they are.
 */
export function stateUnder(world: World, base: Calm, event: Event): State {
  const dead = new Uint8Array(world.lanes.length);
  for (const n of event.dead) dead[n] = 1;
  const lives = ({ way }: Way) => {
    for (let i = 0; i < way.length; i++) if (dead[way[i]] === 1) return false;
    return true;
  };
  const load = base.load.slice();
  const moved: { flow: Flow; now: Flow['parts']; beforeMs: number; afterMs: number }[] = [];
  const [stranded, cut, ended]: Flow[][] = [[], [], []];
  const leads = reachability(world, dead);
  const hit = new Set([...event.dead].flatMap((n) => base.users[n].map(({ flow }) => flow)));
  for (const flow of hit) {
    add(flow, flow.parts, -1, load);
    if (event.region === flow.from || event.region === flow.to) {
      ended.push(flow);
      continue;
    }
    const living = flow.parts.filter(lives);
    const spare = living.length > 0 ? undefined : flow.spares.find(lives);
    const now = spare ? [{ weight: 1, ...spare }] : living;
    if (now.length === 0) {
      (leads(flow.from, flow.to) ? stranded : cut).push(flow);
      continue;
    }
    add(flow, now, 1, load);
    moved.push({ flow, now, beforeMs: slowest(flow.parts), afterMs: slowest(now) });
  }
  const ratios = new Map<number, number>();
  const overloaded = new Map<number, Use[]>();
  for (let n = 0; n < load.length; n++) {
    if (dead[n] === 1) continue;
    const ratio = load[n] === 0 ? 0 : load[n] / capacityUnder(base, event, n);
    ratios.set(n, ratio);
    if (ratio > 1 + slack)
      overloaded.set(
        n,
        base.users[n].filter(({ flow }) => !hit.has(flow)),
      );
  }
  if (overloaded.size > 0) for (const { flow, now } of moved) recordUse(flow, now, (n) => overloaded.get(n));
  const congested = new Set<Flow>();
  for (const [n, use] of overloaded) {
    const rank = firstToLose(use, capacityUnder(base, event, n) * (1 + slack));
    for (const { flow, units } of use) if (units > 0 && flow.rank >= rank) congested.add(flow);
  }
  return { event, moved, stranded, cut, ended, congested, ratios };
}

function capacityUnder(base: Calm, event: Event, lane: number): number {
  return base.capacity[lane] * (1 - (event.lostRatio.get(lane) ?? 0));
}

function slowest(ways: readonly Way[]): number {
  return ways.reduce((most, w) => Math.max(most, w.latencyMs), 0);
}

/** A full lane serves classes in strict priority: the first that does not fit, and all after it, are cut. */
function firstToLose(use: readonly Use[], capacity: number): number {
  const byRank = qosClasses.map(() => 0);
  for (const { flow, units } of use) byRank[flow.rank] += units;
  let sum = 0;
  return byRank.findIndex((units) => (sum += units) > capacity);
}

/** Whole units by weight: each running total is rounded, so that the parts add up. */
function apportion(units: number, weights: readonly number[]): number[] {
  const whole = weights.reduce((s, w) => s + w, 0);
  let running = 0;
  const upTo = weights.map((w, i) => {
    running += w;
    return i === weights.length - 1 ? units : Math.round(units * (running / whole));
  });
  return upTo.map((u, i) => u - (i === 0 ? 0 : upTo[i - 1]));
}

/** Tells whether living lanes lead from one region to another; each region is looked from once. */
function reachability(world: World, dead: Uint8Array): (from: string, to: string) => boolean {
  const from = new Map<string, Uint8Array>();
  const reach = (source: number) => {
    const met = new Uint8Array(world.nodes.length);
    met[source] = 1;
    const front = [source];
    for (const v of front) {
      if (v !== source && world.noTransit[v]) continue;
      for (const { number: n, head } of world.out[v]) {
        if (met[head] === 1 || dead[n] === 1) continue;
        met[head] = 1;
        front.push(head);
      }
    }
    return met;
  };
  return (a, b) => {
    let met = from.get(a);
    if (!met) from.set(a, (met = reach(world.nodeOf.get(a)!)));
    return met[world.nodeOf.get(b)!] === 1;
  };
}
