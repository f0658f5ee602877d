import { createHash } from 'node:crypto';
import {
  addressAt,
  comparePrefixes,
  contains,
  findRangeFault,
  formatPrefix,
  overlaps,
  publicKeyFault,
  tryParseAddress,
  tryParsePrefix,
  type AddressUse,
  type Prefix,
} from '../net';
import type { PlanDocument, Tunnel } from '../plan';
import { nestedPrefixes, type Holder } from './nested-prefixes';
import type { Refuse } from '../shape';
import { tunnelKind } from '../tunnels';

const shift64 = 64n;
/** By the fourth group of the IPv6 /48: 512 gateway locators /64, one /56 for links, regions else. */
const locators = 0x8000n;
const locatorsEnd = 0x8200n;
const links6 = 0xc000n;
const firstFunction = 0x100n;

/**
 * Blocks lie in their pools and apart; gateways and tunnel ends have addresses, ports, names and segments of
 * their own; tunnels are those that the links need; keys are keys.
 */
export function checkAddresses(plan: PlanDocument, refuse: Refuse): void {
  const pools = poolsOf(plan, refuse);
  if (!pools) return;
  checkBlocks(plan, pools, refuse);
  checkRanges(plan, pools, refuse);
  const taken = new Map<string, string>();
  const once = (kind: string, value: string, at: string) => {
    const other = taken.get(`${kind} ${value}`);
    if (other !== undefined) refuse('taken-twice', at, `${kind} ${value} is taken by ${other}`);
    else taken.set(`${kind} ${value}`, at);
  };
  const locatorOf = checkGateways(plan, pools, once, refuse);
  checkTunnels(plan, pools, locatorOf, once, refuse);
  checkIdentities(plan, once, refuse);
  checkTexts(plan, refuse);
}

/** One address has one text (RFC 5952): a second spelling would pass for another address. */
function checkTexts({ pools, regions, gateways, tunnels }: PlanDocument, refuse: Refuse): void {
  const canonical = (at: string, fields: object) => {
    for (const [name, text] of Object.entries(fields) as [string, string][]) {
      const found = text.includes('/') ? tryParsePrefix(text) : tryParseAddress(text);
      const right = found && (text.includes('/') ? formatPrefix(found) : addressAt(found, 0));
      if (right !== undefined && right !== text)
        refuse('address-text', `${at}.${name}`, `'${text}' is written '${right}'`);
    }
  };
  canonical('pools', pools);
  for (const { id, ipv4Block, ipv6Block, prefixes = [] } of regions) {
    canonical(`regions.${id}`, { ipv4Block, ipv6Block });
    canonical(`regions.${id}.prefixes`, prefixes);
  }
  for (const { id, ipv4, ipv6, locator, segmentDx4, segmentDx6 } of gateways)
    canonical(`gateways.${id}`, { ipv4, ipv6, locator, segmentDx4, segmentDx6 });
  for (const { id, ends } of tunnels)
    for (const { gateway, ipv4, ipv6, segment } of ends)
      canonical(`tunnels.${id}.${gateway}`, { ipv4, ipv6, segment });
}

/** Identities are once and for ever: nobody shares one, and nobody's id is another's identity. */
function checkIdentities(plan: PlanDocument, once: Once, refuse: Refuse): void {
  const regions = new Map(plan.regions.map((r) => [r.id, r.identity]));
  const kinds: readonly (readonly [string, readonly { readonly id: string; readonly identity: string }[]])[] =
    [
      ['regions', plan.regions],
      ['tunnels', plan.tunnels],
    ];
  for (const [kind, members] of kinds) {
    const ids = new Set(members.map((m) => m.id));
    for (const { id, identity } of members) {
      const at = `${kind}.${id}`;
      once(`identity of ${kind}`, identity, at);
      if (identity !== id && ids.has(identity))
        refuse('identity', at, `its identity '${identity}' is another's id`);
    }
  }
  for (const { id, identity } of plan.tunnels)
    if (!/^tunnel-[a-z0-9-]{1,63}(\.2)?$/.test(identity))
      refuse('identity', `tunnels.${id}`, `'${identity}' is not the identity of a tunnel`);
  for (const g of plan.gateways)
    if (g.identity !== `${regions.get(g.region)}/${g.number}`)
      refuse('identity', `gateways.${g.id}`, `'${g.identity}' does not follow from its region's identity`);
}

