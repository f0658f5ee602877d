import { createHash } from 'node:crypto';
import { localSegment, probeAddress } from '../addressing';
import type { PlanDocument, PlannedGateway, PlannedPath } from '../plan';
import {
  farGateway,
  far,
  near,
  pathPinner,
  pinnedPath,
  segmentsOf,
  turned,
  type Hop,
  type PathProbe,
  type PathVariant,
  type PinnedPath,
} from './pin-path';

/** How an answer travels back over a path that ends here. */
export interface ReturnPath {
  /** Id of the path that is probed, in its variant. */
  readonly path: string;
  /** Gateway that probes. */
  readonly gateway: string;
  /** Addresses of the answer: `source` is this gateway's. */
  readonly probe: PathProbe;
  readonly tunnel: string;
  readonly interfaceName: string;
  readonly nextHopIpv6: string;
  readonly latencyMs: number;
}

/** A variant of a path, with the way back. */
interface ProbedPath {
  readonly path: PlannedPath;
  readonly variant: PathVariant;
  readonly source: PlannedGateway;
  readonly end: PlannedGateway;
  /** null on one hop, which its tunnel's probes answer for, and where no answer could return. */
  readonly back: readonly Hop[] | null;
}

/**
 * The paths that start at a gateway, and the ways back of those that end there; both sorted. Answers return
 * over the same links, turned round, so that a failure elsewhere never looks like one of this path. Where a
 * link is one-way they return over the far region's own primary path.
 *
 * @throws RangeError if two paths of one gateway would share a probe address (48 bits of SHA-256).
 */
export function gatewayPaths(
  plan: PlanDocument,
  gateway: PlannedGateway,
): { readonly paths: readonly PinnedPath[]; readonly returns: readonly ReturnPath[] } {
  const probed = probedPaths(plan);
  const latencyOf = latencies(plan);
  const mirrorOf = mirrors(probed.filter(({ source, end }) => [source.id, end.id].includes(gateway.id)));
  const paths = probed
    .filter(({ source }) => source.id === gateway.id)
    .map((p) => {
      const probe = p.back && probeOf(p, p.variant.hops);
      return pinnedPath(p.path, p.variant, p.end, probe, p.back && latencyOf(p.back), mirrorOf(p));
    });
  const returns = probed.flatMap((p): ReturnPath[] => {
    const { path, variant, source, end, back } = p;
    if (end.id !== gateway.id || back === null) return [];
    const { source: destination, destination: own } = probeOf(p, back);
    return [
      {
        path: variant.id,
        gateway: source.id,
        probe: { source: own, destination, segments: segmentsOf(back, localSegment(source.locator)) },
        tunnel: back[0].tunnel.id,
        interfaceName: near(back[0]).interfaceName,
        nextHopIpv6: far(back[0]).ipv6,
        latencyMs: path.latencyMs,
      },
    ];
  });
  const taken = new Set([...paths, ...returns].flatMap((p) => (p.probe ? [p.probe.source] : [])));
  const wanted = paths.filter((p) => p.probe).length + returns.length;
  if (taken.size < wanted) throw new RangeError(`two paths of '${gateway.id}' share a probe address`);
  return { paths, returns };
}

function probedPaths(plan: PlanDocument): ProbedPath[] {
  const pinner = pathPinner(plan);
  const gateways = new Map(plan.gateways.map((gateway) => [gateway.id, gateway]));
  const twoWay = new Set(plan.links.filter((link) => link.directions.length === 2).map((link) => link.id));
  const homeward = new Map<string, string>();
  for (const { from, to, primary } of plan.routes) {
    if (primary !== null && !homeward.has(`${from} ${to}`)) homeward.set(`${from} ${to}`, primary);
  }
  const wayBack = (path: PlannedPath, hops: readonly Hop[], source: string, end: string) => {
    if (hops.length === 1) return null;
    if (path.links.every((link) => twoWay.has(link))) {
      return turned(hops);
    }
    const primary = homeward.get(`${path.to} ${path.from}`);
    const ways = primary === undefined ? [] : pinner.variants(primary, end);
    return ways.find((way) => farGateway(way.hops) === source)?.hops ?? null;
  };
  return plan.paths.flatMap((path) =>
    plan.gateways
      .filter((gateway) => gateway.region === path.from)
      .flatMap((source) =>
        pinner.variants(path.id, source.id).map((variant): ProbedPath => {
          const end = gateways.get(farGateway(variant.hops))!;
          return { path, variant, source, end, back: wayBack(path, variant.hops, source.id, end.id) };
        }),
      ),
  );
}

/**
 * Where the far gateway's probes over the same tunnels come from. Of a way that both probe, answers to either
 * travel where the other's probes do: where an answer returns another way, there is no mirror.
 */
function mirrors(probed: readonly ProbedPath[]): (path: ProbedPath) => string | null {
  const keyOf = (hops: readonly Hop[]) => hops.map(({ tunnel, near: side }) => `${tunnel.id} ${side}`).join();
  const byHops = new Map<string, ProbedPath>();
  for (const path of probed) {
    const { back, variant } = path;
    const key = keyOf(variant.hops);
    if (back && keyOf(back) === keyOf(turned(variant.hops)) && !byHops.has(key)) byHops.set(key, path);
  }
  return (path) => {
    if (byHops.get(keyOf(path.variant.hops)) !== path) return null;
    const mirror = byHops.get(keyOf(turned(path.variant.hops)));
    return mirror ? probeOf(mirror, mirror.variant.hops).source : null;
  };
}

/** One way along hops, ms. */
function latencies(plan: PlanDocument): (hops: readonly Hop[]) => number {
  const regions = new Map(plan.gateways.map((gateway) => [gateway.id, gateway.region]));
  const directions = new Map(plan.links.map((link) => [link.id, link.directions]));
  const ofHop = (hop: Hop) =>
    directions.get(hop.tunnel.link)!.find((d) => d.from === regions.get(near(hop).gateway))!.latencyMs;
  return (hops) => hops.reduce((sum, hop) => sum + ofHop(hop), 0);
}

/** Addresses of a path's probes: one at each end, the same 48 bits under both locators. */
function probeOf({ source, end, variant }: ProbedPath, hops: readonly Hop[]): PathProbe {
  const hash = createHash('sha256').update(`${source.id} ${variant.id}`).digest().readUIntBE(0, 6);
  return {
    source: probeAddress(source.locator, hash),
    destination: probeAddress(end.locator, hash),
    segments: segmentsOf(hops, localSegment(end.locator)),
  };
}
