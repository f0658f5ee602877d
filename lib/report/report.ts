import { markdownCode, markdownText, visibleTexts } from '../escape';
import { distinctLinkPairs, relays, weakRoutes } from './findings';
import { table, fold, type Column } from './table';
import { paint, type Paint } from './paint';
import { glanceSection } from './report-glance';
import { limit, markdownSection, type Section } from './report-section';
import { moveSections, nothingMoved } from './report-moves';
import { deathTexts } from './report-deaths';
import { resourceSection } from './report-resources';
import { policySection, routeSections } from './report-routes';
import { failureSections, reservationSections, trafficSections } from './report-traffic';
import { qosClasses, type Rollout } from '../model';
import type { PlanDocument, PlannedPath } from '../plan';
import {
  count,
  formatBandwidth,
  formatDuration,
  formatLatency,
  formatMoney,
  formatPrice,
  formatRatio,
  groupThousands,
  listFirst,
} from '../units';

/** How a report is laid out. */
export interface ReportOptions {
  /** Columns; default 100. */
  readonly width?: number;
  /** SGR sequences; default none. */
  readonly colour?: boolean;
  /** Every row of every table instead of the first ones. Default false. */
  readonly all?: boolean;
  /** The plan that it was made from: the report then says what becomes of its cloud resources. */
  readonly previous?: PlanDocument;
}

/**
 * The plan as people read it first: text with units, aligned, at most `width` columns. Ends with a newline.
 */
export function renderPlan(given: PlanDocument, shown: ReportOptions = {}): string {
  const [plan, options] = visibleTexts([given, shown] as const);
  const { width = 100, colour = false } = options;
  const p = paint(colour);
  const digest = plan.digest.slice(0, 'sha256:'.length + 12);
  const lines = [
    p.bold(plan.network) +
      ' '.repeat(Math.max(2, width - plan.network.length - digest.length - 5)) +
      p.dim(`plan ${digest}`),
    ...fold(summary(plan), width),
    ...sections(plan, options, p, width).flatMap((section) => ['', ...sectionLines(section, width, p)]),
  ];
  return `${lines.join('\n')}\n`;
}

/**
 * What moved since the plan that it was made from, and what becomes of that one's cloud resources: a part of
 * the report, as text.
 */
export function renderSince(now: PlanDocument, before: PlanDocument, options: ReportOptions = {}): string {
  const [plan, previous] = visibleTexts([now, before] as const);
  const { width = 100, colour = false, all = false } = options;
  const p = paint(colour);
  // Where nothing differs the plan before itself stands, with what moved since the one before that.
  const moved = plan.digest === previous.digest ? [nothingMoved(previous)] : moveSections(plan, all, p);
  const found = [...moved, resourceSection(plan, previous, all, p)];
  return `${found.map((section) => sectionLines(section, width, p).join('\n')).join('\n\n')}\n`;
}

function sectionLines(section: Section, width: number, p: Paint): string[] {
  const { title, note = '' } = section;
  const fits = title.length + 2 + note.length <= width;
  const [first, ...rest] = fold(title, width, 0, 2);
  return [
    p.bold(first) + (fits && note !== '' ? p.dim(`  ${note}`) : ''),
    ...rest.map(p.bold),
    ...(fits ? [] : fold(note, width, 2).map(p.dim)),
    ...(section.columns ? table(section.columns, section.rows ?? [], width, 2, p.dim) : []),
    ...(section.more ? [p.dim(`  ${section.more}`)] : []),
    ...(section.sentences ?? []).flatMap((sentence) => fold(sentence, width, 2, 2)),
  ];
}

/** The same report as GitHub-flavoured Markdown. */
export function renderPlanMarkdown(
  given: PlanDocument,
  shown: Pick<ReportOptions, 'all' | 'previous'> = {},
): string {
  const [plan, options] = visibleTexts([given, shown] as const);
  const digest = markdownCode(plan.digest);
  const lines = [`# ${markdownText(plan.network)}`, '', `${markdownText(summary(plan))}. Plan ${digest}.`];
  for (const section of sections(plan, options, paint(false), Infinity)) {
    lines.push('', ...markdownSection(section));
  }
  return `${lines.join('\n')}\n`;
}

