import {
  comparePrefixes,
  contains,
  findOverlaps,
  findRangeFault,
  formatPrefix,
  overlaps,
  parsePrefix,
  PrefixTable,
  tryParseAddress,
  tryParseNetwork,
  tryParsePrefix,
  type AddressUse,
  type Prefix,
} from '../net';
import type { NetworkDescription } from './description';
import type { AddressPools, Region } from './network';
import type { RawPath, Reporter } from './reporter';

/** Checks and completes the address pools; every figure that does not parse is reported. */
export function checkPools(description: NetworkDescription, reporter: Reporter): AddressPools {
  const given = description.addressing ?? {};
  const faulty = new Set<string>();
  const pool = (key: 'regions' | 'links' | 'gateways', fallback: string, longest: number): string => {
    const text = given[key];
    if (text === undefined) return fallback;
    const prefix = checkPrefix(text, 4, ['addressing', key], reporter);
    if (!prefix) {
      faulty.add(key);
      return fallback;
    }
    if (prefix.length > longest) {
      const next = `give a prefix of /${longest} or shorter`;
      reporter.error('pool-too-small', ['addressing', key], `${text} is too small a pool for ${key}`, next);
    }
    checkRange(prefix, key === 'regions' ? 'block' : 'inner', ['addressing', key], reporter);
    return formatPrefix(prefix);
  };
  const pools = {
    regions: pool('regions', '10.0.0.0/8', 16),
    links: pool('links', '100.64.0.0/16', 28),
    gateways: pool('gateways', '100.65.0.0/16', 28),
    ipv6: null as string | null,
  };
  if (given.ipv6 !== undefined) {
    const prefix = checkPrefix(given.ipv6, 6, ['addressing', 'ipv6'], reporter);
    if (prefix && prefix.length !== 48) {
      reporter.error('pool-too-small', ['addressing', 'ipv6'], `${given.ipv6} is not a /48`, 'give a /48');
    } else if (prefix) {
      checkRange(prefix, 'ipv6', ['addressing', 'ipv6'], reporter);
      pools.ipv6 = formatPrefix(prefix);
    }
  }
  const v4 = ['regions', 'links', 'gateways'] as const;
  v4.forEach((a, i) =>
    v4.slice(i + 1).forEach((b) => {
      if (faulty.has(a) || faulty.has(b) || !overlaps(parsePrefix(pools[a]), parsePrefix(pools[b]))) return;
      const message = `${pools[b]} for ${b} overlaps ${pools[a]} for ${a}`;
      reporter.error(
        'block-overlap',
        ['addressing', given[b] === undefined ? a : b],
        message,
        'give each pool a prefix of its own',
      );
    }),
  );
  return pools;
}

/** Reports what a range is that its addresses cannot, or should not, come from. */
export function checkRange(prefix: Prefix, use: AddressUse, path: RawPath, reporter: Reporter): void {
  const fault = findRangeFault(prefix, use);
  if (fault?.severity === 'error') reporter.error(fault.code, path, fault.message, fault.next);
  else if (fault) reporter.warn(fault.code, path, fault.message, fault.next);
}

/** Parses a prefix of the wanted family (null: either), reporting what is wrong with it. */
export function checkPrefix(text: string, family: 4 | 6 | null, path: RawPath, reporter: Reporter) {
  const prefix = tryParsePrefix(text);
  const example = family === 6 ? 'fd12:3456:789a::/48' : '10.1.0.0/16';
  if (!prefix) {
    const network = tryParseNetwork(text);
    if (network) {
      const next = `write '${formatPrefix(network)}' for the network it lies in`;
      reporter.error('block-host-bits', path, `'${text}' has host bits set`, next);
    } else reporter.error('bad-block', path, `'${text}' is no IP prefix`, `write it like '${example}'`);
    return undefined;
  }
  if (family !== null && prefix.family !== family) {
    reporter.error(
      'bad-block',
      path,
      `'${text}' is IPv${prefix.family}; expected IPv${family}`,
      `write it like '${example}'`,
    );
    return undefined;
  }
  return prefix;
}

/** The block of a region in canonical text; null if it does not do, which is reported. */
export function checkBlock(
  text: string,
  pools: AddressPools,
  path: RawPath,
  reporter: Reporter,
): string | null {
  const prefix = checkPrefix(text, 4, path, reporter);
  if (!prefix) return null;
  if (prefix.length < 16 || prefix.length > 28) {
    const what = prefix.length < 16 ? 'too large for a VPC' : 'too small for gateways in two zones';
    const size = `a /${prefix.length} is ${what}`;
    reporter.error(
      'block-size',
      path,
      `${text}: ${size}`,
      'give a block of /16 to /24; /28 is the smallest VPC',
    );
    return null;
  }
  for (const pool of ['links', 'gateways'] as const) {
    if (!overlaps(prefix, parsePrefix(pools[pool]))) continue;
    const message = `${text} overlaps addressing.${pool} ${pools[pool]}`;
    reporter.error('block-overlap', path, message, `move the block, or set 'addressing.${pool}'`);
  }
  checkRange(prefix, 'block', path, reporter);
  return formatPrefix(prefix);
}

/** Most prefixes of a region beside its block. */
export const mostPrefixes = 64;

