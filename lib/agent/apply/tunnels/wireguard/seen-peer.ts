/** A WireGuard peer as the kernel sees it now. */
export interface SeenPeer {
  readonly publicKey: string;
  /** Source of its last authentic packet, or what was set since; null: neither. */
  readonly endpoint: string | null;
  /** Of the last handshake, seconds since 1970; 0: none yet. */
  readonly handshakeSeconds: number;
  /** Bytes of authentic packets. */
  readonly receivedBytes: number;
  /** Packets go to this one. */
  readonly holds: boolean;
}

/** Which of the peers of an interface is to hold it. */
export interface TunnelOrder {
  readonly device: string;
  readonly publicKey: string;
  /** Public keys of its other peers. */
  readonly others: readonly string[];
  readonly keepaliveSeconds: number;
  /** To be set; null: the peer has one. */
  readonly endpoint: string | null;
}
