/**
 * Do two finite figures differ by at most `tolerance`, of the greater where that is above 1? What is not
 * finite is near to itself alone.
 */
export function near(a: number, b: number, tolerance = 1e-9): boolean {
  if (!Number.isFinite(a) || !Number.isFinite(b)) return a === b;
  return Math.abs(a - b) <= tolerance * Math.max(1, Math.abs(a), Math.abs(b));
}
