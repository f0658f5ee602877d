import { qosClasses, type ClassShares } from '../model';
import type { FailureSummary } from '../failure';
import { describeConflict, type PlanDocument, type PlannedClass } from '../plan';
import { count, formatBandwidth, formatDuration, formatLatency, formatRatio } from '../units';
import type { Paint } from './paint';
import { limit, type Section } from './report-section';
import type { Column } from './table';
import { windowText } from './window-text';

/** How full the network is: classes of demands, and the fullest links. */
export function trafficSections(plan: PlanDocument, all: boolean, p: Paint): Section[] {
  const { classes, loads, utilisationRatio } = plan.traffic;
  if (classes.length === 0) return [];
  const asked = new Map(plan.demands.map((d) => [d.id, d.bandwidthMbps]));
  const rows = classes.map((c) => {
    const wanted = c.demands.reduce((sum, d) => sum + asked.get(d.id)!, 0);
    const carried = c.demands.reduce((sum, d) => sum + d.carriedMbps, 0);
    const whole = carried >= wanted * (1 - 1e-6);
    return [
      c.class,
      c.spread,
      String(c.demands.length),
      formatBandwidth(wanted),
      whole ? p.green('all') : p.red(formatBandwidth(carried)),
      percent(c.utilisationRatio),
      boundText(c),
    ];
  });
  const columns: Column[] = [
    { title: 'class' },
    { title: 'spread' },
    { title: 'demands', align: 'right' },
    { title: 'asked', align: 'right' },
    { title: 'carried', align: 'right' },
    { title: 'fullest', align: 'right' },
    { title: 'proof', elastic: true },
  ];
  const note = `each class on what those above and reservations leave; fullest link ${percent(utilisationRatio)}`;
  return [
    { title: 'Traffic', note, columns, rows },
    ...conflictSections(classes, p),
    ...fullestSection(loads, all, p),
  ];
}

/** Who cannot be carried together, and what would mend it. */
function conflictSections(classes: readonly PlannedClass[], p: Paint): Section[] {
  const sentences = classes.flatMap((c) => {
    if (c.conflict === null) return [];
    const { message, next } = describeConflict(c.conflict);
    return [`${p.red(c.class)}: ${message}; ${next}`];
  });
  return sentences.length === 0 ? [] : [{ title: 'Conflicts', sentences }];
}

function boundText(c: PlannedClass): string {
  if (c.certificate === null || c.optimumRatio === null) return '';
  const near = c.method === 'approximate' ? 'approximate, ' : '';
  return `${near}no split below ${percent(c.certificate.bound)} (gap ${percent(c.certificate.gapRatio)})`;
}

/** Per cent with one decimal. */
export function percent(ratio: number): string {
  return ratio > 1e6 ? 'over 100 %' : formatRatio(Math.round(ratio * 1000) / 1000);
}

function fullestSection(loads: PlanDocument['traffic']['loads'], all: boolean, p: Paint): Section[] {
  const used = loads
    .map((l) => ({ ...l, ratio: (l.demandMbps + l.reservedMbps) / l.availableMbps }))
    .sort((x, y) => y.ratio - x.ratio || (x.link + x.from < y.link + y.from ? -1 : 1));
  if (used.length === 0) return [];
  const tint = (ratio: number) => (ratio > 1 ? p.red : ratio > 0.8 ? p.yellow : (text: string) => text);
  const rows = used.map((l) => [
    `${l.from} → ${l.to}`,
    l.link,
    formatBandwidth(l.availableMbps),
    formatBandwidth(l.reservedMbps),
    formatBandwidth(l.demandMbps),
    tint(l.ratio)(percent(l.ratio)),
  ]);
  const columns: Column[] = [
    { title: 'direction', elastic: true },
    { title: 'link', elastic: 'beneath' },
    { title: 'available', align: 'right' },
    { title: 'reserved', align: 'right' },
    { title: 'demands', align: 'right' },
    { title: 'full', align: 'right' },
  ];
  return [{ title: 'Fullest links', columns, ...limit(rows, all, 'direction', 5) }];
}

/** Each reservation and its answer. */
export function reservationSections(plan: PlanDocument, all: boolean, p: Paint): Section[] {
  if (plan.reservations.length === 0) return [];
  const rows = plan.reservations.map((r) => [
    r.id,
    formatBandwidth(r.bandwidthMbps),
    r.class,
    r.admitted ? p.green('admitted') : p.red('refused'),
    [
      r.admitted ? r.path!.replace(/>/g, ' > ') : [r.reason, r.nearest].filter(Boolean).join('; '),
      r.window ? windowText(r.window) : 'always',
    ].join('; '),
  ]);
  const columns: Column[] = [
    { title: 'id' },
    { title: 'bandwidth', align: 'right' },
    { title: 'class' },
    { title: 'answer' },
    { title: 'where and when', elastic: 'beneath' },
  ];
  return [{ title: 'Reservations', note: admissionText(plan), columns, ...limit(rows, all, 'reservation') }];
}

