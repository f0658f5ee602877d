import { problem, type Diagnostic } from '../diagnostics';
import { overlaps, parsePrefix } from '../net';
import type { LockedEnd, LockedGateway, LockedPlan, LockedRegion, LockedTunnel, LockFile } from './lock-file';
import { regionOf } from './tunnel-ends';

export type Side = 'ours' | 'theirs';

/** A merged lock file, and what of the losing side the next plan allocates anew. */
export interface MergedLocks {
  readonly lock?: LockFile;
  /** The side that goes first where both are new. */
  readonly first: Side;
  /** Ids of the other side's entries that clashed and were left out, sorted. */
  readonly dropped: readonly string[];
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Merges two lock files that grew from one base. Entries are told apart by identity, so that what one side
 * renamed is what the other side changed. Field by field, what one side changed goes before what the base
 * had.
 *
 * Where both sides say something of their own, one side goes first: `keep` if given, else the side with the
 * greater generation, else ours. Entries stay in this order: those of the base, those that are new on the
 * first side, those that are new on the other. One of the latter that clashes with what stays is left out,
 * with what needs it. The next plan allocates it anew: only that knows what is still described. What one side
 * removed stays until then, in case it is still described. The plan counts from the greater generation.
 *
 * @param base null: the sides have nothing in common.
 */
export function mergeLocks(
  base: LockFile | null,
  ours: LockFile,
  theirs: LockFile,
  keep?: Side,
): MergedLocks {
  const [a, b] = [generationOf(ours), generationOf(theirs)];
  const first = keep ?? (b > a ? 'theirs' : 'ours');
  const [won, lost] = first === 'ours' ? [ours, theirs] : [theirs, ours];
  const identity = (lock: LockFile) => lock.identity ?? lock.network;
  const strange = [base, lost].find((lock) => lock && identity(lock) !== identity(won));
  if (strange) {
    const message = `the sides are lock files of two networks, '${strange.network}' and '${won.network}'`;
    const next = 'merge lock files of one network; a renamed one keeps its identity';
    return { first, dropped: [], diagnostics: [problem('lock-foreign', '', message, next)] };
  }
  const [from, x, y] = [base && entriesOf(base), entriesOf(won), entriesOf(lost)];
  const three = <T>(part: (e: Entries) => ReadonlyMap<string, T>) =>
    mergeEntries(from ? part(from) : new Map<string, T>(), part(x), part(y));
  const stock = new Stock();
  const regions = stock.admit(
    three((e) => e.regions),
    claimsOfRegion,
  );
  const wanted = three((e) => e.gateways);
  const numbers = new Set([...wanted.values()].map(({ value }) => value.number));
  // A tunnel of the base may now end on a gateway that is new on the other side, which hence stays.
  const renumbered = (): LockedGateway => {
    let number = 0;
    while (numbers.has(number)) number++;
    numbers.add(number);
    return { number };
  };
  const stands = (id: string) => regions.has(regionOf(id));
  const gateways = stock.admit(wanted, claimsOfGateway, stands, renumbered);
  const tunnels = stock.admit(
    three((e) => e.tunnels),
    claimsOfTunnel,
    (_, t) => [...t.ends.keys()].every((gateway) => gateways.has(gateway)),
  );
  // A region stands with its first gateway, or not at all.
  for (const id of [...regions.keys()])
    if (!gateways.has(`${id}/1`)) stock.drop(id, regions, gateways, tunnels);
  if (stock.clashes.length > 0) return { first, dropped: [], diagnostics: stock.clashes };
  const lock = assemble(base, won, lost, { regions, gateways, tunnels });
  return { lock, first, dropped: [...stock.dropped].sort(), diagnostics: [] };
}

function generationOf(lock: LockFile): number {
  return lock.plan?.generation ?? 0;
}

/** A lock's entries by identity, with identities in the place of ids: a renaming is a field like others. */
interface Entries {
  readonly regions: ReadonlyMap<string, RegionEntry>;
  readonly gateways: ReadonlyMap<string, LockedGateway>;
  readonly tunnels: ReadonlyMap<string, TunnelEntry>;
}

interface RegionEntry {
  readonly id: string;
  /** Was it ever renamed? */
  readonly renamed: boolean;
  readonly ipv4Block: string;
  readonly number: number;
}

interface TunnelEntry {
  /** Its id; null: the default one, which follows from `between`. */
  readonly id: string | null;
  /** Identities of the regions in the order of the default id. */
  readonly between: string;
  /** What stands behind the default id: `.2` for the second plane. */
  readonly plane: string;
  readonly renamed: boolean;
  readonly number: number;
  /** Identity of the region whose gateway has the even address. */
  readonly even: string;
  /** By gateway identity. */
  readonly ends: ReadonlyMap<string, Omit<LockedEnd, 'gateway'>>;
}

function entriesOf(lock: LockFile): Entries {
  const identity = (id: string) => lock.regions[id]?.identity ?? id;
  const ofGateway = (id: string) => `${identity(regionOf(id))}${id.slice(regionOf(id).length)}`;
  const regions = Object.entries(lock.regions).map(([id, r]): [string, RegionEntry] => [
    identity(id),
    { id, renamed: r.identity !== undefined, ipv4Block: r.ipv4Block, number: r.number },
  ]);
  const gateways = Object.entries(lock.gateways).map(([id, g]): [string, LockedGateway] => [
    ofGateway(id),
    g,
  ]);
  const tunnels = Object.entries(lock.tunnels).map(([id, t]): [string, TunnelEntry] => {
    const [a, b] = t.ends.map((e) => regionOf(e.gateway));
    const [name, plane = ''] = id.split(/(?=\.\d+$)/);
    const order = [
      [a, b],
      [b, a],
    ].find(([p, q]) => name === `tunnel-${p}-${q}`);
    const ends = t.ends.map(({ gateway, ...end }) => [ofGateway(gateway), end] as const);
    return [
      t.identity ?? id,
      {
        id: order ? null : id,
        between: (order ?? [a, b].sort()).map(identity).join(' '),
        plane,
        renamed: t.identity !== undefined,
        number: t.number,
        even: identity(a),
        ends: new Map(ends),
      },
    ];
  });
  return { regions: new Map(regions), gateways: new Map(gateways), tunnels: new Map(tunnels) };
}

/** An entry, and by what right it stands: 0 base, 1 first side, 2 other side, 3 removed by one. */
interface Ranked<T> {
  readonly value: T;
  readonly rank: 0 | 1 | 2 | 3;
}

function mergeEntries<T>(
  base: ReadonlyMap<string, T>,
  won: ReadonlyMap<string, T>,
  lost: ReadonlyMap<string, T>,
): Map<string, Ranked<T>> {
  const ids = [...new Set([...won.keys(), ...lost.keys()])].sort();
  return new Map(
    ids.map((id): [string, Ranked<T>] => {
      const [old, x, y] = [base.get(id), won.get(id), lost.get(id)];
      if (old !== undefined && x !== undefined && y !== undefined)
        return [id, { value: mergeFields(old, x, y), rank: 0 }];
      if (old !== undefined) return [id, { value: (x ?? y)!, rank: 3 }];
      return x === undefined ? [id, { value: y!, rank: 2 }] : [id, { value: x, rank: 1 }];
    }),
  );
}

/** Field by field: what one side changed; where both did, the first side's. */
function mergeFields<T>(old: T, x: T, y: T): T {
  const fields = Object.keys(x as object) as (keyof T)[];
  const same = (p: unknown, q: unknown) => text(p) === text(q);
  return Object.fromEntries(
    fields.map((f) => {
      if (x[f] instanceof Map) {
        const [o, p, q] = [old[f], x[f], y[f]] as unknown as ReadonlyMap<string, unknown>[];
        return [f, same(o, p) ? q : p];
      }
      return [f, same(old[f], x[f]) ? y[f] : x[f]];
    }),
  ) as T;
}

function text(value: unknown): string {
  return JSON.stringify(value instanceof Map ? [...value].sort(([p], [q]) => (p < q ? -1 : 1)) : value);
}

/** What nobody else may have; the first is what it is called. */
type Claims<T> = (value: T, id: string) => readonly string[];

const claimsOfRegion: Claims<RegionEntry> = (r) => [
  `region id '${r.id}'`,
  `IPv6 block number ${r.number}`,
  `block ${r.ipv4Block}`,
];
const claimsOfGateway: Claims<LockedGateway> = (g, id) => [
  `gateway id '${id}'`,
  `gateway number ${g.number}`,
];
const claimsOfTunnel: Claims<TunnelEntry> = (t) => [
  `tunnel id '${t.id ?? `${t.between}${t.plane}`}'`,
  `link addresses number ${t.number}`,
  ...[...t.ends].flatMap(([gateway, end]) => [
    `port ${end.listenPort} of gateway '${gateway}'`,
    `segment ${end.segment} of gateway '${gateway}'`,
    `interface ${end.interfaceName} of gateway '${gateway}'`,
  ]),
];

/** What is taken, by whom, and what was left out. */
class Stock {
  readonly dropped = new Set<string>();
  readonly clashes: Diagnostic[] = [];
  private readonly taken = new Map<string, string>();

