import type { PlannedFailures } from '../plan';
import { classes } from './rule-book';
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
  readonly parts: readonly {
    readonly way: readonly Lane[];
    readonly weight: number;
    readonly latencyMs: number;
  }[];
  readonly spares: readonly { readonly way: readonly Lane[]; readonly latencyMs: number }[];
  readonly demands: number;
  /** Bit/s, or coarser where sums would pass 2^50. */
  readonly units: number;
}

/** Something that fails: dead lanes, lanes that lose a share, and the region whose own traffic ends. */
export interface Event {
  readonly kind: Summary['kind'];
  readonly id: string;
  readonly dead: ReadonlySet<number>;
  readonly lostRatio: ReadonlyMap<number, number>;
  readonly region: string | null;
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
  const along = (id: string) => ({ way: world.lanesOf.get(id)!, latencyMs: world.paths.get(id)!.latencyMs });
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
        rank: classes.indexOf(qos),
        classes: r.classes,
        leads: i === 0,
        parts: planned.slice(0, 1).map((p) => ({ ...p, weight: 1 })),
        spares: planned.slice(1),
        demands: of.length,
        units: of.reduce((s, d) => s + d.units, 0),
      });
    });
    for (const d of mine.filter((x) => x.own.length > 0)) {
      flows.push({
        from: r.from,
        to: r.to,
        rank: classes.indexOf(d.class),
        classes: [d.class],
        leads: false,
        parts: d.own.map((p) => ({ ...along(p.path), weight: p.weight })),
        spares: planned,
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
    return { ...event('gateway', id, (l) => of(l) >= 1), lostRatio: new Map(lost) };
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
  readonly load: readonly number[];
  /** By lane, who runs over it and with how much. */
  readonly users: readonly (readonly Use[])[];
}

type Use = readonly [flow: Flow, units: number];
type Way = { readonly way: readonly Lane[]; readonly weight: number };

/** Lays every flow over all its parts. */
export function calmOf(world: World): Calm {
  const { flows, unitsPerMbps } = flowsOf(world);
  const reserved = new Map(world.plan.traffic.loads.map((l) => [laneKey(l.link, l.from), l.reservedMbps]));
  const capacity = world.lanes.map(
    (l) => Math.max(0, l.mbps - (reserved.get(laneKey(l.link, world.nodes[l.tail])) ?? 0)) * unitsPerMbps,
  );
  const load = world.lanes.map(() => 0);
  const users = world.lanes.map((): Use[] => []);
  for (const flow of flows) {
    lay(flow, flow.parts, (n, units) => {
      load[n] += units;
      users[n].push([flow, units]);
    });
  }
  return { flows, unitsPerMbps, capacity, load, users };
}

function lay(flow: Flow, ways: readonly Way[], onto: (lane: number, units: number) => void): void {
  const weights = ways.map((w) => w.weight);
  apportion(flow.units, weights).forEach((units, i) => {
    for (const l of ways[i].way) onto(l.number, units);
  });
}

/**
 * Places the flows of dead lanes again: over what lives of their parts, else over their first living spare.
 * All others stay as they are.
 */
export function stateUnder(world: World, base: Calm, event: Event): State {
  const { dead } = event;
  const lives = ({ way }: { readonly way: readonly Lane[] }) => way.every((l) => !dead.has(l.number));
  const load = [...base.load];
  const added = new Map<number, Use[]>();
  const slowest = (ways: readonly { readonly latencyMs: number }[]) =>
    Math.max(0, ...ways.map((w) => w.latencyMs));
  const moved: { flow: Flow; beforeMs: number; afterMs: number }[] = [];
  const [stranded, cut, ended]: Flow[][] = [[], [], []];
  const leads = reachability(world, dead);
  const hit = new Set([...dead].flatMap((n) => base.users[n].map(([flow]) => flow)));
  for (const flow of hit) {
    lay(flow, flow.parts, (n, units) => (load[n] -= units));
    if (event.region === flow.from || event.region === flow.to) {
      ended.push(flow);
      continue;
    }
    const living = flow.parts.filter(lives);
    const spare = living.length > 0 ? undefined : flow.spares.find(lives);
    const now = spare ? [{ ...spare, weight: 1 }] : living;
    if (now.length === 0) {
      (leads(flow.from, flow.to) ? stranded : cut).push(flow);
      continue;
    }
    lay(flow, now, (n, units) => {
      load[n] += units;
      const there = added.get(n);
      if (there) there.push([flow, units]);
      else added.set(n, [[flow, units]]);
    });
    moved.push({ flow, beforeMs: slowest(flow.parts), afterMs: slowest(now) });
  }
  const ratios = new Map<number, number>();
  const congested = new Set<Flow>();
  world.lanes.forEach((_, n) => {
    if (dead.has(n)) return;
    const capacity = base.capacity[n] * (1 - (event.lostRatio.get(n) ?? 0));
    const ratio = load[n] === 0 ? 0 : load[n] / capacity;
    ratios.set(n, ratio);
    if (ratio <= 1 + slack) return;
    // A full lane serves classes in strict priority: the first that does not fit, and all after it, are cut.
    const use = [...base.users[n].filter(([flow]) => !hit.has(flow)), ...(added.get(n) ?? [])];
    let sum = 0;
    let rank = 0;
    for (; rank < classes.length; rank++) {
      sum += use.reduce((s, [f, units]) => s + (f.rank === rank ? units : 0), 0);
      if (sum > capacity * (1 + slack)) break;
    }
    for (const [f, units] of use) if (units > 0 && f.rank >= rank) congested.add(f);
  });
  return { event, moved, stranded, cut, ended, congested, ratios };
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
function reachability(world: World, dead: ReadonlySet<number>): (from: string, to: string) => boolean {
  const from = new Map<number, ReadonlySet<number>>();
  const reach = (source: number) => {
    const met = new Set([source]);
    for (const v of met) for (const l of world.out[v]) if (!dead.has(l.number)) met.add(l.head);
    return met;
  };
  return (a, b) => {
    const source = world.nodeOf.get(a)!;
    let met = from.get(source);
    if (!met) from.set(source, (met = reach(source)));
    return met.has(world.nodeOf.get(b)!);
  };
}
