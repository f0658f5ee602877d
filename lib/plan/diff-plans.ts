import { encodeCanonical } from './encode';
import type { PlanDocument } from './document';
import { isSameData } from './same-data';
import { withIdsOf } from './with-ids-of';

/** One field that differs; figures as they stand in the plan, null for absent. */
export interface FieldChange {
  readonly field: string;
  readonly before: unknown;
  readonly after: unknown;
}

/** One thing that came, went or differs. `fields` is empty unless it differs. */
export interface Change {
  readonly kind: 'added' | 'removed' | 'changed';
  readonly id: string;
  readonly fields: readonly FieldChange[];
}

/** What a plan's reader asks about, in the order in which a review reads it. */
export const diffSections = [
  'regions',
  'links',
  'policies',
  'demands',
  'reservations',
  'objectives',
  'routes',
  'addresses',
  'tunnels',
  'keys',
  'cost',
  'network',
] as const;

export type DiffSection = (typeof diffSections)[number];

/** Changes by section; a section without changes is an empty list. */
export type PlanDiff = Readonly<Record<DiffSection, readonly Change[]>>;

type Entries = ReadonlyMap<string, Readonly<Record<string, unknown>>>;

/**
 * What differs between two plans. `diffPlans(a, a)` has no change; swapping the plans swaps before and
 * after. What was renamed is one thing whose id changes.
 */
export function diffPlans(before: PlanDocument, after: PlanDocument): PlanDiff {
  const { plan: old, former } = withIdsOf(before, after);
  const diff = {} as Record<DiffSection, readonly Change[]>;
  for (const section of diffSections) diff[section] = compare(view[section](old), view[section](after));
  for (const section of ['regions', 'links', 'tunnels'] as const)
    diff[section] = withFormerIds(diff[section], former[section]);
  diff.routes = joinClasses(diff.routes);
  return diff;
}

/** Changes with those of ids among them, which come first of a thing's fields. */
function withFormerIds(changes: readonly Change[], former: ReadonlyMap<string, string>): readonly Change[] {
  if (former.size === 0) return changes;
  const byId = new Map(changes.map((change) => [change.id, change]));
  for (const [id, before] of former) {
    const field: FieldChange = { field: 'id', before, after: id };
    byId.set(id, { kind: 'changed', id, fields: [field, ...(byId.get(id)?.fields ?? [])] });
  }
  return [...byId.values()].sort((x, y) => (x.id < y.id ? -1 : 1));
}

/** Changes of one pair that are alike but for the class become one: `a > b critical, realtime`. */
function joinClasses(changes: readonly Change[]): Change[] {
  const alike = new Map<string, { first: Change; pair: string; classes: string[] }>();
  for (const change of changes) {
    const [pair, qos] = [
      change.id.slice(0, change.id.lastIndexOf(' ')),
      change.id.slice(change.id.lastIndexOf(' ') + 1),
    ];
    const key = encodeCanonical([pair, change.kind, change.fields]);
    const group = alike.get(key);
    if (group) group.classes.push(qos);
    else alike.set(key, { first: change, pair, classes: [qos] });
  }
  return [...alike.values()].map(({ first, pair, classes }) => ({
    ...first,
    id: `${pair} ${classes.join(', ')}`,
  }));
}

/** Is there no change at all? */
export function isEmptyDiff(diff: PlanDiff): boolean {
  return diffSections.every((section) => diff[section].length === 0);
}

/** Compares entries by id, field by field. */
export function compare(before: Entries, after: Entries): Change[] {
  const ids = [...new Set([...before.keys(), ...after.keys()])].sort();
  return ids.flatMap((id): Change[] => {
    const [old, now] = [before.get(id), after.get(id)];
    if (!old || !now) return [{ kind: old ? 'removed' : 'added', id, fields: [] }];
    const names = [...new Set([...Object.keys(old), ...Object.keys(now)])].sort();
    const fields = names
      .map((field) => ({ field, before: old[field] ?? null, after: now[field] ?? null }))
      .filter((f) => !isSameData(f.before, f.after));
    return fields.length === 0 ? [] : [{ kind: 'changed', id, fields }];
  });
}

