import { pathId } from '../routing';
import type { PlanDocument } from './document';

/** What has ids and the identities under which they were made. */
export interface Identified {
  readonly regions: readonly { readonly id: string; readonly identity: string }[];
  readonly tunnels: readonly { readonly id: string; readonly identity: string; readonly link: string }[];
}

/** Ids of before by the ids of now, of what was renamed. */
export interface FormerIds {
  readonly regions: ReadonlyMap<string, string>;
  readonly links: ReadonlyMap<string, string>;
  readonly tunnels: ReadonlyMap<string, string>;
}

/** What an id names, by the field that it stands in. */
type Kind = 'region' | 'link' | 'gateway' | 'tunnel' | 'path' | 'demand';

const kindOfField: Readonly<Record<string, Kind>> = {
  region: 'region',
  regions: 'region',
  a: 'region',
  b: 'region',
  from: 'region',
  to: 'region',
  sharedRegions: 'region',
  avoidRegions: 'region',
  requireRegions: 'region',
  link: 'link',
  links: 'link',
  sharedLinks: 'link',
  avoidLinks: 'link',
  requireLinks: 'link',
  unknownCostLinks: 'link',
  unknownLinks: 'link',
  gateway: 'gateway',
  path: 'path',
  primary: 'path',
  equalCost: 'path',
  demands: 'demand',
};

/** What `id` names, by the list whose entries have it. */
const kindOfList: Readonly<Record<string, Kind>> = {
  regions: 'region',
  gateways: 'gateway',
  links: 'link',
  tunnels: 'tunnel',
  paths: 'path',
  demands: 'demand',
};

/** Texts of the description's author, and what is said of yet another plan: no id of ours. */
const untouched: readonly string[] = ['tags', 'warnings', 'previous', 'failures'];

/**
 * A plan as it would stand had everything in it that stands in `now`, too, always had its id of now. Regions
 * and tunnels are the same that have one identity, links those of the same tunnels. What is called after them
 * by default follows: gateways, paths, demands. The digest stays, and so does what is said of failures.
 */
export function withIdsOf(
  plan: PlanDocument,
  now: Identified,
): { readonly plan: PlanDocument; readonly former: FormerIds } {
  const regions = renamed(plan.regions, now.regions);
  const tunnels = renamed(plan.tunnels, now.tunnels);
  const linkOf = new Map(now.tunnels.map((t) => [t.identity, t.link]));
  const links = new Map(
    plan.tunnels.flatMap(({ identity, link }): [string, string][] => {
      const today = linkOf.get(identity);
      return today === undefined || today === link ? [] : [[link, today]];
    }),
  );
  const former = { regions: swapped(regions), links: swapped(links), tunnels: swapped(tunnels) };
  if (regions.size + links.size + tunnels.size === 0) return { plan, former };
  const region = (id: string) => regions.get(id) ?? id;
  const link = (id: string) => links.get(id) ?? id;
  const paths = new Map(
    plan.paths.map((p) => [p.id, pathId(p.regions.map(region), p.links.map(link))] as const),
  );
  const demands = new Map(
    plan.demands
      .filter((d) => d.id === `demand-${d.from}-${d.to}-${d.class}`)
      .map((d) => [d.id, `demand-${region(d.from)}-${region(d.to)}-${d.class}`] as const),
  );
  const rename: Readonly<Record<Kind, (id: string) => string>> = {
    region,
    link,
    gateway: (id) => `${region(id.slice(0, id.lastIndexOf('/')))}${id.slice(id.lastIndexOf('/'))}`,
    tunnel: (id) => tunnels.get(id) ?? id,
    path: (id) => paths.get(id) ?? id,
    demand: (id) => demands.get(id) ?? id,
  };
  const walk = (value: unknown, field: string, list: string): unknown => {
    if (untouched.includes(field)) return value;
    if (typeof value === 'string') {
      const kind = field === 'id' ? kindOfList[list] : kindOfField[field];
      return kind === undefined ? value : rename[kind](value);
    }
    if (Array.isArray(value)) return value.map((entry: unknown) => walk(entry, field, field));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([name, inner]) => [
        name,
        walk(inner, name, typeof inner === 'string' ? list : ''),
      ]),
    );
  };
  return { plan: walk(plan, '', '') as PlanDocument, former };
}

/** Ids of now by the ids of before, of what has another. */
function renamed(
  before: readonly { readonly id: string; readonly identity: string }[],
  now: readonly { readonly id: string; readonly identity: string }[],
): ReadonlyMap<string, string> {
  const ids = new Map(now.map(({ id, identity }) => [identity, id]));
  return new Map(
    before.flatMap(({ id, identity }): [string, string][] => {
      const today = ids.get(identity);
      return today === undefined || today === id ? [] : [[id, today]];
    }),
  );
}

function swapped(ids: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  return new Map([...ids].map(([was, now]) => [now, was]));
}
