/** A point on the WGS 84 sphere, in degrees: latitude -90 to 90, longitude -180 to 180. */
export interface Coordinates {
  readonly lat: number;
  readonly lon: number;
}

/** Where a cloud region is, and what leaving it costs. */
export interface Place extends Coordinates {
  readonly code: string;
  readonly city: string;
  /** ISO 3166-1 alpha-2. */
  readonly country: string;
  /** Continent-like area, as clouds group their regions. */
  readonly area: 'AF' | 'AP' | 'EU' | 'ME' | 'NA' | 'SA';
  /** List price of traffic leaving for another region of the cloud; null when not known. */
  readonly transferOutUsdPerGb: number | null;
}

/** Mean radius of the Earth in km (IUGG R1). */
const earthRadiusKm = 6371.0088;

/** Light covers about 200 km of fibre in a millisecond (group index 1.5). */
export const fibreKmPerMs = 200;

/**
 * Measured round trip over the fibre minimum, median of the 528 pairs in the table; the factor for estimates.
 */
export const fibreDetour = 1.8;

/** Great-circle distance in km (haversine). */
export function distanceKm(a: Coordinates, b: Coordinates): number {
  const rad = Math.PI / 180;
  const dLat = (b.lat - a.lat) * rad;
  const dLon = (b.lon - a.lon) * rad;
  const h = Math.sin(dLat / 2) ** 2 + Math.cos(a.lat * rad) * Math.cos(b.lat * rad) * Math.sin(dLon / 2) ** 2;
  return 2 * earthRadiusKm * Math.asin(Math.min(1, Math.sqrt(h)));
}

/** The medium of light: glass fibre, or air (microwave radio), where it is as fast as in vacuum. */
export type Medium = 'fibre' | 'radio';

/** Light in vacuum covers 299.792458 km in a millisecond (SI): no signal is faster. */
export const vacuumKmPerMs = 299.792458;

/** One-way time in ms that light needs along the great circle: nothing in that medium can be faster. */
export function lightLatencyMs(a: Coordinates, b: Coordinates, medium: Medium = 'fibre'): number {
  return distanceKm(a, b) / (medium === 'fibre' ? fibreKmPerMs : vacuumKmPerMs);
}

/** One-way estimate in ms where nothing is measured: fibre time x 1.8, rounded to 0.1 ms, at least 0.1 ms. */
export function estimateLatencyMs(a: Coordinates, b: Coordinates): number {
  return Math.max(0.1, Math.round(lightLatencyMs(a, b) * fibreDetour * 10) / 10);
}
