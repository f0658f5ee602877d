const dayMs = 86_400_000;

/**
 * A time zone of the IANA database, as the JavaScript engine's ICU knows it. Local times are ms since
 * 1970-01-01 local, as if it were UTC.
 */
export interface TimeZone {
  /** What local time is ahead of UTC at an instant, in ms. */
  offsetMs(instantMs: number): number;
  /**
   * The instant of a local time by RFC 5545 section 3.3.5: one that does not exist is read with the offset
   * before the gap, so it moves forward by the gap; of one that exists twice the first is meant.
   */
  instantOf(localMs: number): number;
}

const known = new Map<string, TimeZone>();

/** The zone of an IANA name. Throws RangeError when there is none. Instants of one day cost one look-up. */
export function timeZone(name: string): TimeZone {
  let zone = known.get(name);
  if (zone === undefined) known.set(name, (zone = makeZone(name)));
  return zone;
}

/** Is this the name of a zone that this engine knows? */
export function isTimeZone(name: string): boolean {
  try {
    timeZone(name);
    return true;
  } catch {
    return false;
  }
}

function makeZone(name: string): TimeZone {
  const format = new Intl.DateTimeFormat('en-US', { timeZone: name, timeZoneName: 'longOffset' });
  const days = new Map<number, number>();
  const atDay = (day: number): number => {
    let offset = days.get(day);
    if (offset === undefined) days.set(day, (offset = readOffset(format, day * dayMs)));
    return offset;
  };
  const offsetMs = (instantMs: number): number => {
    const day = Math.floor(instantMs / dayMs);
    const offset = atDay(day);
    // No zone changes its clocks there and back within one day.
    return offset === atDay(day + 1) ? offset : readOffset(format, instantMs);
  };
  const instantOf = (localMs: number): number => {
    const before = offsetMs(localMs - dayMs);
    const after = offsetMs(localMs + dayMs);
    const candidates = [localMs - before, localMs - after].sort((a, b) => a - b);
    const real = candidates.find((instant) => instant + offsetMs(instant) === localMs);
    return real ?? localMs - before;
  };
  return { offsetMs, instantOf };
}

function readOffset(format: Intl.DateTimeFormat, instantMs: number): number {
  const match = /GMT(?:([+-])(\d\d):(\d\d)(?::(\d\d))?)?$/.exec(format.format(instantMs));
  if (!match) throw new RangeError('this engine does not tell the offset of a time zone');
  const [, sign, hours = '0', minutes = '0', seconds = '0'] = match;
  const size = (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1000;
  return sign === '-' ? -size : size;
}
