import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { encodeLock, mergeLocks, readLock, type LockFile, type Side } from '../addressing';
import { hasErrors, problem, type Diagnostic } from '../diagnostics';
import type { CliIo, ExitCode } from './io';
import { printDiagnostics } from './print-diagnostics';
import { readFileText } from '../project/read-file';
import { isSameText, writeFileAtomic, writeFault } from '../project/write-file';

export interface MergeOptions {
  /** The side that goes first where both are new. */
  readonly keep?: Side;
  /** Branch that is deployed: the side that is as it is there goes first. */
  readonly deployed?: string;
}

/**
 * `dwcp lock merge %O %A %B %P`: Git's merge driver for lock files. The result goes into `%A`, and the exit
 * code is 0 only when that is whole; else `%A` stays as it is and Git reports a conflict. What the next plan
 * allocates anew is said on standard error.
 *
 * @param files base, ours, theirs; an empty or missing base: the sides have nothing in common.
 * @param name of the file in the repository, for messages.
 */
export function lockMergeCommand(
  io: CliIo,
  [base, ours, theirs]: readonly [string, string, string],
  name: string | undefined,
  options: MergeOptions,
): ExitCode {
  const shown = name ?? ours;
  const read = (file: string, side: string) => readSide(io, file, `${shown} (${side})`);
  const sides = [read(base, 'base'), read(ours, 'ours'), read(theirs, 'theirs')] as const;
  const [from, a, b] = sides;
  const found = sides.flatMap((side) => side.diagnostics);
  if (!hasErrors(found) && (!a.lock || !b.lock)) {
    const next = 'the lock file is gone on one side: restore it there, or take the other side whole';
    found.push(problem('lock-unreadable', '', `${shown} is empty on one side`, next));
  }
  if (hasErrors(found)) {
    printDiagnostics(io, found);
    return 1;
  }
  const keep = options.keep ?? deployedSide(io, options.deployed, name, a.text, b.text);
  const { lock, first, dropped, diagnostics } = mergeLocks(from.lock ?? null, a.lock!, b.lock!, keep);
  printDiagnostics(io, diagnostics);
  if (!lock) return 1;
  try {
    writeFileAtomic(path.resolve(io.cwd, ours), encodeLock(lock));
  } catch (error) {
    const message = `${shown} cannot be written: ${writeFault(error)}`;
    printDiagnostics(io, [problem('file-unwritable', '', message, 'check the folder and the disk')]);
    return 1;
  }
  const other = first === 'ours' ? 'theirs' : 'ours';
  if (dropped.length > 0)
    io.stderr.write(
      `${shown}: '${first}' goes first; the next plan allocates anew what was new in '${other}': ` +
        `${dropped.join(', ')}\n  if '${other}' is what runs: merge with --keep ${other}\n`,
    );
  return 0;
}

interface ReadSide {
  readonly lock?: LockFile;
  readonly text?: string;
  readonly diagnostics: readonly Diagnostic[];
}

/** One side of the merge; empty or missing: nothing. */
function readSide(io: CliIo, file: string, shown: string): ReadSide {
  const read = readFileText(path.resolve(io.cwd, file), shown);
  if (read.missing || read.text?.trim() === '') return { diagnostics: [] };
  if (read.text === undefined) return { diagnostics: read.diagnostics };
  const { lock, diagnostics } = readLock(read.text, shown);
  return { lock, text: read.text, diagnostics };
}

/** The side that is as the deployed branch has it; undefined: neither, both, or there is no such branch. */
function deployedSide(
  io: CliIo,
  branch: string | undefined,
  name: string | undefined,
  ours: string | undefined,
  theirs: string | undefined,
): Side | undefined {
  if (branch === undefined || name === undefined) return undefined;
  let there: string;
  try {
    const stdio: ['ignore', 'pipe', 'ignore'] = ['ignore', 'pipe', 'ignore'];
    const args = ['cat-file', 'blob', `${branch}:${name}`];
    there = execFileSync('git', args, { cwd: io.cwd, encoding: 'utf8', stdio, maxBuffer: 2 ** 28 });
  } catch {
    return undefined;
  }
  const [isOurs, isTheirs] = [ours, theirs].map((text) => isSameText(text, there));
  return isOurs === isTheirs ? undefined : isOurs ? 'ours' : 'theirs';
}