  /** Takes entries by their rank; what clashes, or stands on what is not there, is left out. */
  admit<T>(
    entries: ReadonlyMap<string, Ranked<T>>,
    claims: Claims<T>,
    stands: (id: string, value: T) => boolean = () => true,
    anew?: () => T,
  ): Map<string, T> {
    const admitted = new Map<string, T>();
    const ranked = [...entries].sort(([, p], [, q]) => p.rank - q.rank);
    for (const [id, { value, rank }] of ranked) {
      const wanted = claims(value, id);
      const clash = wanted.find((claim) => this.holder(claim) !== undefined);
      if (rank <= 1 && clash !== undefined) this.report(id, clash);
      // What one side removed is called down by the plan if it is still described and clashes.
      const fits = rank === 3 ? !this.taken.has(wanted[0]) : clash === undefined;
      if (stands(id, value) && fits) {
        for (const claim of wanted) if (!this.taken.has(claim)) this.taken.set(claim, id);
        admitted.set(id, value);
      } else if (rank !== 3) {
        this.dropped.add(id);
        if (anew && stands(id, value)) admitted.set(id, anew());
      }
    }
    return admitted;
  }

  private report(id: string, clash: string): void {
    const message = `the sides cannot be put together: ${clash} went to both '${this.holder(clash)!}' and '${id}'`;
    const next = `give the other side the first word ('--keep'), or change '${id}' on one branch and plan it there`;
    this.clashes.push(problem('lock-clash', '', message, next));
  }

