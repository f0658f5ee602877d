/** A part of a stream. */
export interface StreamPart {
  readonly sent: number;
  readonly lost: number;
  /** Arrivals beyond the first. */
  readonly duplicates: number;
  /** Arrivals after one of a later datagram (RFC 4737 section 3). */
  readonly reordered: number;
  /** Longest time without an arrival, ms (packet sampling interval of RFC 6412); null: fewer than two. */
  readonly longestGapMs: number | null;
  /** When the last lost one was sent, CLOCK_MONOTONIC ms; null: none was lost. */
  readonly lastLossMs: number | null;
  /** Median of the one-way delay, ms; null: nothing arrived. */
  readonly delayMs: number | null;
}

/**
 * Measures the datagrams that were sent within [fromMs, toMs). The gap before the first arrival of a part
 * counts from the last arrival before it, if there is one.
 *
 * @param sentMs by sequence number.
 * @param sequences in the order of arrival, with their times in `receivedMs`.
 */
export function measureStream(
  sentMs: readonly number[],
  sequences: readonly number[],
  receivedMs: readonly number[],
  fromMs = -Infinity,
  toMs = Infinity,
): StreamPart {
  const first = new Map<number, number>();
  const within = (sequence: number) => sentMs[sequence] >= fromMs && sentMs[sequence] < toMs;
  let [duplicates, reordered, highest] = [0, 0, -1];
  let [longestGapMs, lastMs]: (number | null)[] = [null, null];
  sequences.forEach((sequence, i) => {
    const [again, mine] = [first.has(sequence), within(sequence)];
    if (!again) first.set(sequence, receivedMs[i]);
    if (mine) {
      if (again) duplicates++;
      else if (sequence < highest) reordered++;
      if (lastMs !== null) longestGapMs = Math.max(longestGapMs ?? 0, receivedMs[i] - lastMs);
    }
    highest = Math.max(highest, sequence);
    if (mine || sentMs[sequence] < fromMs) lastMs = receivedMs[i];
  });
  let [sent, lost] = [0, 0];
  let lastLossMs: number | null = null;
  const delays: number[] = [];
  sentMs.forEach((ms, sequence) => {
    if (!within(sequence)) return;
    sent++;
    const arrivedMs = first.get(sequence);
    if (arrivedMs !== undefined) delays.push(arrivedMs - ms);
    else {
      lost++;
      lastLossMs = ms;
    }
  });
  delays.sort((a, b) => a - b);
  const delayMs = delays.length === 0 ? null : delays[delays.length >> 1];
  return { sent, lost, duplicates, reordered, longestGapMs, lastLossMs, delayMs };
}
