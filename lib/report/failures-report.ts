import { visibleTexts } from '../escape';
import {
  availability,
  linkPairs,
  reportFailures,
  sweepsPairs,
  type Availability,
  type AvailabilityOptions,
  type FailureReport,
  type FailureResults,
  type PairOutcomes,
} from '../failure';
import { buildTopology } from '../graph';
import {
  assumedUnavailability,
  availabilityOptions,
  planFailures,
  shortDemands,
  withShort,
  type PlanDocument,
} from '../plan';
import { count, formatBandwidth, formatLatency, formatRatio } from '../units';
import { paint, type Paint } from './paint';
import { failureSections } from './report-traffic';
import { markdownSection, type Section } from './report-section';
import { table, fold, type Column } from './table';

/** The effects of failures on a plan. Plain data. */
export interface FailuresReport extends FailureReport {
  /** The worst pairs of link failures, by routes lost, traffic lost, fullest link; null unless asked for. */
  readonly pairs: PairsReport | null;
  /** Share of time each demand is fully carried; null without demands. */
  readonly availability: Availability | null;
}

export interface PairsReport {
  readonly pairs: number;
  /** Pairs that leave some route without a planned path. */
  readonly losing: number;
  readonly worst: readonly PairSummary[];
}

/** Two links that fail at once. */
export interface PairSummary {
  readonly links: readonly [string, string];
  readonly routesLost: number;
  readonly routesCut: number;
  readonly lostMbps: number;
  readonly fullestRatio: number | null;
}

/** Every single failure of a plan, before pairs and availability. */
export interface FailureStudy {
  readonly results: FailureResults;
  readonly dual: boolean;
  /** null: without demands. */
  readonly shares: AvailabilityOptions | null;
  /** Demands that are not carried whole even without a failure. */
  readonly short: ReadonlySet<string>;
  /** Does the report need every pair of link failures? */
  readonly needsPairs: boolean;
}

/**
 * Evaluates every single failure of a plan, and every pair of link failures where `dual`.
 *
 * @param worst how many failures in detail, and how many pairs. Default 5.
 */
export function evaluateFailures(plan: PlanDocument, { dual = false, worst = 5 } = {}): FailuresReport {
  const study = studyFailures(plan, dual);
  return reportStudy(study, study.needsPairs ? linkPairs(study.results.evaluator) : null, worst);
}

/** The first half of `evaluateFailures`, for whoever has the pairs swept by several threads. */
export function studyFailures(plan: PlanDocument, dual: boolean): FailureStudy {
  const topology = buildTopology(plan);
  const results = planFailures(plan, topology);
  const shares = plan.demands.length === 0 ? null : availabilityOptions(plan.links, results);
  const needsPairs = dual || (shares !== null && sweepsPairs(results.evaluator, shares));
  return { results, dual, shares, short: shortDemands(plan.demands, plan.traffic), needsPairs };
}

/** The second half: `pairs` as `linkPairs` gives them, null where they are not needed. */
export function reportStudy(study: FailureStudy, pairs: PairOutcomes | null, worst = 5): FailuresReport {
  const { results, dual, shares, short } = study;
  return {
    ...reportFailures(results, { worst }),
    pairs: dual && pairs !== null ? pairsReport(results, pairs, worst) : null,
    availability: shares && withShort(availability(results.evaluator, { ...shares, pairs }), short),
  };
}

function pairsReport({ evaluator }: FailureResults, pairs: PairOutcomes, worst: number): PairsReport {
  const { topology, unitsPerMbps } = evaluator.base.table;
  const order = Array.from({ length: pairs.first.length }, (_, r) => r).sort(
    (a, b) =>
      pairs.routesLost[b] - pairs.routesLost[a] ||
      pairs.lostUnits[b] - pairs.lostUnits[a] ||
      pairs.fullestRatio[b] - pairs.fullestRatio[a] ||
      a - b,
  );
  return {
    pairs: order.length,
    losing: pairs.routesLost.filter((n) => n > 0).length,
    worst: order.slice(0, worst).map((r) => ({
      links: [topology.links[pairs.first[r]], topology.links[pairs.second[r]]] as const,
      routesLost: pairs.routesLost[r],
      routesCut: pairs.routesCut[r],
      lostMbps: pairs.lostUnits[r] / unitsPerMbps,
      fullestRatio: Number.isFinite(pairs.fullestRatio[r]) ? pairs.fullestRatio[r] : null,
    })),
  };
}

