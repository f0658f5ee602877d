/**
 * CLOCK_MONOTONIC in ms (clock_gettime(2)): the same clock in every process of the machine, in or out of
 * namespaces, so that times of one program can be held against those of another.
 */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
