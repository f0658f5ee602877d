import { estimateLatencyMs, transferPriceUsdPerGb, tryMeasuredRttMs } from '../catalog';
import { publicMtu, tunnelOverhead } from '../net';
import { count, formatBandwidth } from '../units';
import { checkLinkShares } from './check-admission';
import type { LinkDescription, NetworkDescription, TunnelDescription, TunnelType } from './description';
import { checkLongId, readFigure, readWhole } from './figure-reader';
import type { Direction, Link, Origin, Region } from './network';
import { missingFigureHint } from './missing-figure-hint';
import { isPossible, readLinkFigures, type GivenFigures } from './read-link-figures';
import { tryLinkId, type RawPath, type Reporter } from './reporter';

/** A single flow outside a placement group, and so one tunnel, gets no more (EC2). */
export const singleFlowMbps = 5000;

const defaultsPath: RawPath = ['defaults', 'link'];
/** Of a circuit in IS-IS (ISO 10589). */
const defaultMetric = 10;
const defaultMtu = 1420;
/** Least MTU of a link that carries IPv6, bytes (RFC 8200 section 5). */
const leastMtu = 1280;
/** A jumbo frame of a VPC (AWS): no line carries more. */
const mostMtu = 9001;
const mostTunnelMtu = mostMtu - tunnelOverhead.wireguard.ipv4;
const defaultKeepaliveSeconds = 25;

/** What a link gets that says nothing itself. */
interface LinkDefaults {
  readonly type: TunnelType;
  readonly mtu: number;
  readonly keepaliveSeconds: number;
  readonly figures: GivenFigures;
  /** How `defaults.link` gives the latency. */
  readonly latencyKey: 'latency' | 'rtt';
}

interface Ends {
  readonly a: string;
  readonly b: string;
  readonly oneWay: boolean;
}

/** Three times a mesh of as many regions as there can be; a line of a description stands for thousands. */
const mostPairs = 100_000;

/** Checks and completes the links, meshes expanded, sorted by id. Faulty ones are reported and left out. */
export function checkLinks(
  description: NetworkDescription,
  regions: readonly Region[],
  reporter: Reporter,
): Link[] {
  const byId = new Map(regions.map((r) => [r.id, r]));
  const { tunnel: raw, link: figures = {} } = description.defaults ?? {};
  const defaults: LinkDefaults = {
    type: raw?.type ?? 'wireguard',
    mtu: readWhole(raw?.mtu, leastMtu, mostTunnelMtu, ['defaults', 'tunnel', 'mtu'], reporter) ?? defaultMtu,
    keepaliveSeconds: checkTunnel(raw, ['defaults', 'tunnel'], reporter) ?? defaultKeepaliveSeconds,
    figures: readLinkFigures(figures, undefined, undefined, defaultsPath, reporter),
    latencyKey: figures.rtt === undefined ? 'latency' : 'rtt',
  };
  const links: Link[] = [];
  const seen = new Map<string, RawPath>();
  const tunnels = new Map<string, string>();
  let pairs = 0;
  (description.links ?? []).forEach((link, index) => {
    const at: RawPath = ['links', index];
    if (link.id !== undefined) checkLongId(link.id, 'link', [...at, 'id'], reporter);
    checkGroups(link, at, reporter);
    if (pairs > mostPairs) return;
    for (const ends of expand(link, at, description, reporter)) {
      if (++pairs > mostPairs) {
        const message = `stands for more than ${mostPairs} links, together with what is above it`;
        return reporter.error('too-many-links', at, message, 'name fewer regions in each mesh');
      }
      const id = link.id ?? tryLinkId({ between: [ends.a, ends.b] })!;
      const other = seen.get(id);
      // The same pair described from the other end is the same default id's twin: both names must be free.
      const twin = link.id === undefined ? seen.get(`link-${ends.b}-${ends.a}`) : undefined;
      if (other ?? (ends.oneWay ? undefined : twin)) {
        const place = reporter.place((other ?? twin)!);
        const message = other
          ? `link '${id}' is described twice, first in ${place}`
          : `link '${id}' is described from its other end already, in ${place}`;
        reporter.error('duplicate-link', at, message, "give parallel links an 'id' each, or remove one");
        continue;
      }
      seen.set(id, at);
      const tunnel = tunnelName(id, ends);
      const sameTunnel = tunnels.get(tunnel);
      if (sameTunnel !== undefined) {
        const message = `its tunnel would be called '${tunnel}', as that of link '${sameTunnel}'`;
        reporter.error('duplicate-tunnel', [...at, 'id'], message, "give it another 'id'");
      }
      tunnels.set(tunnel, id);
      const made = checkLink(id, link, ends, at, description.regions, defaults, byId, reporter);
      const classShares = checkLinkShares(link, description, at, reporter);
      if (made) links.push({ ...made, classShares });
    }
  });
  return links.sort((x, y) => (x.id < y.id ? -1 : 1));
}

