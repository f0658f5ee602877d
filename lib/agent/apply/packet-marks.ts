import { bitsOf, defaultMarkBits, markBitCount, markMeanings, type MarkMeaning } from '../../model/mark-bits';

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

/** The bits of a host's packet marks that are ours, and how each meaning is written in them. */
export interface PacketMarks {
  /** The bits. */
  readonly mask: number;
  /** All others. */
  readonly others: number;
  of(meaning: MarkMeaning): number;
}

/** @throws RangeError unless the mask has as many bits as the meanings need. */
export function packetMarks(mask: number = defaultMarkBits): PacketMarks {
  const bits = bitsOf(mask).length;
  if (bits !== markBitCount) throw new RangeError(`marks take ${markBitCount} bits: ${hex(mask)}`);
  const write = markWriter(mask, [bits]);
  return {
    mask: mask >>> 0,
    others: ~mask >>> 0,
    of: (meaning) => write([markMeanings.indexOf(meaning)]),
  };
}

/**
 * Writes numbers into fields of a mask, the first into its lowest bits.
 * @param widths bits of each field
 * @throws RangeError for a mask that has fewer bits than the fields, or a number that its field cannot hold
 */
export function markWriter(mask: number, widths: readonly number[]): (values: readonly number[]) => number {
  const bits = bitsOf(mask);
  const starts = widths.map((_, i) => widths.slice(0, i).reduce((sum, width) => sum + width, 0));
  const needed = widths.reduce((sum, width) => sum + width, 0);
  if (needed > bits.length) throw new RangeError(`${hex(mask)} has ${bits.length} bits of ${needed}`);
  return (values) =>
    values.reduce((mark, value, field) => {
      const width = widths[field];
      if (value >= 2 ** width) throw new RangeError(`${value} does not fit into ${width} bits`);
      const own = bits.slice(starts[field], starts[field] + width);
      return own.reduce((all, bit, i) => ((value >> i) & 1 ? all | (1 << bit) : all), mark);
    }, 0) >>> 0;
}

/** As iproute2 prints it. */
export function hex(value: number): string {
  return value === 0 ? '0' : `0x${value.toString(16)}`;
}
