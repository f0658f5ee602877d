/**
 * Inside this room bandwidth is whole kbps, so that what is added is taken away again to the last bit. A
 * promise is rounded up and what a link carries down; 1e-6 kbps absorbs the noise of decimal fractions
 * (1.001 Mbps is 1001 kbps).
 */
export function promisedKbps(mbps: number): number {
  return Math.ceil(mbps * 1000 - 1e-6);
}

/** See `promisedKbps`. */
export function carriedKbps(mbps: number): number {
  return Math.floor(mbps * 1000 + 1e-6);
}

/** Is this an amount that can be reserved: whole kbps above 0, small enough that sums stay exact? */
export function isAmount(kbps: number): boolean {
  return Number.isInteger(kbps) && kbps > 0 && kbps <= 2 ** 40;
}
