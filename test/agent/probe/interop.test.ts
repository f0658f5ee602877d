import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultProbeSettings, startProber, type Prober, type SessionKeys } from '../../../lib/agent/probe';
import { errorEstimate, setNtpTime } from '../../../lib/agent/probe/ntp-time';
import { openLayout, writeAnswer, writeProbe } from '../../../lib/agent/probe/stamp-packet';
import { openUdpPort } from '../../../lib/agent/probe/udp-port';
import { skipped } from '../../net/skipped';
import { session } from '../../support/probe-pair';

/**
 * An independent STAMP (RFC 8762, RFC 8972) in Rust from the registry: `cargo install stamp-suite --version
 * 1.0.0 --locked`. Undefined: not installed.
 */
const stampSuite = [process.env.STAMP_SUITE, join(homedir(), '.cargo', 'bin', 'stamp-suite')]
  .concat((process.env.PATH ?? '').split(':').map((folder) => join(folder, 'stamp-suite')))
  .find((file) => file !== undefined && existsSync(file));
const noStampSuite = 'stamp-suite, an independent STAMP, is not installed';

const key = Buffer.from('000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f', 'hex');
const otherKey = Buffer.alloc(32, 1);
const oneKey = (bytes: Uint8Array): SessionKeys => ({ probe: bytes, answer: bytes });
const modes = [
  ['authenticated', 'A', oneKey(key)],
  ['unauthenticated', 'O', null],
] as const;

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** A UDP port that was free a moment ago. */
async function freePort(): Promise<number> {
  const port = await openUdpPort(0, () => undefined);
  await port.close();
  return port.port;
}

/** A prober whose reflector is on `own` and whose probes go to `port`. */
async function prober(
  own: number,
  port: number,
  keys: SessionKeys | null,
  probing: boolean,
): Promise<Prober> {
  let opened = 0;
  const started = await startProber({
    settings: { ...defaultProbeSettings, port },
    listener: { onHealth: () => undefined },
    open: (_port, receive) => openUdpPort(opened++ === 0 ? own : 0, receive),
  });
  cleanups.push(() => started.close());
  const peer = { gateway: 'b/1', sources: ['::1'], answering: keys, sending: keys };
  started.setSessions(probing ? [session(1, { destination: '::1', plannedRttMs: 1000 })] : [], [peer]);
  return started;
}

/** Runs stamp-suite to its end; standard output. */
function run(args: readonly string[]): Promise<string> {
  const child = spawn(stampSuite!, args, { env: { ...process.env, STAMP_HMAC_KEY: key.toString('hex') } });
  cleanups.push(() => child.kill());
  let out = '';
  child.stdout.on('data', (data: Buffer) => (out += data.toString()));
  return new Promise((resolve) => child.once('close', () => resolve(out)));
}

