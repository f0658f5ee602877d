import path from 'node:path';
import { noProgress, type ProjectHost, type ProjectOptions } from '../../lib/project';
import { nowOf } from '../../lib/project/now';
import { readFileText, type ReadFile } from '../../lib/project/read-file';
import type { Percent } from '../../lib/units';

/** Where a network keeps its lock and key files. */
export interface PlanFileProps {
  /**
   * Keeps what was allocated once; commit it. Read if it exists, written whole when the plan changes it.
   * Default `<network>.lock.json` in the working folder; false: allocate anew each time and write nothing.
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
   * A plan of this network that was made before, as `dwcp plan --out` or synth writes it. Planning keeps of
   * it what it can, and the plan says what moved and why. It must exist. Default: nothing is kept.
   */
  readonly previousPlan?: string;
  /** How much worse than the best new choice a kept one may be. 0 % to 100 %, default 10 %. */
  readonly tolerance?: Percent;
}

/** How planning is asked to treat these files. */
export function projectOptions(props: PlanFileProps): ProjectOptions {
  const { lockFile: lock, keysFile: keys, previousPlan: previous, frozenLock, strict, tolerance } = props;
  return { lock, keys, previous, frozenLock, strict, tolerance, writeLock: true };
}

/** Synth as planning sees it: it reads files of the working folder. */
export const synthHost: ProjectHost = {
  read: readText,
  resolve: (file) => path.resolve(file),
  shown: shortName,
  now: () => nowOf(process.env),
  progress: () => noProgress,
  ask: {
    unfreeze: 'synthesize without frozenLock, then review and commit the lock file',
    previous: 'name the plan that was made last',
  },
};

/** Reads a file as UTF-8 text, or says why it cannot be read. */
export function readText(file: string): ReadFile {
  return readFileText(path.resolve(file), shortName(file));
}

/** A path as messages show it: no folder of this machine. */
export function shortName(file: string): string {
  const relative = path.relative('', path.resolve(file));
  return relative.startsWith('..') || path.isAbsolute(relative) ? path.basename(file) : relative;
}
