import { problem, type Code, type Diagnostic } from '../diagnostics';
import { findConflictMarker } from '../model';
import { findDoubledKey } from './doubled-key';
import { findFault } from './lock-faults';

/**
 * Version of the lock file's format. A reader takes this one and the first, and refuses every other.
 *
 * 1, 2026-11-23: the first.
 *
 * 2, 2026-11-30: the pools that numbers count in, and the identity of what was renamed.
 */
export const lockFormatVersion = 2;

/** Versions of the format that this program reads. */
export const lockFormatsRead: readonly number[] = [1, lockFormatVersion];

/**
 * What was allocated once and is kept: the committed file `<network>.lock.json`. Numbers count within their
 * pool, so that a moved pool moves everything in step. Adding or removing a region renumbers nothing else.
 */
export interface LockFile {
  readonly formatVersion: typeof lockFormatVersion;
  readonly network: string;
  /** The name under which resources and keys were made; absent: the name itself, it was never renamed. */
  readonly identity?: string;
  /** The plan that was made last; null or absent: none yet. */
  readonly plan?: LockedPlan | null;
  /** What the numbers count in; null: the lock was written before it told. */
  readonly pools: LockedPools | null;
  /** What `renumber` of the description was carried out for, by identity, sorted; absent: nothing. */
  readonly renumbered?: readonly string[];
  readonly regions: Readonly<Record<string, LockedRegion>>;
  /** By gateway id, `<region>/<number>`. */
  readonly gateways: Readonly<Record<string, LockedGateway>>;
  readonly tunnels: Readonly<Record<string, LockedTunnel>>;
}

/** Numbers plans, so that a gateway can tell a newer one from an older. */
export interface LockedPlan {
  /** From 1; one more with every plan that differs. */
  readonly generation: number;
  /** Of the plan's content without its generation: `sha256:` and 64 hex digits. */
  readonly digest: string;
  /** First instant at which a gateway may install it, UTC: `2026-11-30T18:00:00Z`; absent: any. */
  readonly notBefore?: string;
  /** The last such instant; absent: there is none. Both are there, or neither. */
  readonly latest?: string;
}

/** Pools in canonical text. */
export interface LockedPools {
  readonly regions: string;
  readonly links: string;
  readonly gateways: string;
  /** /48. */
  readonly ipv6: string;
}

export interface LockedRegion {
  /** The id under which it was made; absent: it was never renamed. */
  readonly identity?: string;
  readonly ipv4Block: string;
  /** Which of the /56 for regions in the IPv6 pool. */
  readonly number: number;
}

export interface LockedGateway {
  /** Which /32 of the gateway pool and which /64 locator. */
  readonly number: number;
}

export interface LockedTunnel {
  /** The id under which it was made; absent: it was never renamed. */
  readonly identity?: string;
  /** Which /31 and /127 of the link pools. */
  readonly number: number;
  /** The first has the even address. The link may name them the other way round. */
  readonly ends: readonly [LockedEnd, LockedEnd];
}

export interface LockedEnd {
  readonly gateway: string;
  readonly interfaceName: string;
  readonly listenPort: number;
  /** Function part of the End.X segment, 256 to 65535. */
  readonly segment: number;
}

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
