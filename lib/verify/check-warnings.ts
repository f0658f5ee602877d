import { cloudFacts, cloudNames, mostFlowMbps, type RegionUsage } from '../catalog';
import {
  contains,
  findRangeFault,
  isIpv4Prefix,
  tryParseAddress,
  tryParsePrefix,
  type AddressUse,
  type Prefix,
} from '../net';
import type { PlanDocument, PlannedRegion, PlannedRoute, PlanWarning } from '../plan';
import { objectiveText } from '../plan/objective-text';
import { count, formatBandwidth, listFirst } from '../units';
import { qosClasses } from '../model/qos';
import { oneWayDenies } from './one-way-denies';
import type { Refuse } from '../shape';

const leastMtu = 1280;

/** The warnings are those that the plan's own content gives: none is dropped, added or reworded. */
export function checkWarnings(plan: PlanDocument, refuse: Refuse): void {
  const line = ({ code, path, message, next }: PlanWarning) => `${code} ${path} ${message}; ${next}`;
  const stated = plan.warnings.map(line);
  const right = plannedWarnings(plan).map(line);
  const unsure = [...doubtfulBlocks(plan, true), ...unsureQuotas(plan)];
  const possible = new Set([...right, ...unsure.map(line)]);
  for (const w of plan.warnings) {
    const at = `warnings.${w.code}`;
    if (w.code === 'bandwidth-above-gateway' ? !aboveGateway(plan, w) : !possible.has(line(w)))
      refuse('warning', at, `nothing in the plan gives the warning '${w.message}'`);
  }
  for (const text of right) if (!stated.includes(text)) refuse('warning', 'warnings', `missing: ${text}`);
  if (new Set(stated).size < stated.length) refuse('warning', 'warnings', 'one stands twice');
  const order = plan.warnings.map((w) => `${w.path}\u0000${w.code}\u0000${w.message}`);
  if (order.some((text, i) => i > 0 && text < order[i - 1]))
    refuse('warning', 'warnings', 'they are out of order');
}

/** The warnings that follow from a plan's own content. */
export function plannedWarnings(plan: PlanDocument): PlanWarning[] {
  const found: PlanWarning[] = [];
  const keyless = plan.gateways.filter((g) => g.publicKey === null).map((g) => `gateway ${g.id}`);
  const missing = [...keyless.sort(), ...plan.tunnels.filter((t) => !t.presharedKey).map((t) => t.id)];
  if (missing.length > 0) {
    const none = missing.length === plan.gateways.length + plan.tunnels.length;
    const message = none
      ? 'there is no key file yet'
      : `the key file has no key for ${listFirst(missing, 4)}`;
    found.push({
      code: 'keys-missing',
      path: '',
      message,
      next: 'make the keys before you deploy: dwcp keys init',
    });
  }
  const kinds = new Map<string, PlannedRoute[]>();
  for (const r of plan.routes) {
    if (r.refusal === null || r.refusal.code === 'denied' || r.refusal.code === 'drained') continue;
    const kind = `${r.policy} ${r.refusal.code} ${r.strategy}`;
    const known = kinds.get(kind);
    if (known) known.push(r);
    else kinds.set(kind, [r]);
  }
  for (const [first, ...others] of kinds.values()) {
    const none = first.primary === null;
    const pair = `${first.from} to ${first.to}`;
    const lack = none ? 'has no route' : 'has no disjoint pair of paths';
    const more = others.length > 0 ? `, and so ${count(others.length, 'more pair')}` : '';
    found.push({
      code: none ? 'no-route' : 'not-disjoint',
      path: first.policy === null ? '' : `policies.${first.policy}`,
      message: `${pair} ${lack} in ${first.classes.join(', ')}${more}: ${first.refusal!.message}`,
      next: first.refusal!.nearest || 'add a link, or change the policy',
    });
  }
  for (const r of plan.reservations)
    if (!r.admitted)
      found.push({
        code: 'reservation-refused',
        path: `reservations.${r.id}`,
        message: r.reason,
        next: r.nearest || 'ask for less, at another time, or raise its priority',
      });
  for (const o of plan.objectives)
    if (o.verdict === 'undecided')
      found.push({
        code: 'objective-undecided',
        path: `objectives.${o.id}`,
        message: objectiveText(o, plan),
        next: 'give what is missing, or remove the objective',
      });
  const senders = plan.links.flatMap((l) =>
    l.directions.filter((d) => d.costPerGbUsd === null).map((d) => d.from),
  );
  for (const region of new Set(senders)) {
    const message =
      'what its outgoing traffic costs is not known; routing counts it as the dearest known price';
    found.push({
      code: 'price-unknown',
      path: `regions.${region}`,
      message,
      next: "give 'cost' on its links",
    });
  }
  return [
    ...found,
    ...narrow(plan),
    ...doubtfulPools(plan),
    ...plan.regions.flatMap(doubtfulPrefixes),
    ...oneWayDenies(plan),
    ...doubtfulBlocks(plan, false),
  ];
}

