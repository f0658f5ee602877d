import path from 'node:path';
import { emptyLock, identitiesOf, renameLock, type Identities } from '../addressing';
import { hasErrors, problem, type Diagnostic } from '../diagnostics';
import { readDescription, type Network } from '../model';
import { readPlan, strictly } from '../plan';
import type { ProjectHost } from './host';
import { planProject, type PlannedProject } from './plan-project';
import { checkBasis, lockFilesOf, readLockFile, type ProjectOptions } from './project-files';

/** Is this text a plan rather than a description? */
export function looksLikePlan(text: string): boolean {
  return /^\s*\{/.test(text) && /"formatVersion"/.test(text) && !/^\s*network\s*:/m.test(text);
}

/** Reads a plan, or plans a description with the files beside it. */
export function loadPlan(host: ProjectHost, file: string, options: ProjectOptions = {}): PlannedProject {
  const { text, diagnostics } = host.read(file);
  if (text === undefined) return { keys: null, diagnostics };
  if (looksLikePlan(text)) return { keys: null, ...loadPlanned(text, host.shown(file), options) };
  const { network, ...read } = readDescription(text, host.shown(file));
  if (!network) return { keys: null, diagnostics: read.diagnostics };
  return planProject(host, { network, ...read }, path.dirname(file), options);
}

function loadPlanned(
  text: string,
  shown: string,
  options: ProjectOptions,
): Pick<PlannedProject, 'plan' | 'diagnostics'> {
  if ([options.lock, options.keys, options.previous].some((name) => name !== undefined)) {
    const message = `${shown} is a plan already; a lock file, key file or previous plan would change nothing`;
    return { diagnostics: [problem('plan-with-files', '', message, 'give the description instead')] };
  }
  const planned = readPlan(text, shown);
  const { plan } = planned;
  // A digest proves only that someone sealed it: what reads on relies on shape, addresses and keys.
  const unsound = plan ? checkBasis(plan) : [];
  if (unsound.length > 0) return { diagnostics: unsound };
  if (plan && options.strict) return { plan, diagnostics: strictly(planned.diagnostics, plan) };
  // Lock and key files have a format version too, and no digest that could be wrong.
  if (plan || /"digest"/.test(text)) return planned;
  const next = 'give the description, or a plan as `dwcp plan --json` prints it';
  return { diagnostics: [problem('not-a-plan', '', `${shown} is neither a description nor a plan`, next)] };
}

/** Reads a description's network, and the identities that the lock file beside it knows, without planning. */
export function loadIdentities(
  host: ProjectHost,
  file: string,
): {
  readonly network?: Network;
  readonly identities?: Identities;
  readonly diagnostics: readonly Diagnostic[];
} {
  const read = host.read(file);
  if (read.text === undefined) return { diagnostics: read.diagnostics };
  const { network, diagnostics } = readDescription(read.text, host.shown(file));
  if (!network) return { diagnostics };
  const lock = readLockFile(host, network, lockFilesOf(network, path.dirname(file), {}));
  if (hasErrors(lock.diagnostics)) return { diagnostics: lock.diagnostics };
  const renamed = renameLock(network, lock.value ?? emptyLock(network.name));
  return {
    network,
    identities: identitiesOf(network, renamed.lock),
    diagnostics: [...diagnostics, ...renamed.diagnostics],
  };
}
