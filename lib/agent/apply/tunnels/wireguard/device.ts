import type { Secret } from '../../secret';
import type { TunnelLink } from '../tunnel-link';

/** A WireGuard interface with its one peer, under one key or, while keys rotate, under two. */
export interface WireguardDevice extends TunnelLink {
  readonly type: 'wireguard';
  readonly listenPort: number;
  /** Of the private key; null while there is none. */
  readonly publicKey: string | null;
  /** null: not at hand; the interface keeps the keys it has. */
  readonly privateKey: Secret | null;
  readonly peer: WireguardPeer | null;
  /**
   * The same gateway under its other key. WireGuard lets one peer hold an address range: of what is there,
   * `peer` is that one. `Host.giveTo` decides which it is, not the plan.
   */
  readonly other?: WireguardPeer;
  /** Public keys of further peers, which somebody else set: of what is there alone. */
  readonly strays?: readonly string[];
}

export interface WireguardPeer {
  readonly publicKey: string;
  /** `192.0.2.1:51820`; null: the peer is waited for. */
  readonly endpoint: string | null;
  readonly presharedKey: Secret | null;
  /** Seconds; 0: off. */
  readonly keepaliveSeconds: number;
}

/** The device in words, without its keys. */
export function deviceWords(tunnel: WireguardDevice): string {
  const { peer, other } = tunnel;
  const words = [
    `tunnel ${tunnel.tunnel} mtu ${tunnel.mtu} port ${tunnel.listenPort}`,
    `public ${tunnel.publicKey ?? 'none'}`,
    peer === null
      ? 'peer none'
      : `peer ${peer.publicKey} endpoint ${peer.endpoint ?? 'none'} keepalive ${peer.keepaliveSeconds}`,
    ...(peer ? [`preshared ${peer.presharedKey?.digest() ?? 'none'}`] : []),
    ...(other ? [`other ${other.publicKey} preshared ${other.presharedKey?.digest() ?? 'none'}`] : []),
  ];
  return words.join(' ');
}

/** Is the device as wanted, but for what every tunnel has? Keys that are not at hand are not missed. */
export function isDeviceAsWanted(there: WireguardDevice, wanted: WireguardDevice): boolean {
  const sameKeys = wanted.privateKey === null || there.publicKey === wanted.publicKey;
  return there.listenPort === wanted.listenPort && sameKeys && isPeerAsWanted(there, wanted);
}

function isPeerAsWanted(there: WireguardDevice, wanted: WireguardDevice): boolean {
  if (there.strays) return false;
  if (there.peer === null || wanted.peer === null) return there.peer === wanted.peer;
  const found = new Map(peersOf(there).map((peer) => [peer.publicKey, peer]));
  const all = peersOf(wanted);
  return (
    found.size === all.length &&
    there.peer.endpoint === wanted.peer.endpoint &&
    there.peer.keepaliveSeconds === wanted.peer.keepaliveSeconds &&
    all.every(({ publicKey, presharedKey }) => {
      const peer = found.get(publicKey);
      const asked = wanted.privateKey !== null;
      return peer && (!asked || peer.presharedKey?.digest() === presharedKey?.digest());
    })
  );
}

/** The one that packets go to first. */
export function peersOf({ peer, other }: WireguardDevice): WireguardPeer[] {
  return [...(peer ? [peer] : []), ...(other ? [other] : [])];
}
