import { paint } from '../report/paint';
import { visibleTexts } from '../escape';
import { fold, table, type Column } from '../report/table';
import { count } from '../units';
import { qosClasses } from '../model';
import type { DrilledMove, DrillRun } from './drill';

/** What a drill found, in figures. */
export interface DrillSummary {
  readonly failures: number;
  /** Traffic that moved, over all failures and runs. */
  readonly moves: number;
  readonly asPredicted: number;
  readonly notRestored: number;
  readonly streams: number;
  readonly restoreLost: number;
  /** Streams that lost something before the failure: the machine was too busy. */
  readonly disturbed: number;
  /** Of blackholes, ms; null: nothing was measured. */
  readonly outageMs: Spread | null;
  readonly detectionMs: Spread | null;
}

/** Of a list of figures. */
export interface Spread {
  readonly median: number;
  readonly p95: number;
  readonly most: number;
}

/** Median, 95th percentile (nearest rank) and greatest; null for an empty list. */
export function spreadOf(figures: readonly number[]): Spread | null {
  if (figures.length === 0) return null;
  const sorted = [...figures].sort((a, b) => a - b);
  const rank = (share: number) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
  return { median: rank(0.5), p95: rank(0.95), most: sorted[sorted.length - 1] };
}

export function summariseDrill(runs: readonly DrillRun[]): DrillSummary {
  const moves = runs.flatMap((run) => run.moves);
  const blackholes = runs.filter((run) => run.kind !== 'brownouts').flatMap((run) => run.moves);
  const streams = moves.flatMap((m) => m.stream ?? []);
  return {
    failures: runs.length,
    moves: moves.length,
    asPredicted: moves.filter((m) => m.asPredicted).length,
    notRestored: runs.reduce((sum, run) => sum + run.notRestored.length, 0),
    streams: streams.length,
    restoreLost: streams.reduce((sum, s) => sum + s.restoreLost, 0),
    disturbed: streams.filter((s) => s.lostBefore > 0).length,
    outageMs: spreadOf(blackholes.flatMap((m) => m.stream?.outageMs ?? [])),
    detectionMs: spreadOf(blackholes.flatMap((m) => m.detectionMs ?? [])),
  };
}

/** Did every failure take the path predicted, come back, and lose nothing in coming back? */
export function drillHolds({ moves, asPredicted, notRestored, restoreLost }: DrillSummary): boolean {
  return asPredicted === moves && notRestored === 0 && restoreLost === 0;
}

/** How a drill is shown. */
export interface DrillLayout {
  readonly width?: number;
  readonly colour?: boolean;
  /** Between two packets of a stream, ms: no outage is told to less. */
  readonly spacingMs: number;
}

/** The drill as text, at most `width` columns wide where paths allow it. Ends with a newline. */
export function renderDrill(
  given: readonly DrillRun[],
  { width = 100, colour = false, spacingMs }: DrillLayout,
): string {
  const runs = visibleTexts(given);
  const p = paint(colour);
  const columns: Column[] = [
    { title: 'pair' },
    { title: 'path predicted, to', elastic: true },
    { title: 'taken' },
    { title: 'found', align: 'right' },
    { title: 'moved', align: 'right' },
    { title: 'outage', align: 'right' },
    { title: 'lost', align: 'right' },
    { title: 'then', align: 'right' },
  ];
  const several = runs.some((run) => run.run > 1);
  const lines = runs.flatMap((run) => {
    const rows = run.moves.flatMap((move) => {
      const [first, ...more] = rowsOf(move);
      const taken = move.asPredicted ? p.green(first[2]) : p.red(first[2]);
      return [[...first.slice(0, 2), taken, ...first.slice(3)], ...more];
    });
    return [
      p.bold(several ? `${run.title}, run ${run.run}` : run.title),
      ...table(columns, rows, width, 2, p.dim),
      ...run.notRestored.map((key) => p.red(`  not restored: ${key}`)),
      ...ailingNote(run.ailingBefore).map(p.yellow),
      '',
    ];
  });
  const summary = summariseDrill(runs);
  const verdict = drillHolds(summary) ? p.green('holds') : p.red('does not hold');
  const note =
    'Times in ms from the failure; lost: packets, while it lasted and then in coming back. A stream sends one ' +
    `each ${spacingMs} ms.`;
  return `${[...fold(p.dim(note), width), '', ...lines, ...sentences(summary).flatMap((s) => fold(s, width)), `The plan ${verdict}.`].join('\n')}\n`;
}

/** At most so many are named. */
const mostNamed = 5;

function ailingNote(ailing: readonly string[]): string[] {
  if (ailing.length === 0) return [];
  const more = ailing.length > mostNamed ? ` and ${ailing.length - mostNamed} more` : '';
  return [`  not up before: ${ailing.slice(0, mostNamed).join(', ')}${more}`];
}

function rowsOf(move: DrilledMove): string[][] {
  const { gateway, from, to, classes, after, taken, asPredicted, detectionMs, switchMs, stream } = move;
  const figure = (value: number | null | undefined) =>
    value === null || value === undefined ? '' : String(Math.round(value));
  const row = [
    `${gateway} → ${to}`,
    shown(from, after),
    asPredicted ? 'so' : 'other',
    figure(detectionMs),
    figure(switchMs),
    figure(stream?.outageMs),
    figure(stream?.lost),
    figure(stream?.restoreLost),
  ];
  const which = classes.length === qosClasses.length ? [] : [[`  ${classes.join(', ')}`]];
  return [row, ...(asPredicted ? [] : [['  taken:', shown(from, taken)]]), ...which];
}

/** Paths of one gateway without where they start; variants of one path together. */
function shown(from: string, ids: readonly string[]): string {
  if (ids.length === 0) return 'none';
  const planes = new Map<string, string[]>();
  for (const id of ids) {
    const [, path, plane = '1'] = /^(.*?)(?:\.(\d))?$/.exec(id)!;
    planes.set(path, [...(planes.get(path) ?? []), plane]);
  }
  const one = ([path, which]: [string, string[]]) => {
    const steps = path.startsWith(`${from}>`) ? path.slice(from.length + 1) : path;
    const note = which.length > 1 ? ', both planes' : which[0] === '1' ? '' : `, plane ${which[0]}`;
    return `${steps.replace(/>/g, ' > ')}${note}`;
  };
  return [...planes].map(one).join(' or ');
}

function sentences(s: DrillSummary): string[] {
  const ms = (figure: number) => `${figure.toFixed(1)} ms`;
  const spread = (what: string, figures: Spread | null) =>
    figures === null
      ? []
      : [
          `${what}: median ${ms(figures.median)}, 95th percentile ${ms(figures.p95)}, most ${ms(figures.most)}.`,
        ];
  return [
    `${count(s.failures, 'failure')}: ${s.asPredicted} of ${count(s.moves, 'move')} took the path predicted.`,
    ...spread('Blackholes found after', s.detectionMs),
    ...spread('Outage of blackholes', s.outageMs),
    `${count(s.streams, 'stream')} lost ${count(s.restoreLost, 'packet')} in coming back.`,
    ...(s.disturbed > 0
      ? [
          `${count(s.disturbed, 'stream')} lost packets before the failure: this machine is too busy to measure on.`,
        ]
      : []),
    ...(s.notRestored > 0 ? [`${count(s.notRestored, 'flow')} did not come back.`] : []),
  ];
}
