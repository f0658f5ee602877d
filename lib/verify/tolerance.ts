import { carries } from './carrying';
import type { Rules } from './rules';
import type { Lane } from './world';

/** A path with its place in the order. */
interface Best {
  readonly lanes: readonly Lane[];
  readonly mbps: number;
  readonly key: number;
}

/** Of equal cost, where no policy says another. */
export const usualEqualCostRatio = 0.1;

type Within = (lanes: readonly Lane[]) => boolean;

/** Tells whether a path is as good as equal cost asks: within the ratio of the best. */
export function withinEqualCost(rules: Rules, best: Best, ratio: number): Within {
  return rules.widest ? asWide(best, ratio) : asShort(rules, best.key, ratio);
}

/**
 * Tells whether a path may be kept in the place of the best; the widest must be as short too, and what
 * carries less than an IPv6 packet of the least size stands in the place of such a path alone.
 */
export function withinKept(rules: Rules, best: Best, ratio: number): Within {
  const [wide, short] = [asWide(best, ratio), asShort(rules, best.key, ratio)];
  const carry = carries(best.lanes);
  return (lanes) => (!rules.widest || wide(lanes)) && short(lanes) && (!carry || carries(lanes));
}

function asWide({ mbps }: Best, ratio: number): Within {
  const least = Math.round((mbps - mbps * ratio) * 1e6) / 1e6;
  return (lanes) => lanes.every((l) => l.mbps >= least);
}

function asShort(rules: Rules, bestKey: number, ratio: number): Within {
  const most = mostUnits(Math.floor(bestKey / rules.radix), ratio);
  return (lanes) => unitsOf(rules, lanes) <= most;
}

/** The metric of a path in whole units. */
export function unitsOf(rules: Rules, lanes: readonly Lane[]): number {
  return Math.floor(lanes.reduce((s, l) => s + rules.key[l.number], 0) / rules.radix);
}

/** The most whole units that are within the ratio of the best. */
export function mostUnits(best: number, ratio: number): number {
  return best + Math.round(best * ratio);
}
