import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';

/** What a process left behind. */
export interface ProcessResult {
  /** null: it could not be started, or was ended by a signal. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command to its end. Never throws: a command that is not there has code null and says so. */
export function runProcess(command: readonly string[], input = ''): Promise<ProcessResult> {
  return new Promise((resolve) => {
    const child = spawn(command[0], command.slice(1), { stdio: 'pipe' });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    // Without a file descriptor left there are no pipes, whatever the types say.
    const pipes = child as Partial<typeof child>;
    pipes.stdout?.on('data', (piece: Buffer) => out.push(piece));
    pipes.stderr?.on('data', (piece: Buffer) => err.push(piece));
    pipes.stdin?.on('error', () => undefined);
    child.once('error', (error) => resolve({ code: null, stdout: '', stderr: error.message }));
    child.once('close', (code) =>
      resolve({ code, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() }),
    );
    pipes.stdin?.end(input);
  });
}

export type RunProcess = (command: readonly string[], input?: string) => Promise<ProcessResult>;

/** One probing interval at the default timing. */
const pauseMs = 20;

/**
 * Runs commands one after another, each after a pause and at the lowest priority. To start a process holds
 * up the event loop for some ms; a dozen at once, and what they take from the tunnels, delay probes and
 * their answers so long that others take us for dead.
 */
export function patientRunner(): RunProcess {
  let last: Promise<unknown> = Promise.resolve();
  return (command, input) => {
    const mine = last.then(async () => {
      await sleep(pauseMs);
      // 19 from whatever it is: the kernel clamps.
      return runProcess(['nice', '-n', '39', ...command], input);
    });
    last = mine;
    return mine;
  };
}

/** Runs commands one after another. */
export function inTurnRunner(): RunProcess {
  let last: Promise<unknown> = Promise.resolve();
  return (command, input) => {
    const mine = last.then(() => runProcess(command, input));
    last = mine;
    return mine;
  };
}

/** Its standard output. @throws Error with what it said, if its exit code is not 0. */
export async function output(
  command: readonly string[],
  input = '',
  run: RunProcess = runProcess,
): Promise<string> {
  const { code, stdout, stderr } = await run(command, input);
  if (code !== 0) {
    throw new Error(`${command.join(' ')}: ${stderr.trim() || `exit code ${code}`}`);
  }
  return stdout;
}
