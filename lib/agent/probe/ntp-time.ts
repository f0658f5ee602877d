/** Seconds from the NTP epoch, 1900, to the Unix epoch, 1970. */
const epochSeconds = 2_208_988_800;
const fractions = 2 ** 32;

/** A 64-bit NTP timestamp (RFC 5905 section 6): two unsigned 32-bit halves. Written over, not made anew. */
export interface NtpTime {
  seconds: number;
  /** Of 2^-32 s. */
  fraction: number;
}

/** Sets `time` to an instant in ms since 1970, to the resolution of the double: 0.25 us today. */
export function setNtpTime(time: NtpTime, unixMs: number): void {
  const whole = Math.floor(unixMs / 1000);
  time.seconds = (whole + epochSeconds) >>> 0;
  time.fraction = Math.floor(((unixMs - whole * 1000) * fractions) / 1000) >>> 0;
}

/**
 * Ms since 1970. Seconds without their top bit are of the era that begins in 2036 (RFC 4330 section 3): the
 * range is 1968 to 2104.
 */
export function unixMsOf(seconds: number, fraction: number): number {
  const era = seconds < 2 ** 31 ? fractions : 0;
  return (seconds + era - epochSeconds) * 1000 + (fraction * 1000) / fractions;
}

/** From one NTP timestamp to a later one, ms; exact to the microsecond within 68 years. */
export function ntpElapsedMs(
  fromSeconds: number,
  fromFraction: number,
  seconds: number,
  fraction: number,
): number {
  return ((seconds - fromSeconds) | 0) * 1000 + ((fraction - fromFraction) * 1000) / fractions;
}

/** Bit S of an error estimate: the clock is synchronised to UTC by an external source. */
const synchronised = 0x8000;

/**
 * The 16-bit error estimate of a clock (RFC 4656 section 4.1.2): bit S, bit Z (zero: NTP format), scale and
 * multiplier, which is never zero. The error is multiplier x 2^(scale - 32) seconds.
 *
 * @param errorSeconds how far the clock may be off UTC; null: not synchronised, then the greatest error that
 *   the field holds stands.
 */
export function errorEstimate(errorSeconds: number | null): number {
  if (errorSeconds === null) return (63 << 8) | 255;
  let multiplier = Math.max(1, Math.ceil(errorSeconds * fractions));
  let scale = 0;
  while (multiplier > 255 && scale < 63) {
    multiplier = Math.ceil(multiplier / 2);
    scale++;
  }
  return synchronised | (scale << 8) | Math.min(multiplier, 255);
}

/** Seconds that a clock may be off; null where it does not claim to be synchronised, or is malformed. */
export function tryErrorSeconds(estimate: number): number | null {
  const multiplier = estimate & 255;
  if ((estimate & synchronised) === 0 || multiplier === 0) return null;
  return multiplier * 2 ** (((estimate >> 8) & 63) - 32);
}
