import type { TunnelEndAddresses } from '../addressing';
import type { TunnelType } from '../model';

/** One end of a tunnel, on one gateway. */
export interface TunnelEnd extends TunnelEndAddresses {
  /** Gateway id, `<region>/<number>`. */
  readonly gateway: string;
}

/**
 * A tunnel between two gateways. A link has one, `tunnel-<a>-<b>` for `link-<a>-<b>`; where a region has
 * two gateways it has two, the second with `.2` behind. Ends are in the link's order.
 */
export interface Tunnel {
  readonly id: string;
  /** The id under which its rules and preshared key were made; its id unless it was renamed. */
  readonly identity: string;
  readonly link: string;
  /** 1 or 2: which plane of gateways it belongs to. */
  readonly plane: number;
  readonly type: TunnelType;
  /** Bytes inside. */
  readonly mtu: number;
  readonly keepaliveSeconds: number;
  readonly ends: readonly [TunnelEnd, TunnelEnd];
  /** Does the key file hold a preshared key for it? The key itself never stands here. */
  readonly presharedKey: boolean;
}
