import type { NetworkDescription } from './description';
import { checkId, checkLongId } from './figure-reader';
import type { Link, Renames } from './network';
import { tryLinkId, type RawPath, type Reporter } from './reporter';

/**
 * Checks what `was` says as far as the description alone can tell: ids of before are ids, nothing bears them
 * any more, and no two things were the same one. What the lock file holds under them is addressing's to know.
 */
export function checkRenames(
  description: NetworkDescription,
  links: readonly Link[],
  reporter: Reporter,
): Renames {
  const { network, was } = description;
  if (was !== undefined) {
    if (was === network) sameId('network', was, ['was'], reporter);
    else checkId(was, 'network', ['was'], reporter);
  }
  const regionIds = Object.keys(description.regions).sort();
  const regions = renamesOf(
    'region',
    regionIds.map((id) => [id, description.regions[id].was, ['regions', id, 'was']]),
    new Set(regionIds),
    reporter,
  );
  const entries = (description.links ?? []).flatMap((raw, index): Entry[] => {
    const id = raw.mesh === undefined ? tryLinkId(raw) : undefined;
    return id === undefined ? [] : [[id, raw.was, ['links', index, 'was']]];
  });
  const linkIds = new Set([...entries.map(([id]) => id), ...links.map((link) => link.id)]);
  return { network: was ?? null, regions, links: renamesOf('link', entries, linkIds, reporter) };
}

type Entry = readonly [id: string, was: string | undefined, at: RawPath];

function renamesOf(
  kind: 'region' | 'link',
  entries: readonly Entry[],
  described: ReadonlySet<string>,
  reporter: Reporter,
): Record<string, string> {
  const taken = new Map<string, string>();
  for (const [id, was, at] of entries) {
    if (was === undefined) continue;
    const other = taken.get(was);
    if (was === id) sameId(kind, was, at, reporter);
    else if (!(kind === 'region' ? checkId : checkLongId)(was, kind, at, reporter)) continue;
    else if (described.has(was)) {
      const message = `${kind} '${was}' is still described: '${id}' cannot be the one that it was`;
      reporter.error('rename-of-described', at, message, `remove '${was}', or this 'was'`);
    } else if (other !== undefined) {
      const message = `${kind} '${other}' was '${was}' already: it cannot become two`;
      reporter.error('rename-twice', at, message, "keep one 'was'; the other is new");
    } else taken.set(was, id);
  }
  return Object.fromEntries([...taken].map(([was, id]): [string, string] => [id, was]).sort(byId));
}

function byId([a]: readonly [string, string], [b]: readonly [string, string]): number {
  return a < b ? -1 : 1;
}

function sameId(kind: string, was: string, at: RawPath, reporter: Reporter): void {
  const next = `give the id that the ${kind} had before, or remove 'was'`;
  reporter.error('rename-of-itself', at, `'${was}' is its id already`, next);
}
