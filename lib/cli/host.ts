import path from 'node:path';
import type { ProjectHost, ProjectOptions } from '../project';
import { nowOf } from '../project/now';
import { readFileText, type ReadFile } from '../project/read-file';
import type { CliIo } from './io';
import { progressLine } from './progress';

/** How commands that plan are asked to. */
export interface LoadOptions extends ProjectOptions {
  readonly lock?: string;
  readonly keys?: string;
}

/** A command as planning sees it: files of its working folder, its clock, its terminal's progress line. */
export function hostOf(io: CliIo): ProjectHost {
  return {
    read: (file) => readText(io, file),
    resolve: (file) => path.resolve(io.cwd, file),
    shown: shownName,
    now: () => nowOf(io.env),
    progress: () => progressLine(io),
    ask: {
      unfreeze: 'plan without --frozen-lock, review and commit the lock file',
      previous: 'name the plan that was made last: --previous plan.json',
    },
  };
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
