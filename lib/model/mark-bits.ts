/** How many bits of packet marks (`skb->mark`) gateways take. */
export const markBitCount = 3;

/** Positions of a mask's bits, from the lowest, 0 to 31. Empty for what is not a number. */
export function bitsOf(mask: number): number[] {
  return Array.from({ length: 32 }, (_, i) => i).filter((i) => (mask >>> i) & 1);
}
