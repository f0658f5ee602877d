import type { GatewayState } from '../../gateway';
import { otherPrefixes, widest } from './wanted/overlay-prefixes';

/** What may come by one tunnel: addresses alone, as filters take them. */
export interface Arrival {
  /** Id of the tunnel. */
  readonly tunnel: string;
  /** Networks of the regions that may be heard, of either family. */
  readonly prefixes: readonly string[];
  readonly segments: readonly Passage[];
}

/** A segment here, and the addresses of gateways that may send to it. */
export interface Passage {
  readonly segment: string;
  readonly sources: readonly string[];
}

/** What a gateway's plan lets in by its tunnels. */
export function arrivalsOf(gateway: GatewayState): Arrival[] {
  return gateway.edge.arrivals.map(({ tunnel, regions, segments }) => {
    const { ip, ip6 } = otherPrefixes(gateway, regions);
    return { tunnel, prefixes: [...ip, ...ip6], segments };
  });
}

/**
 * What the first let in and the second does not. A tunnel that is gone lets in nothing, and neither does a
 * segment of another gateway.
 */
export function arrivalsBeside(first: readonly Arrival[], second: readonly Arrival[]): Arrival[] {
  return first.flatMap(({ tunnel, prefixes, segments }) => {
    const now = second.find((arrival) => arrival.tunnel === tunnel);
    if (!now) return [];
    const known = new Set(now.prefixes);
    const beside = {
      tunnel,
      prefixes: widest(prefixes.filter((prefix) => !known.has(prefix))),
      segments: segments.flatMap(({ segment, sources }) => {
        const of = new Set(now.segments.find((passage) => passage.segment === segment)?.sources);
        const left = sources.filter((source) => !of.has(source));
        return left.length === 0 ? [] : [{ segment, sources: left }];
      }),
    };
    return beside.prefixes.length + beside.segments.length === 0 ? [] : [beside];
  });
}

/** Both together. */
export function joinArrivals(a: readonly Arrival[], b: readonly Arrival[]): Arrival[] {
  const joined = new Map(a.map((arrival) => [arrival.tunnel, arrival]));
  for (const { tunnel, prefixes, segments } of b) {
    const before = joined.get(tunnel) ?? { prefixes: [], segments: [] };
    joined.set(tunnel, {
      tunnel,
      prefixes: [...new Set([...before.prefixes, ...prefixes])],
      segments: [...before.segments, ...segments],
    });
  }
  return [...joined.values()];
}
