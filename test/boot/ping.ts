import { spawn, type ChildProcess } from 'node:child_process';

const running = new Set<ChildProcess>();

/** Ends what a failed test left running. */
export function endPings(): void {
  for (const child of running) child.kill('SIGKILL');
}

/**
 * Sends a packet every 20 ms from a namespace.
 *
 * @param count packets; absent: until `lost` is asked.
 * @returns `lost` ends it and says how many were not answered, of at least 10.
 */
export function startPing(ns: string, address: string, count?: number): { lost(): Promise<number> } {
  const limit = count === undefined ? [] : ['-c', String(count)];
  const command = ['netns', 'exec', ns, 'ping', '-n', '-q', '-i', '0.02', '-W', '1', ...limit, address];
  const child = spawn('ip', command, { stdio: ['ignore', 'pipe', 'inherit'] });
  running.add(child);
  let said = '';
  child.stdout.on('data', (text: Buffer) => (said += text.toString()));
  const ended = new Promise<void>((resolve) =>
    child.once('close', () => {
      running.delete(child);
      resolve();
    }),
  );
  return {
    async lost() {
      if (count === undefined) child.kill('SIGINT');
      await ended;
      const [, sent, received] = /(\d+) packets transmitted, (\d+) received/.exec(said) ?? [];
      if (!(Number(sent) >= 10)) throw new Error(`too few packets to tell: ${said}`);
      return Number(sent) - Number(received);
    },
  };
}
