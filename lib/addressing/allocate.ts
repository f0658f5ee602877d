import { createHash } from 'node:crypto';
import { problem, type Diagnostic } from '../diagnostics';
import type { Network } from '../model';
import {
  addressAt,
  formatPrefix,
  networkOf,
  overlaps,
  parsePrefix,
  PrefixTable,
  subnet,
  subnetCount,
} from '../net';
import type { GatewayAddresses, RegionBlocks, TunnelAddresses, TunnelEndAddresses } from './allocation';
import { firstPort } from './first-port';
import { tunnelKind } from '../tunnels';
import { interfaceName } from './interface-name';
import { linkGroup, locatorGroup, regionBlocks } from './ipv6-layout';
import { keepLocked, regionBlockLength, roomsOf, type Kept } from './keep-locked';
import { emptyLock } from './lock';
import type {
  LockedEnd,
  LockedGateway,
  LockedPools,
  LockedRegion,
  LockedTunnel,
  LockFile,
} from './lock-file';
import { identitiesOf, renameLock, type Identities } from './rename';
import { readRenumber } from './renumber';
import { regionOf, tunnelEnds, type TunnelEnds } from './tunnel-ends';

/** Everything that was allocated, by id. */
export interface Allocation {
  /** The name under which resources and keys were made; the network's own unless it was renamed. */
  readonly identity: string;
  readonly ipv6Pool: string;
  readonly regions: ReadonlyMap<string, RegionBlocks>;
  readonly gateways: ReadonlyMap<string, GatewayAddresses>;
  readonly tunnels: ReadonlyMap<string, TunnelAddresses>;
}

/** First function number of End.X segments; those below are for decapsulation. */
const firstSegment = 0x100;

/** Function numbers of the decapsulation segments. */
const dx4Function = 4;
const dx6Function = 6;

/**
 * Allocates blocks, addresses, ports, interface names and segments. What the lock holds stays as it is
 * (`keepLocked`); what is new gets the lowest free number, in id order; what is gone from the network leaves
 * the lock. What cannot stay is an error. Equal input gives an equal result whatever the declaration order.
 */
export function allocate(
  network: Network,
  lock: LockFile | null,
): {
  readonly allocation?: Allocation;
  readonly lock?: LockFile;
  readonly diagnostics: readonly Diagnostic[];
} {
  const renamed = renameLock(network, lock ?? emptyLock(network.name));
  if (renamed.diagnostics.length > 0) return { diagnostics: renamed.diagnostics };
  const before = renamed.lock;
  const identities = identitiesOf(network, before);
  const ends = [...tunnelEnds(network)].sort((x, y) => (x.id < y.id ? -1 : 1));
  const { renumbering, diagnostics: unknown } = readRenumber(network, before, ends, identities);
  if (unknown.length > 0) return { diagnostics: unknown };
  const pools = { ...network.pools, ipv6: network.pools.ipv6 ?? uniqueLocalPool(identities.network) };
  const { kept, diagnostics: clashes } = keepLocked({
    network,
    lock: before,
    ends,
    identities,
    pools,
    renumbering,
  });
  if (clashes.length > 0) return { diagnostics: clashes };

  const diagnostics: Diagnostic[] = [];
  const regions = lockRegions(network, before, pools, kept, diagnostics);
  const gateways = lockGateways(identities, pools, kept, diagnostics);
  const tunnels = lockTunnels(ends, before, identities, pools, kept, diagnostics);
  if (!regions || !gateways || !tunnels) return { diagnostics };

  const { identity, plan = null } = before;
  const { done } = renumbering;
  const after: LockFile = {
    ...emptyLock(network.name),
    ...(identity === undefined ? {} : { identity }),
    plan,
    pools,
    ...(done.length === 0 ? {} : { renumbered: done }),
    regions,
    gateways,
    tunnels,
  };
  return { allocation: addresses(network, after, pools, identities), lock: after, diagnostics };
}

function tooSmall(pool: string, prefix: string, needed: number, room: number, beside = ''): Diagnostic {
  const message = `${prefix} has room for ${room}${beside}, and the network needs ${needed}`;
  const more = beside === '' ? '' : ', or give prefixes outside it';
  const next = `set 'addressing.${pool}' to a larger prefix${more}`;
  return problem('pool-too-small', `addressing.${pool}`, message, next);
}

