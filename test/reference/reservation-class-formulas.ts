/** What is reserved by class type (0 best-effort to 4 critical) and holding priority (0 to 7). */
export type Reserved = readonly (readonly number[])[];

/**
 * RFC 4125: the least of BCc - SUM(Reserved(CTc, q)) for q <= p, and of Max-Reservable-Bandwidth -
 * SUM(Reserved(CTi, q)) for q <= p over all i.
 */
export function mamUnreserved(
  bc: readonly number[],
  link: number,
  r: Reserved,
  c: number,
  p: number,
): number {
  let own = 0;
  for (let q = 0; q <= p; q++) own += r[c][q];
  let all = 0;
  for (let i = 0; i < r.length; i++) for (let q = 0; q <= p; q++) all += r[i][q];
  return Math.min(bc[c] - own, link - all);
}

/** RFC 4127: the least over 0 <= b <= c of BCb - SUM(Reserved(CTi, q)) for q <= p and b <= i. */
export function rdmUnreserved(bc: readonly number[], r: Reserved, c: number, p: number): number {
  let least = Infinity;
  for (let b = 0; b <= c; b++) {
    let sum = 0;
    for (let i = b; i < r.length; i++) for (let q = 0; q <= p; q++) sum += r[i][q];
    least = Math.min(least, bc[b] - sum);
  }
  return least;
}
