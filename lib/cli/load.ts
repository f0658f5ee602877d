import path from 'node:path';
import {
  emptyLock,
  encodeLock,
  identitiesOf,
  readLock,
  renameLock,
  withTimes,
  type Identities,
  type LockFile,
} from '../addressing';
import { hasErrors, problem, type Diagnostic } from '../diagnostics';
import {
  findConflictMarker,
  readDescription,
  type Locate,
  type Network,
  type ParsedDescription,
} from '../model';
import { readPublicKeys, type PublicKeys } from '../net/keys';
import { buildPlan, readPlan, readPrevious, strictly, type PlanDocument, type Previous } from '../plan';
import type { CliIo } from './io';
import { takeExclusive } from './exclusive';
import { fileNames } from './network-files';
import { nowOf } from './now';
import { progressLine } from './progress';
import { checkDeployable } from '../clouds/aws/deployable';
import type { checkBasis as checkBasisOf } from '../verify';
import { loadSolver } from './load-solver';
import { readFileText, type ReadFile } from './read-file';
import { isSameText, writeFileAtomic } from './write-file';

/** Where a description's lock and key files are, and what may be done to the lock. */
export interface LoadOptions {
  /** Default `<network>.lock.json` beside the description. */
  readonly lock?: string;
  /** Default `<network>.keys.json` beside the description, if there. */
  readonly keys?: string;
  /** A lock that would change is an error. */
  readonly frozenLock?: boolean;
  /** Generation that the plan's must exceed; default: the lock file's own count. */
  readonly supersede?: number;
  /** Every warning is an error, and so is what the plan does not do of what it was asked (`strictly`). */
  readonly strict?: boolean;
  /** Write the lock if it changed. */
  readonly writeLock?: boolean;
  /** Bundles may be installed from now on, though the plan is the same. */
  readonly renew?: boolean;
  /** A plan to keep as much of as can be kept. */
  readonly previous?: string;
  /** How much worse than planned afresh what is kept may be, `5 %`. Default 10 %. */
  readonly tolerance?: string;
}

/**
 * A plan and what was found on the way; without a plan there is at least one error. With errors a plan is
 * to be shown, not used.
 */
export interface Loaded {
  readonly plan?: PlanDocument;
  readonly diagnostics: readonly Diagnostic[];
  /** The lock file, and the key file of a renamed network, where they were written. */
  readonly wrote?: readonly string[];
  /** Nothing changed: this is the plan before. */
  readonly isPrevious?: boolean;
  /** The plan before, where one was named. */
  readonly previous?: PlanDocument;
  /** The files that a description was planned with; absent for a plan, and where planning was not begun. */
  readonly used?: UsedFiles;
}

/** The files that a description was planned with, named as they were looked for; null: there is none yet. */
export interface UsedFiles {
  readonly lock: { readonly file: string; readonly generation: number } | null;
  readonly keys: { readonly file: string } | null;
}

/** `lock net.lock.json, generation 9; keys net.keys.json` */
export function usedText({ lock, keys }: UsedFiles): string {
  const parts = [
    lock ? `lock ${lock.file}, generation ${lock.generation}` : 'no lock file yet',
    keys ? `keys ${keys.file}` : 'no key file yet',
  ];
  return parts.join('; ');
}

/** Loaded only where a plan is read: a description needs no verifier, which is a tenth of the start. */
function checkBasis(...given: Parameters<typeof checkBasisOf>): readonly Diagnostic[] {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- lazy, and reading stays synchronous
  return (require('../verify') as { checkBasis: typeof checkBasisOf }).checkBasis(...given);
}

/** How messages call the file that an argument names: `-` is standard input. */
export function shownName(file: string): string {
  return file === '-' ? '<stdin>' : file;
}

/** Reads a file, or standard input for `-`, as UTF-8 text, or says why it cannot be read. */
export function readText(io: CliIo, file: string): ReadFile {
  if (file === '-' && io.stdinText !== undefined) return io.stdinText;
  return readFileText(path.resolve(io.cwd, file), file);
}

