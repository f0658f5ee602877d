import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { visibleOutput } from '../../escape';
import { monotonicMs } from '../clock';
import type { LabCloudConfig } from './cloud-config';
import { serveCloud } from './serve-cloud';

/**
 * A region's cloud: `main <config.json>`, in the namespace of the region's workloads. Prints a line of JSON
 * for each route that was moved.
 */
async function main(file: string): Promise<void> {
  const config = JSON.parse(readFileSync(file, 'utf8')) as LabCloudConfig;
  await serveCloud(config, {
    setRoute: (words) => ip(words),
    moved: (move) => say({ atMs: monotonicMs(), ...move }),
  });
  say({ ready: true });
}

function say(value: object): void {
  process.stdout.write(visibleOutput(`${JSON.stringify(value)}\n`, false));
}

function ip(words: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn('ip', words, { stdio: 'inherit' });
    child.once('error', reject);
    child.once('close', (code) =>
      code === 0 ? resolve() : reject(new Error(`ip ${words.join(' ')}: exit code ${code}`)),
    );
  });
}

main(process.argv[2]).catch((error: unknown) => {
  const text = `${error instanceof Error ? error.message : String(error)}\n`;
  process.stderr.write(visibleOutput(text, false));
  process.exit(1);
});
