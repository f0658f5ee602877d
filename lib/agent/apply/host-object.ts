import { isTunnelAsWanted, type TunnelDevice } from './tunnels/drivers';

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

/** Kind and key: what it is known by among all. */
export function identity(object: Pick<HostObject, 'kind' | 'key'>): string {
  return `${object.kind} ${object.key}`;
}

/** Does what is there say what is wanted? Keys that are not at hand are not missed. */
export function isAsWanted(there: HostObject, wanted: HostObject): boolean {
  if (!there.tunnel || !wanted.tunnel) return there.value === wanted.value;
  return isTunnelAsWanted(there.tunnel, wanted.tunnel);
}