/** What is kept, and the lowest free numbers for the rest, in the order of the ids. */
function numberAll(ids: readonly string[], kept: ReadonlyMap<string, number>): ReadonlyMap<string, number> {
  const taken = new Set(kept.values());
  const numbers = new Map(kept);
  let next = 0;
  for (const id of ids) {
    if (numbers.has(id)) continue;
    while (taken.has(next)) next++;
    taken.add(next);
    numbers.set(id, next);
  }
  return numbers;
}

function lockRegions(
  network: Network,
  before: LockFile,
  pools: LockedPools,
  kept: Kept,
  diagnostics: Diagnostic[],
): Record<string, LockedRegion> | undefined {
  const pool = parsePrefix(pools.regions);
  const ids = network.regions.map((r) => r.id);
  const room = roomsOf(pools).regions;
  if (ids.length > room) {
    const message = `${ids.length} regions; the IPv6 pool has room for ${room}`;
    diagnostics.push(problem('pool-too-small', 'regions', message, 'split the network'));
    return undefined;
  }
  const numbers = numberAll(ids, kept.regions);
  const blocks = new Map(kept.blocks);
  const subnets = subnetCount(pool, regionBlockLength);
  const prefixes = network.regions.flatMap((r) => r.prefixes.map(parsePrefix));
  // What lies within a block of the allocated length takes all of it.
  const taken = new PrefixTable<true>();
  for (const used of [...kept.blocks.values(), ...prefixes])
    taken.add(used.length > regionBlockLength ? networkOf(used, regionBlockLength) : used, true);
  const isFree = (i: number) => !taken.around(subnet(pool, regionBlockLength, i));
  let next = 0;
  for (const id of ids) {
    if (blocks.has(id)) continue;
    while (next < subnets && !isFree(next)) next++;
    if (next >= subnets) {
      const needed = ids.filter((other) => !kept.blocks.has(other)).length;
      const free = Array.from({ length: subnets }, (_, i) => i).filter(isFree).length;
      const beside = prefixes.some((prefix) => overlaps(prefix, pool)) ? ' beside the given prefixes' : '';
      diagnostics.push(tooSmall('regions', pools.regions, needed, free, beside));
      return undefined;
    }
    blocks.set(id, subnet(pool, regionBlockLength, next++));
  }
  return Object.fromEntries(
    ids.map((id) => {
      const ipv4Block = formatPrefix(blocks.get(id)!);
      return [id, { ...identityIn(before.regions, id), ipv4Block, number: numbers.get(id)! }];
    }),
  );
}

/** The identity of a locked entry, to be kept. */
function identityIn(
  locked: Readonly<Record<string, { readonly identity?: string }>>,
  id: string,
): { readonly identity?: string } {
  const identity = Object.hasOwn(locked, id) ? locked[id].identity : undefined;
  return identity === undefined ? {} : { identity };
}

function lockGateways(
  identities: Identities,
  pools: LockedPools,
  kept: Kept,
  diagnostics: Diagnostic[],
): Record<string, LockedGateway> | undefined {
  const ids = [...identities.gateways.keys()].sort();
  const room = roomsOf(pools).gateways;
  if (ids.length > room) {
    diagnostics.push(tooSmall('gateways', pools.gateways, ids.length, room));
    return undefined;
  }
  const numbers = numberAll(ids, kept.gateways);
  return Object.fromEntries(ids.map((id) => [id, { number: numbers.get(id)! }]));
}

function lockTunnels(
  ends: readonly TunnelEnds[],
  before: LockFile,
  identities: Identities,
  pools: LockedPools,
  kept: Kept,
  diagnostics: Diagnostic[],
): Record<string, LockedTunnel> | undefined {
  const ids = ends.map((t) => t.id);
  const room = roomsOf(pools).tunnels;
  if (ids.length > room) {
    diagnostics.push(tooSmall('links', pools.links, ids.length, room));
    return undefined;
  }
  const numbers = numberAll(ids, kept.tunnels);
  const ports = new Taken<number>();
  const segments = new Taken<number>();
  const names = new Taken<string>();
  for (const { gateway, listenPort, segment, interfaceName } of kept.ends.values()) {
    ports.add(gateway, listenPort);
    segments.add(gateway, segment);
    names.add(gateway, interfaceName);
  }
  const lowest = (taken: Taken<number>, gateway: string, first: number) => {
    let value = first;
    while (taken.has(gateway, value)) value++;
    taken.add(gateway, value);
    return value;
  };
  const end = (tunnel: TunnelEnds, side: 0 | 1): LockedEnd => {
    const gateway = tunnel.ends[side];
    const locked = kept.ends.get(`${tunnel.id} ${gateway}`);
    if (locked) return locked;
    // By identities, so that a name stays right whatever its peer is called later.
    const peer = identities.regions.get(regionOf(tunnel.ends[1 - side]))!;
    const name = interfaceName(
      tunnelKind(tunnel.type),
      peer,
      identities.tunnels.get(tunnel.id)!,
      names.of(gateway),
    );
    names.add(gateway, name);
    const listenPort = lowest(ports, gateway, firstPort);
    return { gateway, interfaceName: name, listenPort, segment: lowest(segments, gateway, firstSegment) };
  };
  return Object.fromEntries(
    ends.map((tunnel): [string, LockedTunnel] => {
      const both = [end(tunnel, 0), end(tunnel, 1)] as const;
      // A link that names its ends the other way round keeps the address of each.
      const first = kept.tunnels.has(tunnel.id) ? before.tunnels[tunnel.id].ends[0].gateway : undefined;
      const turned = first !== undefined && regionOf(first) === regionOf(tunnel.ends[1]);
      return [
        tunnel.id,
        {
          ...identityIn(before.tunnels, tunnel.id),
          number: numbers.get(tunnel.id)!,
          ends: turned ? [both[1], both[0]] : both,
        },
      ];
    }),
  );
}