function summary(plan: PlanDocument): string {
  const pairs = plan.regions.length * (plan.regions.length - 1);
  return [
    count(plan.regions.length, 'region'),
    count(plan.gateways.length, 'gateway'),
    count(plan.links.length, 'link'),
    count(plan.tunnels.length, 'tunnel'),
    count(pairs, 'ordered pair'),
    count(plan.paths.length, 'path'),
    headlineCost(plan.cost),
  ].join(' · ');
}

/** The whole known cost, as the cost table adds it up; without demands nobody knows what traffic costs. */
function headlineCost({ knownUsdPerMonth, traffic }: PlanDocument['cost']): string {
  if (traffic === null) return `${formatMoney(knownUsdPerMonth)} a month before traffic`;
  const sum = formatMoney(knownUsdPerMonth + traffic.knownUsdPerMonth);
  return `${sum} a month known, ${formatMoney(traffic.knownUsdPerMonth)} of it traffic`;
}

function sections(
  plan: PlanDocument,
  { all = false, previous }: ReportOptions,
  p: Paint,
  width: number,
): Section[] {
  const paths = new Map(plan.paths.map((path) => [path.id, path]));
  const found: (Section | undefined)[] = [
    glanceSection(plan, p),
    ...moveSections(plan, all, p),
    previous && resourceSection(plan, previous, all, p),
    regionSection(plan, all, p),
    linkSection(plan, all, p),
    ...routeSections(plan, paths, all, p, width),
    policySection(plan, all),
    relaySection(plan, paths, all),
    weakSection(plan, all, p),
    refusalSection(plan, all, p),
    ...trafficSections(plan, all, p),
    ...reservationSections(plan, all, p),
    ...failureSections(plan, all, p),
    objectiveSection(plan, p),
    costSection(plan, p),
    warningSection(plan, all, p),
  ];
  return found.filter((section) => section !== undefined);
}

/** Prefixes of a region that a table shows before it counts the others. */
const shownPrefixes = 3;

