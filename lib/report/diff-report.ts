import { markdownFence, visibleTexts } from '../escape';
import { diffPlans, diffSections, type Change, type PlanDiff, type PlanDocument } from '../plan';
import { count } from '../units';
import { paint } from './paint';
import {
  resourceChanges,
  tallyOf,
  type ArgumentChange,
  type ResourceChange,
  type ResourceTally,
} from '../clouds';
import { fold } from './table';

/** A diff with what it does to the cloud. */
export interface ReportedDiff extends PlanDiff {
  /** Cloud resources by address. */
  readonly resources: readonly ResourceChange[];
}

/** The diff of two plans with the cloud resources that come, change, are replaced and go. */
export function reportedDiff(before: PlanDocument, after: PlanDocument): ReportedDiff {
  return { ...diffPlans(before, after), resources: resourceChanges(before, after) };
}

/** Does nothing differ? */
export function isEmptyReport(diff: ReportedDiff): boolean {
  return sections.every((section) => diff[section].length === 0);
}

// Changes of things that run come first.
const sections = ['resources', ...diffSections] as const;
/** As Terraform's plan has them. */
const signs = { added: '+', removed: '-', changed: '~', replaced: '-/+' } as const;
/** The fate of a cloud resource. */
const words = { added: 'created', removed: 'destroyed', changed: 'changed', replaced: 'replaced' } as const;
const rowLimit = 40;

/** Changes that a reader must not miss come first: replaced for itself before replaced with another. */
function rank({ kind, fields }: Change | ResourceChange): number {
  if (kind !== 'replaced') return { changed: 2, removed: 3, added: 4 }[kind];
  return fields.some((f) => f.forcesReplacement && f.follows.length === 0) ? 0 : 1;
}

/** Replaced and changed before what goes and comes; what most others are replaced or changed with first. */
export function ordered<T extends Change | ResourceChange>(changes: readonly T[]): T[] {
  const followers = new Map<string, number>();
  for (const { fields } of changes) {
    for (const id of fields.flatMap((f) => ('follows' in f ? f.follows : [])))
      followers.set(id, (followers.get(id) ?? 0) + 1);
  }
  const weight = ({ id }: T) => followers.get(id) ?? 0;
  return [...changes].sort((x, y) => rank(x) - rank(y) || weight(y) - weight(x));
}

/** The diff as text, at most `width` columns; `no changes` when there are none. Ends with a newline. */
export function renderDiff(
  given: ReportedDiff,
  options: { width?: number; colour?: boolean; all?: boolean } = {},
): string {
  const diff = visibleTexts(given);
  const { width = 100, colour = false, all = false } = options;
  const p = paint(colour);
  const tint = { added: p.green, removed: p.red, changed: p.yellow, replaced: p.red };
  const lines: string[] = [];
  for (const section of sections) {
    const changes = ordered<Change | ResourceChange>(diff[section]);
    if (changes.length === 0) continue;
    if (lines.length > 0) lines.push('');
    lines.push(p.bold(`${title(section)}`) + p.dim(`  ${tally(diff, section)}`));
    for (const change of all ? changes : changes.slice(0, rowLimit)) {
      lines.push(`  ${tint[change.kind](signs[change.kind])} ${named(change)}`);
      for (const field of change.fields) lines.push(...fold(fieldText(field), width, 6, 4));
    }
    if (!all && changes.length > rowLimit)
      lines.push(p.dim(`  … and ${changes.length - rowLimit} more; --all shows them`));
  }
  return lines.length === 0 ? 'no changes\n' : `${lines.join('\n')}\n`;
}

/** The diff as GitHub-flavoured Markdown. */
export function renderDiffMarkdown(given: ReportedDiff, options: { all?: boolean } = {}): string {
  const diff = visibleTexts(given);
  const lines: string[] = [];
  for (const section of sections) {
    const changes = ordered<Change | ResourceChange>(diff[section]);
    if (changes.length === 0) continue;
    const fenced: string[] = [];
    for (const change of options.all ? changes : changes.slice(0, rowLimit)) {
      fenced.push(`${change.kind === 'changed' ? '!' : signs[change.kind]} ${named(change)}`);
      for (const field of change.fields) fenced.push(`!     ${fieldText(field)}`);
    }
    if (!options.all && changes.length > rowLimit) fenced.push(`# and ${changes.length - rowLimit} more`);
    lines.push(`## ${title(section)}`, '', tally(diff, section), '', ...markdownFence(fenced, 'diff'), '');
  }
  return lines.length === 0 ? 'No changes.\n' : `${lines.join('\n')}`;
}

/** The diff for programs: whether anything changes, the tally of cloud resources, then all changes. */
export function diffJson(diff: ReportedDiff) {
  return { changed: !isEmptyReport(diff), resourceTally: tallyOf(diff.resources), ...diff };
}

/** `3 created, 2 changed, 5 replaced, 1 destroyed`, without the kinds of which there are none. */
export function resourceTallyText(tally: ResourceTally): string {
  const kinds = ['created', 'changed', 'replaced', 'destroyed'] as const;
  const some = kinds.filter((kind) => tally[kind] > 0).map((kind) => `${tally[kind]} ${kind}`);
  return some.join(', ') || 'none';
}

function title(section: (typeof sections)[number]): string {
  return section === 'resources' ? 'Cloud resources' : section[0].toUpperCase() + section.slice(1);
}

function tally(diff: ReportedDiff, section: (typeof sections)[number]): string {
  if (section === 'resources') return resourceTallyText(tallyOf(diff.resources));
  const changes = diff[section];
  const of = (kind: Change['kind']) => changes.filter((c) => c.kind === kind).length;
  return (
    (['added', 'removed', 'changed'] as const)
      .filter((kind) => of(kind) > 0)
      .map((kind) => `${of(kind)} ${kind}`)
      .join(', ') || count(0, 'change')
  );
}

/** A replaced thing says so: its sign alone is easy to miss. */
function named({ id, kind }: Change | ResourceChange): string {
  return kind === 'replaced' ? `${id} ${words[kind]}` : id;
}

/** `vpc_id: vpc-1 → vpc-2, forces replacement`. */
export function fieldText(change: Change['fields'][number] | ArgumentChange): string {
  const { field, before, after } = change;
  if (!('follows' in change)) return `${field}: ${show(before)} → ${show(after)}`;
  const forces = change.forcesReplacement ? ', forces replacement' : '';
  if (change.follows.length === 0) return `${field}: ${show(before)} → ${show(after)}${forces}`;
  const which = change.follows.join(', ');
  return `${field}: ${which} ${change.follows.length === 1 ? 'is' : 'are'} replaced${forces}`;
}

function show(value: unknown): string {
  if (value === null) return 'none';
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.map(show).join(', ');
  return JSON.stringify(value);
}
