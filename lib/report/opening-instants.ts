import type { Opening } from '../reservation';

/** When a window opens and closes once: ISO 8601, the local ones with what their clocks are ahead of UTC. */
export interface OpeningInstants {
  readonly opensUtc: string;
  readonly closesUtc: string;
  readonly opensLocal: string;
  readonly closesLocal: string;
}

/** The instants of an opening, `2027-03-27T21:00:00Z` and `2027-03-27T22:00:00+01:00`. */
export function instantsOf({ startMs, endMs, localStartMs, localEndMs }: Opening): OpeningInstants {
  return {
    opensUtc: utcInstant(startMs),
    closesUtc: utcInstant(endMs),
    opensLocal: localInstant(startMs, localStartMs - startMs),
    closesLocal: localInstant(endMs, localEndMs - endMs),
  };
}

/** `2027-03-27T21:00:00Z`, with ms where there are any. */
export function utcInstant(ms: number): string {
  return new Date(ms).toISOString().replace('.000', '');
}

function localInstant(ms: number, offsetMs: number): string {
  const size = new Date(Math.abs(offsetMs)).toISOString().slice(11, 19).replace(/:00$/, '');
  return `${utcInstant(ms + offsetMs).slice(0, -1)}${offsetMs < 0 ? '-' : '+'}${size}`;
}
