import { tryParseAddress } from '../net';
import { publicMtu, tunnelKind } from '../tunnels';
import type { Link, Objective, Policy, Reservation } from '../model';
import type { PlanDocument, PlannedRegion } from '../plan';
import { qosClasses } from '../model/qos';
import { near } from './near';
import type { Refuse } from '../shape';

/**
 * The description part hangs together: ids are there once and in order, names name something, figures lie in
 * their ranges, what depends on something else goes with it.
 */
export function checkDescription(plan: PlanDocument, refuse: Refuse): void {
  const lists: Readonly<Record<string, readonly { readonly id: string }[]>> = {
    regions: plan.regions,
    gateways: plan.gateways,
    links: plan.links,
    tunnels: plan.tunnels,
    policies: plan.policies,
    paths: plan.paths,
    demands: plan.demands,
    reservations: plan.reservations,
    objectives: plan.objectives,
  };
  for (const [list, entries] of Object.entries(lists)) {
    entries.forEach(({ id }, i) => {
      if (id === '') refuse('list-order', `${list}[${i}]`, 'it has no id');
      if (i > 0 && !(entries[i - 1].id < id))
        refuse('list-order', `${list}.${id}`, 'stands twice, or out of order');
    });
  }
  const regions = new Set(plan.regions.map((r) => r.id));
  const links = new Set(plan.links.map((l) => l.id));
  const countries = new Set(plan.regions.flatMap((r) => r.country ?? []));
  for (const [list, entries] of [
    ['demands', plan.demands],
    ['reservations', plan.reservations],
  ] as const) {
    for (const { id, from, to } of entries) {
      if (from === to || !regions.has(from) || !regions.has(to))
        refuse('unknown-region', `${list}.${id}`, `it leads from '${from}' to '${to}'`);
    }
  }
  checkRegions(plan.regions, refuse);
  for (const link of plan.links) checkLink(link, regions, refuse);
  for (const link of plan.links) checkMtu(link, plan.regions, refuse);
  for (const policy of plan.policies) {
    const at = `policies.${policy.id}`;
    const c = policy.constraints;
    checkScope(policy, at, regions, refuse);
    checkNames([...c.avoidRegions, ...c.requireRegions], regions, at, refuse);
    checkNames([...c.avoidLinks, ...c.requireLinks], links, at, refuse);
    checkNames([...c.avoidCountries, ...c.requireCountries], countries, at, refuse);
    const sorted = [c.avoidRegions, c.avoidLinks, c.avoidCountries, c.requireRegions, c.requireLinks];
    for (const list of [...sorted, c.requireCountries]) checkSorted(list, at, refuse);
  }
  // A site fetches nothing, so it cannot be first.
  const fetching = new Set(plan.regions.filter((r) => r.provider !== 'external').map((r) => r.id));
  const gateways = plan.gateways.filter((g) => fetching.has(g.region)).map((g) => g.id);
  if (plan.rollout) checkNames([plan.rollout.canary], new Set(gateways), 'rollout.canary', refuse);
  for (const reservation of plan.reservations) checkReservation(reservation, refuse);
  for (const objective of plan.objectives)
    checkScope(objective, `objectives.${objective.id}`, regions, refuse);
}

/** A region of a cloud has the figures of its place, alike in equal places; a site has its own address. */
function checkRegions(regions: readonly PlannedRegion[], refuse: Refuse): void {
  const known = new Map<string, string>();
  const alike = (what: string, is: string, at: string) => {
    const other = known.get(what) ?? is;
    if (other !== is) refuse('region-figure', at, `${what} is ${is} here and ${other} elsewhere`);
    known.set(what, other);
  };
  const endpoints = new Set<string>();
  for (const r of regions) {
    const at = `regions.${r.id}`;
    const fromPlace = [r.place, r.instanceType, r.gatewayMbps, r.city, r.country, r.lat, r.lon];
    if (r.provider !== 'external') {
      if (fromPlace.includes(null) || fromPlace.includes('') || r.endpoint !== null || r.endpointPrivate)
        refuse('region-kind', at, 'a region of a cloud has a place with what belongs to it, and no endpoint');
      alike(`place ${r.place}`, [r.city, r.country, r.lat, r.lon].join(), at);
      alike(`what an instance ${r.instanceType} sustains`, `${r.gatewayMbps} Mbps`, at);
    } else {
      const none = [r.place, r.instanceType, r.gatewayMbps, r.vpc].every((v) => v === null);
      if (!none || r.gatewayCount !== 1 || !tryParseAddress(r.endpoint ?? ''))
        refuse(
          'region-kind',
          at,
          'a site outside the clouds has one gateway at an IP address, and nothing of a cloud',
        );
      if (endpoints.has(r.endpoint ?? '')) refuse('region-kind', at, 'another has its endpoint');
      endpoints.add(r.endpoint ?? '');
    }
    if ((r.lat === null) !== (r.lon === null)) refuse('region-figure', at, 'half a position is none');
    const subnets = r.vpc?.publicSubnets;
    if (subnets && (subnets.length < r.gatewayCount || new Set(subnets).size < subnets.length))
      refuse('region-vpc', at, 'its VPC has no subnet for each gateway');
  }
}

