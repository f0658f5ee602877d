import { spawn, type ChildProcess } from 'node:child_process';
import { ready } from './udp-stream';

/** Packets from a workload of one zone to a far host and back, one each 10 ms. */
export interface ZoneStream {
  /** Ends it, and waits for the last answers. @returns CLOCK_MONOTONIC ms at which lost packets were sent. */
  stop(): Promise<readonly number[]>;
  readonly child: ChildProcess;
}

const gapMs = 10;

// What is due by the clock; an answer after 2 s is none.
const sender = `const [source, to] = process.argv.slice(1);
const s = require('dgram').createSocket(to.includes(':') ? 'udp6' : 'udp4');
const now = () => Number(process.hrtime.bigint() / 1000n) / 1000;
const times = [];
const lost = new Set();
s.on('message', (m) => {
  const n = m.readUInt32BE(0);
  if (now() - times[n] < 2000) lost.delete(n);
});
s.on('error', () => undefined);
s.bind(0, source, () => {
  const start = now();
  const timer = setInterval(() => {
    for (const due = (now() - start) / ${gapMs}; times.length < due; ) {
      const m = Buffer.alloc(64);
      m.writeUInt32BE(times.length);
      lost.add(times.length);
      times.push(now());
      s.send(m, 7007, to, () => undefined);
    }
  }, 1);
  process.stdout.write(' ');
  process.stdin.on('end', () => {
    clearInterval(timer);
    setTimeout(() => {
      process.stdout.write(JSON.stringify([...lost].map((n) => times[n])));
      process.exit(0);
    }, 2100);
  }).resume();
});`;

/** Sends from an address of a namespace until it is stopped. */
export async function startZoneStream(ns: string, source: string, to: string): Promise<ZoneStream> {
  const command = ['netns', 'exec', ns, process.execPath, '-e', sender, source, to];
  const child = spawn('ip', command, { stdio: ['pipe', 'pipe', 'pipe'] });
  await ready(child);
  let text = '';
  child.stdout.on('data', (piece: Buffer) => (text += piece.toString()));
  const closed = new Promise((resolve) => child.once('close', resolve));
  return {
    child,
    async stop() {
      child.stdin.end();
      await closed;
      return JSON.parse(text) as number[];
    },
  };
}

/** Packets that were lost between two instants, and for how long at most without one that arrived, ms. */
export function lossBetween(
  lostAtMs: readonly number[],
  fromMs: number,
  toMs: number,
): { readonly packets: number; readonly longestMs: number } {
  let [packets, longest, run, before] = [0, 0, 0, -Infinity];
  for (const atMs of lostAtMs) {
    if (atMs < fromMs || atMs >= toMs) continue;
    packets++;
    run = atMs - before < 1.9 * gapMs ? run + 1 : 1;
    before = atMs;
    longest = Math.max(longest, run);
  }
  return { packets, longestMs: longest * gapMs };
}