/** Is this text a plan rather than a description? */
export function looksLikePlan(text: string): boolean {
  return /^\s*\{/.test(text) && /"formatVersion"/.test(text) && !/^\s*network\s*:/m.test(text);
}

/** Reads a plan, or plans a description. */
export function loadPlan(io: CliIo, file: string, options: LoadOptions = {}): Loaded {
  const read = readText(io, file);
  if (read.text === undefined) return { diagnostics: read.diagnostics };
  if (!looksLikePlan(read.text)) return planDescription(io, read.text, file, options);
  const given = [options.lock, options.keys, options.previous].some((name) => name !== undefined);
  if (given) {
    const message = `${shownName(file)} is a plan already; a lock file, key file or previous plan would change nothing`;
    return { diagnostics: [problem('plan-with-files', '', message, 'give the description instead')] };
  }
  const planned = readPlan(read.text, shownName(file));
  // A digest proves only that someone sealed it: what reads on relies on shape, addresses and keys.
  const unsound = planned.plan ? checkBasis(planned.plan) : [];
  if (unsound.length > 0) return { diagnostics: unsound };
  // Lock and key files have a format version too, and no digest that could be wrong.
  if (planned.plan && options.strict)
    return { ...planned, diagnostics: strictly(planned.diagnostics, planned.plan) };
  if (planned.plan || /"digest"/.test(read.text)) return planned;
  const next = 'give the description, or a plan as `dwcp plan --json` prints it';
  return {
    diagnostics: [problem('not-a-plan', '', `${shownName(file)} is neither a description nor a plan`, next)],
  };
}

/** Reads a description's network, and the identities that the lock file beside it knows, without planning. */
export function loadIdentities(
  io: CliIo,
  file: string,
): {
  readonly network?: Network;
  readonly identities?: Identities;
  readonly diagnostics: readonly Diagnostic[];
} {
  const read = readText(io, file);
  if (read.text === undefined) return { diagnostics: read.diagnostics };
  const { network, diagnostics } = readDescription(read.text, shownName(file));
  if (!network) return { diagnostics };
  const files = fileNames('lock', network).map((name) => path.join(path.dirname(file), name));
  const lock = readFirst(io, files, false, (t, f) => readLock(t, f, network.name, network.renames.network));
  if (hasErrors(lock.diagnostics)) return { diagnostics: lock.diagnostics };
  const renamed = renameLock(network, lock.value?.lock ?? emptyLock(network.name));
  return {
    network,
    identities: identitiesOf(network, renamed.lock),
    diagnostics: [...diagnostics, ...renamed.diagnostics],
  };
}

/** Plans a description's text with the lock and key files beside it; alone, where it may write the lock. */
function planDescription(io: CliIo, text: string, file: string, options: LoadOptions): Loaded {
  const parsed = readDescription(text, shownName(file));
  const { network } = parsed;
  if (!network) return { diagnostics: parsed.diagnostics };
  const [lockFile] = lockFilesOf(network, file, options);
  const writes = options.writeLock === true && options.frozenLock !== true;
  const exclusive = writes ? takeExclusive(path.resolve(io.cwd, lockFile), lockFile) : undefined;
  if (exclusive?.ok === false) return { diagnostics: [...parsed.diagnostics, exclusive.diagnostic] };
  try {
    return planNetwork(io, { ...parsed, network }, file, options);
  } finally {
    exclusive?.release();
  }
}

/** Where the lock file is looked for; the first is the one that is written. */
function lockFilesOf(network: Network, file: string, { lock }: LoadOptions): readonly string[] {
  if (lock !== undefined) return [lock];
  return fileNames('lock', network).map((name) => path.join(path.dirname(file), name));
}

function planNetwork(
  io: CliIo,
  parsed: ParsedDescription & { readonly network: Network; readonly locate?: Locate },
  file: string,
  options: LoadOptions,
): Loaded {
  const { network } = parsed;
  const { name, renames } = network;
  const beside = (names: readonly string[]) => names.map((n) => path.join(path.dirname(file), n));
  const lockFiles = lockFilesOf(network, file, options);
  const mustExist = options.lock !== undefined && options.frozenLock === true;
  const lock = readFirst(io, lockFiles, mustExist, (t, f) => readLock(t, f, name, renames.network));
  const identity = identityOf(network, lock.value?.lock);
  const keyFiles = options.keys === undefined ? beside(fileNames('keys', network, identity)) : [options.keys];
  const keys = readFirst(io, keyFiles, options.keys !== undefined, (t, f) => readKeys(t, f, identity));
  const before = loadPrevious(io, network, options);
  const found = [...parsed.diagnostics, ...lock.diagnostics, ...keys.diagnostics, ...before.diagnostics];
  if (hasErrors(found)) return { diagnostics: found };
  const used: UsedFiles = {
    lock: lock.file === undefined ? null : { file: lock.file, generation: generationOf(lock.value?.lock) },
    keys: keys.file === undefined ? null : { file: keys.file },
  };

  const progress = progressLine(io);
  const built = buildPlan(network, {
    lock: lock.value?.lock ?? null,
    keys: keys.value?.keys ?? null,
    supersedes: options.supersede,
    solver: loadSolver,
    previous: before.previous,
    progress: (what, done, total) => progress.step(what, done, total),
  });
  progress.end();
  const planned = [...found, ...built.diagnostics.map((d) => placed(d, parsed.locate))];
  if (!built.plan || !built.lock) return { diagnostics: planned, used };
  planned.push(...checkDeployable(built.plan).map((d) => placed(d, parsed.locate)));
  const diagnostics = options.strict
    ? strictly(planned, built.plan).map((d) => placed(d, parsed.locate))
    : planned;
  // Nothing is kept of a network that is not as it should be; its plan is shown.
  if (hasErrors(diagnostics)) return { plan: built.plan, previous: before.previous?.plan, diagnostics, used };
  const timed = withTimes(lock.value?.lock ?? null, built.lock, nowOf(io.env), options.renew);
  const files: Written[] = [{ file: lockFiles[0], before: lock, after: encodeLock(timed) }];
  // The network was renamed: its sealed keys, which stay as they are, go by its new name too.
  if (keys.text !== undefined) files.push({ file: keyFiles[0], before: keys, after: keys.text });
  const kept = keepFiles(io, built.plan, files, options, diagnostics);
  const previous = before.previous?.plan;
  return { ...kept, used, previous, isPrevious: built.plan.digest === previous?.digest };
}

/**
 * What planning finds is named by its path; the file's line makes it quicker to find. No id of these paths
 * holds a dot.
 */
function placed(d: Diagnostic, locate: Locate | undefined): Diagnostic {
  const position = d.position ?? (d.path === '' ? undefined : locate?.(d.path.split('.')));
  return position ? { ...d, position } : d;
}

/** The name under which a network's keys were made. */
function identityOf(network: Network, lock: LockFile | undefined): string {
  return lock ? (lock.identity ?? lock.network) : network.name;
}

/** Of the plan that the lock was written with; 0: it was written with none. */
function generationOf(lock: LockFile | undefined): number {
  return lock?.plan?.generation ?? 0;
}

function loadPrevious(
  io: CliIo,
  { name, renames }: Network,
  { previous: file, tolerance }: LoadOptions,
): { readonly previous?: Previous; readonly diagnostics: readonly Diagnostic[] } {
  if (file === undefined) {
    if (tolerance === undefined) return { diagnostics: [] };
    const message = 'a tolerance is about what is kept of a previous plan, and none is named';
    const next = 'name the plan that was made last: --previous plan.json';
    return { diagnostics: [problem('tolerance', '', message, next)] };
  }
  const { text, diagnostics } = readText(io, file);
  if (text === undefined) return { diagnostics };
  const read = readPrevious(text, shownName(file), name, tolerance, renames.network);
  const unsound = read.previous ? checkBasis(read.previous.plan, 'previous') : [];
  return unsound.length > 0 ? { diagnostics: unsound } : read;
}

/** A file that is to hold `after`, and what was read of it, or of the one that it takes over from. */
interface Written {
  readonly file: string;
  readonly before: { readonly file?: string; readonly text?: string };
  readonly after: string;
}

function keepFiles(
  io: CliIo,
  plan: PlanDocument,
  files: readonly Written[],
  options: LoadOptions,
  diagnostics: readonly Diagnostic[],
): Loaded {
  const changed = files.filter(
    ({ file, before, after }) => before.file !== file || !isSameText(before.text, after),
  );
  if (changed.length === 0) return { plan, diagnostics };
  if (options.frozenLock) {
    const [{ file, before }] = changed;
    const message = before.file === file ? `${file} would change` : `${file} does not exist`;
    const next = 'plan without --frozen-lock, review and commit the lock file';
    return { diagnostics: [...diagnostics, problem('lock-frozen', '', message, next)] };
  }
  if (!options.writeLock) return { plan, diagnostics };
  const wrote: string[] = [];
  for (const { file, after } of changed) {
    try {
      writeFileAtomic(path.resolve(io.cwd, file), after);
      wrote.push(file);
    } catch (error) {
      const message = `${file} cannot be written: ${writeFault(error)}`;
      const next = 'check the folder and the disk; nothing was changed';
      return { diagnostics: [...diagnostics, problem('file-unwritable', '', message, next)] };
    }
  }
  return { plan, diagnostics, wrote };
}

/** Why a file could not be written, without the absolute path that the system's message names. */
export function writeFault(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  const known: Readonly<Record<string, string>> = {
    ENOENT: 'its folder does not exist',
    ENOTDIR: 'its folder does not exist',
    EACCES: 'permission denied',
    EISDIR: 'it is a folder',
    ENOSPC: 'the disk is full',
    EROFS: 'the disk is read-only',
  };
  return known[code ?? ''] ?? code ?? message;
}

/** Reads the first of these files that exists; a single one may have to. */
function readFirst<T extends { readonly diagnostics: readonly Diagnostic[] }>(
  io: CliIo,
  files: readonly string[],
  mustExist: boolean,
  parse: (text: string, file: string) => T,
): {
  readonly file?: string;
  readonly text?: string;
  readonly value?: T;
  readonly diagnostics: readonly Diagnostic[];
} {
  for (const file of files) {
    const read = readText(io, file);
    if (read.text !== undefined) {
      const value = parse(read.text, file);
      return { file, text: read.text, value, diagnostics: value.diagnostics };
    }
    if (!read.missing || mustExist) return { diagnostics: read.diagnostics };
  }
  return { diagnostics: [] };
}

/**
 * Reads the public half of a key file.
 *
 * @param network the name it must be for; absent: any.
 */
export function readKeys(
  text: string,
  file: string,
  network?: string,
): { readonly keys?: PublicKeys; readonly diagnostics: readonly Diagnostic[] } {
  const read = readPublicKeys(text, network);
  if (read.ok) return { keys: read.value, diagnostics: [] };
  const { code, message, next } = read.problem;
  const found = problem(code, '', `${file}: ${message}`, next);
  const conflict = code === 'key-file-conflict' ? findConflictMarker(text) : undefined;
  return {
    diagnostics: [
      conflict === undefined ? found : { ...found, position: { file, line: conflict, column: 1 } },
    ],
  };
}
