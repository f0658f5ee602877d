import { timesOf, withTimes, type LockFile } from '../addressing';
import { hasErrors, type Diagnostic } from '../diagnostics';
import { checkDeployable } from '../clouds/deployments';
import type { Validity } from '../gateway';
import type { Locate, Network } from '../model';
import { publicKeysOf, type KeyFile } from '../net/keys';
import { buildPlan, strictly, type PlanDocument } from '../plan';
import { takeExclusive } from './exclusive';
import type { ProjectHost } from './host';
import { keepFiles, lockFilesOf, readProjectFiles, type ProjectOptions } from './project-files';
import { loadSolver } from './solver';

/** A network that was read from a description. */
export interface ReadNetwork {
  readonly network: Network;
  readonly diagnostics: readonly Diagnostic[];
  /** Where the description's file says what a path names. */
  readonly locate?: Locate;
}

/**
 * A plan and what was found on the way. Without a plan there is at least one error; a plan with errors is to
 * be shown, not used.
 */
export interface PlannedProject {
  readonly plan?: PlanDocument;
  readonly diagnostics: readonly Diagnostic[];
  /** Sealed; null: the network has none. */
  readonly keys: KeyFile | null;
  /** When its bundles may be installed; undefined: no lock file says when. */
  readonly validity?: Validity;
  /** The lock file, and the key file of a renamed network, where they were written. */
  readonly wrote?: readonly string[];
  /** Nothing changed: this is the previous plan. */
  readonly isPrevious?: boolean;
  /** The previous plan, where one was named. */
  readonly previous?: PlanDocument;
  /** The files that it was planned with; absent where planning was not begun. */
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

/**
 * Plans a network with its lock, its keys and its previous plan, and keeps the lock where it may. No other
 * process plans with the same lock file meanwhile. The stages are: files, plan, what the cloud needs, the
 * lock's new content. The first stage that finds an error is the last.
 *
 * @param folder in which files of default names lie.
 */
export function planProject(
  host: ProjectHost,
  read: ReadNetwork,
  folder: string,
  options: ProjectOptions,
): PlannedProject {
  const [lockFile] = lockFilesOf(read.network, folder, options);
  const writes = lockFile !== undefined && options.writeLock === true && options.frozenLock !== true;
  const exclusive = writes ? takeExclusive(host.resolve(lockFile), host.shown(lockFile)) : undefined;
  if (exclusive?.ok === false)
    return { keys: null, diagnostics: [...read.diagnostics, exclusive.diagnostic] };
  try {
    return planAlone(host, read, folder, options);
  } finally {
    exclusive?.release();
  }
}

function planAlone(
  host: ProjectHost,
  { network, diagnostics: described, locate }: ReadNetwork,
  folder: string,
  options: ProjectOptions,
): PlannedProject {
  const files = readProjectFiles(host, network, folder, options);
  const { lock, keys, previous: before } = files;
  const found = [...described, ...lock.diagnostics, ...keys.diagnostics, ...before.diagnostics];
  if (hasErrors(found)) return { keys: null, diagnostics: found };
  const used: UsedFiles = {
    lock: lock.file === undefined ? null : { file: lock.file, generation: generationOf(lock.value) },
    keys: keys.file === undefined ? null : { file: keys.file },
  };

  const progress = host.progress();
  const built = buildPlan(network, {
    lock: lock.value ?? null,
    keys: keys.value ? publicKeysOf(keys.value) : null,
    supersedes: options.supersede,
    solver: loadSolver,
    previous: before.value,
    progress: (what, done, total) => progress.step(what, done, total),
  });
  progress.end();
  const { plan } = built;
  const planned = [...found, ...built.diagnostics.map((d) => placed(d, locate))];
  if (!plan || !built.lock) return { keys: null, diagnostics: planned, used };
  planned.push(...checkDeployable(plan).map((d) => placed(d, locate)));
  const diagnostics = options.strict ? strictly(planned, plan).map((d) => placed(d, locate)) : planned;
  const previous = before.value?.plan;
  // Nothing is kept of a network that is not as it should be; its plan is shown.
  if (hasErrors(diagnostics)) return { plan, keys: null, previous, diagnostics, used };

  // Without a file that keeps them the times would differ in every run.
  const after =
    files.lockFile === undefined
      ? built.lock
      : withTimes(lock.value ?? null, built.lock, host.now(), options.renew);
  const { wrote, diagnostics: unkept } = keepFiles(host, files, after, options);
  const told = [...diagnostics, ...unkept];
  if (hasErrors(unkept)) return { keys: null, diagnostics: told, used, previous };
  const isPrevious = plan.digest === previous?.digest;
  const validity = timesOf(after);
  return { plan, keys: keys.value ?? null, validity, wrote, previous, isPrevious, used, diagnostics: told };
}

/**
 * Planning names its findings by their paths; the file's line makes them quicker to find. No id of these
 * paths holds a dot.
 */
function placed(d: Diagnostic, locate: Locate | undefined): Diagnostic {
  const position = d.position ?? (d.path === '' ? undefined : locate?.(d.path.split('.')));
  return position ? { ...d, position } : d;
}

/** Of the plan that the lock was written with; 0: it was written with none. */
function generationOf(lock: LockFile | undefined): number {
  return lock?.plan?.generation ?? 0;
}
