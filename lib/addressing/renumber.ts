import { nearest, problem, type Diagnostic } from '../diagnostics';
import type { Network } from '../model';
import type { LockedPools, LockFile } from './lock-file';
import type { Identities } from './rename';
import type { TunnelEnds } from './tunnel-ends';

/**
 * What is allocated anew on purpose. `renumber` in the description works once: the lock remembers what was
 * carried out, so that leaving it in the description moves nothing again.
 */
export interface Renumbering {
  readonly regions: ReadonlySet<string>;
  readonly gateways: ReadonlySet<string>;
  readonly tunnels: ReadonlySet<string>;
  readonly pools: ReadonlySet<keyof LockedPools>;
  /** What the lock is to remember: all that the description names, sorted. */
  readonly done: readonly string[];
  /** What to say so that something moves on purpose. @param id of a region, gateway, link, or a pool. */
  readonly say: (kind: RenumberKind, id: string) => string;
}

export type RenumberKind = 'region' | 'gateway' | 'link' | 'pool';

const poolNames = ['regions', 'links', 'gateways', 'ipv6'] as const;

/** One thing that `renumber` may name. */
interface Member {
  readonly kind: 'regions' | 'gateways' | 'tunnels' | 'addressing';
  readonly id: string;
  /** By identity, as the lock remembers it. */
  readonly key: string;
}

/**
 * Reads `renumber`: ids of regions, gateways, links and tunnels, and pools (`addressing.links`). Where a
 * region and a link share an id, `regions.<id>` and `links.<id>` tell them apart. Errors name what there is
 * not.
 */
export function readRenumber(
  network: Pick<Network, 'renumber'>,
  lock: LockFile,
  ends: readonly TunnelEnds[],
  identities: Identities,
): { readonly renumbering: Renumbering; readonly diagnostics: readonly Diagnostic[] } {
  const members = membersOf(ends, identities);
  const diagnostics: Diagnostic[] = [];
  const named: Member[] = [];
  for (const name of network.renumber) {
    const [found, ...others] = members.get(name) ?? [];
    if (found === undefined) {
      const near = nearest(name, members.keys());
      const next = `${near ? `did you mean '${near}'? ` : ''}name a region, gateway, link or pool, or take it out`;
      diagnostics.push(problem('renumber-unknown', 'renumber', `there is no '${name}' to renumber`, next));
    } else if (others.length > 0) {
      const message = `'${name}' is a region and a link`;
      const next = `write 'regions.${name}' or 'links.${name}'`;
      diagnostics.push(problem('renumber-ambiguous', 'renumber', message, next));
    } else named.push(...found);
  }
  const remembered = new Set(lock.renumbered ?? []);
  const anew = named.filter(({ key }) => !remembered.has(key));
  const of = (kind: Member['kind']) => new Set(anew.filter((m) => m.kind === kind).map((m) => m.id));
  const renumbering: Renumbering = {
    regions: of('regions'),
    gateways: of('gateways'),
    tunnels: of('tunnels'),
    pools: of('addressing') as ReadonlySet<keyof LockedPools>,
    done: [...new Set(named.map((m) => m.key))].sort(),
    say: (kind, id) => {
      const qualified = kind === 'pool' ? `addressing.${id}` : kind === 'gateway' ? id : `${kind}s.${id}`;
      const name = kind === 'pool' || members.get(id)?.length !== 1 ? qualified : id;
      return members.get(name)?.[0].some(({ key }) => remembered.has(key))
        ? `take '${name}' out of 'renumber', where it was carried out, plan, and name it again`
        : `move it on purpose: 'renumber: [${name}]'`;
    },
  };
  return { renumbering, diagnostics };
}

/** What each name stands for; more than one entry: it is not clear which. */
function membersOf(
  ends: readonly TunnelEnds[],
  identities: Identities,
): ReadonlyMap<string, readonly Member[][]> {
  const members = new Map<string, Member[][]>();
  const add = (name: string, of: Member[]) => members.set(name, [...(members.get(name) ?? []), of]);
  for (const pool of poolNames)
    add(`addressing.${pool}`, [{ kind: 'addressing', id: pool, key: `addressing.${pool}` }]);
  for (const kind of ['regions', 'gateways', 'tunnels'] as const)
    for (const [id, identity] of identities[kind]) {
      const member: Member = { kind, id, key: `${kind}.${identity}` };
      add(id, [member]);
      add(`${kind}.${id}`, [member]);
    }
  const links = new Map<string, Member[]>();
  for (const { id, link } of ends)
    links.set(link, [
      ...(links.get(link) ?? []),
      { kind: 'tunnels', id, key: `tunnels.${identities.tunnels.get(id)!}` },
    ]);
  for (const [link, tunnels] of links) {
    // A link may bear the name of its own tunnel's first plane; the whole link is meant.
    if (members.get(link)?.every(([m]) => m.kind === 'tunnels')) members.delete(link);
    add(link, tunnels);
    add(`links.${link}`, tunnels);
  }
  return members;
}