/** A warning about a range of addresses, as the table of special ranges has it. */
function doubt(prefix: Prefix | undefined, use: AddressUse, path: string): PlanWarning[] {
  const fault = prefix && findRangeFault(prefix, use);
  if (fault?.severity !== 'warning') return [];
  return [{ code: fault.code, path, message: fault.message, next: fault.next }];
}

/** Pools, and endpoints of sites. */
function doubtfulPools({ pools, regions }: PlanDocument): PlanWarning[] {
  const endpoint = (r: PlanDocument['regions'][number]) =>
    doubt(
      tryParseAddress(r.endpoint ?? ''),
      r.endpointPrivate ? 'private-endpoint' : 'endpoint',
      `regions.${r.id}.external.endpoint`,
    );
  return [
    ...doubt(tryParsePrefix(pools.regions), 'block', 'addressing.regions'),
    ...doubt(tryParsePrefix(pools.links), 'inner', 'addressing.links'),
    ...doubt(tryParsePrefix(pools.gateways), 'inner', 'addressing.gateways'),
    ...doubt(tryParsePrefix(pools.ipv6), 'ipv6', 'addressing.ipv6'),
    ...regions.flatMap(endpoint),
  ];
}

/** Prefixes are all given. */
function doubtfulPrefixes({ id, prefixes = [] }: PlanDocument['regions'][number]): PlanWarning[] {
  return prefixes.flatMap((text) => doubt(tryParsePrefix(text), 'prefix', `regions.${id}.prefixes`));
}

/**
 * Blocks that were given: outside the pool all are, inside nobody can tell. `all`: also those that may have
 * been allocated, of which nothing was said.
 */
function doubtfulBlocks({ pools, regions }: PlanDocument, all: boolean): PlanWarning[] {
  const pool = tryParsePrefix(pools.regions);
  return regions.flatMap((r) => {
    const block = tryParsePrefix(r.ipv4Block);
    const allocated = pool && block && contains(pool, block);
    return allocated && !all ? [] : doubt(block, 'block', `regions.${r.id}.block`);
  });
}