/** The report as text, at most `width` columns where the names allow it. Ends with a newline. */
export function renderFailures(
  given: FailuresReport,
  options: { width?: number; colour?: boolean; all?: boolean } = {},
): string {
  const report = visibleTexts(given);
  const { width = 100, colour = false, all = false } = options;
  const p = paint(colour);
  const lines: string[] = [];
  for (const section of sections(report, all, p)) {
    if (lines.length > 0) lines.push('');
    lines.push(p.bold(section.title), ...(section.note ? fold(p.dim(section.note), width, 2) : []));
    if (section.columns) lines.push(...table(section.columns, section.rows ?? [], width, 2, p.dim));
    if (section.more) lines.push(p.dim(`  ${section.more}`));
    for (const sentence of section.sentences ?? []) lines.push(...fold(sentence, width, 2, 2));
  }
  return `${lines.join('\n')}\n`;
}

/** The same as GitHub-flavoured Markdown. */
export function renderFailuresMarkdown(given: FailuresReport, all = false): string {
  const report = visibleTexts(given);
  const lines = sections(report, all, paint(false)).flatMap((section) => [...markdownSection(section), '']);
  return lines.join('\n');
}

function sections(report: FailuresReport, all: boolean, p: Paint): Section[] {
  const { noFailure, failures } = report;
  const found: (Section | undefined)[] = [
    ...failureSections({ failures: { noFailure, failures } }, all, p),
    worstSection(report),
    report.pairs ? pairSection(report.pairs, p) : undefined,
    report.availability ? availabilitySection(report.availability) : undefined,
  ];
  return found.filter((section) => section !== undefined);
}

/** The moves under the worst failure, route by route. */
function worstSection(report: FailuresReport): Section | undefined {
  const worst = report.worst.find((w) => w.changes.length > 0);
  if (!worst) return undefined;
  const shown = worst.changes.slice(0, 12);
  const rows = shown.map((c) => [
    `${c.from} → ${c.to}`,
    c.classes.join(', '),
    c.fate,
    c.after.map((path) => path.path.replace(/>/g, ' > ')).join('; '),
    c.beforeMs === null ? '' : formatLatency(c.beforeMs),
    c.afterMs === null ? '' : formatLatency(c.afterMs),
  ]);
  const columns: Column[] = [
    { title: 'pair', elastic: true },
    { title: 'classes', elastic: true },
    { title: 'fate' },
    { title: 'then over', elastic: 'beneath' },
    { title: 'before', align: 'right' },
    { title: 'after', align: 'right' },
  ];
  const more =
    worst.changes.length > shown.length
      ? `… and ${worst.changes.length - shown.length} more; --json has all`
      : undefined;
  return { title: `The worst: ${worst.kind} ${worst.id}`, columns, rows, more };
}

function pairSection(pairs: PairsReport, p: Paint): Section {
  const rows = pairs.worst.map((w) => [
    w.links.join(' and '),
    w.routesLost === 0 ? '0' : p.red(String(w.routesLost)),
    String(w.routesCut),
    formatBandwidth(w.lostMbps),
    w.fullestRatio === null ? '' : formatRatio(Math.round(w.fullestRatio * 1000) / 1000),
  ]);
  const columns: Column[] = [
    { title: 'links', elastic: true },
    { title: 'routes lost', align: 'right' },
    { title: 'cut off', align: 'right' },
    { title: 'traffic lost', align: 'right' },
    { title: 'fullest then', align: 'right' },
  ];
  const note = `${count(pairs.pairs, 'pair')}; ${pairs.losing} leave a route without a planned path`;
  return { title: 'Two links at once, the worst', note, columns, rows };
}

function availabilitySection(shares: Availability): Section {
  const nines = (ratio: number) => `${(Math.floor(ratio * 1e6) / 1e4).toFixed(4)} %`;
  const rows = shares.demands.map((d) => [d.id, nines(d.lowerRatio), nines(d.upperRatio)]);
  const columns: Column[] = [
    { title: 'demand', elastic: true },
    { title: 'carried at least', align: 'right' },
    { title: 'at most', align: 'right' },
  ];
  const up = formatRatio(1 - assumedUnavailability);
  const assumed = shares.assumedLinks.length;
  const deaths = shares.gatewayFailuresPerYear;
  const note =
    `${count(shares.states, 'state')} down to a probability of ${shares.cutOff}, ` +
    `${nines(shares.coveredRatio)} of the time` +
    (assumed === 0 ? '' : `; ${count(assumed, 'link')} taken as ${up} up`) +
    (deaths === null ? '' : `; ${count(deaths, 'failure')} of each gateway a year`);
  return { title: 'Share of time each demand is fully carried', note, columns, rows };
}
