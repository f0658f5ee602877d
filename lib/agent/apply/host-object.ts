import type { Secret } from './secret';

/** What the kernel is told, in the order in which it is made; it is removed in the opposite order. */
export const kinds = [
  'sysctl',
  'device',
  'tunnel',
  'deviceSysctl',
  'address',
  'qdisc',
  'class',
  'leaf',
  'segment',
  'nexthop',
  'group',
  'route',
  'rule4',
  'rule6',
  'marking',
] as const;
export type Kind = (typeof kinds)[number];

/**
 * One thing in the kernel, in the words of the tool that makes it (ip, tc), always in the same order: two
 * with the same key are the same thing, with the same value they are equal.
 */
export interface HostObject {
  readonly kind: Kind;
  /** What it is called: `10.1.0.0/16 table 18000 metric 177`. */
  readonly key: string;
  /** What it says: `nhid 268435460 mtu 1356`. */
  readonly value: string;
  /** Words that are said when it is made and cannot be read back exactly, so that they are not compared. */
  readonly also?: string;
  /** Of a tunnel. */
  readonly tunnel?: TunnelDevice;
  /** Of a marking: the script for nft(8). */
  readonly script?: string;
}

/** A WireGuard interface with its one peer, under one key or, while keys rotate, under two. */
export interface TunnelDevice {
  readonly name: string;
  readonly tunnel: string;
  readonly mtu: number;
  readonly up: boolean;
  readonly listenPort: number;
  /** Of the private key; null while there is none. */
  readonly publicKey: string | null;
  /** null: not at hand; the interface keeps the keys it has. */
  readonly privateKey: Secret | null;
  readonly peer: TunnelDevicePeer | null;
  /**
   * The same gateway under its other key. WireGuard lets one peer hold an address range: of what is there,
   * `peer` is that one. `Host.giveTo` decides which it is, not the plan.
   */
  readonly other?: TunnelDevicePeer;
  /** Public keys of further peers, which somebody else set: of what is there alone. */
  readonly strays?: readonly string[];
}

export interface TunnelDevicePeer {
  readonly publicKey: string;
  /** `192.0.2.1:51820`; null: the peer is waited for. */
  readonly endpoint: string | null;
  readonly presharedKey: Secret | null;
  /** Seconds; 0: off. */
  readonly keepaliveSeconds: number;
}

/** Kind and key: what it is known by among all. */
export function identity(object: Pick<HostObject, 'kind' | 'key'>): string {
  return `${object.kind} ${object.key}`;
}

/** Does what is there say what is wanted? Keys that are not at hand are not missed. */
export function isAsWanted(there: HostObject, wanted: HostObject): boolean {
  if (!there.tunnel || !wanted.tunnel) return there.value === wanted.value;
  const [a, b] = [there.tunnel, wanted.tunnel];
  const same = a.tunnel === b.tunnel && a.mtu === b.mtu && a.up === b.up && a.listenPort === b.listenPort;
  return same && (b.privateKey === null || a.publicKey === b.publicKey) && isPeerAsWanted(a, b);
}

function isPeerAsWanted(there: TunnelDevice, wanted: TunnelDevice): boolean {
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
export function peersOf({ peer, other }: TunnelDevice): TunnelDevicePeer[] {
  return [...(peer ? [peer] : []), ...(other ? [other] : [])];
}
