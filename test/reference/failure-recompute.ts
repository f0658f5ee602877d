import type { FailureInput, PathInput, Scenario } from '../../lib/failure';
import type { Topology } from '../../lib/graph';
import { qosClasses } from '../../lib/model';

/** A path with what it is weighted by. */
export interface Way {
  readonly arcs: readonly number[];
  readonly weight: number;
  readonly ms: number;
}

/** A route or a demand with its paths looked up: `route <from> <to> <classes>` or `demand <id>`. */
export interface Item {
  readonly name: string;
  readonly from: number;
  readonly to: number;
  readonly parts: readonly Way[];
  /** The paths of its route, in the order in which they take over. */
  readonly spares: readonly Way[];
  /** Place in `qosClasses`; of a route 0. */
  readonly rank: number;
  /** Of a route 0. */
  readonly bps: number;
}

/** The input with its names looked up, once for all scenarios; routes first, then demands, as given. */
export interface Items {
  readonly input: FailureInput;
  readonly items: readonly Item[];
}

export type Fate = 'kept' | 'moved' | 'stranded' | 'cut' | 'ended' | 'unserved';

export interface Recomputed {
  /** What happens to each item, by its place; and the paths in use. */
  readonly fates: readonly Fate[];
  readonly ways: readonly (readonly Way[])[];
  /** Has a path, and each arc on it has room for its class? Routes: has a path. */
  readonly fits: readonly boolean[];
  /** bit/s by arc. */
  readonly load: readonly number[];
  readonly fullest: { readonly arc: number; readonly ratio: number } | null;
  readonly lostBps: number;
  readonly endedBps: number;
}

/** Looks everything up that no failure changes. */
export function itemsOf(input: FailureInput): Items {
  const { topology: t } = input;
  const way = (path: PathInput, from: string, weight: number): Way => {
    const arcs: number[] = [];
    let here = t.nodeIndex.get(from)!;
    for (const hop of path.hops) {
      let arc = typeof hop === 'number' ? hop : -1;
      for (let a = 0; arc === -1; a++) if (t.links[t.link[a]] === hop && t.tail[a] === here) arc = a;
      arcs.push(arc);
      here = t.head[arc];
    }
    const sum = arcs.reduce((s, a) => s + Math.round(t.latencyMs[a] * 1e6), 0) / 1e6;
    return { arcs, weight, ms: path.latencyMs ?? sum };
  };
  const ends = (x: { from: string; to: string }) => ({
    from: t.nodeIndex.get(x.from)!,
    to: t.nodeIndex.get(x.to)!,
  });
  const planned = new Map<string, Way[]>();
  const routes = input.routes.map((r): Item => {
    const spares = r.primary === null ? [] : [r.primary, ...r.backups].map((p) => way(p, r.from, 1));
    for (const c of r.classes) planned.set(`${r.from} ${r.to} ${c}`, spares);
    const name = `route ${r.from} ${r.to} ${r.classes.join()}`;
    return { name, ...ends(r), parts: spares.slice(0, 1), spares, rank: 0, bps: 0 };
  });
  const demands = input.demands.map((d): Item => {
    const spares = planned.get(`${d.from} ${d.to} ${d.class}`) ?? [];
    const splits = (d.splits ?? []).map((s) => way(s, d.from, s.share));
    const parts = splits.length > 0 ? splits : spares.slice(0, 1);
    const [rank, bps] = [qosClasses.indexOf(d.class), Math.round(d.mbps * 1e6)];
    return { name: `demand ${d.id}`, ...ends(d), parts, spares, rank, bps };
  });
  return { input, items: [...routes, ...demands] };
}

/**
 * The slow, obvious twin of lib/failure: places everything again from nothing, for one scenario. Shares no
 * code with the fast one, and knows nothing of who uses which arc.
 */