/** By class, primaries and backups on which an IPv6 packet of the least size does not fit. */
function narrow(plan: PlanDocument): PlanWarning[] {
  const mtus = new Map(plan.paths.map((p) => [p.id, p.mtu]));
  const mtu = (id: string) => mtus.get(id) ?? Infinity;
  const tight = new Set<string>();
  const numbers: { text: string; names: string[] }[] = [];
  for (const name of qosClasses) {
    let [primaries, backups] = [0, 0];
    for (const r of plan.routes.filter((route) => route.classes.includes(name))) {
      for (const id of [r.primary, ...r.backups.map((b) => b.path)]) {
        if (id === null || mtu(id) >= leastMtu) continue;
        tight.add(id);
        if (id === r.primary) primaries++;
        else backups++;
      }
    }
    if (primaries + backups === 0) continue;
    const text = `${count(primaries, 'primary', 'primaries')} and ${count(backups, 'backup')} of `;
    const known = numbers.find((n) => n.text === text);
    if (known) known.names.push(name);
    else numbers.push({ text, names: [name] });
  }
  if (tight.size === 0) return [];
  const [worst] = [...tight].sort((a, b) => mtu(a) - mtu(b) || (a < b ? -1 : 1));
  const listed = numbers.map(({ text, names }) => text + names.join(', ')).join('; ');
  const message = `less than the ${leastMtu} bytes that IPv6 needs fit on ${listed}: ${mtu(worst)} on ${worst}`;
  const next = "raise the tunnels' mtu, add a link, or allow fewer hops ('maxHops')";
  return [{ code: 'path-mtu', path: '', message, next }];
}

/** Needs beyond the sure part of a quota; no plan says whether the account's limit was given. */
function unsureQuotas({ regions, operations }: PlanDocument): PlanWarning[] {
  const served = operations !== undefined && (operations.api || operations.metrics !== null);
  const networks = (r: PlannedRegion) => 1 + (r.prefixes ?? []).filter(isIpv4Prefix).length;
  const all = regions.reduce((sum, r) => sum + networks(r), 0);
  const usageOf = (r: PlannedRegion): RegionUsage => ({
    id: r.id,
    place: r.place ?? '',
    gatewayCount: r.gatewayCount,
    madeNetwork: r.vpc === null,
    // To every network elsewhere; where operators get in, to all gateways and to each of two.
    routes: all - networks(r) + (served ? (r.gatewayCount > 1 ? 3 : 1) : 0),
    prefixes: networks(r) - 1,
    tunnels: 0,
    tunnelsOfFirst: 0,
  });
  return cloudNames.flatMap((name) => {
    const { quotaUses, quotaPlace } = cloudFacts(name);
    const here = regions.filter((r) => r.provider === name).map(usageOf);
    return quotaUses({ regions: here, limitOf: (quota) => quota.limit }).flatMap((use): PlanWarning[] => {
      if ('message' in use) return [];
      const { used, what, quota } = use;
      const { name: of, limit, sureLimit, source, asOf } = quota;
      if (used <= sureLimit || used > limit) return [];
      const message = `needs ${used} ${what}; the quota '${of}' is ${limit}, or ${sureLimit} (${source}, ${asOf})`;
      const next = `look it up in ${quotaPlace} and say so: quotas: { '${of}': ${limit} }`;
      return [{ code: 'quota-unsure', path: `regions.${use.region}`, message, next }];
    });
  });
}

/** Is there a given bandwidth that the gateways and tunnels of its link do not sustain, as it says? */
function aboveGateway(plan: PlanDocument, { message, next }: PlanWarning): boolean {
  const regions = new Map(plan.regions.map((r) => [r.id, r]));
  return plan.links.some((link) => {
    const ends = [regions.get(link.a)!, regions.get(link.b)!];
    const planes = Math.max(...ends.map((r) => r.gatewayCount));
    const sustained = ends.flatMap((r) => (r.gatewayMbps === null ? [] : [r.gatewayMbps * r.gatewayCount]));
    const flow = mostFlowMbps(...ends);
    const most = Math.min(flow * planes, ...sustained);
    const advice = `use a larger instance type or two gateways; one tunnel is one flow of at most ${formatBandwidth(flow)}`;
    if (next !== advice) return false;
    return link.directions.some((d) => {
      const given = d.bandwidthOrigin === 'given' && sustained.length > 0 && d.bandwidthMbps > most;
      const [stated, limit] = [formatBandwidth(d.bandwidthMbps), formatBandwidth(most)];
      const text = `${stated} is more than its gateways and tunnels sustain, ${limit}`;
      return given && message === text;
    });
  });
}
