import {
  estimateLatencyMs,
  inClouds,
  mostFlowMbps,
  transferPriceUsdPerGb,
  tryMeasuredRttMs,
} from '../catalog';
import { formatBandwidth } from '../units';
import type { LinkDescription, NetworkDescription, TunnelType } from './description';
import { missingFigureHint } from './missing-figure-hint';
import type { Direction, Origin, Region } from './network';
import { checkLight, type GivenFigures } from './read-link-figures';
import type { RawPath, Reporter } from './reporter';

/** Where the description gives figures for all links. */
export const defaultsPath: RawPath = ['defaults', 'link'];
/** Of a circuit in IS-IS (ISO 10589). */
const defaultMetric = 10;

/** The values of a link that gives none. */
export interface LinkDefaults {
  readonly type: TunnelType;
  readonly mtu: number;
  readonly keepaliveSeconds: number;
  readonly figures: GivenFigures;
  /** How `defaults.link` gives the latency. */
  readonly latencyKey: 'latency' | 'rtt';
}

/** One entry of `links`, where it stands, and who is told of its faults. */
export interface LinkEntry {
  readonly raw: LinkDescription;
  readonly at: RawPath;
  /** All regions of the description. */
  readonly regions: NetworkDescription['regions'];
  readonly defaults: LinkDefaults;
  readonly reporter: Reporter;
}

/** One direction of a link, with the figures that its entry gives. */
export interface GivenDirection {
  readonly given: GivenFigures;
  readonly from: Region;
  readonly to: Region;
}

/**
 * The directions of a link with the figures of `defaults.link`, and then of the catalog, where none are
 * given. What nobody knows is reported once for both directions, with a line that gives it.
 */
export function completeDirections(
  directions: readonly GivenDirection[],
  entry: LinkEntry,
): Direction[] | undefined {
  const { raw, at, regions, defaults, reporter } = entry;
  const known = directions.map(({ given, from, to }) => {
    const { bandwidthMbps = defaultBandwidthMbps(from, to), latencyMs } = { ...defaults.figures, ...given };
    const latency = latencyMs ?? (raw.medium === 'radio' ? null : catalogLatency(from, to)[0]);
    return { bandwidth: bandwidthMbps !== null, latency: latency !== null };
  });
  const lacks = (['bandwidth', 'latency'] as const).filter((key) => known.some((k) => !k[key]));
  const [x, y] = [directions[0].from, directions[0].to];
  for (const key of lacks) {
    const [a, b] = [x.id, y.id].sort();
    const outside = `, both outside ${inClouds(({ title }) => title, ' and ')}`;
    const where = key === 'bandwidth' ? outside : raw.medium === 'radio' ? ' by radio' : '';
    const message = `nobody knows the ${key} between ${a} and ${b}${where}`;
    reporter.error(`${key}-unknown`, at, message, missingFigureHint(key, raw, [x, y], lacks, regions));
  }
  if (lacks.length > 0) return undefined;
  const { latencyKey, figures } = defaults;
  if (figures.latencyMs !== undefined && directions.some((d) => d.given.latencyMs === undefined)) {
    const given = { oneWayMs: figures.latencyMs, key: latencyKey, from: x, to: y, medium: raw.medium };
    if (!checkLight(given, defaultsPath, reporter)) return undefined;
  }
  return directions.map((d) => completeDirection(d, entry));
}

/** A direction of which no figure is unknown. */
function completeDirection(
  { given: own, from, to }: GivenDirection,
  { at, defaults, reporter }: LinkEntry,
): Direction {
  const given: GivenFigures = { ...defaults.figures, ...own };
  const capacity = defaultBandwidthMbps(from, to);
  const bandwidthMbps = given.bandwidthMbps ?? capacity!;
  const [latencyMs, latencyOrigin] =
    given.latencyMs !== undefined ? [given.latencyMs, 'given' as Origin] : catalogLatency(from, to);
  if (given.bandwidthMbps !== undefined && capacity !== null && bandwidthMbps > capacity) {
    const where = own.bandwidthMbps === undefined ? defaultsPath : at;
    warnAboveCapacity(bandwidthMbps, capacity, mostFlowMbps(from, to), [...where, 'bandwidth'], reporter);
  }
  const list = transferPriceUsdPerGb(from, to);
  const utilisation = given.utilisationRatio ?? 0;
  return {
    from: from.id,
    to: to.id,
    bandwidthMbps,
    bandwidthOrigin: given.bandwidthMbps === undefined ? 'estimated' : 'given',
    availableMbps: available(bandwidthMbps, utilisation),
    latencyMs: latencyMs!,
    latencyOrigin,
    costPerGbUsd: given.costPerGbUsd ?? list,
    costOrigin: given.costPerGbUsd !== undefined ? 'given' : list !== null ? 'measured' : 'unknown',
    lossRatio: given.lossRatio ?? null,
    availabilityRatio: given.availabilityRatio ?? null,
    utilisationRatio: utilisation,
    metric: given.metric ?? defaultMetric,
  };
}

function catalogLatency(from: Region, to: Region): [number | null, Origin] {
  const rtt = tryMeasuredRttMs(from, to);
  if (rtt !== undefined) return [rtt / 2, 'measured'];
  if (from.lat === null || from.lon === null || to.lat === null || to.lon === null) return [null, 'unknown'];
  return [estimateLatencyMs({ lat: from.lat, lon: from.lon }, { lat: to.lat, lon: to.lon }), 'estimated'];
}

/** Mbps that both gateways sustain and one tunnel carries; null where neither end is in the catalog. */
function defaultBandwidthMbps(from: Region, to: Region): number | null {
  const ends = [from, to].filter((r) => r.gatewayMbps !== null);
  if (ends.length === 0) return null;
  const planes = Math.max(from.gatewayCount, to.gatewayCount);
  return Math.min(mostFlowMbps(from, to) * planes, ...ends.map((r) => r.gatewayMbps! * r.gatewayCount));
}

function warnAboveCapacity(
  bandwidth: number,
  capacity: number,
  flow: number,
  at: RawPath,
  reporter: Reporter,
): void {
  const message = `${formatBandwidth(bandwidth)} is more than its gateways and tunnels sustain, ${formatBandwidth(capacity)}`;
  const next = `use a larger instance type or two gateways; one tunnel is one flow of at most ${formatBandwidth(flow)}`;
  reporter.warn('bandwidth-above-gateway', at, message, next);
}

/**
 * floor(bandwidth x (1 - utilisation)) in whole Mbps, without the error of binary fractions; exact below 1
 * Mbps.
 */
function available(bandwidthMbps: number, utilisation: number): number {
  const exact = (bandwidthMbps * (100 - Math.round(utilisation * 1e8) / 1e6)) / 100;
  return exact < 1 || utilisation === 0 ? exact : Math.floor(exact + 1e-9);
}
