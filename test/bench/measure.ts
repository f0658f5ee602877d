/** A contender: what it is called and one run of it. */
export interface Contender {
  readonly name: string;
  run(round: number): unknown;
}

/** Times in ms of one contender over all rounds. */
export interface Timing {
  readonly name: string;
  readonly medianMs: number;
  readonly leastMs: number;
  readonly mostMs: number;
}

/**
 * Runs contenders in turn, round by round, after a warm-up, so that drift of the machine meets all alike.
 * `inner` runs make one timing.
 */
export function interleave(
  contenders: readonly Contender[],
  rounds: number,
  warmups: number,
  inner = 1,
): Timing[] {
  const times = contenders.map(() => [] as number[]);
  let sink = 0;
  for (let round = -warmups; round < rounds; round++) {
    contenders.forEach((contender, i) => {
      const start = process.hrtime.bigint();
      for (let k = 0; k < inner; k++) if (contender.run((round + warmups) * inner + k) !== undefined) sink++;
      const ms = Number(process.hrtime.bigint() - start) / 1e6 / inner;
      if (round >= 0) times[i].push(ms);
    });
  }
  if (sink < 0) throw new Error('unreachable; keeps the results alive');
  return contenders.map(({ name }, i) => timing(name, times[i]));
}

/** Median, least and most. */
export function timing(name: string, ms: readonly number[]): Timing {
  const sorted = [...ms].sort((x, y) => x - y);
  return { name, medianMs: median(sorted), leastMs: sorted[0], mostMs: sorted[sorted.length - 1] };
}

/** Middle value, or the mean of the two middle ones. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((x, y) => x - y);
  const half = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

/** `42.1 us`, `3.20 ms`, `1.25 s`. */
export function showTime(ms: number): string {
  if (ms < 1) return `${(ms * 1000).toFixed(1)} us`;
  return ms < 1000 ? `${ms.toFixed(ms < 10 ? 2 : 0)} ms` : `${(ms / 1000).toFixed(2)} s`;
}
