import { qosClasses, type QosClass } from '../model';
import type { AllocatedField, PlanDocument, PlannedPrevious, PlannedRoute } from '../plan';
import { count, formatBandwidth, formatLatency, formatPrice, formatRatio } from '../units';
import type { Paint } from './paint';
import { limit, type Section } from './report-section';
import { percent } from './report-traffic';

type Moved = PlannedPrevious['moved'];

const mostLines = 12;
const neededText = 'with all that was, an objective would be broken or a demand not fit';

/**
 * The moves since the plan before with their reasons, and kept choices that stand in the place of better
 * ones.
 */
export function moveSections(plan: PlanDocument, all: boolean, p: Paint): Section[] {
  const { previous } = plan;
  // Plans of before the format knew them are read, too.
  if (!previous) return [];
  const found = [movedSection(plan, previous, all, p), keptSection(plan, previous, all, p)];
  return found.filter((section) => section !== undefined);
}

/** The section where nothing moved since a plan. */
export function nothingMoved(previous: { readonly digest: string }): Section {
  const all = 'no address, port, name, segment, place or key, no route, split or reservation';
  return { title: 'Moved', note: since(previous), sentences: [`nothing moved: ${all}`] };
}

function since({ digest }: { readonly digest: string }): string {
  return `since plan ${digest.slice(0, 'sha256:'.length + 12)}`;
}

/** Sentences, the first of them; behind them how many were left out. */
function sentences(texts: readonly string[], all: boolean, p: Paint): readonly string[] {
  const { rows, more } = limit(texts, all, 'line', mostLines);
  return more ? [...rows, p.dim(more)] : rows;
}

function movedSection(plan: PlanDocument, previous: PlannedPrevious, all: boolean, p: Paint): Section {
  const { allocations, routes, demands, reservations } = previous.moved;
  const served = plan.routes.reduce((sum, r) => sum + r.classes.length, 0);
  const moved = routes.reduce((sum, r) => sum + r.classes.length, 0);
  const carried = plan.traffic.classes.flatMap((c) => c.demands).reduce((sum, d) => sum + d.carriedMbps, 0);
  const elsewhere = reservations.filter((m) => m.after !== m.before);
  const things = new Set(allocations.map(({ id }) => id)).size;
  const parts = [
    ...(things > 0 ? [`addresses, places or keys of ${things} regions, gateways and tunnel ends`] : []),
    `${moved} of ${count(served, 'pair and class', 'pairs and classes')}`,
    ...(plan.demands.length > 0
      ? [`${formatBandwidth(previous.movedMbps)} of ${formatBandwidth(carried)} of demands`]
      : []),
    ...(plan.reservations.length > 0
      ? [`${elsewhere.length} of ${count(plan.reservations.length, 'reservation')}`]
      : []),
  ];
  const note = `${since(previous)}, within ${formatRatio(previous.toleranceRatio)}: ${parts.join(', ')}`;
  const texts = [
    ...allocationTexts(plan, previous, p),
    ...reservations.map((r) => `${p.bold(`reservation ${r.id}`)}: ${reservationText(plan, previous, r)}`),
    ...demands.map((d) => {
      const what = `${p.bold(`demand ${d.id}`)}, ${formatBandwidth(d.movedMbps)}`;
      return `${what}: ${demandText(plan, previous, d)}`;
    }),
    ...byClasses(routes, (m) => routeText(plan, previous, m), p),
  ];
  if (texts.length === 0) return nothingMoved(previous);
  return { title: 'Moved', note, sentences: sentences(texts, all, p) };
}

const fieldNames: Readonly<Record<AllocatedField, string>> = {
  place: 'place',
  endpoint: 'endpoint',
  ipv4Block: 'IPv4 block',
  ipv6Block: 'IPv6 block',
  ipv4: 'IPv4 address',
  ipv6: 'IPv6 address',
  locator: 'locator',
  segmentDx4: 'segment for IPv4',
  segmentDx6: 'segment for IPv6',
  publicKey: 'public key',
  interfaceName: 'interface',
  listenPort: 'port',
  segment: 'segment',
};

/** A line for each region, gateway and end of a tunnel that has got something else. */
function allocationTexts(plan: PlanDocument, { moved }: PlannedPrevious, p: Paint): string[] {
  const now = new Map<string, Readonly<Partial<Record<AllocatedField, unknown>>>>([
    ...plan.regions.map((r) => [`region ${r.id}`, r] as const),
    ...plan.gateways.map((g) => [`gateway ${g.id}`, g] as const),
    ...plan.tunnels.flatMap((t) => t.ends.map((end) => [`${t.id} at ${end.gateway}`, end] as const)),
  ]);
  const lines = new Map<string, string[]>();
  for (const { id, field, before } of moved.allocations) {
    const text = `${fieldNames[field]} ${before} to ${String(now.get(id)?.[field])}`;
    lines.set(id, [...(lines.get(id) ?? []), text]);
  }
  return [...lines].map(([id, texts]) => `${p.bold(id)}: ${texts.join(', ')}`);
}

