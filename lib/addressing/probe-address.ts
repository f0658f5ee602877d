import { addressAt, parsePrefix } from '../net';

/** Function number of the segment that delivers to the gateway itself: the behaviour's own code, End.DT6. */
const localFunction = 18;
/** Function number under which probe addresses lie; segments never reach it. */
const probeFunction = 0xffff;

/**
 * The segment of a gateway that delivers an inner packet to the gateway itself: End.DT6 with the local table
 * (RFC 8986 section 4.6). End.DX6 cannot on Linux: it discards what is for the host (seg6_local.c,
 * seg6_lookup_any_nexthop).
 *
 * @param locator a /64.
 */
export function localSegment(locator: string): string {
  return addressAt(parsePrefix(locator), BigInt(localFunction) << 48n);
}

/** An address of a gateway for the probes of one path. @param id 48 bits, of the path. */
export function probeAddress(locator: string, id: number): string {
  return addressAt(parsePrefix(locator), (BigInt(probeFunction) << 48n) | BigInt(id));
}
