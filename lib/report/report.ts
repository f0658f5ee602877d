import { markdownCode, markdownText, visibleTexts } from '../escape';
import { table, fold } from './table';
import { paint, type Paint } from './paint';
import { glanceSection } from './report-glance';
import { limit, markdownSection, type Section } from './report-section';
import { moveSections, nothingMoved } from './report-moves';
import { resourceSection } from './report-resources';
import { policySection, routeSections } from './report-routes';
import { failureSections, reservationSections, trafficSections } from './report-traffic';
import type { PlanDocument } from '../plan';
import { objectiveText } from '../plan/objective-text';
import { count } from '../units';
import { regionSection } from './report-regions';
import { linkSection, relaySection } from './report-links';
import { refusalSection, weakSection } from './report-protection';
import { costSection, headlineCost } from './report-cost';

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
 * The moves since the plan that it was made from, and the fate of that one's cloud resources: a part of
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

function objectiveSection(plan: PlanDocument, p: Paint): Section | undefined {
  if (plan.objectives.length === 0) return undefined;
  const mark = { holds: p.green('holds'), broken: p.red('broken'), undecided: p.yellow('undecided') };
  const rows = plan.objectives.map((o) => [o.id, mark[o.verdict], objectiveText(o, plan)]);
  return {
    title: 'Objectives',
    columns: [{ title: 'id' }, { title: 'verdict' }, { title: 'because', elastic: true }],
    rows,
  };
}

function warningSection(plan: PlanDocument, all: boolean, p: Paint): Section | undefined {
  if (plan.warnings.length === 0) return undefined;
  const { rows, more } = limit(plan.warnings, all, 'warning');
  const sentences = rows.map(
    (w) => `${p.yellow(w.code)} ${w.path === '' ? '' : `${w.path}: `}${w.message}; ${w.next}`,
  );
  return { title: 'Warnings', sentences: more ? [...sentences, p.dim(more)] : sentences };
}
