/** Are these the same path? */
export function sameArcs(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((arc, i) => arc === b[i]);
}
