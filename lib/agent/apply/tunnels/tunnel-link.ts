import type { TunnelType } from '../../../tunnels';

/** What the agent knows of a tunnel's interface, whatever the type of the tunnel. */
export interface TunnelLink {
  readonly type: TunnelType;
  /** Name of the interface. */
  readonly name: string;
  /** Id of the tunnel. */
  readonly tunnel: string;
  /** Bytes of a packet inside. */
  readonly mtu: number;
  readonly up: boolean;
  /** UDP port; null: none. Two interfaces never have the same. */
  readonly listenPort: number | null;
}

/** An interface of ours as ip(8) lists it; its alias says which tunnel it is. */
export interface ListedTunnel {
  readonly name: string;
  readonly mtu: number;
  readonly up: boolean;
  /** Words of its alias behind `aliasWord`: the tunnel's id, then what the driver has written there. */
  readonly words: readonly string[];
}
