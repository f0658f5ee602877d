import type { ReadFile } from '../project/read-file';

/** Everything of the outside world that a command touches; tests hand in their own. */
export interface CliIo {
  readonly stdout: NodeJS.WritableStream & { readonly columns?: number; readonly isTTY?: boolean };
  readonly stderr: NodeJS.WritableStream & { readonly columns?: number; readonly isTTY?: boolean };
  readonly stdin: NodeJS.ReadableStream;
  /** Standard input, read before the command runs, where an argument is `-`. */
  readonly stdinText?: ReadFile;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Working directory, absolute. */
  readonly cwd: string;
  /** Are standard input and error a terminal? */
  readonly isTty: boolean;
}

/** The end of a command: 0 fine, 1 error, 2 wrong usage; `diff` has 2 for changes. */
export type ExitCode = number;

/**
 * Colour only on terminals that are not dumb. NO_COLOR (no-color.org), set to any text, turns it off.
 * FORCE_COLOR, as Node reads it, comes before both: 0 or `false` turns colour off, anything else turns it on.
 */
export function wantsColour({ env }: CliIo, stream: { readonly isTTY?: boolean }): boolean {
  if (env.FORCE_COLOR !== undefined) return !['0', 'false'].includes(env.FORCE_COLOR);
  const off = env.NO_COLOR !== undefined && env.NO_COLOR !== '';
  return stream.isTTY === true && !off && env.TERM !== 'dumb';
}

/**
 * Columns to lay help out in, which is prose: those of the terminal, from 60 to 110; else 80.
 */
export function helpWidthOf({ stdout }: CliIo): number {
  const columns = stdout.isTTY === true && stdout.columns ? stdout.columns : 80;
  return Math.min(Math.max(columns, 60), 110);
}

/** Columns to lay text out in: those of the terminal, else of `COLUMNS`, from 60 to 140; else 100. */
export function widthOf({ stdout, env }: CliIo): number {
  const columns = (stdout.isTTY === true && stdout.columns) || Number(env.COLUMNS);
  return columns > 0 ? Math.min(Math.max(Math.floor(columns), 60), 140) : 100;
}