/** What addressing calls the link's first tunnel. */
function tunnelName(id: string, { a, b }: Ends): string {
  return `tunnel-${id === `link-${a}-${b}` ? `${a}-${b}` : id}`;
}

const groupShape = /^[A-Za-z0-9](?:[A-Za-z0-9._:-]{0,62}[A-Za-z0-9])?$/;

/** A shared-risk group is named as cables and ducts are: `TAT-14`, `duct:7`. */
function checkGroups(raw: LinkDescription, at: RawPath, reporter: Reporter): void {
  (raw.srlg ?? []).forEach((group, i) => {
    if (groupShape.test(group)) return;
    const next = 'use up to 64 of A-Z, a-z, 0-9 and . _ : -, beginning and ending with a letter or digit';
    reporter.error('bad-id', [...at, 'srlg', i], `'${group}' is not the name of a risk group`, next);
  });
}

/** The pairs that an entry stands for; faults in its ends are reported. */
function expand(
  raw: LinkDescription,
  at: RawPath,
  description: NetworkDescription,
  reporter: Reporter,
): Ends[] {
  const ways = [
    raw.between !== undefined,
    raw.from !== undefined || raw.to !== undefined,
    raw.mesh !== undefined,
  ];
  const oneOf = "give 'between: [a, b]' for both directions, 'from' and 'to' for one, or 'mesh'";
  if (ways.filter(Boolean).length !== 1) {
    reporter.error('link-ends', at, 'needs exactly one way to name its ends', oneOf);
    return [];
  }
  if (raw.mesh !== undefined) return expandMesh(raw, at, description, reporter);
  if (raw.between !== undefined) {
    if (raw.between.length !== 2) {
      reporter.error(
        'link-ends',
        [...at, 'between'],
        `names ${count(raw.between.length, 'region')}`,
        "name two, or use 'mesh'",
      );
      return [];
    }
    const [a, b] = raw.between;
    const fine = [
      known(a, [...at, 'between', 0], description, reporter),
      known(b, [...at, 'between', 1], description, reporter),
    ];
    return fine.includes(false) || selfLink(a, b, at, reporter) ? [] : [{ a, b, oneWay: false }];
  }
  if (raw.from === undefined || raw.to === undefined) {
    reporter.error('link-ends', at, `has '${raw.from === undefined ? 'to' : 'from'}' alone`, oneOf);
    return [];
  }
  for (const key of ['forward', 'backward'] as const) {
    if (raw[key])
      reporter.error(
        'link-ends',
        [...at, key],
        `a one-way link has no '${key}'`,
        'put its figures on the link itself',
      );
  }
  const fine = [
    known(raw.from, [...at, 'from'], description, reporter),
    known(raw.to, [...at, 'to'], description, reporter),
  ];
  return fine.includes(false) || selfLink(raw.from, raw.to, at, reporter)
    ? []
    : [{ a: raw.from, b: raw.to, oneWay: true }];
}

function expandMesh(
  raw: LinkDescription,
  at: RawPath,
  description: NetworkDescription,
  reporter: Reporter,
): Ends[] {
  if (raw.id !== undefined) {
    reporter.error(
      'mesh-id',
      [...at, 'id'],
      'a mesh makes many links, and they cannot share an id',
      "remove 'id'",
    );
    return [];
  }
  if (raw.was !== undefined) {
    const next = "give the renamed link an entry of its own, with 'between' and 'was'";
    reporter.error('mesh-id', [...at, 'was'], 'a mesh makes many links, and they were not all one', next);
    return [];
  }
  const named = raw.mesh === 'all' ? Object.keys(description.regions) : (raw.mesh ?? []);
  const fine = named.map((id, i) => known(id, [...at, 'mesh', i], description, reporter));
  const ids = [...new Set(named)].sort();
  if (ids.length !== named.length)
    reporter.error('mesh-regions', [...at, 'mesh'], 'names a region twice', 'name each once');
  if (ids.length < 2)
    reporter.error('mesh-regions', [...at, 'mesh'], 'has fewer than two regions', 'name two or more');
  if (fine.includes(false)) return [];
  return ids.flatMap((a, i) => ids.slice(i + 1).map((b) => ({ a, b, oneWay: false })));
}

