import type { ClassShares } from '../model';
import { qosClasses } from '../model';

/**
 * How the bandwidth of a link is divided among the classes. Class types as in RFC 4124: best-effort is CT0,
 * bulk CT1, interactive CT2, realtime CT3, critical CT4. Shares are ratios, 0 to 1, of the link's bandwidth.
 *
 * - `shared`: any class may take all.
 * - `mam`, Maximum Allocation Model (RFC 4125): each class at most its own share, whatever others leave; all
 *   together at most the link. Shares may add up to more than 1.
 * - `rdm`, Russian Dolls Model (RFC 4127): the share of a class bounds it together with all more important
 *   ones, so that the share of best-effort (BC0) bounds everything.
 */
export type BandwidthModel =
  | { readonly kind: 'shared' }
  | {
      readonly kind: 'mam' | 'rdm';
      /** The bandwidth constraint of each class: BC0 of best-effort to BC4 of critical. */
      readonly shares: ClassShares;
      /** Of links that have their own, by id. */
      readonly linkShares?: ReadonlyMap<string, ClassShares>;
    };

/** One sum that the model bounds: the classes in it, by number in `qosClasses`, and their bound. */
export interface Pool {
  readonly holds: readonly boolean[];
  readonly shareRatio: number;
}

/** Every pool of a model; the first holds all classes. Throws RangeError on shares outside 0 to 1. */
export function poolsOf(model: BandwidthModel): Pool[] {
  const pool = (holds: (c: number) => boolean, shareRatio: number): Pool => ({
    holds: qosClasses.map((_, c) => holds(c)),
    shareRatio,
  });
  if (model.kind === 'shared') return [pool(() => true, 1)];
  const shares = qosClasses.map((c) => model.shares[c]);
  if (!shares.every((s) => s >= 0 && s <= 1)) throw new RangeError('class shares are ratios from 0 to 1');
  const own = shares.map((share, c) => pool((other) => other === c, share));
  if (model.kind === 'mam') return [pool(() => true, 1), ...own];
  // Classes stand most important first: a class with all more important ones is a beginning of the list.
  return shares.map((share, c) => pool((other) => other <= c, share)).reverse();
}

/** The pools of a link, which may have shares of its own; the same classes in the same order. */
export function poolsOfLink(model: BandwidthModel, link: string): Pool[] {
  const own = model.kind === 'shared' ? undefined : model.linkShares?.get(link);
  return poolsOf(own === undefined || model.kind === 'shared' ? model : { kind: model.kind, shares: own });
}

/** What a pool may hold on a link, rounded down to whole kbps. */
export function poolKbps({ shareRatio }: Pool, linkKbps: number): number {
  return Math.floor(shareRatio * linkKbps + 1e-6);
}

/**
 * What class number `c` may still take at a setup priority, `Unreserved TE-Class` of RFC 4125 or RFC 4127:
 * the least, over the pools it is in, of the bound less what is held there at this or a stronger holding
 * priority. Negative when the bound fell below what is held. `heldKbps[8 * class + priority]` is what is
 * held of the link.
 */
export function unreservedKbps(
  pools: readonly Pool[],
  linkKbps: number,
  heldKbps: ArrayLike<number>,
  c: number,
  priority: number,
): number {
  let least = Infinity;
  for (const pool of pools) {
    if (!pool.holds[c]) continue;
    let held = 0;
    for (let other = 0; other < pool.holds.length; other++) {
      if (!pool.holds[other]) continue;
      for (let p = 0; p <= priority; p++) held += heldKbps[8 * other + p];
    }
    least = Math.min(least, poolKbps(pool, linkKbps) - held);
  }
  return least;
}
