import { Readable, Writable } from 'node:stream';
import type { CliIo } from '../../lib/cli/io';
import { runCli } from '../../lib/cli/program';

/** What a command printed and ended with. */
export interface CapturedRun {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Where a command runs; neither stream is a terminal unless said so. */
export interface Surroundings {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly stdoutTerminal?: boolean;
  readonly stderrTerminal?: boolean;
  /** Columns of the terminals. */
  readonly columns?: number;
}

/** The outside world of a command, kept in memory; `texts` gives what was printed so far. */
export function capturedIo(around: Surroundings): { readonly io: CliIo; texts(): Omit<CapturedRun, 'code'> } {
  const parts: { stdout: string[]; stderr: string[] } = { stdout: [], stderr: [] };
  const stream = (name: 'stdout' | 'stderr', terminal: boolean) => {
    const writable = new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        parts[name].push(chunk.toString());
        done();
      },
    });
    const columns = terminal ? (around.columns ?? 80) : undefined;
    return Object.assign(writable, { isTTY: terminal, columns });
  };
  const io: CliIo = {
    stdout: stream('stdout', around.stdoutTerminal ?? false),
    stderr: stream('stderr', around.stderrTerminal ?? false),
    stdin: Readable.from([]),
    env: around.env ?? {},
    cwd: around.cwd,
    isTty: around.stderrTerminal ?? false,
  };
  return { io, texts: () => ({ stdout: parts.stdout.join(''), stderr: parts.stderr.join('') }) };
}

/** Runs the program in process and gives what it printed. */
export async function runCaptured(args: readonly string[], around: Surroundings): Promise<CapturedRun> {
  const { io, texts } = capturedIo(around);
  const code = await runCli(io, args);
  return { code, ...texts() };
}
