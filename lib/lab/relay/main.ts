import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { setPriority } from 'node:os';
import { createInterface } from 'node:readline';
import type { Impairment } from '../impairment';
import { startRelay } from './relay';
import type { RelayFlow } from './relay-plan';
import { visibleOutput } from '../../escape';

/** What the relay program reads: `node main.js <file>`. */
export interface RelayConfig {
  readonly flows: readonly RelayFlow[];
  /** Unix socket to listen on. */
  readonly control: string;
  /** Of the random losses. */
  readonly seed: number;
}

/** A line of JSON on the control socket; the answer is one line: `{"atMs":...}` or the counts. */
export type RelayRequest =
  { readonly impair: Readonly<Record<string, Impairment>> } | { readonly counts: true };

async function main(file: string): Promise<void> {
  const { flows, control, seed } = JSON.parse(readFileSync(file, 'utf8')) as RelayConfig;
  // It stands for the wire, which does not slow down when gateways are busy.
  setPriority(-15);
  const relay = await startRelay(flows, seededRandom(seed));
  const server = createServer((connection) => {
    connection.on('error', () => undefined);
    createInterface(connection).on('line', (line) => {
      const request = JSON.parse(line) as RelayRequest;
      const answer = 'impair' in request ? { atMs: relay.impair(request.impair) } : relay.counts();
      connection.write(`${JSON.stringify(answer)}\n`);
    });
  });
  server.listen(control, () => process.stdout.write('{"ready":true}\n'));
}

/** mulberry32: the same losses for the same seed. */
function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

main(process.argv[2]).catch((error: unknown) => {
  const text = `${error instanceof Error ? error.message : String(error)}\n`;
  process.stderr.write(visibleOutput(text, false));
  process.exit(1);
});
