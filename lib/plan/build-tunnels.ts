import { tunnelEnds, type Allocation } from '../addressing';
import type { Network } from '../model';
import type { Tunnel } from './tunnel';

/**
 * The tunnels of a network, sorted by id: what `tunnelEnds` lists, with the link's parameters and the
 * addresses that were allocated. Whether the link's tunnel type can be built is the model's question, not
 * asked here.
 *
 * @param presharedKeyIds identities of the tunnels for which the key file holds a preshared key.
 * @throws RangeError if a tunnel was given no addresses.
 */
export function buildTunnels(
  network: Pick<Network, 'regions' | 'links'>,
  allocation: Pick<Allocation, 'tunnels'>,
  presharedKeyIds: ReadonlySet<string>,
): Tunnel[] {
  const links = new Map(network.links.map((link) => [link.id, link]));
  return tunnelEnds(network)
    .map(({ id, link, plane, ends }): Tunnel => {
      const allocated = allocation.tunnels.get(id);
      if (!allocated) throw new RangeError(`tunnel '${id}' has no addresses`);
      const { tunnelType, mtu, keepaliveSeconds } = links.get(link)!;
      return {
        id,
        identity: allocated.identity,
        link,
        plane,
        type: tunnelType,
        mtu,
        keepaliveSeconds,
        ends: [
          { gateway: ends[0], ...allocated.ends[0] },
          { gateway: ends[1], ...allocated.ends[1] },
        ],
        presharedKey: presharedKeyIds.has(allocated.identity),
      };
    })
    .sort((a, b) => (a.id < b.id ? -1 : 1));
}
