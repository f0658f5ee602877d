import type { Solver } from '../../lib/traffic';
import { pathLpUtilisation } from './traffic-path-lp';

/** A demand with every path that it may take with its rule, and without, as arc numbers, the best first. */
export interface ConflictDemand {
  readonly id: string;
  readonly mbps: number;
  /** Of the class above: takes its best path, before the others. */
  readonly above: boolean;
  /** null: no rule narrows it. */
  readonly rule: string | null;
  readonly ruled: readonly (readonly number[])[];
  readonly free: readonly (readonly number[])[];
}

export interface ConflictCase {
  readonly capacity: readonly number[];
  readonly demands: readonly ConflictDemand[];
  /** Mbps by arc. */
  readonly holders: ReadonlyMap<string, readonly number[]>;
  /** Is the class split over all its paths, or does each demand take its best one? */
  readonly split: boolean;
}

/** Ids of all who may be in conflict. */
export function partiesOf({ demands, holders }: ConflictCase): string[] {
  const rules = new Set(demands.flatMap((d) => (d.rule === null ? [] : [d.rule])));
  return [...demands.map((d) => d.id), ...holders.keys(), ...rules];
}

/** The paths of a demand in a company. */
export function pathsIn(d: ConflictDemand, parties: readonly string[]): readonly (readonly number[])[] {
  return d.rule !== null && parties.includes(d.rule) ? d.ruled : d.free;
}

/** What holders leave by arc. */
export function roomIn({ capacity, holders }: ConflictCase, parties: readonly string[]): number[] {
  return capacity.map((c, a) =>
    parties.reduce((left, id) => Math.max(0, left - (holders.get(id)?.[a] ?? 0)), c),
  );
}

function load(paths: readonly (readonly [readonly number[], number])[], arcs: number): number[] {
  const sum = new Array<number>(arcs).fill(0);
  for (const [path, mbps] of paths) for (const a of path) sum[a] += mbps;
  return sum;
}

/** Are all demands of the class carried? undefined: those above are not, and what they leave is not told. */
export function areCarried(
  solver: Solver,
  input: ConflictCase,
  parties: readonly string[],
  more: readonly number[] = [],
): boolean | undefined {
  const room = roomIn(input, parties).map((c, a) => c + (more[a] ?? 0));
  const there = input.demands.filter((d) => parties.includes(d.id));
  const best = (d: ConflictDemand) => [pathsIn(d, parties)[0], d.mbps] as const;
  const taken = load(there.filter((d) => d.above).map(best), room.length);
  if (taken.some((mbps, a) => mbps > room[a] * (1 + 1e-9))) return undefined;
  const left = room.map((c, a) => Math.max(0, c - taken[a]));
  const own = there.filter((d) => !d.above);
  if (own.length === 0) return true;
  if (!input.split) {
    const asked = load(own.map(best), room.length);
    return asked.every((mbps, a) => mbps <= left[a] * (1 + 1e-9));
  }
  const open = own.map((d) => ({
    mbps: d.mbps,
    paths: pathsIn(d, parties).filter((path) => path.every((a) => left[a] > 1e-6)),
  }));
  if (open.some((d) => d.paths.length === 0)) return false;
  return pathLpUtilisation(solver, { capacity: left, demands: open }) <= 1 + 1e-6;
}

/** Are they, by the rules that are there or by all rules? */
export function fitsTogether(solver: Solver, input: ConflictCase, parties: readonly string[]) {
  const rules = input.demands.flatMap((d) => (d.rule === null ? [] : [d.rule]));
  const ruled = areCarried(solver, input, [...parties, ...rules]);
  const alone = areCarried(solver, input, parties);
  return ruled === undefined || alone === undefined ? undefined : ruled || alone;
}

/** The size of the smallest set in conflict, by trying all of them; undefined: some set cannot be judged. */
export function leastConflictSize(solver: Solver, input: ConflictCase): number | undefined {
  const parties = partiesOf(input);
  let least = Infinity;
  for (let set = 1; set < 1 << parties.length; set++) {
    const some = parties.filter((_, i) => (set >> i) & 1);
    const fits = fitsTogether(solver, input, some);
    if (fits === undefined) return undefined;
    if (!fits) least = Math.min(least, some.length);
  }
  return least;
}
