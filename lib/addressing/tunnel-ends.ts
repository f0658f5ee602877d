import type { Network } from '../model';
import type { TunnelType } from '../tunnels';

/** A tunnel that a link needs, before it has addresses. */
export interface TunnelEnds {
  /**
   * `tunnel-<a>-<b>` for `link-<a>-<b>`, else `tunnel-<link id>`; the second plane with `.2` behind (no id
   * of ours holds a dot).
   */
  readonly id: string;
  readonly link: string;
  readonly type: TunnelType;
  /** 1 or 2. */
  readonly plane: number;
  /** Gateway ids in the link's order. */
  readonly ends: readonly [string, string];
}

/**
 * The tunnels of a network, in link order: one for each link, two where an end has two gateways.
 * Plane k joins gateway ((k - 1) mod count) + 1 of each end. Drained links keep theirs: they carry nothing,
 * and their addresses stay.
 */
export function tunnelEnds(network: Pick<Network, 'regions' | 'links'>): TunnelEnds[] {
  const gateways = new Map(network.regions.map((r) => [r.id, r.gatewayCount]));
  return network.links.flatMap((link) => {
    const [a, b] = [gateways.get(link.a)!, gateways.get(link.b)!];
    const base = `tunnel-${link.id === `link-${link.a}-${link.b}` ? link.id.slice('link-'.length) : link.id}`;
    return Array.from({ length: Math.max(a, b) }, (_, k) => ({
      id: k === 0 ? base : `${base}.${k + 1}`,
      link: link.id,
      type: link.tunnelType,
      plane: k + 1,
      ends: [`${link.a}/${(k % a) + 1}`, `${link.b}/${(k % b) + 1}`] as const,
    }));
  });
}

/** The first plane's id of a tunnel: without `.2`. */
export function tunnelBase(id: string): string {
  return id.split('.')[0];
}

/** The region of a gateway id. */
export function regionOf(gateway: string): string {
  return gateway.slice(0, gateway.lastIndexOf('/'));
}
