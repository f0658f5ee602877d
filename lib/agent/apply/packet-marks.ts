import type { QosClass } from '../../model';
import { bitsOf, markBitCount } from '../../model/mark-bits';

/**
 * Bits of the packet mark (`skb->mark`) that are ours unless the description names others. Three are enough.
 * They are clear of what others on a host use, so that either keeps its own: see `foreignMarks`.
 */
export const defaultMarkBits = 0x00001012;

/** Marks of other software, by what they set; a test holds our bits clear of them. */
export const foreignMarks: readonly { readonly of: string; readonly bits: number; readonly use: string }[] = [
  { of: 'kube-proxy', bits: 0x0000c000, use: '0x4000 masquerade, 0x8000 drop' },
  { of: 'Tailscale', bits: 0x00ff0000, use: '0x40000 forwarded, 0x80000 sent by itself, mask 0xff0000' },
  { of: 'Calico', bits: 0xffff0000, use: 'all bits of its default mask' },
  { of: 'Cilium', bits: 0xffff0f00, use: '0x0f00 what a packet is, the upper half whose it is' },
  { of: 'wg-quick', bits: 0x0000ca6c, use: '0xca6c, the whole value, on what it has encrypted' },
  { of: 'CNI portmap', bits: 0x00002000, use: '0x2000 masquerade' },
  { of: 'AWS VPC CNI', bits: 0x00000080, use: '0x80 leaves by the first interface' },
  { of: 'Docker', bits: 0x00000100, use: '0x100 and up, services of a swarm, in namespaces of its own' },
];

/**
 * What our bits say of a packet. What has none (another wiped the mark, the kernel itself sends) travels as
 * best effort. That has bits of its own all the same: a mark that changes makes the kernel route anew what a
 * socket sends, which else keeps a nexthop that was replaced.
 */
const meanings = [
  'none',
  'critical',
  'realtime',
  'interactive',
  'bulk',
  'best-effort',
  /**
   * Not to leave by a tunnel: it is too long for its path and goes to where the kernel says so, or it came to
   * a segment that ends here, and what is inside is for this region.
   */
  'kept',
  /** A probe or an answer, made here or passing through. */
  'probe',
] as const;
type Meaning = (typeof meanings)[number];

/** The bits of a host's packet marks that are ours, and how each meaning is written in them. */
export interface PacketMarks {
  /** The bits. */
  readonly mask: number;
  /** All others. */
  readonly others: number;
  of(meaning: Meaning | QosClass): number;
}

/** @throws RangeError unless the mask has three bits. */
export function packetMarks(mask: number = defaultMarkBits): PacketMarks {
  const bits = bitsOf(mask);
  if (bits.length !== markBitCount) throw new RangeError(`marks take ${markBitCount} bits: ${hex(mask)}`);
  return {
    mask: mask >>> 0,
    others: ~mask >>> 0,
    of(meaning) {
      const number = meanings.indexOf(meaning);
      return bits.reduce((mark, bit, i) => ((number >> i) & 1 ? mark | (1 << bit) : mark), 0) >>> 0;
    },
  };
}

/** As iproute2 prints it. */
export function hex(value: number): string {
  return value === 0 ? '0' : `0x${value.toString(16)}`;
}
