import type { RunProcess } from './run-process';

/** The namespace and folder that all parts of a Linux host work on. */
export interface LinuxPlace {
  readonly prefix: readonly string[];
  readonly folder: string;
  readonly onWrite: (file: string, error: Error | null) => void;
  /** How processes that only look are run. */
  readonly look: RunProcess;
}
