import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** A place for other software in the network namespace of a gateway, with mounts and processes of its own. */
export interface PlaceBeside {
  /** Runs lines of sh there. @throws Error with what they said. */
  sh(script: string): string;
  /** Writes a file, its folders too. */
  write(file: string, text: string): void;
  /** Ends all that runs there. */
  close(): void;
}

/**
 * @param script file of sh that prepares the place, prints a line, and stays. It runs in new mount and
 *   process namespaces; its last argument is an empty folder.
 */
export async function placeBeside(
  ns: string,
  script: string,
  words: readonly string[] = [],
): Promise<PlaceBeside> {
  const folder = mkdtempSync(path.join(tmpdir(), 'dwcp-beside-'));
  const apart = ['unshare', '--mount', '--pid', '--fork', '--kill-child'];
  const command = ['netns', 'exec', ns, ...apart, 'sh', path.join(__dirname, script), ...words, folder];
  const shim = spawn('ip', command, { stdio: 'pipe' });
  let said = '';
  await new Promise<void>((resolve, reject) => {
    shim.stderr.on('data', (text: Buffer) => (said += text.toString()));
    shim.stdout.once('data', () => resolve());
    shim.once('close', () => reject(new Error(`${script}: ${said}`)));
  });
  const children = spawnSync('ps', ['-o', 'pid=', '--ppid', String(shim.pid)], { encoding: 'utf8' });
  const first = children.stdout.trim().split('\n')[0].trim();
  const run = (lines: string, input?: string): string => {
    const parts = ['--target', first, '--mount', '--net', '--pid', '--root', '--wd=/'];
    const ran = spawnSync('nsenter', [...parts, 'sh', '-ec', lines], { encoding: 'utf8', input });
    if (ran.status !== 0) throw new Error(`${lines}: ${ran.stderr}${ran.stdout}`);
    return ran.stdout;
  };
  return {
    sh: (lines) => run(lines),
    write: (file, text) => void run(`mkdir -p "$(dirname ${file})"; cat >${file}; chmod 644 ${file}`, text),
    close() {
      shim.removeAllListeners('close');
      shim.kill('SIGKILL');
      for (let i = 0; i < 100 && existsSync(`/proc/${first}`); i++) spawnSync('sleep', ['0.02']);
      rmdirSync(folder);
    },
  };
}
