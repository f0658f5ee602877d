import type { FailureInput, PathInput, Scenario } from '../../lib/failure';
import { qosClasses } from '../../lib/model';

/** What happens to a route or a demand: by `route <from> <to> <classes>` or `demand <id>`. */
export interface Fate {
  readonly fate: 'kept' | 'moved' | 'stranded' | 'cut' | 'ended' | 'unserved';
  /** Link ids of the paths in use, sorted. */
  readonly paths: readonly string[];
  /** Of the slowest path in use, ms. */
  readonly slowestMs: number;
  /** Has a path, and each arc on it has room for its class. Routes: true. */
  readonly fits: boolean;
}

export interface Recomputed {
  readonly fates: ReadonlyMap<string, Fate>;
  /** bit/s by arc. */
  readonly load: readonly number[];
  readonly fullest: { readonly arc: number; readonly ratio: number } | null;
  readonly lostBps: number;
  readonly endedBps: number;
}

/**
 * The slow, obvious twin of lib/failure: places everything again from nothing, for one scenario. Shares no
 * code with the fast one.
 */
export function recompute(input: FailureInput, scenario: Scenario): Recomputed {
  const { topology: t } = input;
  const name = (v: number) => t.nodes[v];
  const failed = new Set(scenario.arcs);
  const dead = (a: number) => failed.has(a);
  const arcNumbers = Array.from({ length: t.arcCount }, (_, a) => a);
  const hops = (path: PathInput, from: string): number[] => {
    const arcs: number[] = [];
    for (const hop of path.hops) {
      const here = arcs.length === 0 ? from : name(t.head[arcs[arcs.length - 1]]);
      arcs.push(
        typeof hop === 'number'
          ? hop
          : arcNumbers.find((a) => t.links[t.link[a]] === hop && name(t.tail[a]) === here)!,
      );
    }
    return arcs;
  };
  const latency = (path: PathInput, arcs: number[]) =>
    path.latencyMs ?? arcs.reduce((s, a) => s + Math.round(t.latencyMs[a] * 1e6), 0) / 1e6;
  const connected = (from: string, to: string) => {
    const seen = new Set([from]);
    for (const v of seen) {
      for (let a = 0; a < t.arcCount; a++) if (!dead(a) && name(t.tail[a]) === v) seen.add(name(t.head[a]));
    }
    return seen.has(to);
  };

  interface Chosen {
    readonly fate: Fate['fate'];
    readonly parts: { arcs: number[]; weight: number; ms: number }[];
  }
  const choose = (from: string, to: string, parts: [PathInput, number][], spares: readonly PathInput[]) => {
    const all = parts.map(([p, weight]) => {
      const arcs = hops(p, from);
      return { arcs, weight, ms: latency(p, arcs) };
    });
    const lives = ({ arcs }: { arcs: number[] }) => !arcs.some(dead);
    if (all.length === 0) return { fate: 'unserved', parts: [] } satisfies Chosen;
    if (all.every(lives)) return { fate: 'kept', parts: all } satisfies Chosen;
    const region = scenario.region === -1 ? null : name(scenario.region);
    if (region === from || region === to) return { fate: 'ended', parts: [] } satisfies Chosen;
    const left = all.filter(lives);
    if (left.length > 0) return { fate: 'moved', parts: left } satisfies Chosen;
    for (const p of spares) {
      const arcs = hops(p, from);
      if (lives({ arcs }))
        return { fate: 'moved', parts: [{ arcs, weight: 1, ms: latency(p, arcs) }] } as Chosen;
    }
    return { fate: connected(from, to) ? 'stranded' : 'cut', parts: [] } as Chosen;
  };

  const load = new Array<number>(t.arcCount).fill(0);
  const byClass = qosClasses.map(() => new Array<number>(t.arcCount).fill(0));
  const raw: { key: string; chosen: Chosen; rank: number; bps: number }[] = [];
  let [lostBps, endedBps] = [0, 0];
  const routeOf = (from: string, to: string, c: string) =>
    input.routes.find((r) => r.from === from && r.to === to && (r.classes as string[]).includes(c));
  const planned = (r: (typeof input.routes)[number] | undefined) =>
    r === undefined || r.primary === null ? [] : [r.primary, ...r.backups];

  for (const r of input.routes) {
    const all = planned(r);
    const chosen = choose(
      r.from,
      r.to,
      all.slice(0, 1).map((p) => [p, 1]),
      all,
    );
    raw.push({ key: `route ${r.from} ${r.to} ${r.classes.join()}`, chosen, rank: 0, bps: 0 });
  }
  // Demands that follow one route in one class are one flow of traffic; here they never split.
  for (const d of input.demands) {
    const all = planned(routeOf(d.from, d.to, d.class));
    const splits = d.splits ?? [];
    const parts: [PathInput, number][] =
      splits.length > 0 ? splits.map((s) => [s, s.share]) : all.slice(0, 1).map((p) => [p, 1]);
    const chosen = choose(d.from, d.to, parts, all);
    const bps = Math.round(d.mbps * 1e6);
    const rank = qosClasses.indexOf(d.class);
    if (chosen.fate === 'stranded' || chosen.fate === 'cut') lostBps += bps;
    if (chosen.fate === 'ended') endedBps += bps;
    const whole = chosen.parts.reduce((s, p) => s + p.weight, 0);
    let [weight, given] = [0, 0];
    chosen.parts.forEach((p, i) => {
      weight += p.weight;
      const upTo = i === chosen.parts.length - 1 ? bps : Math.round(bps * (weight / whole));
      for (const a of p.arcs) {
        load[a] += upTo - given;
        byClass[rank][a] += upTo - given;
      }
      given = upTo;
    });
    raw.push({ key: `demand ${d.id}`, chosen, rank, bps });
  }

  const capacity = Array.from({ length: t.arcCount }, (_, a) => {
    const lost = scenario.degraded.find((d) => d.arc === a)?.lostRatio ?? 0;
    return (input.capacityMbps ?? t.availableMbps)[a] * 1e6 * (1 - lost);
  });
  let fullest: Recomputed['fullest'] = null;
  for (let a = 0; a < t.arcCount; a++) {
    const ratio = load[a] === 0 ? 0 : load[a] / capacity[a];
    if (!dead(a) && (fullest === null || ratio > fullest.ratio)) fullest = { arc: a, ratio };
  }
  const fits = (a: number, rank: number) =>
    load[a] <= capacity[a] * (1 + 1e-6) ||
    byClass.slice(0, rank + 1).reduce((s, l) => s + l[a], 0) <= capacity[a] * (1 + 1e-6);
  const fates = new Map(
    raw.map(({ key, chosen, rank, bps }) => [
      key,
      {
        fate: chosen.fate,
        paths: chosen.parts.map((p) => p.arcs.map((a) => t.links[t.link[a]]).join(' ')).sort(),
        slowestMs: Math.max(0, ...chosen.parts.map((p) => p.ms)),
        fits:
          chosen.parts.length > 0 &&
          (bps === 0 || chosen.parts.every((p) => p.arcs.every((a) => fits(a, rank)))),
      },
    ]),
  );
  return { fates, load, fullest, lostBps, endedBps };
}
