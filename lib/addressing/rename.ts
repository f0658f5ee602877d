import { nearest, problem, type Diagnostic } from '../diagnostics';
import type { Network } from '../model';
import type { LockedEnd, LockedRegion, LockedTunnel, LockFile } from './lock-file';
import { tunnelBase, tunnelEnds, type TunnelEnds } from './tunnel-ends';

type Renamed = Pick<Network, 'name' | 'renames' | 'regions' | 'links'>;

/**
 * The lock as it would stand if everything had always had its ids of now: what `was` renames moves to its new
 * id with all that it holds, and remembers its identity. A region takes its gateways along, its links of
 * default ids and their tunnels. What was carried out before is left as it is. Errors name a `was` of which
 * the lock knows nothing, and ids that are the identity of something else.
 */
export function renameLock(
  network: Renamed,
  lock: LockFile,
): { readonly lock: LockFile; readonly diagnostics: readonly Diagnostic[] } {
  const diagnostics: Diagnostic[] = [];
  const named = renameNetwork(network, lock, diagnostics);
  const moved = new Map<string, string>();
  const regions = renameRegions(network, named, moved, diagnostics);
  const gateways = mapKeys(named.gateways, (id) => renamedGateway(id, moved));
  const tunnels = renameTunnels(network, named, moved, diagnostics);
  checkIdentities(network, regions, tunnels, diagnostics);
  return { lock: { ...named, regions, gateways, tunnels }, diagnostics };
}

function renameNetwork({ name, renames }: Renamed, lock: LockFile, diagnostics: Diagnostic[]): LockFile {
  const { network: was } = renames;
  if (was === null) return lock;
  if (lock.network === was) return { ...lock, network: name, identity: lock.identity ?? was };
  if (lock.identity === undefined) {
    const next = `remove the lock file of '${name}' so that that of '${was}' is taken over, or remove 'was'`;
    diagnostics.push(unknown('was', `the lock file says that '${name}' was never '${was}'`, next));
  }
  return lock;
}

function renameRegions(
  { renames }: Renamed,
  lock: LockFile,
  moved: Map<string, string>,
  diagnostics: Diagnostic[],
): Record<string, LockedRegion> {
  for (const [id, was] of Object.entries(renames.regions)) {
    const fault = renameFault('region', id, was, lock.regions);
    if (fault) diagnostics.push(fault);
    else if (Object.hasOwn(lock.regions, was)) moved.set(was, id);
  }
  return Object.fromEntries(
    Object.entries(lock.regions).map(([id, entry]) => {
      const now = moved.get(id);
      return now === undefined ? [id, entry] : [now, { ...entry, identity: entry.identity ?? id }];
    }),
  );
}

/** Why an entry cannot be renamed; undefined: it can, or has been. */
function renameFault(
  kind: 'region' | 'link',
  id: string,
  was: string,
  locked: Readonly<Record<string, { readonly identity?: string }>>,
  [key, keyWas] = [id, was],
): Diagnostic | undefined {
  const path = `${kind}s.${id}.was`;
  const [isThere, wasThere] = [Object.hasOwn(locked, key), Object.hasOwn(locked, keyWas)];
  if (isThere && wasThere) {
    const next = `restore the lock file from before '${id}' was added, or remove 'was': '${was}' then leaves`;
    return unknown(path, `the lock file holds both '${was}' and '${id}'`, next);
  }
  if (isThere && locked[key].identity === undefined) {
    const next = `restore the lock file from before '${id}' was added, or remove 'was'`;
    return unknown(path, `the lock file holds '${id}' as a ${kind} that was never renamed`, next);
  }
  if (isThere || wasThere) return undefined;
  const near = nearest(was, Object.keys(locked));
  const next = `${near ? `did you mean '${near}'? ` : ''}give the id that the lock file has, or remove 'was'`;
  return unknown(path, `the lock file holds no ${kind} '${was}'`, next);
}

function unknown(path: string, message: string, next: string): Diagnostic {
  return problem('rename-unknown', path, message, next);
}

function renamedGateway(id: string, moved: ReadonlyMap<string, string>): string {
  const slash = id.lastIndexOf('/');
  const region = moved.get(id.slice(0, slash));
  return region === undefined ? id : `${region}${id.slice(slash)}`;
}

