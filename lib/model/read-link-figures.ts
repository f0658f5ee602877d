import { distanceKm, lightLatencyMs, type Medium } from '../catalog';
import { formatLatency } from '../units';
import type { LinkFigures } from './description';
import { readFigure, readWhole } from './figure-reader';
import type { Region } from './network';
import type { RawPath, Reporter } from './reporter';

/** The figures that a link, or one direction of it, gives; base units, absent where it gives none. */
export interface GivenFigures {
  readonly bandwidthMbps?: number;
  /** One way, whichever of `latency` and `rtt` was given. */
  readonly latencyMs?: number;
  readonly costPerGbUsd?: number;
  readonly lossRatio?: number;
  readonly availabilityRatio?: number;
  readonly utilisationRatio?: number;
  readonly metric?: number;
}

/** Longest delay that anyone means: TCP gives a segment up for lost long before. */
const mostLatencyMs = 60000;

/** Chains of microwave masts reach so far: Chicago to New York, 1,150 km, is the best known. */
const longestRadioKm = 2000;

/** The ends of a direction, as far as they are known, and the line's medium. */
export interface Run {
  readonly from?: Region;
  readonly to?: Region;
  /** Default: fibre. */
  readonly medium?: Medium;
}

/** A latency that is given for two regions. */
export interface GivenLatency extends Run {
  readonly oneWayMs: number;
  /** How it was given. */
  readonly key: 'latency' | 'rtt';
}

/**
 * Reads the figures of a link or of one direction, each fault reported at its key. Absent figures are left
 * out, so that a direction's spread over its link's. A latency between two known places is held against
 * light in its medium.
 */
export function readLinkFigures(raw: LinkFigures, run: Run, at: RawPath, reporter: Reporter): GivenFigures {
  const read = (
    key: keyof LinkFigures,
    ...rest: [Parameters<typeof readFigure>[1], Parameters<typeof readFigure>[4]?]
  ) => readFigure(raw[key], rest[0], [...at, key], reporter, rest[1]);
  const figures: GivenFigures = {
    bandwidthMbps: read('bandwidth', 'bandwidth', { above: 0 }),
    latencyMs: readLatency(raw, run, at, reporter),
    costPerGbUsd: read('cost', 'price'),
    lossRatio: read('loss', 'ratio', { min: 0, below: 1 }),
    availabilityRatio: read('availability', 'ratio', { above: 0, max: 1 }),
    utilisationRatio: read('utilisation', 'ratio', { min: 0, below: 1 }),
    metric: readWhole(raw.metric, 1, 65535, [...at, 'metric'], reporter),
  };
  return Object.fromEntries(Object.entries(figures).filter(([, value]) => value !== undefined));
}

function readLatency(raw: LinkFigures, run: Run, at: RawPath, reporter: Reporter): number | undefined {
  const [latency, rtt] = (['latency', 'rtt'] as const).map((key) =>
    readFigure(raw[key], 'latency', [...at, key], reporter, { above: 0, max: mostLatencyMs }),
  );
  if (raw.latency !== undefined && raw.rtt !== undefined) {
    const next = "keep 'rtt' (round trip) or 'latency' (one way)";
    reporter.error('latency-and-rtt', [...at, 'rtt'], "has both 'latency' and 'rtt'", next);
    return undefined;
  }
  const oneWayMs = rtt === undefined ? latency : rtt / 2;
  if (oneWayMs === undefined) return undefined;
  const key = rtt === undefined ? 'latency' : 'rtt';
  return checkLight({ ...run, oneWayMs, key }, at, reporter) ? oneWayMs : undefined;
}

/**
 * Reports a latency below that of light between two known places: light in fibre, or for radio light in
 * vacuum, which nothing beats. Gives whether it is possible; between unknown places it is.
 */
export function checkLight(
  { oneWayMs: oneWay, key, from, to, medium = 'fibre' }: GivenLatency,
  at: RawPath,
  reporter: Reporter,
): boolean {
  if (!from || !to) return true;
  if (from.lat === null || from.lon === null || to.lat === null || to.lon === null) return true;
  const [a, b] = [
    { lat: from.lat, lon: from.lon },
    { lat: to.lat, lon: to.lon },
  ];
  const [light, vacuum] = [lightLatencyMs(a, b, medium), lightLatencyMs(a, b, 'radio')];
  if (oneWay >= light) return true;
  const least = formatLatency(Math.ceil(light * 10) / 10);
  const where = medium === 'fibre' ? 'light in fibre' : 'light in vacuum';
  const message = `${formatLatency(oneWay)} one way is faster than ${where} from ${from.id} to ${to.id}, ${least}`;
  const bound = key === 'latency' ? least : `an rtt of ${formatLatency(Math.ceil(light * 20) / 10)}`;
  const measure = `measure again: ${bound} is the least possible`;
  // Masts stand on land.
  const radio =
    oneWay >= vacuum && distanceKm(a, b) <= longestRadioKm ? "; a microwave link says 'medium: radio'" : '';
  const next = at[0] === 'defaults' ? `give the link its own 'latency' or 'rtt', or ${measure}` : measure;
  reporter.error('latency-below-light', [...at, key], message, `${next}${radio}`);
  return false;
}