/** Reports a region that the description does not have. */
export function known(
  id: string,
  path: RawPath,
  description: NetworkDescription,
  reporter: Reporter,
): boolean {
  if (Object.hasOwn(description.regions, id)) return true;
  const ids = Object.keys(description.regions);
  const near = reporter.nearest(id, ids);
  const first = near === undefined ? ids.sort().slice(0, 12).join(', ') : '';
  const next = near ? `did you mean '${near}'?` : `regions are: ${first}${ids.length > 12 ? ', …' : ''}`;
  reporter.error('unknown-region', path, `unknown region '${id}'`, next);
  return false;
}

function selfLink(a: string, b: string, at: RawPath, reporter: Reporter): boolean {
  if (a === b) reporter.error('self-link', at, `joins '${a}' to itself`, 'name two different regions');
  return a === b;
}

function checkTunnel(
  raw: TunnelDescription | undefined,
  path: RawPath,
  reporter: Reporter,
): number | undefined {
  if (raw?.type !== undefined && raw.type !== 'wireguard') {
    const message = `${raw.type} tunnels are not planned by this version`;
    reporter.error('tunnel-not-supported', [...path, 'type'], message, "use 'wireguard'");
  }
  return readFigure(raw?.keepalive, 'duration', [...path, 'keepalive'], reporter, { min: 1, max: 65535 });
}

/**
 * Reports an MTU that does not fit what lies under the tunnel: 1500 bytes between public addresses, jumbo
 * frames on the private lines of a site. A default is reported at its place, once for each bound.
 */
function checkMtu(
  mtu: number,
  type: TunnelType,
  ends: readonly Region[],
  path: RawPath,
  reporter: Reporter,
): void {
  const family = ends.some((r) => r.endpoint?.includes(':')) ? 'ipv6' : 'ipv4';
  const own = ends.some((r) => r.endpointPrivate);
  const outside = own ? mostMtu : publicMtu;
  const overhead = tunnelOverhead[type][family];
  const most = outside - overhead;
  if (!(mtu > most)) {
    readWhole(mtu, leastMtu, most, path, reporter);
    return;
  }
  const under = own ? 'on private lines' : 'between public addresses';
  const ip = family === 'ipv4' ? 'IPv4' : 'IPv6';
  const message = `${mtu} bytes in a ${type} tunnel over ${ip} are ${mtu + overhead} outside; ${under} ${outside} pass`;
  const next = `give ${most} or less: ${outside} less ${overhead} of the tunnel`;
  reporter.error('mtu-above-underlay', path, message, next);
}

function checkLink(
  id: string,
  raw: LinkDescription,
  ends: Ends,
  at: RawPath,
  described: NetworkDescription['regions'],
  defaults: LinkDefaults,
  byId: ReadonlyMap<string, Region>,
  reporter: Reporter,
): Omit<Link, 'classShares'> | undefined {
  const before = reporter.diagnostics.length;
  const keepalive = checkTunnel(raw.tunnel, [...at, 'tunnel'], reporter);
  if (raw.transport !== undefined && raw.transport !== 'overlay') {
    const message = `transport '${raw.transport}' is not planned by this version`;
    reporter.error('transport-not-supported', [...at, 'transport'], message, "use 'overlay'");
  }
  const a = byId.get(ends.a);
  const b = byId.get(ends.b);
  const type = raw.tunnel?.type ?? defaults.type;
  const mtu = raw.tunnel?.mtu ?? defaults.mtu;
  const mtuAt = raw.tunnel?.mtu === undefined ? ['defaults', 'tunnel', 'mtu'] : [...at, 'tunnel', 'mtu'];
  if (a && b) checkMtu(mtu, type, [a, b], mtuAt, reporter);
  const both = readLinkFigures(raw, a, b, at, reporter, raw.medium);
  const own = (side: 'forward' | 'backward', from?: Region, to?: Region): GivenFigures =>
    raw[side]
      ? { ...both, ...readLinkFigures(raw[side], from, to, [...at, side], reporter, raw.medium) }
      : both;
  const there = own('forward', a, b);
  const back = own('backward', b, a);
  // A faulty region is reported already; its links cannot be completed, nor can those with a faulty figure.
  if (!a || !b || reporter.diagnostics.slice(before).some((d) => d.severity === 'error')) return undefined;
  const directions = ends.oneWay
    ? [{ given: there, from: a, to: b }]
    : [
        { given: there, from: a, to: b },
        { given: back, from: b, to: a },
      ];
  const completed = completeDirections(directions, raw, at, described, defaults, reporter);
  if (!completed) return undefined;
  return {
    id,
    a: ends.a,
    b: ends.b,
    directions: completed,
    srlgs: [...new Set(raw.srlg ?? [])].sort(),
    tunnelType: type,
    transport: raw.transport ?? 'overlay',
    mtu,
    keepaliveSeconds: keepalive ?? defaults.keepaliveSeconds,
    drained: raw.drained ?? false,
    standby: raw.standby ?? false,
  };
}

