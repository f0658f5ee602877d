import path from 'node:path';
import { encodeLock, readLock, type LockFile } from '../lib/addressing';
import { takeExclusive, type Exclusive } from '../lib/cli/exclusive';
import { fileNames } from '../lib/cli/network-files';
import { readFileText } from '../lib/cli/read-file';
import { isSameText, writeFileAtomic } from '../lib/cli/write-file';
import { problem, type Diagnostic } from '../lib/diagnostics';
import type { Network } from '../lib/model';
import { readKeyFile, type KeyFile } from '../lib/net/keys';
import { readPrevious, type Previous } from '../lib/plan';
import { checkBasis } from '../lib/verify';
import type { Percent } from '../lib/units';

/** Where a network keeps its lock and key files. */
export interface PlanFileProps {
  /**
   * What was allocated once and is kept; commit it. Read if it exists, written whole when the plan changes
   * it. Default `<network>.lock.json` in the working folder; false: allocate anew each time and write
   * nothing.
   */
  readonly lockFile?: string | false;
  /** A lock file that would change is an error: for CI. Default false. */
  readonly frozenLock?: boolean;
  /**
   * Every warning is an error, and so are a refused reservation and a demand that is not carried whole: for
   * CI. Default false.
   */
  readonly strict?: boolean;
  /**
   * The sealed keys, made by `dwcp keys init`. Default `<network>.keys.json` in the working folder, if it
   * exists; a path that is given must exist; false: no keys.
   */
  readonly keysFile?: string | false;
  /**
   * A plan of this network that was made before, as `dwcp plan --out` or synth writes it: what can be kept of
   * it is kept, and the plan says what moved and why. It must exist. Default: all is planned afresh.
   */
  readonly previousPlan?: string;
  /** How much worse than planned afresh what is kept may be. 0 % to 100 %, default 10 %. */
  readonly tolerance?: Percent;
}

/** Something read, with what was wrong. `text` undefined: there is no such file. */
interface Read<T> {
  readonly value?: T;
  readonly text?: string;
  /** The file that it stands in. */
  readonly file?: string;
  readonly diagnostics: readonly Diagnostic[];
}

/** Reads the lock file; none gives an empty result. */
export function readLockFile(network: Network, props: PlanFileProps): Read<LockFile> {
  if (props.lockFile === false) return { diagnostics: [] };
  const read = readFirst(props.lockFile === undefined ? fileNames('lock', network) : [props.lockFile], false);
  if (read.text === undefined) return read;
  const { name, renames } = network;
  const { lock, diagnostics } = readLock(read.text, shortName(read.file!), name, renames.network);
  return { value: lock, text: read.text, file: read.file, diagnostics };
}

/** Keeps others from writing the lock file meanwhile; undefined: it is not to be written. */
export function takeLockFile(network: Network, props: PlanFileProps): Exclusive | undefined {
  if (props.lockFile === false || props.frozenLock) return undefined;
  const file = props.lockFile ?? fileNames('lock', network)[0];
  return takeExclusive(path.resolve(file), shortName(file));
}

/** Reads the key file, without opening it. */
export function readKeys(network: Network, props: PlanFileProps, lock: LockFile | undefined): Read<KeyFile> {
  if (props.keysFile === false) return { diagnostics: [] };
  const identity = lock ? (lock.identity ?? lock.network) : network.name;
  const names = props.keysFile === undefined ? fileNames('keys', network, identity) : [props.keysFile];
  const read = readFirst(names, props.keysFile !== undefined);
  if (read.text === undefined) return read;
  const keys = readKeyFile(read.text, identity);
  if (keys.ok) return { value: keys.value, text: read.text, file: read.file, diagnostics: [] };
  const { code, message, next } = keys.problem;
  return { diagnostics: [problem(code, '', `${shortName(read.file!)}: ${message}`, next)] };
}

/** Reads the first of these files that exists. */
function readFirst(files: readonly string[], mustExist: boolean): Read<never> {
  for (const file of files) {
    const read = readText(file, mustExist);
    if (read.text !== undefined) return { ...read, file };
    if (read.diagnostics.length > 0) return read;
  }
  return { diagnostics: [] };
}

/** Reads the plan before; none named gives an empty result. */
export function readPreviousPlan({ name, renames }: Network, props: PlanFileProps): Read<Previous> {
  const { previousPlan: file, tolerance } = props;
  if (file === undefined) {
    if (tolerance === undefined) return { diagnostics: [] };
    const message = 'a tolerance is about what is kept of a previous plan, and none is named';
    return { diagnostics: [problem('tolerance', '', message, 'name the plan that was made last')] };
  }
  const read = readText(file, true);
  if (read.text === undefined) return read;
  const { previous, diagnostics } = readPrevious(
    read.text,
    shortName(file),
    name,
    tolerance,
    renames.network,
  );
  const unsound = previous ? checkBasis(previous.plan, 'previous') : [];
  if (unsound.length > 0) return { text: read.text, diagnostics: unsound };
  return { value: previous, text: read.text, diagnostics };
}

/**
 * Writes the lock if its text changed, and the sealed keys of a renamed network under its new name, or says
 * why it may not.
 */
export function keepFiles(
  network: Network,
  props: PlanFileProps,
  lock: { readonly before: Read<LockFile>; readonly after: LockFile },
  keys: Read<KeyFile>,
): readonly Diagnostic[] {
  if (props.lockFile === false) return [];
  const [lockFile] = props.lockFile === undefined ? fileNames('lock', network) : [props.lockFile];
  const text = encodeLock(lock.after);
  const files = [{ file: lockFile, before: lock.before, text }];
  if (props.keysFile === undefined && keys.text !== undefined)
    files.push({ file: fileNames('keys', network)[0], before: keys as Read<never>, text: keys.text });
  for (const { file, before, text: after } of files) {
    if (before.file === file && isSameText(before.text, after)) continue;
    const name = shortName(file);
    if (props.frozenLock) {
      const message = before.file === file ? `${name} would change` : `${name} does not exist`;
      const next = 'synthesize without frozenLock, then review and commit the lock file';
      return [problem('lock-frozen', '', message, next)];
    }
    try {
      writeFileAtomic(path.resolve(file), after);
    } catch (error) {
      const message = `${name} cannot be written: ${(error as Error).message}`;
      return [problem('file-unwritable', '', message, 'check the folder and the disk; nothing was changed')];
    }
  }
  return [];
}

/** A file's text; undefined with a diagnostic unless it may be missing. */
export function readText(
  file: string,
  mustExist: boolean,
): { readonly text?: string; readonly diagnostics: readonly Diagnostic[] } {
  const { text, missing, diagnostics } = readFileText(path.resolve(file), shortName(file));
  return missing && !mustExist ? { diagnostics: [] } : { text, diagnostics };
}

/** A path as messages show it: no folder of this machine. */
export function shortName(file: string): string {
  const relative = path.relative('', path.resolve(file));
  return relative.startsWith('..') || path.isAbsolute(relative) ? path.basename(file) : relative;
}
