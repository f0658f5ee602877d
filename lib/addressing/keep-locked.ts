import { problem, type Diagnostic } from '../diagnostics';
import type { Network, Region } from '../model';
import { addressAt, contains, formatPrefix, overlaps, parsePrefix, subnetCount, type Prefix } from '../net';
import { tunnelKind } from '../tunnels';
import { checkPrefixes } from './check-prefixes';
import { isInterfaceName } from './interface-name';
import { mostGateways, regionBlocks } from './ipv6-layout';
import type { LockedEnd, LockedPools, LockFile } from './lock-file';
import type { Identities } from './rename';
import type { Renumbering } from './renumber';
import { regionOf, type TunnelEnds } from './tunnel-ends';

/** Length of an allocated region block. */
export const regionBlockLength = 16;

/** What is given and what the lock holds of what is still described: none of it may move. */
export interface Kept {
  /** Given or locked. */
  readonly blocks: ReadonlyMap<string, Prefix>;
  readonly regions: ReadonlyMap<string, number>;
  readonly gateways: ReadonlyMap<string, number>;
  readonly tunnels: ReadonlyMap<string, number>;
  /** By tunnel and gateway id, with a space between. */
  readonly ends: ReadonlyMap<string, LockedEnd>;
}

/** How many numbers each pool has. */
export interface Rooms {
  readonly regions: number;
  readonly gateways: number;
  readonly tunnels: number;
}

/** The gateway pool's first and last address stay free: some hosts take them for network and broadcast. */
export function roomsOf(pools: LockedPools): Rooms {
  return {
    regions: regionBlocks.length,
    gateways: Math.min(mostGateways, subnetCount(parsePrefix(pools.gateways), 32) - 2),
    tunnels: subnetCount(parsePrefix(pools.links), 31),
  };
}

interface Inputs {
  readonly network: Network;
  /** With `renameLock` carried out. */
  readonly lock: LockFile;
  readonly ends: readonly TunnelEnds[];
  readonly identities: Identities;
  readonly pools: LockedPools;
  readonly renumbering: Renumbering;
}

/**
 * What stays. The lock is law: what it holds of something that is still described is kept, but for what
 * `renumber` names. Where that cannot be, because a given block, a pool or another entry is in the way, an
 * error names both sides and the ways out.
 */
export function keepLocked(inputs: Inputs): {
  readonly kept: Kept;
  readonly diagnostics: readonly Diagnostic[];
} {
  const { network, lock, ends, renumbering } = inputs;
  const diagnostics: Diagnostic[] = [];
  const rooms = roomsOf(inputs.pools);
  const gatewayIds = [...inputs.identities.gateways.keys()].sort();
  // A tunnel that joins other regions is another one.
  const staying = ends.filter((t) => {
    const locked = entryOf(lock.tunnels, t.id);
    return locked && !renumbering.tunnels.has(t.id) && joinsSame(t, locked.ends);
  });
  const numbers = {
    regions: network.regions.map((r) => r.id).filter((id) => !renumbering.regions.has(id)),
    gateways: gatewayIds.filter((id) => !renumbering.gateways.has(id)),
    tunnels: staying.map((t) => t.id),
  };
  const keep = (kind: keyof Rooms) => keepNumbers(inputs, kind, numbers[kind], rooms[kind], diagnostics);
  const kept: Kept = {
    blocks: keepBlocks(inputs, diagnostics),
    regions: keep('regions'),
    gateways: keep('gateways'),
    tunnels: keep('tunnels'),
    ends: keepEnds(inputs, staying, diagnostics),
  };
  checkPools(inputs, kept, diagnostics);
  return { kept, diagnostics };
}

function entryOf<T>(entries: Readonly<Record<string, T>>, id: string): T | undefined {
  return Object.hasOwn(entries, id) ? entries[id] : undefined;
}

function joinsSame(tunnel: TunnelEnds, locked: readonly LockedEnd[]): boolean {
  const regions = (gateways: readonly string[]) => gateways.map(regionOf).sort().join();
  return regions(tunnel.ends) === regions(locked.map((e) => e.gateway));
}

const clashNext = (way: string) =>
  `restore the lock file, or merge its two sides with 'dwcp lock merge'; or ${way}`;

const numbered = {
  regions: { kind: 'region', what: 'IPv6 block' },
  gateways: { kind: 'gateway', what: 'address and locator' },
  tunnels: { kind: 'link', what: 'addresses' },
} as const;

