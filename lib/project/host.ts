import type { ReadFile } from './read-file';

/** The world outside as planning needs it: files, a clock, and a line that shows progress. */
export interface ProjectHost {
  /** Reads a file as UTF-8 text, or says why it cannot. */
  read(file: string): ReadFile;
  /** The absolute path of a file to write. */
  resolve(file: string): string;
  /** How messages call a file. */
  shown(file: string): string;
  /** Unix time, ms. */
  now(): number;
  /** Starts a progress display. */
  progress(): Progress;
  /** How its users ask for what messages tell them to ask for. */
  readonly ask: HostWords;
}

/** The next steps in the messages of one host. */
export interface HostWords {
  /** A frozen lock file would change. */
  readonly unfreeze: string;
  /** A tolerance was given without a previous plan. */
  readonly previous: string;
}

/** Shows that work goes on; cheap to call often. */
export interface Progress {
  step(what: string, done?: number, total?: number): void;
  /** Removes what was shown. */
  end(): void;
}

/** The progress of a host that shows none. */
export const noProgress: Progress = { step: () => undefined, end: () => undefined };
