import type { GatewayState } from '../../gateway';

/** The least that IPv4 and IPv6 hosts can be told (RFC 791, RFC 8200 section 5). */
const leastMtu = { 4: 576, 6: 1280 } as const;

const lowered = new WeakMap<GatewayState, Map<string, GatewayState>>();

/** MTU of a path's packets for one family: what arrives, as far as that family can be told. */
export function mtuFor(mtu: number, family: 4 | 6): number {
  return Math.max(leastMtu[family], mtu);
}

/**
 * The gateway with paths that carry less than planned. Equal arguments give the same object, so that what is
 * worked out for it is worked out once.
 */
export function lowerMtus(
  gateway: GatewayState,
  mtus: ReadonlyMap<string, number> | undefined,
): GatewayState {
  if (mtus === undefined || mtus.size === 0) return gateway;
  const name = JSON.stringify([...mtus].sort());
  const known = lowered.get(gateway) ?? new Map<string, GatewayState>();
  lowered.set(gateway, known);
  const paths = gateway.paths.map((path) => ({
    ...path,
    mtu: Math.min(path.mtu, mtus.get(path.id) ?? Infinity),
  }));
  const found = known.get(name) ?? { ...gateway, paths };
  known.clear();
  known.set(name, found);
  return found;
}
