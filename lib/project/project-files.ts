// The files of a project (lock, keys, previous plan): each is read once, and written where it changed.
import path from 'node:path';
import { encodeLock, readLock, type LockFile } from '../addressing';
import { problem, type Diagnostic } from '../diagnostics';
import { findConflictMarker, type Network } from '../model';
import { readKeyFile, type KeyFile } from '../net/keys';
import { readPrevious, type Previous } from '../plan';
import type { checkBasis as checkBasisOf } from '../verify';
import { fileNames } from './file-names';
import type { ProjectHost } from './host';
import { isSameText, writeFault, writeFileAtomic } from './write-file';

/** Which files a description is planned with, and what may be done to the lock. */
export interface ProjectOptions {
  /** Default `<network>.lock.json` beside the description; false: allocate anew, and keep nothing. */
  readonly lock?: string | false;
  /** Default `<network>.keys.json` beside the description, if it exists; false: no keys. */
  readonly keys?: string | false;
  /** A plan to keep as much of as can be kept. It must exist. */
  readonly previous?: string;
  /** How much worse what is kept may be than a new plan, `5 %`. Default 10 %. */
  readonly tolerance?: string;
  /** A lock that would change is an error. */
  readonly frozenLock?: boolean;
  /** Generation that the plan's must exceed. Default: the lock file's own count. */
  readonly supersede?: number;
  /** Every warning is an error, and so is what the plan does not do of what it was asked (`strictly`). */
  readonly strict?: boolean;
  /** Write the lock if it changed. */
  readonly writeLock?: boolean;
  /** Bundles may be installed from now on, though the plan is the same. */
  readonly renew?: boolean;
}

/** A file that was looked for, with what was wrong in it. Without `text` there is no such file. */
export interface FoundFile<T> {
  readonly file?: string;
  readonly text?: string;
  readonly value?: T;
  readonly diagnostics: readonly Diagnostic[];
}

/** The files that one network is planned with. */
export interface ProjectFiles {
  readonly lock: FoundFile<LockFile>;
  readonly keys: FoundFile<KeyFile>;
  readonly previous: FoundFile<Previous>;
  /** Where the lock file is written; undefined: nowhere. */
  readonly lockFile?: string;
  /** Where the key file of this name is written. */
  readonly keyFile?: string;
}

/**
 * Where the lock file is looked for. The first is the one that is written; none: no lock is kept.
 *
 * @param folder in which default names lie.
 */
export function lockFilesOf(
  network: Network,
  folder: string,
  { lock }: Pick<ProjectOptions, 'lock'>,
): readonly string[] {
  return candidates('lock', network, folder, lock);
}

/** Reads the lock, the keys and the previous plan of a network. */
export function readProjectFiles(
  host: ProjectHost,
  network: Network,
  folder: string,
  options: ProjectOptions,
): ProjectFiles {
  const lockFiles = lockFilesOf(network, folder, options);
  const lock = readLockFile(host, network, lockFiles);
  const identity = lock.value ? (lock.value.identity ?? lock.value.network) : network.name;
  const keyFiles = candidates('keys', network, folder, options.keys, identity);
  const keys = readFirst(host, keyFiles, typeof options.keys === 'string', (text, shown) =>
    readKeys(text, shown, identity),
  );
  const previous = readPreviousPlan(host, network, options);
  return { lock, keys, previous, lockFile: lockFiles[0], keyFile: keyFiles[0] };
}

/** Reads the first of these lock files that exists. */
export function readLockFile(
  host: ProjectHost,
  { name, renames }: Network,
  files: readonly string[],
): FoundFile<LockFile> {
  return readFirst(host, files, false, (text, shown) => {
    const read = readLock(text, shown, name, renames.network);
    return { value: read.lock, diagnostics: read.diagnostics };
  });
}

/**
 * Where a file is looked for, the first place first; false: nowhere.
 *
 * @param identity of the network, where it is known.
 */
function candidates(
  kind: 'lock' | 'keys',
  network: Network,
  folder: string,
  given: string | false | undefined,
  identity?: string,
): readonly string[] {
  if (given === false) return [];
  if (given !== undefined) return [given];
  return fileNames(kind, network, identity).map((name) => path.join(folder, name));
}

