import type { FixedFlow } from '../../lib/traffic/fill-fairly';

/** A whole number over a whole number above 0, in lowest terms. */
interface Rational {
  readonly top: bigint;
  readonly bottom: bigint;
}

const gcd = (a: bigint, b: bigint): bigint => (b === 0n ? a : gcd(b, a % b));

function rational(top: bigint, bottom: bigint): Rational {
  const by = gcd(top < 0n ? -top : top, bottom);
  return by === 0n ? { top: 0n, bottom: 1n } : { top: top / by, bottom: bottom / by };
}

/** A double is a whole number times a power of two: nothing is rounded here. */
export function exactly(x: number): Rational {
  let [whole, bottom] = [x, 1n];
  while (!Number.isInteger(whole)) [whole, bottom] = [whole * 2, bottom * 2n];
  return rational(BigInt(whole), bottom);
}

const zero = exactly(0);
const add = (a: Rational, b: Rational) => rational(a.top * b.bottom + b.top * a.bottom, a.bottom * b.bottom);
const minus = (a: Rational, b: Rational) => add(a, { top: -b.top, bottom: b.bottom });
const times = (a: Rational, b: Rational) => rational(a.top * b.top, a.bottom * b.bottom);
const over = (a: Rational, b: Rational) => rational(a.top * b.bottom, a.bottom * b.top);
const less = (a: Rational, b: Rational) => a.top * b.bottom < b.top * a.bottom;
const sum = (list: readonly Rational[]) => list.reduce(add, zero);
const toNumber = ({ top, bottom }: Rational) => Number((top * 10n ** 18n) / bottom) / 1e18;

/**
 * Progressive filling in exact fractions, everything summed anew in every round: the slow twin of
 * `fillFairly`. Each round asks every link with a rising flow at which level it is full, and every rising
 * flow at which level it has all that it wants; the least of these levels is reached, and whoever is held
 * there stops.
 */
export function rationalFilling(capacity: readonly number[], flows: readonly FixedFlow[]): number[] {
  const most = flows.map((f) => exactly(f.mostRatio ?? 1));
  const use = flows.map(({ mbps, paths }) =>
    capacity.map((_, a) =>
      sum(paths.filter((p) => p.arcs.includes(a)).map((p) => times(exactly(p.share), exactly(mbps)))),
    ),
  );
  const ratio: (Rational | undefined)[] = flows.map(() => undefined);
  for (;;) {
    const rising = [...flows.keys()].filter((i) => ratio[i] === undefined);
    if (rising.length === 0) return ratio.map((r) => toNumber(r!));
    const fullAt = capacity.map((c, a) => {
      const slope = sum(rising.map((i) => use[i][a]));
      if (slope.top === 0n) return undefined;
      const stopped = sum(flows.flatMap((_, i) => (ratio[i] ? [times(ratio[i], use[i][a])] : [])));
      return over(minus(exactly(c), stopped), slope);
    });
    const levels = [...fullAt.filter((l) => l !== undefined), ...rising.map((i) => most[i])];
    const level = levels.reduce((x, y) => (less(y, x) ? y : x));
    const reached = (at: Rational | undefined) => at !== undefined && !less(level, at);
    for (const i of rising) {
      if (reached(most[i]) || use[i].some((u, a) => u.top > 0n && reached(fullAt[a]))) ratio[i] = level;
    }
  }
}
