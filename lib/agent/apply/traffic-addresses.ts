import type { GatewayRoute, GatewayState, PinnedPath } from '../../gateway';
import { addressAt, networkOf, parsePrefix } from '../../net';

/**
 * Addresses of probes that travel as traffic does. They are never addresses of a host: whoever holds the
 * destination forwards it, by its own veth pair, to itself.
 */
export interface TrafficAddresses {
  readonly ipv4: string;
  readonly ipv6: string;
}

/** UDP port of those who answer them. */
export const trafficPort = 8862;
/** UDP port that probes of the n-th class, the most important first, are sent from. */
export function trafficSource(rank: number): number {
  return trafficPort + 1 + rank;
}

/** Function number of a locator under which they lie; those of control probes lie under the next. */
const trafficFunction = 0xfffe;
/** IPv4 has no addresses to spare: the first /8 that was never given to anybody (RFC 1112 section 4). */
export const trafficPool = '240.0.0.0/8';
const ipv4Pool = parsePrefix(trafficPool);
/** Bits of IPv4 for a gateway's paths, and for gateways. */
const ownBits = 12n;
const gatewayBits = 0xfffn;

/** The n-th address of the probes of a gateway that has these loopback addresses; 0: it sends from it. */
function nth(gateway: TrafficAddresses, n: number): TrafficAddresses {
  // A gateway's number stands in the last bits of its loopback address.
  const [high, low] = gateway.ipv4.split('.').slice(2).map(Number);
  const number = BigInt(high * 256 + low) & gatewayBits;
  const locator = networkOf(parsePrefix(`${gateway.ipv6}/128`), 64);
  return {
    ipv4: addressAt(ipv4Pool, (number << ownBits) | BigInt(n)),
    ipv6: addressAt(locator, (BigInt(trafficFunction) << 48n) | BigInt(n)),
  };
}

/** The bits of an IPv6 address behind its /64 by which they are told, as nftables takes them. */
export const trafficBits = `0:0:0:0:${trafficFunction.toString(16)}::`;

/** What a gateway's probes are sent from. */
export function trafficSender(gateway: Pick<GatewayState, 'ipv4' | 'ipv6'>): TrafficAddresses {
  return nth(gateway, 0);
}

/** Prefixes of a gateway that others send such probes to, one a path. */
export function trafficPrefixes(gateway: Pick<GatewayState, 'ipv4' | 'ipv6'>): TrafficAddresses {
  const { ipv4, ipv6 } = nth(gateway, 0);
  return { ipv4: `${ipv4}/20`, ipv6: `${ipv6}/80` };
}

/** Worked out once for each plan: they are asked for with each change of a path. */
const ofPaths = new WeakMap<readonly PinnedPath[], ReadonlyMap<string, TrafficAddresses>>();

/** Addresses of the probes of each path, by its id: told apart by whoever sends alone. */
export function pathTraffic(gateway: Pick<GatewayState, 'paths'>): ReadonlyMap<string, TrafficAddresses> {
  const known = ofPaths.get(gateway.paths);
  if (known) return known;
  const addresses = new Map(
    gateway.paths.map((path: PinnedPath, i) => [
      path.id,
      nth({ ipv4: path.farIpv4, ipv6: path.farIpv6 }, i + 1),
    ]),
  );
  ofPaths.set(gateway.paths, addresses);
  return addresses;
}

/**
 * An address of a region that its traffic's own routes lead to: the network's address of its IPv4 block,
 * which no host has, and one of the last /64 of its IPv6 block. Empty: the block is a host's.
 */
export function regionTraffic(ipv4Block: string, ipv6Block: string): TrafficAddresses {
  const [four, six] = [parsePrefix(ipv4Block), parsePrefix(ipv6Block)];
  const size = 1n << BigInt(128 - six.length);
  const last = size > 1n << 64n ? size - (1n << 64n) : 0n;
  return {
    ipv4: four.length > 30 ? '' : addressAt(four, 0),
    ipv6: six.length > 64 ? '' : addressAt(six, last | (BigInt(trafficFunction) << 48n) | 1n),
  };
}

/** As `regionTraffic`, of where a route leads. */
export function routeTraffic({ ipv4Prefixes, ipv6Prefixes }: GatewayRoute): TrafficAddresses {
  return regionTraffic(ipv4Prefixes[0], ipv6Prefixes[0]);
}
