import type { NetworkDescription } from '../../lib/model';
import type { Seeded } from './random-seeded';

/** A network as the test knows it: who is who stands in `uid`, which nothing of the program sees. */
export interface World {
  readonly network: string;
  readonly was?: string;
  readonly regions: readonly WorldRegion[];
  readonly links: readonly WorldLink[];
  readonly pools: Readonly<Record<string, string>>;
  readonly renumber: readonly string[];
  /** Text of the lock file; null: none yet. */
  readonly lock: string | null;
}

interface WorldRegion {
  readonly uid: string;
  readonly id: string;
  readonly was?: string;
  readonly place: string;
  readonly block?: string;
  readonly prefixes?: readonly string[];
  readonly gateways: number;
}

interface WorldLink {
  readonly uid: string;
  readonly id?: string;
  readonly was?: string;
  /** Regions by uid. */
  readonly a: string;
  readonly b: string;
}

/** A change of the description, fixed in all that it does, so that it can be made on another branch too. */
export interface Edit {
  readonly what: string;
  /** undefined: it cannot be made here. */
  readonly apply: (world: World) => World | null;
  /** It must not be refused. */
  readonly harmless: boolean;
  /** Something is renumbered on purpose. */
  readonly onPurpose: boolean;
  /** Of what is renumbered on purpose, the values that may move. */
  readonly mayMove: (world: World, key: string) => boolean;
}

export function descriptionOf(world: World): NetworkDescription {
  const { network, was, pools, renumber } = world;
  const id = new Map(world.regions.map((r) => [r.uid, r.id]));
  const given = <T extends object>(fields: T): T =>
    Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
  return given({
    network,
    was,
    renumber: renumber.length > 0 ? [...renumber] : undefined,
    addressing: pools,
    regions: Object.fromEntries(
      world.regions.map((r) => [
        r.id,
        given({
          place: r.place,
          was: r.was,
          block: r.block,
          prefixes: r.prefixes,
          gateways: { count: r.gateways },
        }),
      ]),
    ),
    links: world.links.map((l) => given({ id: l.id, was: l.was, between: [id.get(l.a)!, id.get(l.b)!] })),
  });
}

const places = [
  'eu-west-1',
  'us-east-1',
  'ap-northeast-1',
  'us-east-2',
  'sa-east-1',
  'eu-central-1',
  'ap-south-1',
];
const regionIds = [
  'ash',
  'birch',
  'cedar',
  'dublin',
  'elm',
  'fir',
  'larch',
  'oak',
  'tokyo',
  'virginia',
  'zelkova',
];
const linkIds = ['cable', 'duct', 'line', 'wire', 'fibre'];
const networks = ['net', 'net2', 'world'];
const never = () => false;

