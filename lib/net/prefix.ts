import ipaddr from 'ipaddr.js';

/** An IP prefix. `value` is the network address as an integer with the host bits zero. */
export interface Prefix {
  readonly family: 4 | 6;
  readonly value: bigint;
  /** Prefix length in bits, 0 to 32 or 128. */
  readonly length: number;
}

/** Bits of an address of this family. */
export function addressBits(family: 4 | 6): number {
  return family === 4 ? 32 : 128;
}

/** Parses `10.0.0.0/16` or `fd00::/48`; undefined if it is no prefix or has host bits set. */
export function tryParsePrefix(text: string): Prefix | undefined {
  const match = /^([0-9a-fA-F.:]+)\/(\d{1,3})$/.exec(text);
  if (!match) return undefined;
  const address = tryParseAddress(match[1]);
  const length = Number(match[2]);
  if (!address || length > addressBits(address.family)) return undefined;
  const host = (1n << BigInt(addressBits(address.family) - length)) - 1n;
  return (address.value & host) === 0n ? { family: address.family, value: address.value, length } : undefined;
}

/** The network a text like `10.0.0.5/16` lies in, host bits cleared; undefined if it is no prefix at all. */
export function tryParseNetwork(text: string): Prefix | undefined {
  const match = /^([0-9a-fA-F.:]+)\/(\d{1,3})$/.exec(text);
  const address = match ? tryParseAddress(match[1]) : undefined;
  if (!match || !address || Number(match[2]) > addressBits(address.family)) return undefined;
  return networkOf(address, Number(match[2]));
}

/** @throws RangeError if the text is no prefix with its host bits zero. */
export function parsePrefix(text: string): Prefix {
  const prefix = tryParsePrefix(text);
  if (!prefix) throw new RangeError(`'${text}' is not an IP prefix with its host bits zero`);
  return prefix;
}

/** Four decimal parts without leading zeros. */
const fourParts = /^(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})$/;

/**
 * An address as a prefix of full length; undefined unless the text is a plain IPv4 (four parts) or IPv6
 * address. Each address is parsed once, by the parser of its own family: a plan holds thousands.
 */
export function tryParseAddress(text: string): Prefix | undefined {
  return text.includes(':') ? tryParseIpv6(text) : tryParseIpv4(text);
}

function tryParseIpv4(text: string): Prefix | undefined {
  const parts = fourParts.exec(text)?.slice(1).map(Number);
  if (!parts || parts.some((part) => part > 255)) return undefined;
  const value = parts.reduce((sum, part) => sum * 256 + part, 0);
  return { family: 4, value: BigInt(value), length: 32 };
}

function tryParseIpv6(text: string): Prefix | undefined {
  if (text.includes('%')) return undefined;
  try {
    const groups = ipaddr.IPv6.parse(text).parts.map((group) => group.toString(16).padStart(4, '0'));
    return { family: 6, value: BigInt(`0x${groups.join('')}`), length: 128 };
  } catch {
    return undefined;
  }
}

/** The prefix of `length` bits, at most its own, that holds all of this one. */
export function networkOf(prefix: Prefix, length: number): Prefix {
  const shift = BigInt(addressBits(prefix.family) - length);
  return { family: prefix.family, value: (prefix.value >> shift) << shift, length };
}

/** The address at `offset` in the prefix, without a length: `10.0.0.1`, IPv6 as in RFC 5952. */
export function addressAt(prefix: Prefix, offset: number | bigint): string {
  const value = prefix.value + BigInt(offset);
  const bytes: number[] = [];
  for (let i = addressBits(prefix.family) / 8 - 1; i >= 0; i--) {
    bytes.push(Number((value >> BigInt(i * 8)) & 255n));
  }
  const address = ipaddr.fromByteArray(bytes);
  return address instanceof ipaddr.IPv6 ? address.toRFC5952String() : address.toString();
}

/** Canonical text: `10.0.0.0/16`. */
export function formatPrefix(prefix: Prefix): string {
  return `${addressAt(prefix, 0)}/${prefix.length}`;
}

/** Does `outer` hold every address of `inner`? */
export function contains(outer: Prefix, inner: Prefix): boolean {
  if (outer.family !== inner.family || outer.length > inner.length) return false;
  return networkOf(inner, outer.length).value === outer.value;
}

/** Do the two share an address? */
export function overlaps(a: Prefix, b: Prefix): boolean {
  return contains(a, b) || contains(b, a);
}

/**
 * The `index`-th sub-prefix of `length` bits.
 *
 * @throws RangeError if `length` is shorter than the prefix's or the index lies outside.
 */
export function subnet(prefix: Prefix, length: number, index: number): Prefix {
  if (length < prefix.length || index < 0 || index >= subnetCount(prefix, length)) {
    throw new RangeError(`${formatPrefix(prefix)} has no /${length} number ${index}`);
  }
  const shift = BigInt(addressBits(prefix.family) - length);
  return { family: prefix.family, value: prefix.value + (BigInt(index) << shift), length };
}

/** How many sub-prefixes of `length` bits fit; Infinity-free: exact up to 2^53. */
export function subnetCount(prefix: Prefix, length: number): number {
  return length < prefix.length ? 0 : 2 ** (length - prefix.length);
}

/** Is this the text of an IPv4 prefix? Of what is a prefix at all. */
export function isIpv4Prefix(text: string): boolean {
  return !text.includes(':');
}

/** For sorting: IPv4 before IPv6, then by address, then the shorter prefix first. */
export function comparePrefixes(a: Prefix, b: Prefix): number {
  if (a.family !== b.family) return a.family - b.family;
  if (a.value !== b.value) return a.value < b.value ? -1 : 1;
  return a.length - b.length;
}
