import type { FailureSummary } from '../failure';
import type { PlanDocument } from '../plan';
import { count, formatBandwidth, formatDuration } from '../units';
import type { Paint } from './paint';
import type { Section } from './report-section';
import { percent, worstFirst } from './report-traffic';

const kinds = [
  ['link', 'link'],
  ['srlg', 'SRLG'],
  ['gateway', 'gateway'],
  ['region', 'region'],
] as const;

/**
 * Answers to a reviewer's first questions: how full the network is, and the worst that one failure of each
 * kind does; undefined where failures are not evaluated.
 */
export function glanceSection(plan: PlanDocument, p: Paint): Section | undefined {
  if (plan.failures === null) return undefined;
  const { noFailure, failures } = plan.failures;
  const rows = [row('nothing', [noFailure], fullestText(noFailure), p)];
  for (const [kind, noun] of kinds) {
    const alike = failures.filter((f) => f.kind === kind).sort(worstFirst);
    if (alike.length > 0) rows.push(row(`1 of ${count(alike.length, noun)}`, alike, worstText(alike[0]), p));
  }
  return {
    title: 'How full it is, and what one failure does',
    note: 'each figure the worst; fullness by demands, of what reservations leave',
    columns: [
      { title: 'failing' },
      { title: 'routes lost', align: 'right' },
      { title: 'traffic lost', align: 'right' },
      { title: 'fullest', align: 'right' },
      { title: 'the worst', elastic: 'beneath' },
    ],
    rows,
    sentences: verdicts(plan, p),
  };
}

function row(what: string, alike: readonly FailureSummary[], worst: string, p: Paint): string[] {
  const most = (figure: (f: FailureSummary) => number) => Math.max(...alike.map(figure));
  const routes = most((f) => f.routesStranded + f.routesCut);
  const mbps = most((f) => f.lostMbps);
  const ratio = most(fullness);
  return [
    what,
    routes === 0 ? p.green('0') : p.red(String(routes)),
    mbps === 0 ? p.green('0') : p.red(formatBandwidth(mbps)),
    ratio > 1 ? p.red(percent(ratio)) : percent(ratio),
    worst,
  ];
}

/** Of the fullest link; Infinity where there is no room for what it carries. */
function fullness({ fullest }: FailureSummary): number {
  return fullest === null ? 0 : (fullest.utilisationRatio ?? Infinity);
}

function fullestText({ fullest }: FailureSummary): string {
  return fullest === null || fullest.utilisationRatio === 0 ? '' : `${fullest.link} from ${fullest.from}`;
}

/** The thing that fails, and how long the workloads behind it wait. */
function worstText({ id, interruption }: FailureSummary): string {
  return interruption ? `${id}, its workloads wait ${formatDuration(interruption.seconds)}` : id;
}

/** How many demands are carried, reservations admitted, objectives met, in a sentence. */
function verdicts(plan: PlanDocument, p: Paint): string[] {
  const asked = new Map(plan.demands.map((d) => [d.id, d.bandwidthMbps]));
  const placed = plan.traffic.classes.flatMap((c) => c.demands);
  const whole = placed.filter((d) => d.carriedMbps >= asked.get(d.id)! * (1 - 1e-6)).length;
  const parts = [
    share(whole, plan.demands.length, 'demand', 'carried whole', p),
    share(
      plan.reservations.filter((r) => r.admitted).length,
      plan.reservations.length,
      'reservation',
      'admitted',
      p,
    ),
    share(
      plan.objectives.filter((o) => o.verdict === 'holds').length,
      plan.objectives.length,
      'objective',
      'met',
      p,
    ),
  ].filter((text) => text !== '');
  return parts.length === 0 ? [] : [parts.join(', ')];
}

function share(part: number, of: number, noun: string, what: string, p: Paint): string {
  if (of === 0) return '';
  const text = `${part} of ${count(of, noun)}`;
  return `${part === of ? p.green(text) : p.yellow(text)} ${what}`;
}