/** A line for all classes of a pair of which the same is to be said. */
function byClasses<T extends Pick<PlannedRoute, 'from' | 'to' | 'classes'>>(
  routes: readonly T[],
  textOf: (route: T) => string,
  p: Paint,
): string[] {
  const lines = new Map<string, { pair: string; classes: QosClass[]; text: string }>();
  for (const route of routes) {
    const [pair, text] = [`${route.from} → ${route.to}`, textOf(route)];
    const line = lines.get(`${pair} ${text}`);
    if (line) line.classes.push(...route.classes);
    else lines.set(`${pair} ${text}`, { pair, classes: [...route.classes], text });
  }
  return [...lines.values()].map(({ pair, classes, text }) => {
    const which = classes.length === qosClasses.length ? 'all classes' : classes.join(', ');
    return `${p.bold(pair)}, ${which}: ${text}`;
  });
}

function routeText(plan: PlanDocument, previous: PlannedPrevious, m: Moved['routes'][number]): string {
  const [from, to] = [m.before, m.after].map((path) => (path === null ? 'no route' : spaced(path)));
  return `${from} to ${to}: ${routeReason(plan, previous, m)}`;
}

function spaced(path: string): string {
  return path.replace(/>/g, ' > ');
}

function routeReason(plan: PlanDocument, previous: PlannedPrevious, m: Moved['routes'][number]): string {
  const route = plan.routes.find(
    (r) => r.from === m.from && r.to === m.to && r.classes.includes(m.classes[0]),
  )!;
  const policy = route.policy === null ? 'nothing' : `policy ${route.policy}`;
  switch (m.why) {
    case 'gone':
      return whatIsGone(plan, previous, m.before!);
    case 'policy':
      return route.refusal?.code === 'denied' ? route.refusal.message : `${policy} does not permit it`;
    case 'better':
      return gain(plan, route, m.beforeMetric!);
    case 'disjoint':
      return 'it has no disjoint backup';
    case 'objective':
      return 'it is too slow for an objective';
    case 'joined':
      return 'its classes share a route with others now';
    case 'needed':
      return neededText;
    case 'unproven':
      return 'the search gave up';
    case 'routed':
      return 'there was none';
  }
}

/** Does its policy ask for a disjoint pair? */
function isPaired({ policies }: PlanDocument, { policy }: PlannedRoute): boolean {
  return policies.some((p) => p.id === policy && p.disjoint !== 'none');
}

/** How much better a route is than it was, as the tolerance counts it. */
function gain(plan: PlanDocument, route: PlannedRoute, before: number): string {
  const text = metricText(route.strategy);
  const [was, now] = [text(before), text(route.metric!)];
  if (isPaired(plan, route)) return 'the two disjoint paths together are better';
  if (route.strategy === 'bandwidth') {
    if (route.metric! <= before) return `as wide, and shorter`;
    return `wider by ${formatRatio(route.metric! / before - 1)}, ${now} instead of ${was}`;
  }
  const ratio = route.metric! > 0 ? ` by ${formatRatio(round(before / route.metric! - 1))}` : '';
  return `better${ratio}, ${now} instead of ${was}`;
}

function round(ratio: number): number {
  return Math.round(ratio * 1000) / 1000;
}

function metricText(strategy: PlannedRoute['strategy']): (metric: number) => string {
  return {
    latency: formatLatency,
    cost: (usd: number) => formatPrice(usd),
    bandwidth: formatBandwidth,
    balanced: (figure: number) => figure.toFixed(4),
    metric: String,
  }[strategy];
}

/** The links and regions of a path before that are gone or drained, in a sentence; empty where none is. */
function whatIsGone(plan: PlanDocument, previous: PlannedPrevious, path: string): string {
  const { regions, links } = previous.paths.find((p) => p.id === path)!;
  const drained = regions.filter((id) => plan.regions.some((r) => r.id === id && r.drained));
  if (drained.length > 0) return `region ${drained.join(', ')} is drained`;
  const missing = links.filter((id) => !plan.links.some((l) => l.id === id));
  if (missing.length > 0) return `${missing.join(', ')} is gone`;
  const out = links.filter((id) => plan.links.some((l) => l.id === id && l.drained));
  if (out.length > 0) return `${out.join(', ')} is drained`;
  const leads = (id: string, i: number) =>
    plan.links.some(
      (l) => l.id === id && l.directions.some((d) => d.from === regions[i] && d.to === regions[i + 1]),
    );
  const elsewhere = links.filter((id, i) => !leads(id, i));
  return elsewhere.length === 0 ? '' : `${elsewhere.join(', ')} does not lead there`;
}