function checkLink(link: Link, regions: ReadonlySet<string>, refuse: Refuse): void {
  const at = `links.${link.id}`;
  const [there, back] = link.directions;
  const ends = there.from === link.a && there.to === link.b;
  const returns = back === undefined || (back.from === link.b && back.to === link.a);
  if (!ends || !returns || link.a === link.b || !regions.has(link.a) || !regions.has(link.b))
    refuse('link-ends', at, 'its directions do not join its two regions');
  checkSorted(link.srlgs, at, refuse);
  for (const d of link.directions) {
    const { bandwidthMbps, utilisationRatio, availableMbps } = d;
    // Percent to six decimals, as it was written: 0.29 x 100 is not 29 in binary.
    const exact = (bandwidthMbps * (100 - Math.round(utilisationRatio * 1e8) / 1e6)) / 100;
    const right = exact < 1 || utilisationRatio === 0 ? exact : Math.floor(exact + 1e-9);
    if (!near(availableMbps, right))
      refuse('link-available', at, `from ${d.from} ${right} Mbps are available, not ${availableMbps}`);
    if ((d.costPerGbUsd === null) !== (d.costOrigin === 'unknown') || d.latencyOrigin === 'unknown')
      refuse('link-origin', at, 'what is unknown has no figure, and what has one is known');
    if (d.bandwidthOrigin === 'unknown' || d.bandwidthOrigin === 'measured')
      refuse('link-origin', at, 'a bandwidth is given or estimated');
  }
}

/** Full packets of a tunnel fit what passes between its ends: no jumbo frames between public addresses. */
function checkMtu(link: Link, regions: readonly PlannedRegion[], refuse: Refuse): void {
  const ends = regions.filter((r) => r.id === link.a || r.id === link.b);
  const overhead = tunnelKind(link.tunnelType).overhead;
  const added = ends.some((r) => r.endpoint?.includes(':')) ? overhead.ipv6 : overhead.ipv4;
  const most = (ends.some((r) => r.endpointPrivate) ? 9001 : publicMtu) - added;
  if (link.mtu < 1280 || link.mtu > most)
    refuse(
      'link-mtu',
      `links.${link.id}`,
      `its tunnels carry packets of 1280 to ${most} bytes, not ${link.mtu}`,
    );
}

function checkScope(
  { from, to, classes: own }: Pick<Policy | Objective, 'from' | 'to' | 'classes'>,
  at: string,
  regions: ReadonlySet<string>,
  refuse: Refuse,
): void {
  checkNames([...from, ...to], regions, at, refuse);
  checkSorted(from, at, refuse);
  checkSorted(to, at, refuse);
  const ranks = own.map((c) => qosClasses.indexOf(c));
  if (ranks.length === 0 || ranks.some((r, i) => i > 0 && r <= ranks[i - 1]))
    refuse('scope-classes', at, 'its classes are none, or not in rank order');
}

function checkNames(ids: readonly string[], known: ReadonlySet<string>, at: string, refuse: Refuse): void {
  for (const id of ids)
    if (!known.has(id)) refuse('unknown-name', at, `it names '${id}', which is not there`);
}

function checkSorted(list: readonly string[], at: string, refuse: Refuse): void {
  if (list.some((id, i) => i > 0 && list[i - 1] >= id))
    refuse('list-order', at, `${list.join(', ')}: one stands twice, or out of order`);
}

function checkReservation({ id, window, ...r }: Reservation, refuse: Refuse): void {
  const at = `reservations.${id}`;
  if (r.holdingPriority > r.setupPriority)
    refuse('reservation-priority', at, 'it holds weaker than it is set up (RFC 3209)');
  if (window === null) return;
  const { end, durationSeconds, recur, days, until } = window;
  const week = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
  const places = days.map((d) => week.indexOf(d));
  if (
    (end === null) === (durationSeconds === null) ||
    durationSeconds === 0 ||
    (days.length > 0 && recur !== 'weekly') ||
    (until !== null && recur === null) ||
    places.some((d, i) => i > 0 && d <= places[i - 1])
  )
    refuse('reservation-window', at, 'its window contradicts itself');
  if (!isTimeZone(window.timeZone)) refuse('reservation-window', at, `there is no zone '${window.timeZone}'`);
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return /^[A-Za-z]/.test(name);
  } catch {
    return false;
  }
}
