import { readLock, type LockFile } from '../addressing';
import { hasErrors, problem, type Diagnostic } from '../diagnostics';
import { parseDescription, readDescriptionText, type Network } from '../model';
import { publicKeysOf, type PublicKeys } from '../net/keys';
import { strictly, type PlanDocument } from '../plan';
import { count } from '../units';
import { verifyPlan, type Sources } from '../verify';
import type { CliIo, ExitCode } from './io';
import { readKeys } from '../project';
import { readText, shownName } from './host';
import { placeFindings, placeInDescription, placeInJson, type FindPlace } from './place-findings';
import { printDiagnostics } from './print-diagnostics';
import { progressLine } from './progress';

/** The names of files that a plan is held against. */
export interface VerifyOptions {
  readonly json?: boolean;
  /** Warnings of the plan are refused too, and so are demands and reservations that it does not carry. */
  readonly strict?: boolean;
  /** The plan that it was made from: what moved since is checked. */
  readonly previous?: string;
  readonly description?: string;
  readonly lock?: string;
  readonly keys?: string;
}

/**
 * `dwcp verify`: checks a plan file by the independent verifier. One line on standard output and 0 when it
 * is accepted; else diagnostics on standard error and 1. Reads plans alone, and leaves the digest to the
 * verifier. What is found beside a description, lock or key file names the line there.
 */
export function verifyCommand(io: CliIo, file: string, options: VerifyOptions): ExitCode {
  const { plan, diagnostics } = readAndVerify(io, file, options);
  const refused = diagnostics.length > 0 || plan === undefined;
  if (options.json) io.stdout.write(`${JSON.stringify({ ok: !refused, diagnostics }, null, 2)}\n`);
  else printDiagnostics(io, diagnostics);
  if (refused) return 1;
  if (!options.json) {
    const checked = [count(plan.paths.length, 'path'), count(plan.routes.length, 'route')];
    const demands = count(plan.demands.length, 'demand');
    const reservations = count(plan.reservations.length, 'reservation');
    const beside = [options.description, options.lock, options.keys, options.previous].filter(
      (name) => name !== undefined,
    );
    const against = beside.length > 0 ? ` against ${beside.map(shownName).join(', ')}` : '';
    io.stdout.write(
      `${shownName(file)}: accepted; ${[...checked, demands, reservations].join(', ')} checked${against}\n`,
    );
  }
  return 0;
}

function readAndVerify(
  io: CliIo,
  file: string,
  options: VerifyOptions,
): { readonly plan?: PlanDocument; readonly diagnostics: readonly Diagnostic[] } {
  const { plan, diagnostics } = readJson(io, file);
  const previous = options.previous === undefined ? undefined : readJson(io, options.previous);
  const beside = readSources(io, options);
  // All faults of all files.
  const unread = [...diagnostics, ...(previous?.diagnostics ?? []), ...beside.diagnostics];
  if (plan === undefined || hasErrors(unread)) return { diagnostics: unread };
  const progress = progressLine(io);
  const step = (what: string, done?: number, total?: number) => progress.step(what, done, total);
  const found = verifyPlan(plan, step, previous?.plan, beside.sources);
  progress.end();
  // A shape that is wrong was found, and cannot be read.
  const all = options.strict && found.length === 0 ? strictly([], plan) : found;
  return { plan, diagnostics: placeFindings(all, beside.finders) };
}

/** A file that a plan is held against, and what finds a place in it. */
interface Beside<T> {
  readonly value?: T;
  readonly find?: FindPlace;
  readonly diagnostics: readonly Diagnostic[];
}

/** The files beside the plan, or what is wrong with them: all of it. */
function readSources(io: CliIo, options: VerifyOptions) {
  const read = <T>(name: string | undefined, parse: (text: string, name: string) => Beside<T>): Beside<T> => {
    if (name === undefined) return { diagnostics: [] };
    const { text, diagnostics } = readText(io, name);
    return text === undefined ? { diagnostics } : parse(text, shownName(name));
  };
  const description = read<Network>(options.description, (text, name) => {
    const { input, locate, diagnostics } = readDescriptionText(text, name);
    if (input === undefined || !locate) return { diagnostics };
    const parsed = parseDescription(input, locate);
    // Warnings belong to check and plan.
    const errors = parsed.diagnostics.filter((d) => d.severity === 'error');
    return { value: parsed.network, find: placeInDescription(input, locate), diagnostics: errors };
  });
  const lock = read<LockFile>(options.lock, (text, name) => {
    const { lock: value, diagnostics } = readLock(text, name);
    return { value, find: placeInJson(text, name), diagnostics };
  });
  const keys = read<PublicKeys>(options.keys, (text, name) => {
    const { value, diagnostics } = readKeys(text, name);
    return { value: value && publicKeysOf(value), find: placeInJson(text, name), diagnostics };
  });
  const sources: Sources = { description: description.value, lock: lock.value, keys: keys.value };
  return {
    sources,
    finders: {
      'description-differs': description.find,
      'lock-differs': lock.find,
      'keys-differ': keys.find,
    },
    diagnostics: [...description.diagnostics, ...lock.diagnostics, ...keys.diagnostics],
  };
}

/** Any JSON, taken for a plan. */
function readJson(
  io: CliIo,
  file: string,
): { readonly plan?: PlanDocument; readonly diagnostics: readonly Diagnostic[] } {
  const { text, diagnostics } = readText(io, file);
  if (text === undefined) return { diagnostics };
  try {
    return { plan: JSON.parse(text) as PlanDocument, diagnostics };
  } catch {
    const next = 'give a plan as `dwcp plan --json` prints it';
    return { diagnostics: [problem('not-a-plan', '', `${shownName(file)} is no JSON`, next)] };
  }
}
