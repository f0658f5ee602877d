import { spawn, type ChildProcess } from 'node:child_process';
import path from 'node:path';

const root = path.join(__dirname, '..', '..');
const loader = path.join(__dirname, 'register-swc.js');

/** Loads our TypeScript in programs of their own. */
export const typescript = [process.execPath, '-r', loader];
export const standInAgent = path.join(__dirname, 'stand-in-agent.ts');

/** What a finished `dwcp` printed and ended with; `code` null: a signal ended it. */
export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A running `dwcp`. */
export interface Started {
  readonly child: ChildProcess;
  readonly finished: Promise<Finished>;
  /** Resolves once standard output holds this; false if it ends before. */
  prints(text: string): Promise<boolean>;
}

/** Starts `dwcp` of this working tree as a process of its own. */
export function startDwcp(...args: string[]): Started {
  const child = spawn(typescript[0], [...typescript.slice(1), path.join(root, 'lib/cli/main.ts'), ...args], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const out = { stdout: '', stderr: '' };
  const watchers: (() => void)[] = [];
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      out[name] += text;
      watchers.forEach((look) => look());
    });
  }
  const finished = new Promise<Finished>((resolve) =>
    child.once('close', (code) => resolve({ code, ...out })),
  );
  return {
    child,
    finished,
    prints: (text) =>
      new Promise((resolve) => {
        const look = () => out.stdout.includes(text) && resolve(true);
        watchers.push(look);
        look();
        void finished.then(() => resolve(false));
      }),
  };
}

export function dwcp(...args: string[]): Promise<Finished> {
  return startDwcp(...args).finished;
}