export function recompute({ input, items }: Items, scenario: Scenario): Recomputed {
  const { topology: t } = input;
  const dead = new Uint8Array(t.arcCount);
  for (const a of scenario.arcs) dead[a] = 1;
  const lives = (way: Way) => {
    for (const a of way.arcs) if (dead[a] === 1) return false;
    return true;
  };
  const reached = new Map<number, Set<number>>();
  const connected = (from: number, to: number) => {
    let seen = reached.get(from);
    if (seen === undefined) reached.set(from, (seen = reachable(t, dead, from)));
    return seen.has(to);
  };
  const fateOf = (item: Item, left: readonly Way[]): Fate => {
    const { parts, spares, from, to } = item;
    if (parts.length === 0) return 'unserved';
    if (left.length === parts.length) return 'kept';
    if (scenario.region === from || scenario.region === to) return 'ended';
    if (left.length > 0 || spares.some(lives)) return 'moved';
    return connected(from, to) ? 'stranded' : 'cut';
  };
  const none: readonly Way[] = [];

  // By class: what its traffic lays on each arc, with all classes before it.
  const upTo = qosClasses.map(() => new Float64Array(t.arcCount));
  let [lostBps, endedBps] = [0, 0];
  const fates: Fate[] = [];
  const ways: (readonly Way[])[] = [];
  for (const item of items) {
    const { parts, rank, bps } = item;
    const left = parts.every(lives) ? parts : parts.filter(lives);
    const fate = fateOf(item, left);
    const moved = left.length > 0 ? left : item.spares.filter(lives).slice(0, 1);
    const used = fate === 'kept' ? parts : fate === 'moved' ? moved : none;
    fates.push(fate);
    ways.push(used);
    if (fate === 'stranded' || fate === 'cut') lostBps += bps;
    if (fate === 'ended') endedBps += bps;
    if (bps === 0) continue;
    const whole = used.reduce((s, w) => s + w.weight, 0);
    let [weight, given] = [0, 0];
    used.forEach((w, i) => {
      weight += w.weight;
      const sum = i === used.length - 1 ? bps : Math.round(bps * (weight / whole));
      const part = sum - given;
      for (const a of w.arcs) upTo[rank][a] += part;
      given = sum;
    });
  }
  for (let rank = 1; rank < upTo.length; rank++) {
    for (let a = 0; a < t.arcCount; a++) upTo[rank][a] += upTo[rank - 1][a];
  }
  const load = [...upTo[upTo.length - 1]];

  const capacity = Array.from({ length: t.arcCount }, (_, a) => {
    const lost = scenario.degraded.find((d) => d.arc === a)?.lostRatio ?? 0;
    return (input.capacityMbps ?? t.availableMbps)[a] * 1e6 * (1 - lost);
  });
  let fullest: Recomputed['fullest'] = null;
  for (let a = 0; a < t.arcCount; a++) {
    const ratio = load[a] === 0 ? 0 : load[a] / capacity[a];
    if (dead[a] === 0 && (fullest === null || ratio > fullest.ratio)) fullest = { arc: a, ratio };
  }
  // By class: arcs without room for it and all before it.
  const full = upTo.map((sum) => {
    const arcs = load.map((_, a) => a);
    return new Set(arcs.filter((a) => Math.min(load[a], sum[a]) > capacity[a] * (1 + 1e-6)));
  });
  const fits = ways.map((used, i) => {
    const { bps, rank } = items[i];
    if (used.length === 0 || bps === 0 || full[rank].size === 0) return used.length > 0;
    return !used.some((w) => w.arcs.some((a) => full[rank].has(a)));
  });
  return { fates, ways, fits, load, fullest, lostBps, endedBps };
}

function reachable(t: Topology, dead: Uint8Array, from: number): Set<number> {
  const seen = new Set([from]);
  for (const v of seen) {
    if (v !== from && t.noTransit[v] === 1) continue;
    for (let a = t.first[v]; a < t.first[v + 1]; a++) if (dead[a] === 0) seen.add(t.head[a]);
  }
  return seen;
}