const modelNames = { mam: 'maximum allocation (RFC 4125)', rdm: 'russian dolls (RFC 4127)' } as const;

/** By what rules they were admitted, in a line. */
function admissionText({ admission, links }: PlanDocument): string {
  const { model, shares, headroomRatio, criticalHeadroomRatio } = admission;
  const critical =
    criticalHeadroomRatio === headroomRatio ? '' : `, class critical ${formatRatio(criticalHeadroomRatio)}`;
  const free = `${formatRatio(headroomRatio)} of each link left free${critical}`;
  if (model === 'shared') return free;
  const text = (own: ClassShares) =>
    qosClasses
      .filter((c) => own[c] < 1)
      .map((c) => `${c} ${formatRatio(own[c])}`)
      .join(', ') || 'every class 100 %';
  const special = links.flatMap((l) => (l.classShares === null ? [] : [`${l.id}: ${text(l.classShares)}`]));
  return [`${modelNames[model]}: ${text(shares)}`, ...special, free].join('; ');
}

/**
 * The effects of single failures: each kind with its worst, and the failures that lose traffic or overload a
 * link.
 */
export function failureSections(plan: Pick<PlanDocument, 'failures'>, all: boolean, p: Paint): Section[] {
  if (plan.failures === null) return [];
  const { failures } = plan.failures;
  const harm = (f: FailureSummary) => f.routesStranded + f.routesCut + f.demandsLost + f.demandsCongested;
  const shown = all ? failures : [...failures].sort(worstFirst);
  const rows = shown.map((f) => [
    f.kind,
    f.id,
    String(f.routesAffected),
    f.routesStranded + f.routesCut === 0 ? p.green('0') : p.red(String(f.routesStranded + f.routesCut)),
    f.lostMbps === 0 ? '0' : p.red(formatBandwidth(f.lostMbps)),
    f.fullest?.utilisationRatio === null ? p.red('no room') : fullText(f, p),
    slowdown(f),
    waitText(f),
  ]);
  const columns: Column[] = [
    { title: 'kind' },
    { title: 'what fails', elastic: 'beneath' },
    { title: 'routes', align: 'right' },
    { title: 'lost', align: 'right' },
    { title: 'traffic lost', align: 'right' },
    { title: 'fullest', align: 'right' },
    { title: 'slower', align: 'right' },
    { title: 'wait', align: 'right', elastic: true },
  ];
  const waiting = failures.some((f) => f.interruption);
  const harmful = failures.filter((f) => harm(f) > 0).length;
  const kinds = ['link', 'region', 'gateway', 'srlg'].map(
    (kind) => failures.filter((f) => f.kind === kind).length,
  );
  const note = `${count(kinds[0], 'link')}, ${count(kinds[1], 'region')}, ${count(kinds[2], 'gateway')}, ${count(kinds[3], 'risk group')}; ${harmful} of ${failures.length} lose a route or overload a link`;
  const limited = limit(rows, all, 'failure', 8);
  const visible = <T>(cells: readonly T[]) => (waiting ? cells : cells.slice(0, -1));
  return [
    {
      title: 'Single failures',
      note,
      columns: visible(columns),
      rows: limited.rows.map(visible),
      more: limited.more,
      sentences: waiting ? [waitNote] : [],
    },
  ];
}

const waitNote =
  'Workloads behind a dead gateway wait, at most so long, until their routes lead to another one or until it ' +
  'is back. The other columns count the network after that.';

/** The loss of the workloads behind a gateway, and for how long at most. */
export function waitText({ interruption }: FailureSummary): string {
  if (!interruption) return '';
  const { mbps, seconds } = interruption;
  const time = formatDuration(seconds);
  return mbps === 0 ? time : `${formatBandwidth(mbps)}, ${time}`;
}

/** How much the one-way latency grows most; nothing where every route that moves gets faster or none does. */
function slowdown({ slowest }: FailureSummary): string {
  const grows = slowest === null ? 0 : slowest.afterMs - slowest.beforeMs;
  return grows > 0 ? `+${formatLatency(grows)}` : '';
}

function fullText(f: FailureSummary, p: Paint): string {
  const ratio = f.fullest?.utilisationRatio ?? 0;
  return ratio > 1 ? p.red(percent(ratio)) : percent(ratio);
}

/** By traffic lost, routes lost, an overloaded link, how long workloads wait, the fullest link. */
export function worstFirst(x: FailureSummary, y: FailureSummary): number {
  const lost = (f: FailureSummary) => f.routesStranded + f.routesCut;
  const full = (f: FailureSummary) => f.fullest?.utilisationRatio ?? 0;
  const over = (f: FailureSummary) => Math.max(0, full(f) - 1);
  const waited = (f: FailureSummary) => f.interruption?.seconds ?? 0;
  return (
    y.lostMbps - x.lostMbps ||
    lost(y) - lost(x) ||
    over(y) - over(x) ||
    waited(y) - waited(x) ||
    full(y) - full(x) ||
    (x.kind + x.id < y.kind + y.id ? -1 : 1)
  );
}