interface GivenDirection {
  readonly given: GivenFigures;
  readonly from: Region;
  readonly to: Region;
}

/**
 * The directions of a link with the figures of `defaults.link`, and then of the catalog, where none are
 * given. What nobody knows is reported once for both directions, with a line that gives it.
 */
function completeDirections(
  directions: readonly GivenDirection[],
  raw: LinkDescription,
  at: RawPath,
  regions: NetworkDescription['regions'],
  defaults: LinkDefaults,
  reporter: Reporter,
): Direction[] | undefined {
  const known = directions.map(({ given, from, to }) => {
    const { bandwidthMbps = defaultBandwidthMbps(from, to), latencyMs } = { ...defaults.figures, ...given };
    const latency = latencyMs ?? (raw.medium === 'radio' ? null : catalogLatency(from, to)[0]);
    return { bandwidth: bandwidthMbps !== null, latency: latency !== null };
  });
  const lacks = (['bandwidth', 'latency'] as const).filter((key) => known.some((k) => !k[key]));
  const [x, y] = [directions[0].from, directions[0].to];
  for (const key of lacks) {
    const [a, b] = [x.id, y.id].sort();
    const where = key === 'bandwidth' ? ', both outside AWS' : raw.medium === 'radio' ? ' by radio' : '';
    const message = `nobody knows the ${key} between ${a} and ${b}${where}`;
    reporter.error(`${key}-unknown`, at, message, missingFigureHint(key, raw, [x, y], lacks, regions));
  }
  if (lacks.length > 0) return undefined;
  const { latencyKey, figures } = defaults;
  if (figures.latencyMs !== undefined && directions.some((d) => d.given.latencyMs === undefined)) {
    if (!isPossible(figures.latencyMs, latencyKey, x, y, defaultsPath, reporter, raw.medium))
      return undefined;
  }
  return directions.map((d) => completeDirection(d, at, defaults, reporter));
}

/** A direction of which no figure is unknown. */
function completeDirection(
  { given: own, from, to }: GivenDirection,
  at: RawPath,
  defaults: LinkDefaults,
  reporter: Reporter,
): Direction {
  const given: GivenFigures = { ...defaults.figures, ...own };
  const capacity = defaultBandwidthMbps(from, to);
  const bandwidthMbps = given.bandwidthMbps ?? capacity!;
  const [latencyMs, latencyOrigin] =
    given.latencyMs !== undefined ? [given.latencyMs, 'given' as Origin] : catalogLatency(from, to);
  if (given.bandwidthMbps !== undefined && capacity !== null && bandwidthMbps > capacity) {
    warnAboveCapacity(bandwidthMbps, capacity, own.bandwidthMbps === undefined ? defaultsPath : at, reporter);
  }
  const list = from.place !== null && to.place !== null ? transferPriceUsdPerGb(from.place, to.place) : null;
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
  const rtt = from.place !== null && to.place !== null ? tryMeasuredRttMs(from.place, to.place) : undefined;
  if (rtt !== undefined) return [rtt / 2, 'measured'];
  if (from.lat === null || from.lon === null || to.lat === null || to.lon === null) return [null, 'unknown'];
  return [estimateLatencyMs({ lat: from.lat, lon: from.lon }, { lat: to.lat, lon: to.lon }), 'estimated'];
}

/** What both gateways sustain and one tunnel carries; null where neither end is in the catalog. */
function defaultBandwidthMbps(from: Region, to: Region): number | null {
  const ends = [from, to].filter((r) => r.gatewayMbps !== null);
  if (ends.length === 0) return null;
  const planes = Math.max(from.gatewayCount, to.gatewayCount);
  return Math.min(singleFlowMbps * planes, ...ends.map((r) => r.gatewayMbps! * r.gatewayCount));
}

function warnAboveCapacity(bandwidth: number, capacity: number, at: RawPath, reporter: Reporter): void {
  const message = `${formatBandwidth(bandwidth)} is more than its gateways and tunnels sustain, ${formatBandwidth(capacity)}`;
  const next = 'use a larger instance type or two gateways; one tunnel is one flow of at most 5 Gbps';
  reporter.warn('bandwidth-above-gateway', [...at, 'bandwidth'], message, next);
}

/**
 * floor(bandwidth x (1 - utilisation)) in whole Mbps, without the error of binary fractions; exact below 1
 * Mbps.
 */
function available(bandwidthMbps: number, utilisation: number): number {
  const exact = (bandwidthMbps * (100 - Math.round(utilisation * 1e8) / 1e6)) / 100;
  return exact < 1 || utilisation === 0 ? exact : Math.floor(exact + 1e-9);
}
