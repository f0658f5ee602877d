import { spawn } from 'node:child_process';

/**
 * Runs a program to its end.
 *
 * @param input for its standard input.
 * @returns what it wrote to standard output.
 * @throws Error naming the program and what it wrote to standard error, if it fails or cannot be started.
 */
export function run(command: readonly string[], input = ''): Promise<string> {
  return new Promise((resolve, reject) => {
    // In a group of its own: Ctrl-C is ours to act on, it must not end half of what we do.
    const child = spawn(command[0], command.slice(1), { stdio: 'pipe', detached: true });
    let [out, err] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
    // It may end before it has read everything; its exit code tells.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
    child.once('error', (error: NodeJS.ErrnoException) => {
      reject(new Error(error.code === 'ENOENT' ? `${command[0]} is not installed` : error.message));
    });
    child.once('close', (code, signal) => {
      if (code === 0) resolve(out);
      else
        reject(
          new Error(`${command.slice(0, 6).join(' ')}: ${err.trim() || (signal ?? `exit code ${code}`)}`),
        );
    });
  });
}

/**
 * Runs lines of ip(8), in a namespace or in the one we are in; lines that begin with the option -6
 * come last. Stops at the first that fails.
 */
export async function ipBatch(lines: readonly string[], namespace?: string): Promise<void> {
  const where = namespace === undefined ? [] : ['-n', namespace];
  const second = lines.filter((line) => line.startsWith('-6 '));
  const first = lines.filter((line) => !second.includes(line));
  // A batch is of one family.
  if (first.length > 0) await run(['ip', ...where, '-batch', '-'], `${first.join('\n')}\n`);
  const text = second.map((line) => `${line.slice('-6 '.length)}\n`).join('');
  if (second.length > 0) await run(['ip', ...where, '-6', '-batch', '-'], text);
}

/** The command, to be run inside a namespace. */
export function inside(namespace: string, command: readonly string[]): string[] {
  return ['ip', 'netns', 'exec', namespace, ...command];
}
