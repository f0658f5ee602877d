import { contains, formatPrefix, parsePrefix, type Prefix } from './prefix';

/**
 * What a range is good for. `reserved`: for no address of a network. `local`: inside a network, reached by
 * nobody outside. `crowded`: as `local`, but hosts often have something else there. `documentation`: for
 * examples. `global`: unicast addresses that somebody holds.
 */
export type RangeKind = 'reserved' | 'local' | 'crowded' | 'documentation' | 'global';

/** A range with a meaning of its own. */
export interface SpecialRange {
  readonly prefix: Prefix;
  readonly kind: RangeKind;
  /** What it is, to stand behind "is". */
  readonly name: string;
  /** The document that gives it its meaning. */
  readonly source: string;
}

/**
 * The special-purpose address registries of IANA (RFC 6890, as updated by RFC 8190), 2026-11, and what clouds
 * and hosts use besides. The longest prefix that holds an address says what the address is.
 */
const rows: readonly (readonly [string, RangeKind, string, string])[] = [
  ['0.0.0.0/0', 'global', 'public address space', 'RFC 7020'],
  ['0.0.0.0/8', 'reserved', "'this network'", 'RFC 1122'],
  ['10.0.0.0/8', 'local', 'private', 'RFC 1918'],
  ['100.64.0.0/10', 'local', 'shared address space', 'RFC 6598'],
  ['127.0.0.0/8', 'reserved', 'loopback', 'RFC 1122'],
  ['169.254.0.0/16', 'reserved', 'link-local, with the metadata service of clouds', 'RFC 3927'],
  ['172.16.0.0/12', 'local', 'private', 'RFC 1918'],
  ['172.17.0.0/16', 'crowded', "Docker's default bridge", 'dockerd, setting bip'],
  ['192.0.0.0/24', 'reserved', 'for IETF protocols', 'RFC 6890'],
  ['192.0.2.0/24', 'documentation', 'for documentation', 'RFC 5737'],
  ['192.31.196.0/24', 'reserved', 'AS112', 'RFC 7535'],
  ['192.52.193.0/24', 'reserved', 'AMT', 'RFC 7450'],
  ['192.88.99.0/24', 'reserved', '6to4 relay anycast, deprecated', 'RFC 7526'],
  ['192.168.0.0/16', 'local', 'private', 'RFC 1918'],
  ['192.175.48.0/24', 'reserved', 'AS112', 'RFC 7534'],
  ['198.18.0.0/15', 'local', 'for benchmarks', 'RFC 2544'],
  ['198.51.100.0/24', 'documentation', 'for documentation', 'RFC 5737'],
  ['203.0.113.0/24', 'documentation', 'for documentation', 'RFC 5737'],
  ['224.0.0.0/4', 'reserved', 'multicast', 'RFC 5771'],
  ['240.0.0.0/4', 'reserved', 'reserved', 'RFC 1112'],
  ['255.255.255.255/32', 'reserved', 'broadcast', 'RFC 8190'],
  ['::/0', 'reserved', 'allocated to nobody by IANA', 'RFC 4291'],
  ['::/96', 'reserved', 'IPv4-compatible, deprecated', 'RFC 4291'],
  ['::/128', 'reserved', 'the unspecified address', 'RFC 4291'],
  ['::1/128', 'reserved', 'loopback', 'RFC 4291'],
  ['::ffff:0:0/96', 'reserved', 'IPv4-mapped', 'RFC 4291'],
  ['64:ff9b::/96', 'reserved', 'for translation between IPv4 and IPv6', 'RFC 6052'],
  ['64:ff9b:1::/48', 'reserved', 'for local translation between IPv4 and IPv6', 'RFC 8215'],
  ['100::/64', 'reserved', 'discarded', 'RFC 6666'],
  ['100:0:0:1::/64', 'reserved', 'a dummy prefix', 'RFC 9780'],
  ['2000::/3', 'global', 'global unicast', 'RFC 4291'],
  ['2001::/23', 'reserved', 'for IETF protocols', 'RFC 2928'],
  ['2001::/32', 'reserved', 'Teredo', 'RFC 4380'],
  ['2001:2::/48', 'reserved', 'for benchmarks', 'RFC 5180'],
  ['2001:10::/28', 'reserved', 'ORCHID, deprecated', 'RFC 4843'],
  ['2001:20::/28', 'reserved', 'ORCHIDv2', 'RFC 7343'],
  ['2001:db8::/32', 'documentation', 'for documentation', 'RFC 3849'],
  ['2002::/16', 'reserved', '6to4', 'RFC 3056'],
  ['2620:4f:8000::/48', 'reserved', 'AS112', 'RFC 7534'],
  ['3fff::/20', 'documentation', 'for documentation', 'RFC 9637'],
  ['5f00::/16', 'reserved', 'for segments alone, not for hosts', 'RFC 9602'],
  ['fc00::/7', 'reserved', 'unique local without a meaning yet', 'RFC 4193'],
  ['fd00::/8', 'local', 'unique local', 'RFC 4193'],
  ['fd00:ec2::/32', 'reserved', 'the metadata, DNS and time services of EC2', 'Amazon EC2 User Guide'],
  ['fe80::/10', 'reserved', 'link-local', 'RFC 4291'],
  ['fec0::/10', 'reserved', 'site-local, deprecated', 'RFC 3879'],
  ['ff00::/8', 'reserved', 'multicast', 'RFC 4291'],
];