function byId<T extends { readonly id: string }>(list: readonly T[], pick: (entry: T) => object): Entries {
  return new Map(list.map((entry) => [entry.id, pick(entry) as Record<string, unknown>]));
}

function without<T extends object>(entry: T, ...keys: string[]): object {
  return Object.fromEntries(Object.entries(entry).filter(([key]) => !keys.includes(key)));
}

const view: Readonly<Record<DiffSection, (plan: PlanDocument) => Entries>> = {
  regions: (plan) => byId(plan.regions, (r) => without(r, 'id', 'ipv4Block', 'ipv6Block')),
  links: (plan) =>
    byId(plan.links, (link) => {
      const flat: Record<string, unknown> = { ...without(link, 'id', 'directions') };
      for (const d of link.directions) {
        for (const [key, value] of Object.entries(d)) {
          if (key !== 'from' && key !== 'to') flat[`${d.from}>${d.to} ${key}`] = value;
        }
      }
      return flat;
    }),
  policies: (plan) => byId(plan.policies, (p) => without(p, 'id')),
  demands: (plan) => byId(plan.demands, (d) => without(d, 'id')),
  reservations: (plan) => byId(plan.reservations, (r) => without(r, 'id')),
  objectives: (plan) => byId(plan.objectives, (o) => without(o, 'id')),
  routes: (plan) => {
    // By class, so that a class that moves to a policy of its own is one change, not a route gone and one
    // come.
    const entries = plan.routes.flatMap((route) =>
      route.classes.map((qos): [string, Record<string, unknown>] => [
        `${route.from} > ${route.to} ${qos}`,
        { ...without(route, 'from', 'to', 'classes'), backups: route.backups.map((b) => b.path) },
      ]),
    );
    return new Map(entries);
  },
  addresses: (plan) => {
    const entries: [string, Record<string, unknown>][] = [];
    for (const { id, ipv4Block, ipv6Block } of plan.regions)
      entries.push([`region ${id}`, { ipv4Block, ipv6Block }]);
    for (const g of plan.gateways) {
      const { ipv4, ipv6, locator, segmentDx4, segmentDx6 } = g;
      entries.push([`gateway ${g.id}`, { ipv4, ipv6, locator, segmentDx4, segmentDx6 }]);
    }
    for (const tunnel of plan.tunnels) {
      for (const end of tunnel.ends)
        entries.push([
          `${tunnel.id} at ${end.gateway}`,
          { ...without(end, 'gateway') } as Record<string, unknown>,
        ]);
    }
    return new Map(entries);
  },
  tunnels: (plan) =>
    byId(plan.tunnels, (t) => ({
      ...without(t, 'id', 'ends', 'presharedKey'),
      gateways: t.ends.map((e) => e.gateway),
    })),
  keys: (plan) =>
    new Map([
      ['network', { signingKeys: plan.signingKeys ?? [] }],
      ...plan.gateways.map((g): [string, Record<string, unknown>] => [
        `gateway ${g.id}`,
        {
          publicKey: g.publicKey,
          ...(g.nextPublicKey && { nextPublicKey: g.nextPublicKey }),
          secretEpoch: g.secretEpoch ?? null,
        },
      ]),
      ...plan.tunnels.map((t): [string, Record<string, unknown>] => [t.id, { presharedKey: t.presharedKey }]),
    ]),
  cost: (plan) =>
    new Map([
      [
        'network',
        {
          knownUsdPerMonth: plan.cost.knownUsdPerMonth,
          traffic: plan.cost.traffic,
          asOf: plan.cost.asOf,
          unknown: plan.cost.unknown,
        },
      ],
      ...plan.cost.items.map((i): [string, Record<string, unknown>] => [
        `${i.region} ${i.item}`,
        { quantity: i.quantity, usdPerMonth: i.usdPerMonth, origin: i.origin },
      ]),
    ]),
  network: (plan) =>
    new Map([
      [
        'network',
        {
          name: plan.network,
          tags: plan.tags,
          pools: plan.pools,
          admission: plan.admission,
          rollout: plan.rollout ?? null,
          ...(plan.edge && { edge: plan.edge }),
          ...(plan.operations && { operations: plan.operations }),
          warnings: plan.warnings.length,
        },
      ],
    ]),
};
