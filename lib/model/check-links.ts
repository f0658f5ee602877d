import { leastMtu, publicMtu, tunnelKind, tunnelTypes, type TunnelType } from '../tunnels';
import { checkLinkShares } from './check-admission';
import { completeDirections, defaultsPath, type LinkDefaults, type LinkEntry } from './complete-directions';
import type { LinkDescription, NetworkDescription, TunnelDescription } from './description';
import { checkLongId, readFigure, readWhole } from './figure-reader';
import { expandLink, type Ends } from './link-ends';
import type { Link, Region } from './network';
import { readLinkFigures, type GivenFigures } from './read-link-figures';
import { tryLinkId, type RawPath, type Reporter } from './reporter';

/** A jumbo frame of a VPC (AWS): no line carries more. */
const mostMtu = 9001;

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
  const type = raw?.type ?? tunnelTypes[0];
  const { overhead, defaultMtu, defaultKeepaliveSeconds } = tunnelKind(type);
  const mostInside = mostMtu - overhead.ipv4;
  const defaults: LinkDefaults = {
    type,
    mtu: readWhole(raw?.mtu, leastMtu, mostInside, ['defaults', 'tunnel', 'mtu'], reporter) ?? defaultMtu,
    keepaliveSeconds: readKeepalive(raw, ['defaults', 'tunnel'], reporter) ?? defaultKeepaliveSeconds,
    figures: readLinkFigures(figures, {}, defaultsPath, reporter),
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
    const entry: LinkEntry = { raw: link, at, regions: description.regions, defaults, reporter };
    for (const ends of expandLink(link, at, description, reporter)) {
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
      const made = checkLink(id, ends, byId, entry);
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

function readKeepalive(
  raw: TunnelDescription | undefined,
  path: RawPath,
  reporter: Reporter,
): number | undefined {
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
  const overhead = tunnelKind(type).overhead[family];
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
  ends: Ends,
  byId: ReadonlyMap<string, Region>,
  entry: LinkEntry,
): Omit<Link, 'classShares'> | undefined {
  const { raw, at, defaults, reporter } = entry;
  const before = reporter.diagnostics.length;
  const keepalive = readKeepalive(raw.tunnel, [...at, 'tunnel'], reporter);
  const a = byId.get(ends.a);
  const b = byId.get(ends.b);
  const type = raw.tunnel?.type ?? defaults.type;
  const mtu = raw.tunnel?.mtu ?? defaults.mtu;
  const mtuAt = raw.tunnel?.mtu === undefined ? ['defaults', 'tunnel', 'mtu'] : [...at, 'tunnel', 'mtu'];
  if (a && b) checkMtu(mtu, type, [a, b], mtuAt, reporter);
  const both = readLinkFigures(raw, { from: a, to: b, medium: raw.medium }, at, reporter);
  const own = (side: 'forward' | 'backward', from?: Region, to?: Region): GivenFigures =>
    raw[side]
      ? { ...both, ...readLinkFigures(raw[side], { from, to, medium: raw.medium }, [...at, side], reporter) }
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
  const completed = completeDirections(directions, entry);
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
