import { createHash } from 'node:crypto';
import type { Network } from '../model';
import { formatPrefix } from '../net';
import type { PlanDocument } from '../plan';
import { checkCatalog } from './check-catalog';
import { plannedWarnings } from './check-warnings';
import { differences } from './differences';
import type { Refuse } from '../shape';

/** What of a network a plan does not repeat: what only planning needs, and what is looked at apart. */
type NotCarried = 'renames' | 'renumber' | 'quotas' | 'warnings';

/** Of each part of a description, what the plan has and what that has. No part can be forgotten. */
const parts: {
  readonly [K in Exclude<keyof Network, NotCarried>]: (
    plan: PlanDocument,
    network: Network,
  ) => [unknown, unknown];
} = {
  name: (plan, network) => [plan.network, network.name],
  tags: (plan, network) => [plan.tags, network.tags],
  pools: ({ pools, identity }, network) => [
    pools,
    { ...network.pools, ipv6: network.pools.ipv6 ?? uniqueLocal(identity) },
  ],
  // An allocated block is the lock file's affair, a given one is not.
  regions: (plan, network) => [
    plan.regions.map((r) => ({
      ...without(r, 'identity', 'ipv4Block', 'ipv6Block'),
      prefixes: r.prefixes ?? [],
    })),
    network.regions.map((r) => without(r, 'block')),
  ],
  links: (plan, network) => [plan.links, network.links],
  policies: (plan, network) => [plan.policies, network.policies],
  demands: (plan, network) => [plan.demands, network.demands],
  traffic: (plan, network) => [
    without(plan.traffic, 'classes', 'loads', 'utilisationRatio'),
    network.traffic,
  ],
  admission: (plan, network) => [plan.admission, network.admission],
  rollout: (plan, network) => [plan.rollout ?? null, network.rollout],
  edge: (plan, network) => [plan.edge ?? null, network.edge],
  operations: (plan, network) => [plan.operations ?? null, network.operations],
  reservations: (plan, network) => [
    plan.reservations.map((r) => without(r, 'admitted', 'path', 'reason', 'nearest')),
    network.reservations,
  ],
  objectives: (plan, network) => [
    plan.objectives.map((o) => without(o, 'verdict', 'evidence')),
    network.objectives,
  ],
};

/**
 * A plan against the description that it says it was made from: every field of every part is what the
 * description says after defaults, and every warning of the description stands in the plan. The description
 * is read by the model alone; nothing of the planner is asked.
 *
 * Codes `description-differs`, and `catalog-differs` for prices.
 */
export function checkDescribed(plan: PlanDocument, network: Network, refuse: Refuse): void {
  const compare = (at: string, stated: unknown, right: unknown) => {
    for (const d of differences(stated, right, at))
      refuse('description-differs', d.at, `the plan ${d.stated}, the description ${d.right}`);
  };
  for (const [part, both] of Object.entries(parts))
    compare(part === 'name' ? 'network' : part, ...both(plan, network));
  const given = new Map(network.regions.map((r) => [r.id, r.block]));
  for (const { id, ipv4Block } of plan.regions) {
    const block = given.get(id) ?? null;
    if (block !== null) compare(`regions.${id}.block`, ipv4Block, block);
  }
  checkWarned(plan, network, refuse);
  checkCatalog(plan, refuse);
}

/** All fields but some: a field that is new is compared, too. */
function without<T extends object>(whole: T, ...keys: readonly (keyof T)[]): Partial<T> {
  const kept = Object.entries(whole).filter(([key]) => !keys.includes(key as keyof T));
  return Object.fromEntries(kept) as Partial<T>;
}

/** The /48 of a network that gives none: `fd` and 40 bits of SHA-256 of its identity (RFC 4193). */
function uniqueLocal(name: string): string {
  const hash = createHash('sha256').update(`dwcp-multiregion ${name}`).digest('hex');
  return formatPrefix({ family: 6, value: BigInt(`0xfd${hash.slice(0, 10)}`) << 80n, length: 48 });
}

/** The description's warnings stand in the plan, and of those that only a description gives no other. */
function checkWarned(plan: PlanDocument, network: Network, refuse: Refuse): void {
  const line = ({ code, path, message, next }: PlanDocument['warnings'][number]) =>
    `${code}${path === '' ? '' : ` at ${path}`}: ${message}; ${next}`;
  const stated = new Map(plan.warnings.map((w) => [line(w), w]));
  const given = new Map(network.warnings.map((w) => [line(w), w]));
  const planned = new Set(plannedWarnings(plan).map(line));
  for (const [text, { path }] of given)
    if (!stated.has(text))
      refuse('description-differs', `warnings.${path}`, `the plan lacks the description's warning ${text}`);
  for (const [text, { path }] of stated)
    if (!given.has(text) && !planned.has(text))
      refuse('description-differs', `warnings.${path}`, `the description gives no such warning: ${text}`);
}
