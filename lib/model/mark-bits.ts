import { qosClasses, type QosClass } from './qos';

/**
 * What the bits of ours in a packet's mark (`skb->mark`) say of it. A packet without any travels as best
 * effort: another wiped the mark, or the kernel itself sends. Best effort has bits all the same, since a mark
 * that changes makes the kernel route anew what a socket sends, which else keeps a nexthop that was replaced.
 *
 * `kept` must not leave by a tunnel: it is too long for its path and goes to where the kernel says so, or it
 * came to a segment that ends here, and what is inside is for this region. `probe` is a probe or an answer,
 * made here or passing through.
 */
export type MarkMeaning = 'none' | QosClass | 'kept' | 'probe';

/** All of them, in the order of their numbers. */
export const markMeanings: readonly MarkMeaning[] = ['none', ...qosClasses, 'kept', 'probe'];

/** How many bits of packet marks gateways take: as few as tell the meanings apart. */
export const markBitCount = bitsFor(markMeanings.length);

/** How many bits tell that many things apart. */
export function bitsFor(things: number): number {
  return Math.ceil(Math.log2(things));
}

/** Positions of a mask's bits, from the lowest, 0 to 31. Empty for what is not a number. */
export function bitsOf(mask: number): number[] {
  return Array.from({ length: 32 }, (_, i) => i).filter((i) => (mask >>> i) & 1);
}

/** Bits that no software listed in docs/host.md uses, as far as we know. */
export const freeMarkBits = 0x00001013;

/** The highest `count` of them; all, if there are fewer. */
export function takeMarkBits(count: number): number {
  return bitsOf(freeMarkBits)
    .slice(-count)
    .reduce((mask, bit) => mask | (1 << bit), 0);
}

/** Bits of the packet mark that are ours unless the description names others (`edge.marks`). */
export const defaultMarkBits = takeMarkBits(markBitCount);
