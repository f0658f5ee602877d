import { flowId } from '../impairment';
import type { LabLayout } from '../layout';

/** One direction of a tunnel through the relay. */
export interface RelayFlow {
  /** See `flowId`. */
  readonly id: string;
  /** The flow of the other direction: packets leave by its socket, so that each end sees one peer address. */
  readonly reverse: string;
  /** Where packets arrive. */
  readonly address: string;
  readonly port: number;
  /** Who sends them: the only one that is listened to. */
  readonly fromAddress: string;
  readonly fromPort: number;
  readonly latencyMs: number;
}

/**
 * What the relay of a lab forwards. For gateway A, peer B has an address of its own in the underlay, which
 * stands for the ordered pair: A sends there, and what B sends A comes from there. So tunnels see one
 * symmetric peer and WireGuard never roams (it follows the source of the last authentic packet).
 */
export function relayFlows({ gateways, tunnels }: Pick<LabLayout, 'gateways' | 'tunnels'>): RelayFlow[] {
  const address = new Map(gateways.map((g) => [g.id, g.address]));
  return tunnels.flatMap((tunnel) =>
    ([0, 1] as const).map((side) => {
      const [near, far] = [tunnel.ends[side], tunnel.ends[1 - side]];
      return {
        id: flowId(tunnel, side),
        reverse: flowId(tunnel, side === 0 ? 1 : 0),
        address: near.peerAddress,
        port: far.listenPort,
        fromAddress: address.get(near.gateway)!,
        fromPort: near.listenPort,
        latencyMs: near.latencyMs,
      };
    }),
  );
}