/** The prefixes of a region in canonical text, in order; those that do not do are reported and left out. */
export function checkPrefixes(
  texts: readonly string[],
  pools: AddressPools,
  path: RawPath,
  reporter: Reporter,
): string[] {
  if (texts.length > mostPrefixes) {
    const message = `has ${texts.length} prefixes; ${mostPrefixes} is the most`;
    reporter.error('too-many-prefixes', path, message, 'aggregate neighbours into shorter prefixes');
    return [];
  }
  const found = new Map<string, Prefix>();
  texts.forEach((text, i) => {
    const at = [...path, i];
    const prefix = checkPrefix(text, null, at, reporter);
    if (!prefix) return;
    const canonical = formatPrefix(prefix);
    if (found.has(canonical)) {
      reporter.error('prefix-overlap', at, `${canonical} stands twice`, 'name it once');
      return;
    }
    const fault = findRangeFault(prefix, 'prefix');
    // The plan repeats warnings and has the prefixes in their order: its warnings name no place in the list.
    if (fault) checkRange(prefix, 'prefix', fault.severity === 'error' ? at : path, reporter);
    if (fault?.severity === 'error') return;
    found.set(canonical, prefix);
    for (const pool of ['links', 'gateways', 'ipv6'] as const) {
      const range = pools[pool];
      if (range === null || !overlaps(prefix, parsePrefix(range))) continue;
      const message = `${canonical} overlaps addressing.${pool} ${range}`;
      reporter.error('prefix-overlap', at, message, `leave it out, or set 'addressing.${pool}'`);
    }
  });
  return [...found].sort(([, a], [, b]) => comparePrefixes(a, b)).map(([text]) => text);
}

/** A block or prefix of a region. */
interface Claim {
  readonly region: string;
  /** In canonical text. */
  readonly text: string;
  readonly of: 'block' | 'prefix';
}

/**
 * Reports prefixes that overlap a given block or another prefix, each once. What is allocated is held
 * against them where it is allocated.
 */
export function checkPrefixesApart(
  regions: readonly Region[],
  description: NetworkDescription,
  reporter: Reporter,
): void {
  const claims = regions.flatMap(({ id, block, prefixes }): Claim[] => [
    ...(block === null ? [] : [{ region: id, text: block, of: 'block' as const }]),
    ...prefixes.map((text) => ({ region: id, text, of: 'prefix' as const })),
  ]);
  const told = new Set<Claim>();
  for (const { outer, inner } of findOverlaps(claims, (c) => parsePrefix(c.text))) {
    // Two blocks are told of by themselves.
    const [at, other] = inner.of === 'prefix' ? [inner, outer] : [outer, inner];
    if (at.of === 'block' || told.has(at)) continue;
    told.add(at);
    const same = at.region === other.region;
    const article = other.of === 'block' ? 'the' : same ? 'another' : 'a';
    const whose = `${article} ${other.of} of ${same ? 'the same region' : `region ${other.region}`}`;
    const message = `${at.text} overlaps ${other.text}, ${whose}`;
    const next = same
      ? 'leave out what the other holds'
      : 'one address leads to one region: give each region prefixes of its own';
    reporter.error('prefix-overlap', placeOf(at, description), message, next);
  }
}

/** Where a prefix stands in the list as it was written. */
function placeOf({ region, text }: Claim, { regions }: NetworkDescription): RawPath {
  const written = regions[region].prefixes ?? [];
  const canonical = (raw: string) => {
    const prefix = tryParsePrefix(raw);
    return prefix && formatPrefix(prefix);
  };
  return ['regions', region, 'prefixes', written.findIndex((raw) => canonical(raw) === text)];
}

/** Reports given blocks that overlap. */
export function checkBlocks(regions: readonly Region[], reporter: Reporter): void {
  const withBlock = regions.filter((r) => r.block !== null);
  withBlock.forEach((b, i) => {
    for (const a of withBlock.slice(0, i)) {
      if (!overlaps(parsePrefix(a.block!), parsePrefix(b.block!))) continue;
      const message = `${b.block} overlaps ${a.block} of region ${a.id}`;
      const next = 'give each region a block of its own, or leave them out and let the planner allocate';
      reporter.error('block-overlap', ['regions', b.id, 'block'], message, next);
    }
  });
}

/**
 * Each gateway counts its UDP ports by itself: two behind one address would take the same. And a tunnel whose
 * outer packets go to an address inside the network would lead into itself.
 */
export function checkEndpoints(regions: readonly Region[], pools: AddressPools, reporter: Reporter): void {
  const seen = new Map<string, string>();
  const inside = [
    ...regions.flatMap((r) => (r.block === null ? [] : [[r.block, `the block of region ${r.id}`] as const])),
    ...(regions.some((r) => r.block === null)
      ? [[pools.regions, "'addressing.regions', from which blocks are allocated"] as const]
      : []),
    [pools.links, "'addressing.links'"] as const,
    [pools.gateways, "'addressing.gateways'"] as const,
    ...(pools.ipv6 === null ? [] : [[pools.ipv6, "'addressing.ipv6'"] as const]),
  ].map(([text, name]) => ({ prefix: parsePrefix(text), name: `${text}, ${name}` }));
  const prefixes = new PrefixTable<string>();
  for (const { id, prefixes: own } of regions)
    for (const text of own) prefixes.add(parsePrefix(text), `${text}, a prefix of region ${id}`);
  for (const { id, endpoint } of regions) {
    const address = endpoint === null ? undefined : tryParseAddress(endpoint);
    if (endpoint === null || !address) continue;
    const path = ['regions', id, 'external', 'endpoint'];
    const range = inside.find(({ prefix }) => contains(prefix, address))?.name;
    const around = range ?? prefixes.around(address);
    if (around !== undefined) {
      const message = `${endpoint} lies in ${around}: its tunnels would lead into themselves`;
      const way = range === undefined ? 'give prefixes without it' : 'move the range away from it';
      const next = `give an address outside the network, or ${way}`;
      reporter.error('endpoint-inside', path, message, next);
    }
    const other = seen.get(endpoint);
    if (other !== undefined) {
      const message = `${endpoint} is the endpoint of region ${other} too`;
      reporter.error('duplicate-endpoint', path, message, 'give each site an address of its own');
    } else seen.set(endpoint, id);
  }
}
