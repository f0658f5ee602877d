import type { ChildProcess } from 'node:child_process';
import { inside, startInside } from './gateway-namespaces';

/** What became of a stream. */
export interface StreamResult {
  readonly sent: number;
  readonly received: number;
  /** Packets that came to either end and found the socket's buffer full: the test was too slow. */
  readonly overflowed: number;
}

/** Packets that go to a host and come back, evenly spaced. */
export interface Stream {
  /** Stops sending, waits for the last answers. */
  stop(): Promise<StreamResult>;
}

const echo = `const s = require('dgram').createSocket('udp6');
s.on('message', (m, from) => s.send(m, from.port, from.address));
s.bind(7007, () => process.stdout.write('ready'));`;

// Sends what is due by the clock: timers of a busy machine are late, not the packets fewer.
const send = `const [family, address, gapMs] = process.argv.slice(1);
const s = require('dgram').createSocket(family);
let sent = 0;
const seen = new Set();
s.on('message', (m) => seen.add(m.readUInt32BE(0)));
const start = performance.now();
const timer = setInterval(() => {
  const due = Math.min((performance.now() - start) / Number(gapMs), sent + 50);
  while (sent < due) {
    const m = Buffer.alloc(64);
    m.writeUInt32BE(sent++);
    s.send(m, 7007, address);
  }
}, 1);
process.stdin.on('end', () => {
  clearInterval(timer);
  setTimeout(() => {
    process.stdout.write(JSON.stringify({ sent, received: seen.size }));
    process.exit(0);
  }, 1500);
}).resume();`;

/** Answers UDP packets of both families in a namespace until it is killed. */
export async function startEcho(ns: string): Promise<ChildProcess> {
  const server = startInside(ns, [process.execPath, '-e', echo]);
  await ready(server);
  return server;
}

/** Waits for a process to print something. Throws if it ends before. */
export async function ready(child: ChildProcess): Promise<void> {
  let complaint = '';
  child.stderr!.on('data', (piece: Buffer) => (complaint += piece.toString()));
  await new Promise<void>((resolve, reject) => {
    child.stdout!.once('data', () => resolve());
    child.once('close', () => reject(new Error(`it ended: ${complaint}`)));
  });
}

/** Packets that found a full buffer in a namespace so far, of both families. */
function overflows(ns: string): number {
  const text = inside(ns, 'cat /proc/net/snmp; grep Udp6RcvbufErrors /proc/net/snmp6');
  const [names, values] = text.split('\n').filter((line) => line.startsWith('Udp: '));
  const at = names.split(' ').indexOf('RcvbufErrors');
  return Number(values.split(' ')[at]) + Number(/Udp6RcvbufErrors\s+(\d+)/.exec(text)![1]);
}

/** Sends a packet every `gapMs` from one namespace to a host in another that answers. */
export function startStream(ns: string, far: string, address: string, gapMs: number): Stream {
  const before = overflows(ns) + overflows(far);
  const family = address.includes(':') ? 'udp6' : 'udp4';
  const child = startInside(ns, [process.execPath, '-e', send, family, address, String(gapMs)], 'pipe');
  let text = '';
  child.stdout!.on('data', (piece: Buffer) => (text += piece.toString()));
  const closed = new Promise((resolve) => child.once('close', resolve));
  return {
    async stop() {
      child.stdin!.end();
      await closed;
      const counts = JSON.parse(text) as Pick<StreamResult, 'sent' | 'received'>;
      return { ...counts, overflowed: overflows(ns) + overflows(far) - before };
    },
  };
}