/** Every range of the table, shorter prefixes before those within them. */
export const specialRanges: readonly SpecialRange[] = rows.map(([text, kind, name, source]) => ({
  prefix: parsePrefix(text),
  kind,
  name,
  source,
}));

/**
 * What addresses are wanted for: `block`, hosts of a region (or the pool of such blocks); `inner`, gateways
 * and links; `ipv6`, the /48 of all of these; `prefix`, a network behind the gateways of a region;
 * `endpoint`, the public address of a gateway; `private-endpoint`, one that is reached by private lines.
 */
export type AddressUse = 'block' | 'inner' | 'ipv6' | 'prefix' | 'endpoint' | 'private-endpoint';

/** Why a range does not do, or not without a doubt. */
export interface RangeFault {
  readonly severity: 'error' | 'warning';
  readonly code:
    | 'address-reserved'
    | 'endpoint-not-public'
    | 'address-documentation'
    | 'address-public'
    | 'address-crowded';
  /** What the range is and who says so, beginning with the prefix in canonical text. */
  readonly message: string;
  readonly next: string;
}

const privateSpace = '10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16 (RFC 1918)';
const instead: Readonly<Record<AddressUse, string>> = {
  block: `use private space: ${privateSpace}`,
  inner: 'use private or shared space: a part of 10.0.0.0/8 (RFC 1918) or 100.64.0.0/10 (RFC 6598)',
  ipv6: 'give a /48 of yours, or a unique local one from fd00::/8 (RFC 4193); without it one is made',
  prefix: 'give networks that stand behind its gateways',
  endpoint: 'give the public address of its gateway',
  'private-endpoint': "give the address of its gateway on the private lines, or drop 'private'",
};

/** The most specific range that holds all of `prefix`. */
export function rangeOf(prefix: Prefix): SpecialRange {
  return specialRanges.reduce(
    (best, range) =>
      contains(range.prefix, prefix) && range.prefix.length >= best.prefix.length ? range : best,
    specialRanges.find((range) => range.prefix.family === prefix.family)!,
  );
}

/**
 * Holds a prefix (an address is one of full length) against the table. Errors come before warnings; a prefix
 * that holds a reserved range is refused as one that lies in it. Undefined: fine for this use.
 */
export function findRangeFault(prefix: Prefix, use: AddressUse): RangeFault | undefined {
  const full = prefix.length === (prefix.family === 4 ? 32 : 128);
  const text = full ? formatPrefix(prefix).replace(/\/\d+$/, '') : formatPrefix(prefix);
  const range = rangeOf(prefix);
  const within = specialRanges.find((r) => r.kind === 'reserved' && contains(prefix, r.prefix));
  const is = ({ prefix: around, name, source }: SpecialRange): string => {
    const where = formatPrefix(around);
    if (around.length === 0) return `${text} is ${name}`;
    return `${text} is ${name} (${where === text ? '' : `${where}, `}${source})`;
  };
  if (range.kind === 'reserved')
    return { severity: 'error', code: 'address-reserved', message: is(range), next: instead[use] };
  if (within) {
    const message = `${text} holds ${formatPrefix(within.prefix)}: it is ${within.name} (${within.source})`;
    return { severity: 'error', code: 'address-reserved', message, next: instead[use] };
  }
  if (use === 'private-endpoint') return undefined;
  if (range.kind === 'documentation') {
    const message = `${is(range)}: nobody is reached there`;
    return { severity: 'warning', code: 'address-documentation', message, next: instead[use] };
  }
  if (use === 'endpoint') {
    if (range.kind === 'global') return undefined;
    const message = `${is(range)}: gateways do not reach it over the Internet`;
    const next = `${instead[use]}; if private lines lead there: 'private: true'`;
    return { severity: 'error', code: 'endpoint-not-public', message, next };
  }
  // Networks of IPv6 have global addresses as a rule.
  if (range.kind === 'global' && prefix.family === 4) {
    const message = `${is(range)}: hosts of this network no longer reach who holds it elsewhere`;
    const next = `${instead[use]}; keep it only if it is yours`;
    return { severity: 'warning', code: 'address-public', message, next };
  }
  if (range.kind === 'crowded' && (use === 'block' || use === 'prefix')) {
    const message = `${is(range)}: hosts that run it do not reach this ${use}`;
    return {
      severity: 'warning',
      code: 'address-crowded',
      message,
      next: `give another ${use} of private space`,
    };
  }
  return undefined;
}