interface Pools {
  readonly regions: Prefix;
  readonly links: Prefix;
  readonly gateways: Prefix;
  readonly ipv6: Prefix;
}

function poolsOf({ pools }: PlanDocument, refuse: Refuse): Pools | undefined {
  const pool = (name: keyof Pools, family: 4 | 6): Prefix | undefined => {
    const found = tryParsePrefix(pools[name]);
    if (found?.family === family) return found;
    refuse('pool', `pools.${name}`, `'${pools[name]}' is no IPv${family} prefix`);
    return undefined;
  };
  const [regions, links, gateways] = [pool('regions', 4), pool('links', 4), pool('gateways', 4)];
  const ipv6 = pool('ipv6', 6);
  if (ipv6 && ipv6.length !== 48) refuse('pool', 'pools.ipv6', 'it is no IPv6 /48');
  return regions && links && gateways && ipv6 && { regions, links, gateways, ipv6 };
}

type Once = (kind: string, value: string, at: string) => void;

/** A prefix of a region, in the order of the plan; those that are none are refused with the blocks. */
function prefixesOf({ id, prefixes = [] }: PlanDocument['regions'][number]): Holder[] {
  return prefixes.flatMap((text, i) => {
    const prefix = tryParsePrefix(text);
    return prefix ? [{ at: `regions.${id}.prefixes.${i}`, prefix }] : [];
  });
}

function checkBlocks(plan: PlanDocument, pools: Pools, refuse: Refuse): void {
  const blocks: Holder[] = [
    { at: 'pools.links', prefix: pools.links },
    { at: 'pools.gateways', prefix: pools.gateways },
  ];
  if (overlaps(pools.links, pools.gateways)) refuse('block-overlap', 'pools', 'links and gateways overlap');
  for (const region of plan.regions) {
    for (const [name, family] of [
      ['ipv4Block', 4],
      ['ipv6Block', 6],
    ] as const) {
      const at = `regions.${region.id}.${name}`;
      const block = tryParsePrefix(region[name]);
      if (block?.family !== family) {
        refuse('block', at, `'${region[name]}' is no IPv${family} prefix`);
        continue;
      }
      blocks.push({ at, prefix: block });
      // A given IPv4 block may lie outside the pool; an allocated one is a /16 of it.
      if (family === 4 && (block.length < 16 || block.length > 28))
        refuse('block', at, 'it is no /16 to /28');
      const group = (block.value >> shift64) & 0xffffn;
      const taken = (group >= locators && group < locatorsEnd) || group === links6;
      if (family === 6 && (block.length !== 56 || !contains(pools.ipv6, block) || taken))
        refuse('block', at, 'it is no /56 of the pool that is for regions');
    }
    const prefixes = prefixesOf(region);
    blocks.push(...prefixes);
    if (prefixes.length < (region.prefixes ?? []).length)
      refuse('prefix', `regions.${region.id}.prefixes`, 'not each of them is an IP prefix');
    if (prefixes.some(({ prefix }, i) => i > 0 && comparePrefixes(prefixes[i - 1].prefix, prefix) >= 0))
      refuse('list-order', `regions.${region.id}.prefixes`, 'one stands twice, or out of order');
    for (const { at, prefix } of prefixes)
      if (overlaps(prefix, pools.ipv6)) refuse('block-overlap', at, 'it overlaps pools.ipv6');
  }
  for (const [outer, inner] of nestedPrefixes(blocks)) {
    const [at, other] = inner.at.startsWith('pools.') ? [outer.at, inner.at] : [inner.at, outer.at];
    if (!at.startsWith('pools.')) refuse('block-overlap', at, `it overlaps ${other}`);
  }
}

