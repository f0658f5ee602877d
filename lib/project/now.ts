/**
 * Unix time, ms. SOURCE_DATE_EPOCH, in seconds, stands for the clock where two runs must give equal bytes
 * (reproducible-builds.org/specs/source-date-epoch).
 */
export function nowOf({ SOURCE_DATE_EPOCH: fixed }: Readonly<Record<string, string | undefined>>): number {
  return fixed !== undefined && /^\d{1,11}$/.test(fixed) ? Number(fixed) * 1000 : Date.now();
}
