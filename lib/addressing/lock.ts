import { problem, type Code, type Diagnostic } from '../diagnostics';
import { findConflictMarker } from '../model';
import { findDoubledKey } from './doubled-key';
import { findFault } from './lock-faults';
import { type LockFile, lockFormatsRead, lockFormatVersion } from './lock-file';

/** A lock file without entries. */
export function emptyLock(network: string): LockFile {
  return { formatVersion: lockFormatVersion, network, pools: null, regions: {}, gateways: {}, tunnels: {} };
}

/** The lock file's text: one entry a line, sorted, so that merges and diffs name what they touch. */
export function encodeLock(lock: LockFile): string {
  const map = (entries: Readonly<Record<string, unknown>>) => {
    const ids = Object.keys(entries).sort();
    const lines = ids.map((id) => `    ${JSON.stringify(id)}: ${JSON.stringify(entries[id])}`);
    return lines.length === 0 ? '{}' : `{\n${lines.join(',\n')}\n  }`;
  };
  const { identity, renumbered = [] } = lock;
  const done = renumbered.length === 0 ? '' : `\n  "renumbered": ${JSON.stringify(renumbered)},`;
  return `{
  "formatVersion": ${lock.formatVersion},
  "network": ${JSON.stringify(lock.network)},${identity === undefined ? '' : `\n  "identity": ${JSON.stringify(identity)},`}
  "plan": ${JSON.stringify(lock.plan ?? null)},
  "pools": ${JSON.stringify(lock.pools)},${done}
  "regions": ${map(lock.regions)},
  "gateways": ${map(lock.gateways)},
  "tunnels": ${map(lock.tunnels)}
}\n`;
}

/**
 * Reads a lock file's text. Refuses conflict markers, half-written files, another format version or another
 * network. The first format reads as the second without pools.
 *
 * @param network the name it must be for; absent: any.
 * @param was the name that the network had before: its lock is taken too.
 */
export function readLock(
  text: string,
  fileName: string,
  network?: string,
  was?: string | null,
): { readonly lock?: LockFile; readonly diagnostics: readonly Diagnostic[] } {
  const refuse = (code: Code, message: string, next: string, line?: number, column = 1) => {
    const found = problem(code, '', message, next);
    return { diagnostics: [line ? { ...found, position: { file: fileName, line, column } } : found] };
  };
  const conflict = findConflictMarker(text);
  if (conflict !== undefined) {
    return refuse('merge-conflict', `${fileName} has a merge-conflict marker`, mergeNext(fileName), conflict);
  }
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch (error) {
    const next = 'restore it from version control; without it every address is allocated anew';
    const { line, column } = jsonFault(text, error as SyntaxError);
    return refuse('lock-unreadable', `${fileName} is no JSON, or only half of it`, next, line, column);
  }
  const doubled = findDoubledKey(text);
  if (doubled) {
    const message = `${fileName} has '${doubled.key}' twice: a merge kept both sides`;
    return refuse('lock-doubled-key', message, mergeNext(fileName), doubled.line, doubled.column);
  }
  const version = (raw as { formatVersion?: unknown } | null)?.formatVersion;
  if (version === undefined) {
    return refuse(
      'lock-damaged',
      `${fileName} is no lock file: it has no 'formatVersion'`,
      'restore it from version control',
      1,
    );
  }
  if (!lockFormatsRead.includes(version as number)) {
    const message = `${fileName} has format version ${JSON.stringify(version)}; this program reads ${lockFormatsRead.join(' and ')}`;
    return refuse('lock-version', message, 'use the program version that wrote it, or restore the file');
  }
  const lock: LockFile = {
    pools: null,
    ...(raw as object as Omit<LockFile, 'pools'>),
    formatVersion: lockFormatVersion,
  };
  const fault = findFault(lock);
  if (fault !== undefined) {
    const { where, what } = fault;
    const line = lineOf(text, where);
    return refuse('lock-damaged', `${fileName}: ${what}`, 'restore it from version control', line);
  }
  if (network !== undefined && lock.network !== network && lock.network !== was) {
    const message = `${fileName} belongs to network '${lock.network}', not '${network}'`;
    return refuse('lock-foreign', message, 'name the right lock file, or rename the network back');
  }
  return { lock, diagnostics: [] };
}

/** How two sides become one without losing what either has: by hand nobody sees what clashes. */
export function mergeNext(fileName: string): string {
  return `set up the merge driver (docs/merging.md), then: git checkout --merge ${fileName}`;
}

/** Where JSON.parse stopped; V8 names the offset, or nothing where the text ends too soon. */
function jsonFault(text: string, error: SyntaxError): { line: number; column: number } {
  const offset = Number(/position (\d+)/.exec(error.message)?.[1] ?? text.trimEnd().length);
  const before = text.slice(0, offset).split('\n');
  return { line: before.length, column: before[before.length - 1].length + 1 };
}

/** The line (from 1) on which a key stands; 1 where it is missing. */
function lineOf(text: string, key: string): number {
  return (
    Math.max(
      0,
      text.split('\n').findIndex((line) => line.includes(`${JSON.stringify(key)}:`)),
    ) + 1
  );
}