/** No address of the network or of its sites is one that cannot be; no tunnel leads into itself. */
function checkRanges(plan: PlanDocument, pools: Pools, refuse: Refuse): void {
  const inside: (readonly [string, Prefix])[] = Object.entries(pools).filter(([name]) => name !== 'regions');
  const judge = (prefix: Prefix | undefined, use: AddressUse, at: string) => {
    const fault = prefix && findRangeFault(prefix, use);
    if (fault?.severity === 'error') refuse('reserved-range', at, fault.message);
  };
  judge(pools.regions, 'block', 'pools.regions');
  judge(pools.links, 'inner', 'pools.links');
  judge(pools.gateways, 'inner', 'pools.gateways');
  judge(pools.ipv6, 'ipv6', 'pools.ipv6');
  for (const r of plan.regions) {
    const block = tryParsePrefix(r.ipv4Block);
    judge(block, 'block', `regions.${r.id}.ipv4Block`);
    if (block) inside.push([`region ${r.id}`, block]);
    for (const { at, prefix } of prefixesOf(r)) judge(prefix, 'prefix', at);
  }
  for (const r of plan.regions) {
    const address = tryParseAddress(r.endpoint ?? '');
    const at = `regions.${r.id}.endpoint`;
    judge(address, r.endpointPrivate ? 'private-endpoint' : 'endpoint', at);
    const around = address && inside.find(([, prefix]) => contains(prefix, address));
    if (around) refuse('endpoint-inside', at, `it lies in the addresses of ${around[0]}`);
  }
  const endpoints = plan.regions.flatMap((r): Holder[] => {
    const prefix = tryParseAddress(r.endpoint ?? '');
    return prefix ? [{ at: `regions.${r.id}.endpoint`, prefix }] : [];
  });
  for (const [outer, inner] of nestedPrefixes([...plan.regions.flatMap(prefixesOf), ...endpoints]))
    if (inner.at.endsWith('.endpoint') && !outer.at.endsWith('.endpoint'))
      refuse('endpoint-inside', inner.at, `it lies in ${outer.at}`);
}

function checkGateways(
  plan: PlanDocument,
  pools: Pools,
  once: Once,
  refuse: Refuse,
): ReadonlyMap<string, bigint> {
  const wanted = plan.regions.flatMap((r) =>
    Array.from({ length: r.gatewayCount }, (_, i) => `${r.id}/${i + 1}`),
  );
  if (plan.gateways.map((g) => g.id).join() !== wanted.join())
    refuse('gateways', 'gateways', `they are, in order: ${wanted.join(', ')}`);
  const locatorOf = new Map<string, bigint>();
  for (const g of plan.gateways) {
    const at = `gateways.${g.id}`;
    if (g.id !== `${g.region}/${g.number}`)
      refuse('gateways', at, 'id, region and number do not go together');
    const locator = tryParsePrefix(g.locator);
    const group = locator ? (locator.value >> shift64) & 0xffffn : -1n;
    if (
      !locator ||
      locator.length !== 64 ||
      !contains(pools.ipv6, locator) ||
      group < locators ||
      group >= locatorsEnd
    ) {
      refuse('locator', at, `'${g.locator}' is no locator of the pool`);
      continue;
    }
    locatorOf.set(g.id, locator.value);
    once('locator', g.locator, at);
    const number = group - locators;
    const right: readonly (readonly [string, string, bigint])[] = [
      ['ipv4', g.ipv4, pools.gateways.value + number + 1n],
      ['ipv6', g.ipv6, locator.value + 1n],
      ['segmentDx4', g.segmentDx4, locator.value + (4n << 48n)],
      ['segmentDx6', g.segmentDx6, locator.value + (6n << 48n)],
    ];
    for (const [name, text, value] of right) {
      const address = tryParseAddress(text);
      if (address?.value !== value)
        refuse('gateway-address', `${at}.${name}`, `'${text}' does not follow from its locator`);
      once('address', text, at);
    }
    const ipv4 = tryParseAddress(g.ipv4);
    if (!ipv4 || !contains(pools.gateways, ipv4))
      refuse('gateway-address', at, `'${g.ipv4}' lies outside the pool`);
    for (const [name, key] of [
      ['public key', g.publicKey],
      ['next public key', g.nextPublicKey ?? null],
    ] as const) {
      if (key === null) continue;
      const fault = publicKeyFault(key);
      if (fault !== undefined) refuse('public-key', at, `its ${name} ${fault}`);
      once('public key', key, at);
    }
    if (g.nextPublicKey !== undefined && g.publicKey === null)
      refuse('public-key', at, 'it has a next public key and none in use');
  }
  return locatorOf;
}

