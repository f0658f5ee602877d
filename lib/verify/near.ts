/** Do two figures differ by at most `tolerance`, of the greater where that is above 1? */
export function near(a: number, b: number, tolerance = 1e-9): boolean {
  return a === b || Math.abs(a - b) <= tolerance * Math.max(1, Math.abs(a), Math.abs(b));
}
