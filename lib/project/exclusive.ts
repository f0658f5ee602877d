import { closeSync, openSync, readFileSync, realpathSync, statSync, unlinkSync, writeSync } from 'node:fs';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { problem, type Diagnostic } from '../diagnostics';

/** A file that this process alone may write until it lets go, or who has it. */
export type Exclusive =
  | { readonly ok: true; readonly release: () => void }
  | { readonly ok: false; readonly diagnostic: Diagnostic };

/** After so long a file without a word in it was left behind: who makes one writes at once, ms. */
const patienceMs = 10_000;

/**
 * Takes a lock or key file for reading, changing and writing: `.<name>.busy` beside it, made with O_EXCL,
 * holds process, start and host. The later of two processes stops. What a process that is gone left behind on
 * this host is taken over. Where nothing can be made in the folder, nothing can be written either, and the
 * write says so.
 *
 * @param file absolute.
 * @param shown its name in messages.
 */
export function takeExclusive(file: string, shown: string): Exclusive {
  const busy = busyName(file);
  const own = `${process.pid} ${startOf(process.pid)} ${hostname()}\n`;
  if (!tryMake(busy, own) && !tryTakeOver(busy, own)) {
    const [pid, , host] = tryRead(busy)?.split(' ') ?? [];
    const who = pid
      ? `process ${pid}${host && host.trim() !== hostname() ? ` on ${host.trim()}` : ''}`
      : 'a process';
    const message = `${shown} is being written by ${who}`;
    const next = `run again when it is done; if there is no such process, remove ${basename(busy)} beside it`;
    return { ok: false, diagnostic: problem('file-busy', '', message, next) };
  }
  return {
    ok: true,
    release: () => {
      if (tryRead(busy) === own) unlinkSync(busy);
    },
  };
}

/** Beside the file that a symbolic link names: that is what is written. */
function busyName(file: string): string {
  let target = file;
  try {
    target = realpathSync(file);
  } catch {
    // It is not there yet.
  }
  return join(dirname(target), `.${basename(target)}.busy`);
}

/** false: somebody has it. */
function tryMake(busy: string, text: string): boolean {
  let fd: number;
  try {
    fd = openSync(busy, 'wx', 0o644);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'EEXIST';
  }
  try {
    writeSync(fd, text);
  } finally {
    closeSync(fd);
  }
  return true;
}

/** Only one process at a time looks whether the holder is gone: else two could take over from one. */
function tryTakeOver(busy: string, own: string): boolean {
  const breaking = `${busy}.gone`;
  if (isOld(breaking)) tryUnlink(breaking);
  if (!tryMake(breaking, own)) return false;
  try {
    if (!isGone(busy)) return false;
    tryUnlink(busy);
    return tryMake(busy, own);
  } finally {
    tryUnlink(breaking);
  }
}

function isGone(busy: string): boolean {
  const text = tryRead(busy);
  if (text === undefined) return true;
  const [pid, start, host] = text.trim().split(' ');
  if (!host) return isOld(busy);
  if (host !== hostname()) return false;
  try {
    process.kill(Number(pid), 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
  // Another process may have got its number since.
  return startOf(Number(pid)) !== start;
}

/** When a process started, in ticks since boot (proc(5), stat field 22); `-` where that is not known. */
function startOf(pid: number): string {
  const stat = tryRead(`/proc/${pid}/stat`);
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '-';
}

function isOld(file: string): boolean {
  const stat = statSync(file, { throwIfNoEntry: false });
  return stat !== undefined && Date.now() - stat.mtimeMs > patienceMs;
}

function tryRead(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

function tryUnlink(file: string): void {
  try {
    unlinkSync(file);
  } catch {
    // Somebody else was quicker.
  }
}