async function reflectorOfOthers(mode: 'A' | 'O'): Promise<number> {
  const port = await freePort();
  const child = spawn(stampSuite!, ['-i', '-S', '::1', '-o', `${port}`, '-A', mode, '--stateful-reflector'], {
    env: { ...process.env, STAMP_HMAC_KEY: key.toString('hex') },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  cleanups.push(() => child.kill());
  await new Promise<void>((resolve, reject) => {
    const listening = (data: Buffer) => data.toString().includes('listening') && resolve();
    child.stdout.on('data', listening);
    child.stderr.on('data', listening);
    child.once('close', () => reject(new Error('stamp-suite ended')));
  });
  return port;
}

describe('an independent STAMP', () => {
  test.each(modes)('answers our probes, %s', async (_name, mode, keys) => {
    if (!stampSuite) return skipped(noStampSuite);
    const port = await reflectorOfOthers(mode);
    const ours = await prober(0, port, keys, true);
    await wait(2000);
    const { sent, received, lostForward, lostBackward, rtt } = ours.statistics('tunnel:1')!;
    process.stderr.write(
      `stamp-suite answered ${received} of ${sent} probes, ${((rtt.sum / rtt.count) * 1000).toFixed(3)} ms\n`,
    );
    expect(received).toBeGreaterThan(50);
    expect(sent - received).toBeLessThanOrEqual(2);
    expect([lostForward, lostBackward]).toEqual([0, 0]);
    expect(ours.health('tunnel:1')).toBe('up');
    expect(Object.values(ours.refusals)).toEqual([0, 0, 0, 0, 0]);
  });

  test('does not answer probes under another key, which then are down', async () => {
    if (!stampSuite) return skipped(noStampSuite);
    const ours = await prober(0, await reflectorOfOthers('A'), oneKey(otherKey), true);
    await wait(2600);
    expect(ours.statistics('tunnel:1')!.received).toBe(0);
    expect(ours.health('tunnel:1')).toBe('down');
  });

  test.each(modes)('takes our answers, %s', async (_name, mode, keys) => {
    if (!stampSuite) return skipped(noStampSuite);
    const port = await freePort();
    const ours = await prober(port, port, keys, false);
    const out = await run([
      '-r',
      '::1',
      '-S',
      '::1',
      '-p',
      `${port}`,
      '-A',
      mode,
      '-c',
      '50',
      '-d',
      '10',
      '-L',
      '1',
      '--ssid',
      '4711',
    ]);
    expect(out).toContain('Packets received: 50');
    expect(out).toContain('Replies: 50 unique, 0 additional, 0 late, 0 duplicates, 0 reordered, 0 unknown');
    expect(ours.reflector).toMatchObject({ answered: 50, sessions: 1 });
  });

  test('gets no answer from us under another key', async () => {
    if (!stampSuite) return skipped(noStampSuite);
    const port = await freePort();
    const ours = await prober(port, port, oneKey(otherKey), false);
    const out = await run([
      '-r',
      '::1',
      '-S',
      '::1',
      '-p',
      `${port}`,
      '-A',
      'A',
      '-c',
      '20',
      '-d',
      '5',
      '-L',
      '1',
    ]);
    expect(out).toContain('Packets received: 0');
    expect(ours.reflector.answered).toBe(0);
    expect(ours.reflector.refusals.forged).toBe(20);
  });
});

describe('tshark', () => {
  const fields = [
    'seq_number',
    'timestamp',
    'error_estimate.s',
    'error_estimate.scale',
    'error_estimate.multiplier',
  ];
  const answerFields = ['receive_timestamp', 'sender_seq_number', 'sender_timestamp', 'sender_ttl'];

  /** A capture file (libpcap, link type IPv6) of one UDP packet. */
  function capture(payload: Buffer, port: number): Buffer {
    const header = Buffer.from('d4c3b2a1020004000000000000000000ffff0000e5000000', 'hex');
    const udp = Buffer.alloc(8);
    udp.writeUInt16BE(port, 0);
    udp.writeUInt16BE(862, 2);
    udp.writeUInt16BE(8 + payload.length, 4);
    const ip = Buffer.alloc(40);
    ip.writeUInt32BE(0x60000000, 0);
    ip.writeUInt16BE(8 + payload.length, 4);
    ip.set([17, 255], 6);
    const packet = Buffer.concat([ip, udp, payload]);
    const record = Buffer.alloc(16);
    record.writeUInt32LE(packet.length, 8);
    record.writeUInt32LE(packet.length, 12);
    return Buffer.concat([header, record, packet]);
  }

  test('reads our unauthenticated probes and answers as it reads TWAMP-Test, whose layout they have', () => {
    if (spawnSync('tshark', ['--version']).status !== 0) return skipped('tshark is not installed');
    const folder = mkdtempSync(join(tmpdir(), 'stamp-'));
    cleanups.push(() => rmSync(folder, { recursive: true }));
    const read = (payload: Buffer, wanted: readonly string[]) => {
      const file = join(folder, 'one.pcap');
      writeFileSync(file, capture(payload, 40_000));
      const args = ['-r', file, '-d', 'udp.port==862,twamp.test', '-T', 'fields'];
      const env = { ...process.env, TZ: 'UTC' };
      const done = spawnSync(
        'tshark',
        [...args, ...wanted.flatMap((field) => ['-e', `twamp.test.${field}`])],
        { encoding: 'utf8', env },
      );
      return done.stdout
        .trim()
        .split('\t')
        .map((field) => field.replace(/ UTC$/, ''));
    };
    const time = (ms: number) => {
      const ntp = { seconds: 0, fraction: 0 };
      setNtpTime(ntp, Date.UTC(2026, 10, 25, 12) + ms);
      return ntp;
    };
    const probe = Buffer.alloc(openLayout.bytes);
    writeProbe(openLayout, probe, 42, time(250), errorEstimate(0.001), 0);
    // tshark tells probe and answer apart by length, so it shows a STAMP probe's zeros as an answer's fields.
    expect(read(probe, fields).map((f) => f.replace(/,0$/, ''))).toEqual([
      '42',
      'Nov 25, 2026 12:00:00.250000000',
      '1',
      '15',
      '132',
    ]);
    const answer = Buffer.alloc(openLayout.bytes);
    writeAnswer(openLayout, answer, probe, {
      sequence: 41,
      received: time(312.5),
      sent: time(375),
      error: errorEstimate(null),
    });
    // The error estimates are the reflector's and the probe's, which is repeated.
    expect(read(answer, [...fields, ...answerFields])).toEqual([
      '41',
      'Nov 25, 2026 12:00:00.375000000',
      '0,1',
      '63,15',
      '255,132',
      'Nov 25, 2026 12:00:00.312500000',
      '42',
      'Nov 25, 2026 12:00:00.250000000',
      '255',
    ]);
  });
});