/** A random edit; undefined: the one drawn cannot be made here. */
export function editWorld(world: World, random: Seeded, uid: string): Edit | undefined {
  const region = random.pick(world.regions);
  const link = random.pick(world.links);
  const free = (ids: readonly string[], taken: readonly (string | undefined)[]) => {
    const left = ids.filter((id) => !taken.includes(id));
    return left.length > 0 ? random.pick(left) : undefined;
  };
  const regionId = free(
    regionIds,
    world.regions.map((r) => r.id),
  );
  const linkId = free(
    linkIds,
    world.links.map((l) => l.id),
  );
  const edit = (what: string, apply: Edit['apply'], more: Partial<Edit> = {}): Edit => ({
    what,
    apply,
    harmless: false,
    onPurpose: false,
    mayMove: never,
    ...more,
  });
  /** What is not there any more cannot be renumbered. */
  const settled = (w: World, changes: Partial<World>): World => ({ ...w, renumber: [], ...changes });
  const changeRegion = (changes: Partial<WorldRegion>) => (w: World) =>
    w.regions.some((r) => r.uid === region.uid)
      ? { ...w, regions: w.regions.map((r) => (r.uid === region.uid ? { ...r, ...changes } : r)) }
      : null;
  const changeLink = (changes: Partial<WorldLink>) => (w: World) =>
    w.links.some((l) => l.uid === link.uid)
      ? { ...w, links: w.links.map((l) => (l.uid === link.uid ? { ...l, ...changes } : l)) }
      : null;
  const add = (block?: string) => (w: World) => {
    if (regionId === undefined || w.regions.some((r) => r.id === regionId)) return null;
    if (!w.regions.some((r) => r.uid === region.uid)) return null;
    const place = places[Number(uid.replace(/\D/g, '').slice(-6)) % places.length];
    const made = { uid: `r${uid}`, id: regionId, place, block, gateways: 1 };
    return {
      ...w,
      regions: [...w.regions, made],
      links: [...w.links, { uid: `l${uid}`, a: made.uid, b: region.uid }],
    };
  };
  const someBlock = `10.${random.whole(0, 6)}.${16 * random.whole(0, 15)}.0/${random.pick([16, 20, 24])}`;
  const block = someBlock.endsWith('/16') ? someBlock.replace(/\.\d+\.0\/16$/, '.0.0/16') : someBlock;

  switch (random.whole(0, 24)) {
    case 0:
    case 1:
      return edit(`add ${regionId}`, add(), { harmless: isSettled(world) });
    case 2:
    case 3:
      return edit(`add ${regionId} with ${block}`, add(block));
    case 4:
      return edit(
        `remove ${region.id}`,
        (w) =>
          w.regions.length > 2
            ? settled(w, {
                regions: w.regions.filter((r) => r.uid !== region.uid),
                links: w.links.filter((l) => l.a !== region.uid && l.b !== region.uid),
              })
            : null,
        { harmless: true },
      );
    case 5:
    case 6:
      if (regionId === undefined) return undefined;
      return edit(`rename ${region.id} to ${regionId}`, (w) => {
        const there = w.regions.find((r) => r.uid === region.uid);
        if (!there || w.regions.some((r) => r.id === regionId)) return null;
        const cleared = settled(w, { regions: w.regions.map(({ was: _, ...r }) => r) });
        return changeRegion({ id: regionId, was: there.id })(cleared);
      });
    case 7:
      return edit(`give ${region.id} ${block}`, changeRegion({ block }));
    case 8:
      return edit(`take the block of ${region.id}`, changeRegion({ block: undefined }), { harmless: true });
    case 9: {
      const held = held4(world, region.id);
      return edit(`give ${region.id} what it has, ${held}`, changeRegion({ block: held }), {
        harmless: held !== undefined,
      });
    }
    case 10:
    case 11:
      return edit(
        `gateways of ${region.id}`,
        (w) => changeRegion({ gateways: 3 - region.gateways })(settled(w, {})),
        {
          harmless: !world.lock?.includes('"identity"'),
        },
      );
    case 12: {
      const other = random.pick(world.regions);
      if (linkId === undefined) return undefined;
      return edit(`link ${linkId} between ${region.id} and ${other.id}`, (w) => {
        const ends = [region.uid, other.uid];
        const there =
          ends.every((e) => w.regions.some((r) => r.uid === e)) && !w.links.some((l) => l.id === linkId);
        return there && region.uid !== other.uid
          ? { ...w, links: [...w.links, { uid: `l${uid}`, id: linkId, a: ends[0], b: ends[1] }] }
          : null;
      });
    }
    case 13:
      return edit(`remove link ${link.uid}`, (w) =>
        settled(w, { links: w.links.filter((l) => l.uid !== link.uid) }),
      );
    case 14:
      return edit(
        `turn link ${link.uid}`,
        (w) => (link.id === undefined ? null : changeLink({ a: link.b, b: link.a })(w)),
        { harmless: true },
      );
    case 15:
      if (linkId === undefined) return undefined;
      return edit(`rename link ${link.uid} to ${linkId}`, (w) => {
        const there = w.links.find((l) => l.uid === link.uid);
        if (!there || w.links.some((l) => l.id === linkId)) return null;
        const [a, b] = [there.a, there.b].map((u) => w.regions.find((r) => r.uid === u)!);
        if (a.was !== undefined || b.was !== undefined) return null;
        const cleared = settled(w, { links: w.links.map(({ was: _, ...l }) => l) });
        return changeLink({ id: linkId, was: there.id ?? `link-${a.id}-${b.id}` })(cleared);
      });
    case 16: {
      const pool = random.pick(['regions', 'links', 'gateways', 'ipv6']);
      const choice = {
        regions: ['10.0.0.0/8', '10.0.0.0/9', '10.0.0.0/13', '172.16.0.0/12'],
        links: ['100.64.0.0/16', '100.64.0.0/24', '100.64.0.0/17', '198.18.0.0/16'],
        gateways: ['100.65.0.0/16', '100.65.0.0/24', '198.19.0.0/16'],
        ipv6: ['fd00:1:2::/48', 'fd00:1:3::/48'],
      }[pool]!;
      const prefix = random.pick(choice);
      return edit(`pool ${pool} ${prefix}`, (w) => ({ ...w, pools: { ...w.pools, [pool]: prefix } }));
    }
    case 17: {
      const pool = random.pick(['regions', 'links', 'gateways', 'ipv6']);
      const prefix = {
        regions: '172.16.0.0/12',
        links: '198.18.0.0/16',
        gateways: '198.19.0.0/16',
        ipv6: 'fd00:9:9::/48',
      }[pool]!;
      return edit(
        `move pool ${pool} on purpose`,
        (w) => ({ ...w, pools: { ...w.pools, [pool]: prefix }, renumber: [`addressing.${pool}`] }),
        {
          onPurpose: true,
          mayMove: (w, key) =>
            !w.renumber.includes(`addressing.${pool}`) &&
            {
              regions: /ipv4Block$/,
              links: /^tunnel .* at .* ipv4$/,
              gateways: /^gateway .* ipv4$/,
              ipv6: /(ipv6|ipv6Block|locator|segment\w*)$/,
            }[pool]!.test(key),
        },
      );
    }
    case 18:
      return edit(`renumber ${region.id}`, (w) => ({ ...w, renumber: [region.id] }), {
        onPurpose: true,
        mayMove: (w, key) => !w.renumber.includes(region.id) && key.startsWith(`region ${region.uid} `),
      });
    case 19: {
      const name = `${region.id}/1`;
      return edit(`renumber ${name}`, (w) => ({ ...w, renumber: [name] }), {
        onPurpose: true,
        mayMove: (w, key) =>
          !w.renumber.includes(name) &&
          (key.startsWith(`gateway ${region.uid}/1 `) || key.endsWith(`at ${region.uid}/1 segment`)),
      });
    }
    case 21:
    case 22: {
      const prefix = random.chance(0.8) ? block : `fd00:1:${random.whole(2, 4)}:${random.whole(0, 9)}00::/56`;
      return edit(`lead ${prefix} to ${region.id}`, (w) => {
        const there = w.regions.find((r) => r.uid === region.uid);
        return there ? changeRegion({ prefixes: [...(there.prefixes ?? []), prefix] })(w) : null;
      });
    }
    case 23:
      return edit(`lead no prefix to ${region.id}`, changeRegion({ prefixes: undefined }), {
        harmless: true,
      });
    case 20:
      return edit(
        'say no more what was',
        (w) => ({
          ...w,
          regions: w.regions.map(({ was: _, ...r }) => r),
          links: w.links.map(({ was: _, ...l }) => l),
          was: undefined,
        }),
        { harmless: true },
      );
    default: {
      const network = random.pick(networks);
      return edit(`rename the network to ${network}`, (w) =>
        w.network === network ? null : { ...w, network, was: w.network },
      );
    }
  }
}

/** Is there nothing that a new region without a block could be refused for? */
function isSettled(world: World): boolean {
  return (
    world.pools.regions !== '10.0.0.0/13' && world.regions.length < 8 && !world.lock?.includes('"identity"')
  );
}

/** The block that the lock holds for a region. */
function held4(world: World, id: string): string | undefined {
  const { regions } = JSON.parse(world.lock!) as {
    regions: Record<string, { ipv4Block: string } | undefined>;
  };
  return regions[id]?.ipv4Block;
}
