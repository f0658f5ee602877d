/** Bytes that pass between public addresses: jumbo frames stay within a VPC, a peering or private lines. */
export const publicMtu = 1500;
/** Least MTU of a link that carries IPv6, bytes (RFC 8200 section 5). */
export const leastMtu = 1280;

const ipv6Header = 40;
const segmentRoutingHeader = 8;
const segmentBytes = 16;

/**
 * Bytes that segment routing adds to a packet on a path of `hops` links. One hop carries no segments. A
 * path of n > 1 hops carries n of them, n - 1 adjacencies and the decapsulation; `encap.red` (RFC 8986
 * section 5.2) keeps the first in the outer destination address alone, so that the header (RFC 8754 section
 * 2) lists n - 1.
 */
export function segmentOverhead(hops: number): number {
  return hops <= 1 ? 0 : ipv6Header + segmentRoutingHeader + segmentBytes * (hops - 1);
}

/**
 * The largest inner packet of a path, bytes: the least tunnel MTU on it less the segments' overhead. May
 * lie below `leastMtu`: then the path is too long for its tunnels, see `mostHops`.
 *
 * @throws RangeError for a path without tunnels.
 */
export function pathMtu(tunnelMtus: readonly number[], hops = tunnelMtus.length): number {
  if (tunnelMtus.length === 0) throw new RangeError('a path has at least one tunnel');
  return Math.min(...tunnelMtus) - segmentOverhead(hops);
}

/**
 * The most hops of a path over tunnels of this MTU that still carries `leastMtu`; 0 if not even one tunnel
 * does.
 */
export function mostHops(tunnelMtu: number): number {
  if (tunnelMtu < leastMtu) return 0;
  const room = tunnelMtu - leastMtu - ipv6Header - segmentRoutingHeader;
  return Math.max(1, 1 + Math.floor(room / segmentBytes));
}
