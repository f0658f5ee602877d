import type { Change, FieldChange, PlanDiff } from '../plan';
import { diffSections } from '../plan';
import { count } from '../units';
import { paint } from './paint';
import { fold } from './table';

/** A diff with what it does to the cloud. */
export interface ReportedDiff extends PlanDiff {
  /** Cloud resources by address. */
  readonly resources: readonly Change[];
}

const sections = [...diffSections, 'resources'] as const;
const signs = { added: '+', removed: '-', changed: '~' } as const;
const rowLimit = 40;

/** Changes of what stays before what goes and comes: they are what a reader must not miss. */
const rank = { changed: 0, removed: 1, added: 2 } as const;

function ordered(changes: readonly Change[]): Change[] {
  return [...changes].sort((x, y) => rank[x.kind] - rank[y.kind]);
}

/** The diff as text, at most `width` columns; `no changes` when there are none. Ends with a newline. */
export function renderDiff(
  diff: ReportedDiff,
  options: { width?: number; colour?: boolean; all?: boolean } = {},
): string {
  const { width = 100, colour = false, all = false } = options;
  const p = paint(colour);
  const tint = { added: p.green, removed: p.red, changed: p.yellow };
  const lines: string[] = [];
  for (const section of sections) {
    const changes = ordered(diff[section]);
    if (changes.length === 0) continue;
    if (lines.length > 0) lines.push('');
    lines.push(p.bold(`${title(section)}`) + p.dim(`  ${tally(changes)}`));
    for (const change of all ? changes : changes.slice(0, rowLimit)) {
      lines.push(`  ${tint[change.kind](signs[change.kind])} ${change.id}`);
      for (const field of change.fields) lines.push(...fold(fieldText(field), width, 6, 4));
    }
    if (!all && changes.length > rowLimit)
      lines.push(p.dim(`  … and ${changes.length - rowLimit} more; --all shows them`));
  }
  return lines.length === 0 ? 'no changes\n' : `${lines.join('\n')}\n`;
}

/** The diff as GitHub-flavoured Markdown. */
export function renderDiffMarkdown(diff: ReportedDiff, options: { all?: boolean } = {}): string {
  const lines: string[] = [];
  for (const section of sections) {
    const changes = ordered(diff[section]);
    if (changes.length === 0) continue;
    lines.push(`## ${title(section)}`, '', tally(changes), '', '```diff');
    for (const change of options.all ? changes : changes.slice(0, rowLimit)) {
      lines.push(`${change.kind === 'changed' ? '!' : signs[change.kind]} ${change.id}`);
      for (const field of change.fields) lines.push(`!     ${fieldText(field)}`);
    }
    if (!options.all && changes.length > rowLimit) lines.push(`# and ${changes.length - rowLimit} more`);
    lines.push('```', '');
  }
  return lines.length === 0 ? 'No changes.\n' : `${lines.join('\n')}`;
}

function title(section: string): string {
  return section[0].toUpperCase() + section.slice(1);
}

function tally(changes: readonly Change[]): string {
  const of = (kind: Change['kind']) => changes.filter((c) => c.kind === kind).length;
  return (
    (['added', 'removed', 'changed'] as const)
      .filter((kind) => of(kind) > 0)
      .map((kind) => `${of(kind)} ${kind}`)
      .join(', ') || count(0, 'change')
  );
}

function fieldText({ field, before, after }: FieldChange): string {
  return `${field}: ${show(before)} → ${show(after)}`;
}

function show(value: unknown): string {
  if (value === null) return 'none';
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.map(show).join(', ');
  return JSON.stringify(value);
}