/** What is in use on each gateway. */
class Taken<T> {
  private readonly byGateway = new Map<string, Set<T>>();

  of(gateway: string): Set<T> {
    let set = this.byGateway.get(gateway);
    if (!set) this.byGateway.set(gateway, (set = new Set()));
    return set;
  }

  has(gateway: string, value: T): boolean {
    return this.of(gateway).has(value);
  }

  add(gateway: string, value: T): void {
    this.of(gateway).add(value);
  }
}

/**
 * A unique local /48 (RFC 4193): `fd` and 40 bits of the name's SHA-256, so that it needs no clock and no
 * dice.
 */
export function uniqueLocalPool(network: string): string {
  const hash = createHash('sha256').update(`dwcp-multiregion ${network}`).digest();
  const value = (0xfdn << 120n) | (BigInt(`0x${hash.subarray(0, 5).toString('hex')}`) << 80n);
  return formatPrefix({ family: 6, value, length: 48 });
}

function addresses(network: Network, lock: LockFile, pools: LockedPools, identities: Identities): Allocation {
  const { ipv6: ipv6Pool } = pools;
  const pool = parsePrefix(ipv6Pool);
  const [gatewayPool, linkPool] = [parsePrefix(pools.gateways), parsePrefix(pools.links)];
  const locator = (number: number) => subnet(pool, 64, locatorGroup + number);
  // The function follows the 64-bit locator (RFC 8986 section 3.1): 16 bits, then zeros.
  const segment = (number: number, fn: number) => addressAt(locator(number), BigInt(fn) << 48n);
  const links6 = subnet(pool, 64, linkGroup);
  const regions = Object.entries(lock.regions).map(([id, r]): [string, RegionBlocks] => [
    id,
    {
      identity: identities.regions.get(id)!,
      ipv4Block: r.ipv4Block,
      ipv6Block: formatPrefix(subnet(pool, 56, regionBlocks[r.number])),
    },
  ]);
  const gateways = Object.entries(lock.gateways).map(([id, { number }]): [string, GatewayAddresses] => [
    id,
    {
      identity: identities.gateways.get(id)!,
      ipv4: addressAt(gatewayPool, number + 1),
      ipv6: addressAt(locator(number), 1),
      locator: formatPrefix(locator(number)),
      segmentDx4: segment(number, dx4Function),
      segmentDx6: segment(number, dx6Function),
    },
  ]);
  const tunnels = tunnelEnds(network).map(({ id, ends }): [string, TunnelAddresses] => {
    const t = lock.tunnels[id];
    const end = (gateway: string): TunnelEndAddresses => {
      const side = t.ends.findIndex((e) => e.gateway === gateway);
      const locked = t.ends[side];
      return {
        interfaceName: locked.interfaceName,
        listenPort: locked.listenPort,
        ipv4: addressAt(linkPool, 2 * t.number + side),
        // Number 0 would use the subnet-router anycast address (RFC 6164 section 5).
        ipv6: addressAt(links6, 2 * (t.number + 1) + side),
        segment: segment(lock.gateways[gateway].number, locked.segment),
      };
    };
    return [id, { identity: identities.tunnels.get(id)!, ends: [end(ends[0]), end(ends[1])] }];
  });
  return {
    identity: identities.network,
    ipv6Pool,
    regions: new Map(regions),
    gateways: new Map(gateways),
    tunnels: new Map(tunnels),
  };
}