function renameTunnels(
  network: Renamed,
  lock: LockFile,
  moved: ReadonlyMap<string, string>,
  diagnostics: Diagnostic[],
): Record<string, LockedTunnel> {
  const { tunnels } = lock;
  const before = new Map([...moved].map(([was, id]) => [id, was]));
  const target = new Map<string, string>();
  const planes = tunnelEnds(network);
  const ofLink = (link: string) => planes.filter((t) => t.link === link);
  // What a link says goes before what follows from its regions.
  for (const [link, was] of Object.entries(network.renames.links)) {
    const own = ofLink(link);
    if (own.length === 0) continue;
    const base = wasBase(was, tunnels);
    const fault = renameFault('link', link, was, tunnels, [tunnelBase(own[0].id), base]);
    if (fault) diagnostics.push(fault);
    else
      for (const t of own) if (Object.hasOwn(tunnels, planeOf(base, t))) target.set(planeOf(base, t), t.id);
  }
  for (const { id, a, b } of network.links) {
    if (id !== `link-${a}-${b}` || (!before.has(a) && !before.has(b))) continue;
    const [from, to] = [before.get(a) ?? a, before.get(b) ?? b];
    // In a mesh the ids decide which end comes first.
    for (const base of [`tunnel-${from}-${to}`, `tunnel-${to}-${from}`])
      for (const t of ofLink(id)) {
        const old = planeOf(base, t);
        if (Object.hasOwn(tunnels, old) && !Object.hasOwn(tunnels, t.id) && !target.has(old))
          target.set(old, t.id);
      }
  }
  const renamed = Object.entries(tunnels).map(([id, tunnel]): [string, LockedTunnel] => {
    const end = (e: LockedEnd): LockedEnd => ({ ...e, gateway: renamedGateway(e.gateway, moved) });
    const now = target.get(id);
    const ends = [end(tunnel.ends[0]), end(tunnel.ends[1])] as const;
    return [
      now ?? id,
      now === undefined ? { ...tunnel, ends } : { ...tunnel, identity: tunnel.identity ?? id, ends },
    ];
  });
  return Object.fromEntries(renamed);
}

/** The id of a tunnel's plane below another name. */
function planeOf(base: string, { plane }: TunnelEnds): string {
  return plane === 1 ? base : `${base}.${plane}`;
}

/** What the tunnels of a link were called: by its id, or by its ends where that was the default. */
function wasBase(was: string, tunnels: LockFile['tunnels']): string {
  const own = `tunnel-${was}`;
  return Object.hasOwn(tunnels, own) || !was.startsWith('link-')
    ? own
    : `tunnel-${was.slice('link-'.length)}`;
}

/** Names of resources and keys are identities, which nothing else may have for its id. */
function checkIdentities(
  network: Renamed,
  regions: Readonly<Record<string, LockedRegion>>,
  tunnels: Readonly<Record<string, LockedTunnel>>,
  diagnostics: Diagnostic[],
): void {
  const check = (
    kind: 'region' | 'tunnel',
    ids: readonly string[],
    locked: Readonly<Record<string, { readonly identity?: string }>>,
    path: (id: string) => string,
  ) => {
    const owners = new Map<string, string>();
    for (const id of ids) {
      const identity = Object.hasOwn(locked, id) ? locked[id].identity : undefined;
      if (identity !== undefined && identity !== id) owners.set(identity, id);
    }
    for (const id of ids) {
      const owner = owners.get(id);
      if (owner === undefined) continue;
      const message = `'${id}' is the identity of ${kind} '${owner}', under which its resources and keys were made`;
      diagnostics.push(
        problem('identity-taken', path(id), message, `give '${id}' another id; '${owner}' was it once`),
      );
    }
  };
  check(
    'region',
    network.regions.map((r) => r.id),
    regions,
    (id) => `regions.${id}`,
  );
  const planes = tunnelEnds(network);
  const links = new Map(planes.map((t) => [t.id, t.link]));
  check('tunnel', [...links.keys()].sort(), tunnels, (id) => `links.${links.get(id)!}`);
}

function mapKeys<T>(record: Readonly<Record<string, T>>, key: (id: string) => string): Record<string, T> {
  return Object.fromEntries(Object.entries(record).map(([id, value]) => [key(id), value]));
}

/** By what the resources and keys of a network are named: the ids under which they were made. */
export interface Identities {
  readonly network: string;
  readonly regions: ReadonlyMap<string, string>;
  readonly gateways: ReadonlyMap<string, string>;
  readonly tunnels: ReadonlyMap<string, string>;
}

/**
 * The identities of everything that a network describes.
 *
 * @param lock with `renameLock` carried out.
 */
export function identitiesOf(network: Renamed, lock: LockFile): Identities {
  const of = (locked: Readonly<Record<string, { readonly identity?: string }>>, id: string) =>
    (Object.hasOwn(locked, id) ? locked[id].identity : undefined) ?? id;
  const regions = new Map(network.regions.map((r) => [r.id, of(lock.regions, r.id)]));
  const gateways = network.regions.flatMap((r) =>
    Array.from({ length: r.gatewayCount }, (_, i): [string, string] => [
      `${r.id}/${i + 1}`,
      `${regions.get(r.id)!}/${i + 1}`,
    ]),
  );
  return {
    network: lock.identity ?? network.name,
    regions,
    gateways: new Map(gateways),
    tunnels: new Map(tunnelEnds(network).map(({ id }) => [id, of(lock.tunnels, id)])),
  };
}