function regionSection(plan: PlanDocument, all: boolean, p: Paint): Section {
  const rows = plan.regions.map((r) => {
    const gateways = plan.gateways.filter((g) => g.region === r.id);
    const count = gateways.length > 1 ? `${gateways.length} x ` : '';
    return [
      `${r.id}${r.drained ? ` ${p.yellow('drained')}` : ''}${r.transit ? '' : ' no transit'}`,
      r.place ?? 'external',
      [r.city?.replace(/ \(.*/, ''), r.country].filter(Boolean).join(', '),
      r.ipv4Block,
      listFirst(r.prefixes ?? [], all ? Infinity : shownPrefixes),
      r.instanceType ? `${count}${r.instanceType}` : `at ${r.endpoint}`,
      gateways.map((g) => g.ipv4).join(' '),
    ];
  });
  const columns: Column[] = [
    { title: 'id' },
    { title: 'place' },
    { title: 'city', elastic: true },
    { title: 'IPv4 block' },
    { title: 'prefixes', elastic: true },
    { title: 'gateway', elastic: true },
    { title: 'gateway address', elastic: true },
  ];
  // Where every region is called after its place, or none has prefixes, the column would say nothing.
  const named = plan.regions.some((r) => r.id !== r.place);
  const behind = plan.regions.some((r) => r.prefixes);
  const visible = <T>(cells: readonly T[]) =>
    cells.filter((_, i) => (i !== 1 || named) && (i !== 4 || behind));
  const limited = limit(rows, all, 'region');
  const note = `IPv6 ${plan.pools.ipv6}, a /56 each`;
  return {
    title: 'Regions',
    note,
    columns: visible(columns),
    rows: limited.rows.map(visible),
    more: limited.more,
    sentences: [...(plan.rollout ? [rolloutText(plan.rollout)] : []), ...deathTexts(plan, all)],
  };
}

function rolloutText({ canary, waitSeconds }: Rollout): string {
  return (
    `${canary} installs a new plan first. The others wait for its report, ${formatDuration(waitSeconds)} at ` +
    'most, and never install what it reports to be bad.'
  );
}

const originMark = { given: '', measured: '', estimated: ' ~', unknown: ' ?' } as const;

function linkSection(plan: PlanDocument, all: boolean, p: Paint): Section | undefined {
  if (plan.links.length === 0) return undefined;
  const rows = plan.links.map((link) => {
    const [there, back] = link.directions;
    const both = (figure: (d: (typeof link.directions)[number]) => string) => {
      const first = figure(there);
      const second = back ? figure(back) : first;
      return first === second ? first : `${first} / ${second}`;
    };
    const cost = both((d) =>
      d.costPerGbUsd === null ? 'unknown' : formatPrice(d.costPerGbUsd).replace(' USD/GB', ''),
    );
    return [
      `${link.a} ${back ? '↔' : '→'} ${link.b}`,
      both((d) => `${formatLatency(d.latencyMs)}${originMark[d.latencyOrigin]}`),
      both((d) => `${formatBandwidth(d.bandwidthMbps)}${originMark[d.bandwidthOrigin]}`),
      both((d) => formatBandwidth(d.availableMbps)),
      cost.includes('unknown') ? p.yellow(cost) : cost,
      there.availabilityRatio === null
        ? ''
        : both((d) => (d.availabilityRatio === null ? '' : formatRatio(d.availabilityRatio))),
      [
        link.drained ? 'drained' : '',
        link.standby ? 'standby' : '',
        link.directions.every((d) => d.metric === 10) ? '' : `metric ${both((d) => String(d.metric))}`,
        link.id === `link-${link.a}-${link.b}` ? '' : link.id,
        ...link.srlgs.map((g) => `#${g}`),
      ]
        .filter(Boolean)
        .join(' '),
    ];
  });
  const columns: Column[] = [
    { title: 'link', elastic: true },
    { title: 'one way', align: 'right' },
    { title: 'bandwidth', align: 'right' },
    { title: 'available', align: 'right' },
    { title: 'USD/GB', align: 'right' },
    { title: 'up', align: 'right' },
    { title: 'groups', elastic: 'beneath' },
  ];
  // Where nobody else uses a link all of it is available, and the column would say nothing.
  const shared = plan.links.some((l) => l.directions.some((d) => d.availableMbps !== d.bandwidthMbps));
  const used = columns.map((_, i) => (i === 3 ? shared : i < 5 || rows.some((row) => row[i] !== '')));
  const visible = <T>(cells: readonly T[]) => cells.filter((_, i) => used[i]);
  const note = plan.links.some((l) =>
    l.directions.some((d) => d.latencyOrigin === 'estimated' || d.bandwidthOrigin === 'estimated'),
  )
    ? '~ estimated'
    : undefined;
  const limited = limit(rows, all, 'link');
  return {
    title: 'Links',
    note,
    columns: visible(columns),
    rows: limited.rows.map(visible),
    more: limited.more,
  };
}

function relaySection(
  plan: PlanDocument,
  paths: ReadonlyMap<string, PlannedPath>,
  all: boolean,
): Section | undefined {
  const found = relays(plan);
  if (found.length === 0) return undefined;
  const rows = found.map((relay) => [
    `${relay.a} ↔ ${relay.b}`,
    paths.get(relay.path)!.regions.slice(1, -1).join(', '),
    formatLatency(relay.directRttMs),
    formatLatency(relay.rttMs),
    formatLatency(relay.directRttMs - relay.rttMs),
    formatRatio(Math.round((1 - relay.rttMs / relay.directRttMs) * 1000) / 1000),
  ]);
  const columns: Column[] = [
    { title: 'pair', elastic: true },
    { title: 'faster through', elastic: true },
    { title: 'direct rtt', align: 'right' },
    { title: 'planned rtt', align: 'right' },
    { title: 'gain', align: 'right' },
    { title: 'share', align: 'right' },
  ];
  const over = found.filter((r) => r.directRttMs - r.rttMs > 5).length;
  const pairs = `${count(found.length, 'pair')} of ${distinctLinkPairs(plan)} linked ones`;
  const note = `${pairs}; ${over} gain more than 5 ms`;
  return { title: 'Faster than their own link', note, columns, ...limit(rows, all, 'pair') };
}

function weakSection(plan: PlanDocument, all: boolean, p: Paint): Section | undefined {
  const weak = weakRoutes(plan);
  const routed = plan.routes.filter((r) => r.primary !== null).length;
  if (routed === 0) return undefined;
  const title = 'Protection';
  if (weak.length === 0) {
    const every = p.green('every route');
    return {
      title,
      sentences: [`${every} has a backup that shares no link, transit region or risk group with it`],
    };
  }
  const rows = weak.map(({ route, shared }) => [
    `${route.from} → ${route.to}`,
    route.classes.join(', '),
    String(route.backups.length),
    route.backups.length === 0 ? p.red('no backup') : p.yellow(shared),
  ]);
  const columns: Column[] = [
    { title: 'pair', elastic: true },
    { title: 'classes', elastic: true },
    { title: 'backups', align: 'right' },
    { title: 'first backup shares', elastic: 'beneath' },
  ];
  const which =
    weak.length === routed ? `all ${count(routed, 'route')}` : `${weak.length} of ${count(routed, 'route')}`;
  const note = `${which} without a fully disjoint backup`;
  return { title, note, columns, ...limit(rows, all, 'route') };
}

function refusalSection(plan: PlanDocument, all: boolean, p: Paint): Section | undefined {
  const refused = plan.routes.filter((route) => route.primary === null);
  if (refused.length === 0) return undefined;
  const rows = refused.map((route) => [
    `${route.from} → ${route.to}`,
    route.classes.length === qosClasses.length ? 'all' : route.classes.join(', '),
    route.refusal?.code === 'denied' ? p.dim('denied') : p.red(route.refusal?.code ?? 'none'),
    [route.refusal?.message, route.refusal?.nearest].filter(Boolean).join('; '),
  ]);
  const columns: Column[] = [
    { title: 'pair', elastic: true },
    { title: 'classes', elastic: true },
    { title: 'why' },
    { title: 'no route', elastic: 'beneath' },
  ];
  return { title: 'Without a route', columns, ...limit(rows, all, 'route') };
}

function objectiveSection(plan: PlanDocument, p: Paint): Section | undefined {
  if (plan.objectives.length === 0) return undefined;
  const mark = { holds: p.green('holds'), broken: p.red('broken'), undecided: p.yellow('undecided') };
  const rows = plan.objectives.map((o) => [o.id, mark[o.verdict], o.evidence]);
  return {
    title: 'Objectives',
    columns: [{ title: 'id' }, { title: 'verdict' }, { title: 'because', elastic: true }],
    rows,
  };
}

function costSection(plan: PlanDocument, p: Paint): Section | undefined {
  const byItem = new Map<string, { quantity: number; usd: number | null; estimated: boolean }>();
  for (const item of plan.cost.items) {
    const sum = byItem.get(item.item) ?? { quantity: 0, usd: 0, estimated: false };
    byItem.set(item.item, {
      quantity: sum.quantity + item.quantity,
      usd: sum.usd === null || item.usdPerMonth === null ? null : sum.usd + item.usdPerMonth,
      estimated: sum.estimated || item.origin === 'estimated',
    });
  }
  // What has no price stands below what has, whatever the regions' order.
  const [known, unknown] = [true, false].map((has) =>
    [...byItem].filter(([, s]) => (s.usd !== null) === has),
  );
  const rows = [...known, ...unknown].map(([item, sum]) => [
    item,
    String(sum.quantity),
    sum.usd === null ? 'unknown' : formatMoney(sum.usd) + (sum.estimated ? ' ~' : ''),
  ]);
  const { traffic, knownUsdPerMonth } = plan.cost;
  if (traffic !== null) {
    const gb = `${groupThousands(String(Math.round(traffic.gbPerMonth)))} GB`;
    rows.push(['traffic of demands', gb, formatMoney(traffic.knownUsdPerMonth)]);
  }
  if (rows.length === 0) return undefined;
  const total = formatMoney(knownUsdPerMonth + (traffic?.knownUsdPerMonth ?? 0));
  rows.push([p.bold('known'), '', p.bold(total)]);
  const columns: Column[] = [
    { title: 'item' },
    { title: 'number', align: 'right' },
    { title: 'a month', align: 'right' },
  ];
  const left = plan.cost.unknown.length === 0 ? '' : `not in the sum: ${plan.cost.unknown.join(', ')}; `;
  const mean = traffic === null ? '' : '; demands taken as the mean of the month';
  const sentences = [p.dim(`${left}prices of ${plan.cost.asOf}; ~ from us-east-1${mean}`)];
  return { title: 'Cost', columns, rows, sentences };
}

function warningSection(plan: PlanDocument, all: boolean, p: Paint): Section | undefined {
  if (plan.warnings.length === 0) return undefined;
  const { rows, more } = limit(plan.warnings, all, 'warning');
  const sentences = rows.map(
    (w) => `${p.yellow(w.code)} ${w.path === '' ? '' : `${w.path}: `}${w.message}; ${w.next}`,
  );
  return { title: 'Warnings', sentences: more ? [...sentences, p.dim(more)] : sentences };
}