function keepNumbers(
  { lock, ends, renumbering }: Inputs,
  part: keyof Rooms,
  ids: readonly string[],
  room: number,
  diagnostics: Diagnostic[],
): Map<string, number> {
  const { kind, what } = numbered[part];
  const named = (id: string) => (part === 'tunnels' ? ends.find((t) => t.id === id)!.link : id);
  const numbers = new Map<string, number>();
  const holders = new Map<number, string>();
  for (const id of ids) {
    const number = entryOf<{ readonly number: number }>(lock[part], id)?.number;
    if (number === undefined) continue;
    const other = holders.get(number);
    const at = `${part === 'tunnels' ? 'links' : part}.${named(id)}`;
    if (number >= room) {
      const pool = part === 'tunnels' ? 'links' : part;
      const message = `the lock file gives '${id}' ${what} number ${number}, and its pool has ${room} from 0`;
      const next = `give 'addressing.${pool}' a larger prefix, or ${renumbering.say(kind, named(id))}`;
      diagnostics.push(problem('lock-out-of-range', at, message, next));
    } else if (other !== undefined) {
      const message = `the lock file gives ${what} number ${number} to both '${other}' and '${id}'`;
      const next = clashNext(renumbering.say(kind, named(id)));
      diagnostics.push(problem('lock-clash', at, message, next));
    } else {
      holders.set(number, id);
      numbers.set(id, number);
    }
  }
  return numbers;
}

function keepBlocks(
  { network, lock, pools, renumbering }: Inputs,
  diagnostics: Diagnostic[],
): Map<string, Prefix> {
  const blocks = new Map<string, Prefix>();
  const holds = (id: string) =>
    renumbering.regions.has(id) ? undefined : entryOf(lock.regions, id)?.ipv4Block;
  for (const region of network.regions) {
    const locked = holds(region.id);
    if (region.block !== null) {
      blocks.set(region.id, parsePrefix(region.block));
      if (locked === undefined || locked === region.block) continue;
      const message = `${region.block} is given, and ${locked} is allocated to '${region.id}' in the lock file`;
      const next = `give 'block: ${locked}', leave it out, or ${renumbering.say('region', region.id)}`;
      diagnostics.push(problem('block-moved', `regions.${region.id}.block`, message, next));
    } else if (locked !== undefined && !movesWithPool(locked, pools, lock, renumbering))
      blocks.set(region.id, parsePrefix(locked));
  }
  checkApart(network.regions, blocks, holds, pools, renumbering, diagnostics);
  checkPrefixes(network, blocks, pools, renumbering, diagnostics);
  return blocks;
}

/** Is this an allocated block that leaves its pool, on purpose? */
function movesWithPool(block: string, pools: LockedPools, lock: LockFile, renumbering: Renumbering): boolean {
  return renumbering.pools.has('regions') && isLeftOutside(parsePrefix(block), pools, lock);
}

/** Was this block allocated from a pool that is not there any more? What was given lies where it likes. */
function isLeftOutside(block: Prefix, pools: LockedPools, lock: LockFile): boolean {
  return (
    lock.pools !== null &&
    block.length === regionBlockLength &&
    contains(parsePrefix(lock.pools.regions), block) &&
    !contains(parsePrefix(pools.regions), block)
  );
}

function checkApart(
  regions: readonly Region[],
  blocks: ReadonlyMap<string, Prefix>,
  holds: (id: string) => string | undefined,
  pools: LockedPools,
  renumbering: Renumbering,
  diagnostics: Diagnostic[],
): void {
  const known = regions.filter((r) => blocks.has(r.id));
  known.forEach((b, i) => {
    const own = blocks.get(b.id)!;
    for (const a of known.slice(0, i)) {
      // Two given ones are the model's to report.
      if (!overlaps(blocks.get(a.id)!, own) || (a.block !== null && b.block !== null)) continue;
      const [given, held] = a.block === null ? [b, a] : [a, b];
      const there = holds(held.id)!;
      if (given.block === null || given.block === holds(given.id)) {
        const message = `the lock file allocates ${there} to '${held.id}' and ${holds(given.id)!} to '${given.id}', which overlap`;
        const next = clashNext(renumbering.say('region', given.id));
        diagnostics.push(problem('lock-clash', `regions.${given.id}`, message, next));
        continue;
      }
      const message = `${given.block} overlaps ${there}, which is allocated to region '${held.id}'`;
      const next = `give '${given.id}' another block, or leave it out; or, for '${held.id}', ${renumbering.say('region', held.id)}`;
      diagnostics.push(problem('block-taken', `regions.${given.id}.block`, message, next));
    }
    if (b.block !== null) return;
    for (const pool of ['links', 'gateways'] as const) {
      if (!overlaps(parsePrefix(pools[pool]), own)) continue;
      const message = `${pools[pool]} for ${pool} overlaps ${formatPrefix(own)}, which is allocated to region '${b.id}'`;
      const next = `give '${pool}' another prefix; or, for '${b.id}', ${renumbering.say('region', b.id)}`;
      diagnostics.push(problem('block-taken', `addressing.${pool}`, message, next));
    }
  });
}

