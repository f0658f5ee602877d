import type { RecordedStream } from '../../lib/lab/stream/streams';

/** What was said of traffic at an instant of the streams' clock. */
export interface Claim {
  readonly atMs: number;
  readonly up: boolean;
}

/**
 * Holds what was said against a stream: nothing is to be called up while all that was sent over it for so
 * long is lost. @returns the instants at which that was so; none: what was said is true.
 *
 * @param withinMs time in which a loss may go unnoticed.
 */
export function heldAgainst(
  { sentMs, sequences }: Pick<RecordedStream, 'sentMs' | 'sequences'>,
  claims: readonly Claim[],
  withinMs: number,
): number[] {
  const arrived = new Set(sequences);
  return claims.flatMap(({ atMs, up }) => {
    const sent = sentMs.flatMap((ms, i) => (ms >= atMs - withinMs && ms < atMs ? [i] : []));
    // Less than most of that time was watched.
    const whole = sent.length > 0 && sentMs[sent[0]] < atMs - 0.9 * withinMs;
    return up && whole && !sent.some((i) => arrived.has(i)) ? [atMs] : [];
  });
}