function checkTunnels(
  plan: PlanDocument,
  pools: Pools,
  locatorOf: ReadonlyMap<string, bigint>,
  once: Once,
  refuse: Refuse,
): void {
  const gateways = new Map(plan.regions.map((r) => [r.id, r.gatewayCount]));
  const stated = new Map(plan.tunnels.map((t) => [t.id, t]));
  const wanted = new Set<string>();
  for (const link of plan.links) {
    const [a, b] = [gateways.get(link.a) ?? 0, gateways.get(link.b) ?? 0];
    const usual = `link-${link.a}-${link.b}`;
    const name = link.id === usual ? `tunnel-${link.a}-${link.b}` : `tunnel-${link.id}`;
    for (let plane = 1; plane <= Math.max(a, b); plane++) {
      const id = plane === 1 ? name : `${name}.${plane}`;
      wanted.add(id);
      const t = stated.get(id);
      const ends = [`${link.a}/${((plane - 1) % a) + 1}`, `${link.b}/${((plane - 1) % b) + 1}`];
      if (!t) {
        refuse('tunnel-missing', `tunnels.${id}`, `link '${link.id}' needs it`);
        continue;
      }
      const right =
        t.link === link.id &&
        t.plane === plane &&
        t.type === link.tunnelType &&
        t.mtu === link.mtu &&
        t.keepaliveSeconds === link.keepaliveSeconds &&
        t.ends.map((e) => e.gateway).join() === ends.join();
      if (!right) refuse('tunnel', `tunnels.${id}`, `it is not what link '${link.id}' describes`);
    }
  }
  const identities = new Map(plan.regions.map((r) => [r.id, r.identity]));
  for (const t of plan.tunnels) {
    const at = `tunnels.${t.id}`;
    if (!wanted.has(t.id)) refuse('tunnel', at, 'no link needs it');
    // A link that names its ends the other way round keeps the address of each: either may have the even one.
    const first = tryParseAddress(t.ends[0].ipv4);
    const offset = first ? first.value - pools.links.value : -2n;
    const number = offset / 2n;
    const turned = offset % 2n === 1n;
    t.ends.forEach((end, index) => {
      const side = turned ? 1 - index : index;
      const [ipv4, ipv6, segment] = [end.ipv4, end.ipv6, end.segment].map(tryParseAddress);
      const value6 = pools.ipv6.value + (links6 << shift64) + 2n * (number + 1n) + BigInt(side);
      const right4 = pools.links.value + 2n * number + BigInt(side);
      if (!ipv4 || ipv4.family !== 4 || !contains(pools.links, ipv4) || ipv4.value !== right4)
        refuse('tunnel-address', at, `'${end.ipv4}' is no end of a /31 of the pool`);
      if (ipv6?.value !== value6)
        refuse('tunnel-address', at, `'${end.ipv6}' does not go with '${end.ipv4}'`);
      const locator = locatorOf.get(end.gateway);
      const inner = locator === undefined || !segment ? -1n : segment.value - locator;
      const fn = inner >> 48n;
      if (inner < 0n || inner >> shift64 !== 0n || fn < firstFunction || inner !== fn << 48n)
        refuse('segment', at, `'${end.segment}' is no segment of ${end.gateway}`);
      if (!(Number.isInteger(end.listenPort) && end.listenPort >= 1024 && end.listenPort <= 65535))
        refuse('port', at, `${end.listenPort} is no port to listen on`);
      const peer = identities.get(t.ends[1 - index].gateway.split('/')[0]) ?? '';
      if (!nameFits(end.interfaceName, peer, t))
        refuse('interface-name', at, `'${end.interfaceName}' does not name the interface towards '${peer}'`);
      once('address', end.ipv4, at);
      once('address', end.ipv6, at);
      once(`segment`, end.segment, at);
      once(`port of ${end.gateway}`, String(end.listenPort), at);
      once(`interface of ${end.gateway}`, end.interfaceName, at);
    });
  }
}

/**
 * By identities: `wg-<peer>`, with the prefix of the tunnel's type, or the peer's beginning with four digits
 * of the tunnel's hash; at most 15 characters.
 */
function nameFits(name: string, peer: string, { type, identity }: Tunnel): boolean {
  if (name.length > 15) return false;
  const { prefix } = tunnelKind(type);
  if (name === `${prefix}-${peer}`) return true;
  // A clash takes the next hash; more than a few in a row do not happen.
  return Array.from({ length: 16 }, (_, i) => i).some((i) => {
    const hash = createHash('sha256').update(`${identity} ${i}`).digest('hex').slice(0, 4);
    return name === `${prefix}-${peer.slice(0, 7)}-${hash}`;
  });
}