/** Ports, names and segments, each once on its gateway. */
function keepEnds(
  { lock, identities, renumbering }: Inputs,
  staying: readonly TunnelEnds[],
  diagnostics: Diagnostic[],
): Map<string, LockedEnd> {
  const kept = new Map<string, LockedEnd>();
  const holders = new Map<string, string>();
  for (const { id, link, type, ends } of staying) {
    ends.forEach((gateway, side) => {
      const locked = lock.tunnels[id].ends.find((e) => e.gateway === gateway);
      if (!locked) return;
      const peer = identities.regions.get(regionOf(ends[1 - side]))!;
      const next = clashNext(renumbering.say('link', link));
      if (!isInterfaceName(tunnelKind(type), locked.interfaceName, peer, identities.tunnels.get(id)!)) {
        const message = `the lock file calls the interface of '${id}' on '${gateway}' ${locked.interfaceName}, which is not a name for it`;
        diagnostics.push(problem('lock-out-of-range', `links.${link}`, message, next));
      }
      for (const value of [
        `port ${locked.listenPort}`,
        `segment ${locked.segment}`,
        `interface name ${locked.interfaceName}`,
      ]) {
        const other = holders.get(`${gateway} ${value}`);
        if (other === undefined) holders.set(`${gateway} ${value}`, id);
        else {
          const message = `the lock file gives ${value} of gateway '${gateway}' to both '${other}' and '${id}'`;
          diagnostics.push(problem('lock-clash', `links.${link}`, message, next));
        }
      }
      kept.set(`${id} ${gateway}`, locked);
    });
  }
  return kept;
}

/** Numbers count within their pool: a pool that begins elsewhere moves all that it holds. */
function checkPools(
  { network, lock, pools, renumbering }: Inputs,
  kept: Kept,
  diagnostics: Diagnostic[],
): void {
  const before = lock.pools;
  if (before === null) return;
  const refuse = (pool: keyof LockedPools, moved: readonly string[]) => {
    if (moved.length === 0 || renumbering.pools.has(pool)) return;
    const more = moved.length > 1 ? `, and ${moved.length - 1} more` : '';
    const message = `${before[pool]} became ${pools[pool]}, which moves ${moved[0]}${more}`;
    const next = `restore '${pool}: ${before[pool]}', or ${renumbering.say('pool', pool)}`;
    diagnostics.push(problem('pool-moved', `addressing.${pool}`, message, next));
  };
  const base = (prefix: string, offset: number) => addressAt(parsePrefix(prefix), offset);
  const isElsewhere = (pool: keyof LockedPools) => base(before[pool], 0) !== base(pools[pool], 0);
  const inStep = (pool: 'links' | 'gateways', offsets: readonly (readonly [string, number])[]) =>
    refuse(
      pool,
      isElsewhere(pool)
        ? offsets.map(([id, n]) => `'${id}' from ${base(before[pool], n)} to ${base(pools[pool], n)}`)
        : [],
    );
  const sorted = (numbers: ReadonlyMap<string, number>) => [...numbers].sort(([a], [b]) => (a < b ? -1 : 1));
  inStep(
    'links',
    sorted(kept.tunnels).map(([id, n]) => [id, 2 * n]),
  );
  inStep(
    'gateways',
    sorted(kept.gateways).map(([id, n]) => [id, n + 1]),
  );
  refuse(
    'ipv6',
    isElsewhere('ipv6') ? [...kept.regions.keys(), ...kept.gateways.keys()].map((id) => `'${id}'`) : [],
  );
  const outside = network.regions.filter(
    (r) => r.block === null && kept.blocks.has(r.id) && isLeftOutside(kept.blocks.get(r.id)!, pools, lock),
  );
  const [first] = outside;
  if (first === undefined || renumbering.pools.has('regions')) return;
  const own = formatPrefix(kept.blocks.get(first.id)!);
  const more = outside.length > 1 ? `, and ${outside.length - 1} more` : '';
  const message = `${before.regions} became ${pools.regions}, outside which '${first.id}' has ${own}${more}`;
  const next = `restore 'regions: ${before.regions}', give '${first.id}' 'block: ${own}' to keep it, or ${renumbering.say('pool', 'regions')}`;
  diagnostics.push(problem('pool-moved', 'addressing.regions', message, next));
}
