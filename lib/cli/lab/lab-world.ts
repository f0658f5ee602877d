// The parts that the commands of dwcp lab share: finding the lab, telling faults, waiting for a signal.
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { defaultDirectory, LabFault, openLab, type Lab } from '../../lab';
import { count } from '../../units';
import type { CliIo, ExitCode } from '../io';
import { KeysFailure } from '../keys-io';

/** Which lab, for all commands. */
export interface WhichLab {
  readonly lab?: string;
  readonly directory?: string;
}

/** Tells the user of faults that they can mend, and leaves every other fault to the caller. */
export async function guarded(io: CliIo, action: () => Promise<ExitCode>): Promise<ExitCode> {
  try {
    return await action();
  } catch (error) {
    if (error instanceof KeysFailure) {
      io.stderr.write(`${error.message}\n`);
      return error.exitCode;
    }
    if (!(error instanceof LabFault)) throw error;
    io.stderr.write(`error: ${error.message}\n`);
    return 1;
  }
}

/** The folder in which labs are recorded. */
export function folderOf(io: CliIo, { directory }: WhichLab): string {
  return directory === undefined ? defaultDirectory : path.resolve(io.cwd, directory);
}

/** @throws LabFault if there is no such lab, or several without a name given. */
export function found(io: CliIo, options: WhichLab): Lab {
  requireRoot();
  return openLab(folderOf(io, options), options.lab);
}

/** @throws LabFault for anybody else. */
export function requireRoot(): void {
  if (process.geteuid?.() !== 0) throw new LabFault('a lab needs root: run it with sudo');
}

/** Aborts when we are told to end, with a fault of this text; `off`: signals end us again. */
export function untilSignal(text: string): { readonly signal: AbortSignal; off(): void } {
  const stopped = new AbortController();
  const stop = () => stopped.abort(new LabFault(text));
  const signals: NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const name of signals) process.on(name, stop);
  return {
    signal: stopped.signal,
    off() {
      for (const name of signals) process.off(name, stop);
    },
  };
}

/** A note where something is sent less often than usual, because `sharers` share this machine. */
export function seldomNote(
  what: string,
  ms: number,
  usualMs: number,
  sharers: string,
  option: string,
): string[] {
  if (ms <= usualMs) return [];
  const cores = count(availableParallelism(), 'core');
  return [
    `${what} each ${ms} ms, not ${usualMs}: ${sharers} share ${cores} (--${option} ${usualMs} insists)`,
  ];
}
