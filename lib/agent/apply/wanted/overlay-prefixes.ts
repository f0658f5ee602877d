import { linkGroup, locatorGroup } from '../../../addressing/ipv6-layout';
import type { GatewayState } from '../../../gateway';
import { contains, formatPrefix, isIpv4Prefix, parsePrefix } from '../../../net';

/** Prefixes by family. */
export interface Prefixes {
  readonly ip: readonly string[];
  readonly ip6: readonly string[];
}

/** The region's own: what workloads send from and what is delivered here. */
export function ownPrefixes({ ipv4Block, ipv6Block, prefixes = [] }: GatewayState): Prefixes {
  return {
    ip: [ipv4Block, ...prefixes.filter(isIpv4Prefix)],
    ip6: [ipv6Block, ...prefixes.filter((prefix) => !isIpv4Prefix(prefix))],
  };
}

/** Those of all other regions, or of those named. */
export function otherPrefixes(gateway: GatewayState, regions?: readonly string[]): Prefixes {
  const routes = gateway.routes.filter(({ to }) => regions?.includes(to) ?? true);
  return {
    ip: [...new Set(routes.flatMap((route) => route.ipv4Prefixes))],
    ip6: [...new Set(routes.flatMap((route) => route.ipv6Prefixes))],
  };
}

/** Where all gateways' segments and probe addresses lie, and the addresses of all tunnels. */
export function innerNetworks({ locator }: GatewayState): {
  readonly locators: string;
  readonly links: string;
} {
  const { value } = parsePrefix(locator);
  const block = (group: number, length: number) => {
    const high = (value >> 80n) << 80n;
    return formatPrefix({ family: 6, value: high | (BigInt(group) << 64n), length });
  };
  return { locators: block(locatorGroup, 55), links: block(linkGroup, 56) };
}

/** Without those that lie in another: nft takes no set whose ranges overlap. O(n^2) for a few dozen. */
export function widest(prefixes: readonly string[]): string[] {
  const all = [...new Set(prefixes)].map((text) => ({ text, prefix: parsePrefix(text) }));
  return all
    .filter(({ prefix }) => !all.some((other) => other.prefix !== prefix && contains(other.prefix, prefix)))
    .map(({ text }) => text);
}
