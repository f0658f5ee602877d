/**
 * Whole units by weights above 0: each running total is rounded, so the parts sum to the whole and each is
 * within one unit of its exact share.
 */
export function apportion(units: number, weights: readonly number[]): number[] {
  const whole = weights.reduce((s, w) => s + w, 0);
  let [running, given] = [0, 0];
  return weights.map((w, i) => {
    running += w;
    const upTo = i === weights.length - 1 ? units : Math.round(units * (running / whole));
    const part = upTo - given;
    given = upTo;
    return part;
  });
}