  /** Who has what is claimed, or a block that overlaps it. */
  private holder(claim: string): string | undefined {
    if (!claim.startsWith('block ')) return this.taken.get(claim);
    const block = parsePrefix(claim.slice('block '.length));
    for (const [other, id] of this.taken)
      if (other.startsWith('block ') && overlaps(parsePrefix(other.slice('block '.length)), block)) return id;
    return undefined;
  }

  /** Leaves a region out, with all that stands on it. */
  drop(
    region: string,
    regions: Map<string, unknown>,
    gateways: Map<string, unknown>,
    tunnels: Map<string, TunnelEntry>,
  ): void {
    regions.delete(region);
    this.dropped.add(region);
    for (const id of [...gateways.keys()])
      if (regionOf(id) === region && gateways.delete(id)) this.dropped.add(id);
    for (const [id, { ends }] of [...tunnels])
      if ([...ends.keys()].some((g) => regionOf(g) === region) && tunnels.delete(id)) this.dropped.add(id);
  }
}

function assemble(
  base: LockFile | null,
  won: LockFile,
  lost: LockFile,
  entries: { [K in keyof Entries]: Entries[K] },
): LockFile {
  const field = <T>(pick: (lock: LockFile) => T): T =>
    base !== null && text(pick(base)) === text(pick(won)) ? pick(lost) : pick(won);
  const id = (region: string) => entries.regions.get(region)!.id;
  const gateway = (g: string) => `${id(regionOf(g))}${g.slice(regionOf(g).length)}`;
  const named = <T extends object>(identity: string, own: string, renamed: boolean, entry: T) =>
    [own, renamed || own !== identity ? { identity, ...entry } : entry] as const;
  const regions = [...entries.regions].map(([identity, r]) => {
    const { ipv4Block, number } = r;
    return named<LockedRegion>(identity, r.id, r.renamed, { ipv4Block, number });
  });
  const tunnels = [...entries.tunnels].map(([identity, t]) => {
    const own = t.id ?? `tunnel-${t.between.split(' ').map(id).join('-')}${t.plane}`;
    const ends = [...t.ends]
      .map(([g, end]): LockedEnd => ({ gateway: gateway(g), ...end }))
      .sort(
        (p, q) => Number(regionOf(q.gateway) === id(t.even)) - Number(regionOf(p.gateway) === id(t.even)),
      );
    return named<LockedTunnel>(identity, own, t.renamed, { number: t.number, ends: [ends[0], ends[1]] });
  });
  const network = field((lock) => lock.network);
  const identity = won.identity ?? won.network;
  const renamed = [won, lost].some((lock) => lock.identity !== undefined) || network !== identity;
  const renumbered = mergeSets(base?.renumbered ?? [], won.renumbered ?? [], lost.renumbered ?? []);
  return {
    formatVersion: won.formatVersion,
    network,
    ...(renamed ? { identity } : {}),
    plan: mergePlans(base?.plan ?? null, won.plan ?? null, lost.plan ?? null),
    pools: field((lock) => lock.pools) ?? won.pools ?? lost.pools,
    ...(renumbered.length === 0 ? {} : { renumbered }),
    regions: Object.fromEntries(regions),
    gateways: Object.fromEntries([...entries.gateways].map(([g, entry]) => [gateway(g), entry])),
    tunnels: Object.fromEntries(tunnels),
  };
}

/** The greater generation. Two plans of one generation are followed by the next: neither may come again. */
function mergePlans(
  base: LockedPlan | null,
  won: LockedPlan | null,
  lost: LockedPlan | null,
): LockedPlan | null {
  if (won === null || lost === null) return won ?? lost ?? base;
  if (won.generation !== lost.generation) return won.generation > lost.generation ? won : lost;
  // No plan has this digest, so that the next one counts on.
  return won.digest === lost.digest
    ? won
    : { generation: won.generation, digest: `sha256:${'0'.repeat(64)}` };
}

/** What one side added or removed goes before what the base had. */
function mergeSets(base: readonly string[], x: readonly string[], y: readonly string[]): string[] {
  const all = new Set([...base, ...x, ...y]);
  return [...all]
    .filter((v) => (base.includes(v) ? x.includes(v) && y.includes(v) : x.includes(v) || y.includes(v)))
    .sort();
}
