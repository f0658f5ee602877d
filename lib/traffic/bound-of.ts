/**
 * The lower bound on the greatest utilisation of any split that link lengths prove: sum (Mbps x distance) /
 * sum (length x capacity). `distance` is the least length of a permitted path by demand (any lower figure
 * gives a weaker bound that is still true). Throws RangeError on lengths below 0 or that are all 0. Pure
 * arithmetic: a verifier needs a shortest path search and this.
 */
export function boundOf(
  length: ArrayLike<number>,
  capacityMbps: ArrayLike<number>,
  demands: readonly { readonly mbps: number }[],
  distance: ArrayLike<number>,
): number {
  let size = 0;
  for (let a = 0; a < length.length; a++) {
    if (!(length[a] >= 0)) throw new RangeError('lengths are not negative');
    size += length[a] * capacityMbps[a];
  }
  if (!(size > 0)) throw new RangeError('some length is above 0');
  let sum = 0;
  demands.forEach(({ mbps }, d) => (sum += mbps * distance[d]));
  return sum / size;
}
