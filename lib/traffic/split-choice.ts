import type { Floats } from '../graph';
import type { WeightedPath } from './deployable-split';
import type { SplitLimits } from './weights';
import { roundingRatio } from './fits-links';
import type { Standing } from './judge-split';

/** A class on the way: what is anew and what was before, in the same units. */
export interface SplitChoice {
  readonly capacity: Floats;
  readonly mbps: readonly number[];
  readonly limits: SplitLimits;
  readonly afresh: readonly (readonly WeightedPath[])[];
  /** undefined: nothing was there before. */
  readonly before: readonly (Standing | undefined)[];
  /** No link may be fuller. */
  readonly mostRatio: number;
}

/** Paths with their parts of the demand. */
export function sharesOf(
  paths: readonly WeightedPath[],
): { readonly arcs: readonly number[]; readonly weight: number; readonly share: number }[] {
  const sum = paths.reduce((total, { weight }) => total + weight, 0);
  return paths.map(({ arcs, weight }) => ({ arcs, weight, share: weight / sum }));
}

/** Mbps by arc of whole demands on these splits. */
export function loadOf(
  capacity: Floats,
  mbps: readonly number[],
  paths: readonly (readonly WeightedPath[])[],
): Float64Array {
  const load = new Float64Array(capacity.length);
  paths.forEach((list, i) => lay(load, mbps[i], list));
  return load;
}

/** Mbps that run over other paths than before, all demands together. */
export function movedMbps(choice: SplitChoice, paths: readonly (readonly WeightedPath[])[]): number {
  return paths.reduce((sum, list, i) => sum + movedOf(choice, i, list), 0);
}

/** Mbps of a demand that run over other paths than before; 0 where nothing was before. */
export function movedOf(choice: SplitChoice, i: number, paths: readonly WeightedPath[]): number {
  const standing = choice.before[i];
  if (!standing) return 0;
  const old = new Map(standing.paths.map((p) => [p.arcs.join(), p.weight / standing.weights]));
  const more = sharesOf(paths).map(({ arcs, share }) => Math.max(0, share - (old.get(arcs.join()) ?? 0)));
  return choice.mbps[i] * more.reduce((sum, x) => sum + x, 0);
}

/** The same paths with the same parts, in whatever order? */
export function sameSplit(x: readonly WeightedPath[], y: readonly WeightedPath[]): boolean {
  const text = (list: readonly WeightedPath[]) =>
    sharesOf(list)
      .map(({ arcs, share }) => `${arcs.join()} ${share}`)
      .sort()
      .join(';');
  return x.length === y.length && text(x) === text(y);
}

/** Lays a demand's Mbps on its paths. */
export function lay(load: Float64Array, mbps: number, paths: readonly WeightedPath[]): void {
  for (const { arcs, share } of sharesOf(paths)) for (const a of arcs) load[a] += mbps * share;
}

/** The arc that is furthest beyond the limit; -1: none is. */
export function fullestArc({ capacity, mostRatio }: SplitChoice, load: Floats): number {
  let [full, most] = [-1, mostRatio * (1 + roundingRatio)];
  for (let a = 0; a < load.length; a++) {
    if (load[a] > 1e-9 && load[a] / capacity[a] > most) [full, most] = [a, load[a] / capacity[a]];
  }
  return full;
}
