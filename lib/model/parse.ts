import { cloudFacts, cloudNames } from '../catalog';
import type { Diagnostic } from '../diagnostics';
import { hasErrors, sortDiagnostics } from '../diagnostics';
import { listFirst } from '../units';
import { checkPools } from './check-addresses';
import { checkAdmission } from './check-admission';
import { checkLinks } from './check-links';
import { checkPolicies } from './check-policies';
import { checkQuotas } from './check-quotas';
import { checkRegions } from './check-regions';
import { checkTags } from './check-tags';
import { checkRenames } from './check-renames';
import { checkEdge } from './check-edge';
import { checkOperations } from './check-operations';
import { checkRollout } from './check-rollout';
import { checkShape } from './check-shape';
import { checkDemands, checkObjectives, checkReservations, checkTrafficSettings } from './check-traffic';
import type { NetworkDescription } from './description';
import { checkId } from './figure-reader';
import type { Link, Network, Region } from './network';
import { Reporter, type Locate } from './reporter';

/** A checked network, or why there is none. Warnings may stand beside a network. */
export interface ParsedDescription {
  readonly network?: Network;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Checks a raw description (from code, or read from a file) and completes it: its shape, and then the meaning
 * of all that has a right one. All faults are reported together, but for those that may follow from another.
 * Never throws; never changes its input.
 *
 * @param locate finds a raw path in the text the description was read from.
 */
export function parseDescription(input: unknown, locate?: Locate): ParsedDescription {
  const prepared = fillEmptyRegions(input);
  const reporter = new Reporter(prepared, locate);
  const found = checkShape(prepared, reporter);
  if (!found || isTooLarge(found.description, reporter)) {
    return { diagnostics: sortDiagnostics(reporter.diagnostics) };
  }
  const meaning = new Reporter(prepared, locate, found.tells);
  const checked = checkAll(found.description, meaning, hasErrors(reporter.diagnostics));
  const diagnostics = sortDiagnostics([...reporter.diagnostics, ...meaning.diagnostics]);
  if (hasErrors(diagnostics)) return { diagnostics };
  const warnings = sortDiagnostics(diagnostics.map(({ position: _, ...d }) => d));
  return { network: { ...checked, warnings }, diagnostics };
}

/**
 * The most of what is compared pair by pair: a /48 has room for the blocks of 253 regions (lib/addressing),
 * and nobody reviews more policies.
 */
const most = { regions: 253, policies: 500 } as const;

function isTooLarge(description: NetworkDescription, reporter: Reporter): boolean {
  const large = (['regions', 'policies'] as const).filter((kind) => {
    const found = Object.keys(description[kind] ?? {}).length;
    if (found <= most[kind]) return false;
    const message = `has ${found} ${kind}; a network has ${most[kind]} at most`;
    reporter.error(`too-many-${kind}`, [kind], message, 'make several networks of it');
    return true;
  });
  return large.length > 0;
}

/** `us-east-1:` with nothing behind it, as YAML allows, is a region with every default. */
function fillEmptyRegions(input: unknown): unknown {
  const regions = (input as { regions?: unknown } | null | undefined)?.regions;
  if (typeof regions !== 'object' || regions === null || Array.isArray(regions)) return input;
  if (!Object.values(regions).includes(null)) return input;
  const filled = Object.entries(regions).map(([id, region]) => [id, (region as unknown) ?? {}]);
  return { ...(input as object), regions: Object.fromEntries(filled) as unknown };
}

function checkAll(
  description: NetworkDescription,
  reporter: Reporter,
  isPart: boolean,
): Omit<Network, 'warnings'> {
  checkId(description.network, 'network', ['network'], reporter);
  checkTags(description.tags, cloudNames.map(cloudFacts), ['tags'], reporter);
  const pools = checkPools(description, reporter);
  const regions = checkRegions(description, pools, reporter);
  const links = checkLinks(description, regions, reporter);
  const renames = checkRenames(description, links, reporter);
  const policies = checkPolicies(description, regions, links, reporter);
  const demands = checkDemands(description, reporter);
  const traffic = checkTrafficSettings(description, reporter);
  const admission = checkAdmission(description, reporter);
  const reservations = checkReservations(description, reporter);
  const objectives = checkObjectives(description, admission, reporter);
  const rollout = checkRollout(description, regions, reporter);
  const edge = checkEdge(description, reporter);
  const operations = checkOperations(description, reporter);
  // What follows looks at the whole: with regions or links missing it would report the consequences of
  // other faults.
  if (!isPart && !hasErrors(reporter.diagnostics)) {
    checkConnected(regions, links, reporter);
    checkQuotas(description, regions, links, reporter);
    warnUnknownCosts(links, reporter);
  }
  const { quotas = {}, tags = {} } = description;
  return {
    name: description.network,
    renames,
    renumber: [...new Set(description.renumber ?? [])].sort(),
    pools,
    regions,
    links,
    policies,
    demands,
    traffic,
    admission,
    reservations,
    objectives,
    rollout,
    edge,
    operations,
    quotas,
    tags,
  };
}

/**
 * Every region must be joined to every other, whichever way its links point. Drained ones count: they come
 * back.
 */
function checkConnected(regions: readonly Region[], links: readonly Link[], reporter: Reporter): void {
  const group = new Map(regions.map((r) => [r.id, r.id]));
  const find = (id: string): string => (group.get(id) === id ? id : find(group.get(id)!));
  for (const link of links) group.set(find(link.a), find(link.b));
  const parts = new Map<string, string[]>();
  for (const { id } of regions) parts.set(find(id), [...(parts.get(find(id)) ?? []), id]);
  if (parts.size < 2) return;
  const bySize = [...parts.values()].sort((a, b) => b.length - a.length || (a[0] < b[0] ? -1 : 1));
  for (const part of bySize.slice(1)) {
    const message = `no link joins ${listFirst(part, 5)} to ${bySize[0][0]}${bySize[0].length > 1 ? ' and the rest' : ''}`;
    const apart = part.length === 1 ? 'it a network of its own' : 'them a network of their own';
    reporter.error('disconnected', ['regions', part[0]], message, `add a link, or give ${apart}`);
  }
}

function warnUnknownCosts(links: readonly Link[], reporter: Reporter): void {
  const senders = new Set(
    links.flatMap((l) => l.directions.filter((d) => d.costPerGbUsd === null).map((d) => d.from)),
  );
  for (const region of [...senders].sort()) {
    const message =
      'what its outgoing traffic costs is not known; routing counts it as the dearest known price';
    reporter.warn('price-unknown', ['regions', region], message, "give 'cost' on its links");
  }
}
