import { lstatSync, statSync } from 'node:fs';
import path from 'node:path';
import { problem, type Diagnostic } from '../diagnostics';
import type { CliIo } from './io';
import { readFileText } from '../project/read-file';

/**
 * Why a plan must not be written to a file: it is an input of this run, a lock or key file, a link, or there
 * is something else than a plan; undefined: it may. A file without content may be overwritten.
 *
 * @param inputs names of the files that are read.
 */
export function outFault(
  io: CliIo,
  out: string,
  inputs: readonly (string | undefined)[],
): Diagnostic | undefined {
  const refuse = (what: string) =>
    problem('out-refused', '', `${out} ${what}`, "give '--out' the name of a new file, or of a plan");
  const full = path.resolve(io.cwd, out);
  if (/\.(lock|keys)\.json$/.test(out)) return refuse('is the name of a lock or key file');
  const stat = lstatSync(full, { throwIfNoEntry: false });
  if (!stat) return undefined;
  if (stat.isSymbolicLink()) return refuse('is a link, and what it names would be overwritten');
  // A folder is reported where it is written.
  if (stat.isDirectory()) return undefined;
  if (!stat.isFile()) return refuse('is not a regular file');
  const isInput = inputs.some((name) => {
    if (name === undefined || name === '-') return false;
    const input = statSync(path.resolve(io.cwd, name), { throwIfNoEntry: false });
    return input?.ino === stat.ino && input.dev === stat.dev;
  });
  if (isInput) return refuse('is an input of this run');
  const text = readFileText(full, out).text ?? '';
  return stat.size === 0 || isPlan(text) ? undefined : refuse('holds something that is not a plan');
}

function isPlan(text: string): boolean {
  try {
    const raw = JSON.parse(text) as Record<string, unknown> | null;
    return (
      raw !== null &&
      ['formatVersion', 'digest', 'generation', 'routes'].every((key) => Object.hasOwn(raw, key))
    );
  } catch {
    return false;
  }
}
