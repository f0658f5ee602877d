import { problem, type Diagnostic } from '../diagnostics';
import type { Network } from '../model';
import { findOverlaps, formatPrefix, overlaps, parsePrefix, type Prefix } from '../net';
import type { LockedPools } from './lock-file';
import type { Renumbering } from './renumber';

/**
 * Prefixes keep clear of what is allocated: blocks that the lock holds, and the IPv6 pool where it is made of
 * the name. What is given the model has held against each other.
 */
export function checkPrefixes(
  network: Network,
  blocks: ReadonlyMap<string, Prefix>,
  pools: LockedPools,
  renumbering: Renumbering,
  diagnostics: Diagnostic[],
): void {
  interface Claim {
    readonly region: string;
    readonly prefix: Prefix;
    readonly allocated: boolean;
  }
  const given = network.regions.flatMap(({ id, prefixes }) =>
    prefixes.map((text): Claim => ({ region: id, prefix: parsePrefix(text), allocated: false })),
  );
  if (given.length === 0) return;
  const held = network.regions.flatMap(({ id, block }): Claim[] =>
    block === null && blocks.has(id) ? [{ region: id, prefix: blocks.get(id)!, allocated: true }] : [],
  );
  for (const { outer, inner } of findOverlaps([...held, ...given], (claim) => claim.prefix)) {
    const [own, other] = inner.allocated ? [outer, inner] : [inner, outer];
    if (own.allocated || !other.allocated) continue;
    const { region, prefix } = own;
    const text = formatPrefix(prefix);
    const there = formatPrefix(other.prefix);
    const message = `${text} overlaps ${there}, which is allocated to region '${other.region}'`;
    const way = renumbering.say('region', other.region);
    const next =
      region === other.region && inner === own
        ? `leave it out: the block leads there already; or, for '${region}', ${way}`
        : `take it out of the prefixes of '${region}'; or, for '${other.region}', ${way}`;
    diagnostics.push(problem('block-taken', `regions.${region}.prefixes`, message, next));
  }
  if (network.pools.ipv6 !== null) return;
  const pool = parsePrefix(pools.ipv6);
  for (const { region, prefix } of given) {
    if (!overlaps(prefix, pool)) continue;
    const message = `${formatPrefix(prefix)} overlaps ${pools.ipv6}, from which this network allocates`;
    const next = "leave it out, or give the network another /48 as 'addressing.ipv6'";
    diagnostics.push(problem('block-taken', `regions.${region}.prefixes`, message, next));
  }
}