/**
 * Reads a key file, without opening it.
 *
 * @param shown its name in messages.
 * @param network the name it must be for; absent: any.
 */
export function readKeys(text: string, shown: string, network?: string): FoundFile<KeyFile> {
  const read = readKeyFile(text, network);
  if (read.ok) return { value: read.value, diagnostics: [] };
  const { code, message, next } = read.problem;
  const found = problem(code, '', `${shown}: ${message}`, next);
  const line = code === 'key-file-conflict' ? findConflictMarker(text) : undefined;
  const position = line === undefined ? undefined : { file: shown, line, column: 1 };
  return { diagnostics: [position ? { ...found, position } : found] };
}

function readPreviousPlan(
  host: ProjectHost,
  { name, renames }: Network,
  { previous: file, tolerance }: ProjectOptions,
): FoundFile<Previous> {
  if (file === undefined) {
    if (tolerance === undefined) return { diagnostics: [] };
    const message = 'a tolerance is about what is kept of a previous plan, and none is named';
    return { diagnostics: [problem('tolerance', '', message, host.ask.previous)] };
  }
  return readFirst(host, [file], true, (text, shown) => {
    const read = readPrevious(text, shown, name, tolerance, renames.network);
    const unsound = read.previous ? checkBasis(read.previous.plan, 'previous') : [];
    return unsound.length > 0
      ? { diagnostics: unsound }
      : { value: read.previous, diagnostics: read.diagnostics };
  });
}

/** Loads the verifier only where a plan is read: it is a tenth of the start. */
export function checkBasis(...given: Parameters<typeof checkBasisOf>): readonly Diagnostic[] {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- lazy, and reading stays synchronous
  return (require('../verify') as { checkBasis: typeof checkBasisOf }).checkBasis(...given);
}

/** Reads the first of these files that exists; a single one may have to. */
function readFirst<T>(
  host: ProjectHost,
  files: readonly string[],
  mustExist: boolean,
  parse: (text: string, shown: string) => FoundFile<T>,
): FoundFile<T> {
  for (const file of files) {
    const read = host.read(file);
    if (read.text !== undefined) return { ...parse(read.text, host.shown(file)), file, text: read.text };
    if (!read.missing || mustExist) return { diagnostics: read.diagnostics };
  }
  return { diagnostics: [] };
}

/**
 * Writes the lock if its text changed, and the sealed keys of a renamed network under its new name. A frozen
 * lock that would change is an error, and so is a file that cannot be written.
 */
export function keepFiles(
  host: ProjectHost,
  { lock, keys, lockFile, keyFile }: ProjectFiles,
  after: LockFile,
  { frozenLock, writeLock }: ProjectOptions,
): { readonly wrote: readonly string[]; readonly diagnostics: readonly Diagnostic[] } {
  const wanted: { file: string; before: FoundFile<unknown>; text: string }[] = [];
  if (lockFile !== undefined) wanted.push({ file: lockFile, before: lock, text: encodeLock(after) });
  if (lockFile !== undefined && keyFile !== undefined && keys.text !== undefined)
    wanted.push({ file: keyFile, before: keys, text: keys.text });
  const changed = wanted.filter(
    ({ file, before, text }) => before.file !== file || !isSameText(before.text, text),
  );
  if (changed.length > 0 && frozenLock) {
    const [{ file, before }] = changed;
    const name = host.shown(file);
    const message = before.file === file ? `${name} would change` : `${name} does not exist`;
    return { wrote: [], diagnostics: [problem('lock-frozen', '', message, host.ask.unfreeze)] };
  }
  const wrote: string[] = [];
  for (const { file, text } of writeLock ? changed : []) {
    try {
      writeFileAtomic(host.resolve(file), text);
      wrote.push(file);
    } catch (error) {
      const message = `${host.shown(file)} cannot be written: ${writeFault(error)}`;
      const next = 'check the folder and the disk; nothing was changed';
      return { wrote, diagnostics: [problem('file-unwritable', '', message, next)] };
    }
  }
  return { wrote, diagnostics: [] };
}