function demandText(plan: PlanDocument, previous: PlannedPrevious, m: Moved['demands'][number]): string {
  const now = plan.traffic.classes.flatMap((c) => c.demands).find((d) => d.id === m.id)!;
  const parts = (list: readonly { readonly path: string; readonly weight: number }[]) => {
    const sum = list.reduce((s, x) => s + x.weight, 0);
    if (list.length === 0) return 'no path';
    return list
      .map((x) => (list.length === 1 ? spaced(x.path) : `${x.weight}/${sum} ${spaced(x.path)}`))
      .join(', ');
  };
  const gone = m.before.map((b) => whatIsGone(plan, previous, b.path)).filter((text) => text !== '');
  const why = {
    gone: gone[0],
    policy: 'what rules it does not permit it',
    asked: 'it is another demand now',
    spread: 'its class is spread otherwise now',
    full: 'nothing is left on a link of it',
    better: 'a path of it is worse than the best by more than the tolerance',
    room: 'with it there the class would be too full',
    needed: neededText,
  }[m.why];
  return `${parts(m.before)} to ${parts(now.paths)}: ${why}`;
}

function reservationText(
  plan: PlanDocument,
  previous: PlannedPrevious,
  m: Moved['reservations'][number],
): string {
  const why = {
    gone: whatIsGone(plan, previous, m.before),
    policy: 'what rules it does not permit it',
    asked: 'it leads elsewhere now',
    full: 'there is no room for it any more',
    displaced: `${m.by} is stronger and took its place`,
  }[m.why];
  if (m.after === m.before) return `${spaced(m.before)}: it made way for ${m.by}, and is back`;
  return `${spaced(m.before)} to ${m.after === null ? 'refused' : spaced(m.after)}: ${why}`;
}

function keptSection(
  plan: PlanDocument,
  { kept }: PlannedPrevious,
  all: boolean,
  p: Paint,
): Section | undefined {
  const routeLines = (routes: typeof kept.routes) =>
    byClasses(
      routes.map((k) => ({ ...k, stands: standsText(plan, k, all) })),
      (k) => k.stands,
      p,
    );
  const classLines = kept.classes.map((k) => {
    const c = plan.traffic.classes.find((x) => x.class === k.class)!;
    const against = k.againstRatio === null ? '' : `, ${percent(k.againstRatio)} afresh`;
    const which = k.demands.length === 0 ? 'parts of splits' : `splits of ${k.demands.join(', ')}`;
    return `${p.bold(`demands, ${k.class}`)}: ${which}; fullest link ${percent(c.utilisationRatio)}${against}`;
  });
  const texts = [
    ...classLines,
    ...routeLines(kept.routes.filter((k) => k.bestMetric !== null)),
    ...(all ? routeLines(kept.routes.filter((k) => k.bestMetric === null)) : []),
  ];
  const backups = kept.routes.filter((k) => k.backups.length > 0).length;
  const equal = kept.routes.filter((k) => k.equalCost).length;
  const others = [
    ...(backups > 0 ? [`backups of ${count(backups, 'route')}`] : []),
    ...(equal > 0 ? [`equal-cost paths of ${count(equal, 'route')}`] : []),
  ];
  if (texts.length === 0 && others.length === 0) return undefined;
  const rest = all || others.length === 0 ? [] : [p.dim(`${others.join(' and ')}; --all shows them`)];
  const note = 'stands in the place of something better, within the tolerance';
  return { title: 'Kept', note, sentences: [...sentences(texts, all, p), ...rest] };
}

/** The parts of a route that stay; backups and equal-cost paths only where all is told. */
function standsText(plan: PlanDocument, k: PlannedPrevious['kept']['routes'][number], all: boolean): string {
  const route = plan.routes.find(
    (r) => r.from === k.from && r.to === k.to && r.classes.join() === k.classes.join(),
  )!;
  const parts = [
    ...(k.bestMetric === null ? [] : [behind(plan, route, k.bestMetric)]),
    ...(all && k.backups.length > 0 ? [count(k.backups.length, 'backup')] : []),
    ...(all && k.equalCost ? ['equal-cost paths'] : []),
  ];
  return parts.join('; ');
}

/** How far a primary is behind the best. */
function behind(plan: PlanDocument, route: PlannedRoute, best: number): string {
  if (isPaired(plan, route) && route.refusal === null) return 'the disjoint pair';
  const text = metricText(route.strategy);
  const metric = route.metric!;
  const ratio = route.strategy === 'bandwidth' ? 1 - metric / best : metric / best - 1;
  const how = metric === best ? 'as good as the best' : `${percent(ratio)} behind the best`;
  return `primary, ${how}${metric === best ? '' : `, ${text(metric)} to ${text(best)}`}`;
}
