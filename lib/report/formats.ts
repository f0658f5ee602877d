// In which formats reports are printed: one row a format. Rows load their renderers when they are used, so
// that the command line can name formats at no cost.
import type { PlanDocument } from '../plan';
import type { ReportedDiff } from './diff-report';
import type { FailuresReport } from './failures-report';
import type { ReportOptions } from './report';

/** A format, and how each report is printed in it; absent: this report is not. */
export interface Format {
  /** Read by programs: a plan with errors is not printed, and no hint for people is printed beside it. */
  readonly forPrograms: boolean;
  readonly plan?: (plan: PlanDocument, options: ReportOptions) => Promise<string>;
  readonly failures?: (report: FailuresReport, options: ReportOptions) => Promise<string>;
  readonly diff?: (diff: ReportedDiff, options: ReportOptions) => Promise<string>;
}

/** The reports that have formats. */
export type FormattedReport = 'plan' | 'failures' | 'diff';

export const formats = {
  text: {
    forPrograms: false,
    plan: async (plan, options) => (await import('./report.js')).renderPlan(plan, options),
    failures: async (report, options) =>
      (await import('./failures-report.js')).renderFailures(report, options),
    diff: async (diff, options) => (await import('./diff-report.js')).renderDiff(diff, options),
  },
  json: {
    forPrograms: true,
    plan: async (plan) => (await import('../plan/index.js')).encodePlan(plan),
    failures: (report) => Promise.resolve(`${JSON.stringify(report, null, 2)}\n`),
    diff: async (diff) => `${JSON.stringify((await import('./diff-report.js')).diffJson(diff), null, 2)}\n`,
  },
  markdown: {
    forPrograms: false,
    plan: async (plan, options) => (await import('./report.js')).renderPlanMarkdown(plan, options),
    failures: async (report, { all }) =>
      (await import('./failures-report.js')).renderFailuresMarkdown(report, all),
    diff: async (diff, options) => (await import('./diff-report.js')).renderDiffMarkdown(diff, options),
  },
  graphml: {
    forPrograms: true,
    plan: async (plan) => {
      const { graphmlOf, topologyGraph } = await import('../exchange/index.js');
      return graphmlOf(topologyGraph(plan));
    },
  },
  gexf: {
    forPrograms: true,
    plan: async (plan) => {
      const { gexfOf, topologyGraph } = await import('../exchange/index.js');
      return gexfOf(topologyGraph(plan));
    },
  },
} as const satisfies Record<string, Format>;

export type FormatName = keyof typeof formats;

/** The formats of a report, the default first. */
export function formatsOf(report: FormattedReport): FormatName[] {
  return (Object.keys(formats) as FormatName[]).filter((name) => report in formats[name]);
}

/** The row of a format; text without a name. */
export function formatOf(options: { readonly format?: FormatName; readonly json?: boolean }): Format {
  return formats[options.json ? 'json' : (options.format ?? 'text')];
}
