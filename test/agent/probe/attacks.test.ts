import { createHash } from 'node:crypto';
import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { defaultProbeSettings, sessionKeys, startProber, type Prober } from '../../../lib/agent/probe';
import { packetHmac } from '../../../lib/agent/probe/packet-hmac';
import type { FakeHost } from '../../support/fake-probe-network';
import { peer, probePair, session, type ProbePair } from '../../support/probe-pair';
import { seeded, type Seeded } from '../../support/random-seeded';

const reflectorPort = defaultProbeSettings.port;
const senderPort = 40_000;
const sessions = [1, 2, 3].map((k) => session(k));
const sourceOf = (k: number) => `fd00::a:${k}`;
const destinationOf = (k: number) => `fd00::b:${k}`;

interface Seen {
  readonly k: number;
  readonly atMs: number;
  readonly bytes: Buffer;
}

/** Every packet that arrived, with a digest of them all. */
interface Wire {
  readonly probes: Seen[];
  readonly answers: Seen[];
  digest(): string;
}

/** Records what a pair sends; the network loses some of it, the same each time. */
function record(pair: ProbePair): Wire {
  const hash = createHash('sha256');
  const wire = { probes: [] as Seen[], answers: [] as Seen[] };
  sessions.forEach((_, i) => {
    const random = seeded(100 + i);
    const note = (list: 'probes' | 'answers') => (bytes: Buffer, at: number) => {
      hash.update(`${at} ${i} ${list}`).update(bytes);
      if (random.chance(0.02)) return null;
      const delay = 1 + random.next();
      // One that never arrived would be a late packet, not a repeated one.
      wire[list].push({ k: i + 1, atMs: at + delay, bytes: Buffer.from(bytes) });
      return delay;
    };
    pair.fate(i, note('probes'), note('answers'));
  });
  return { ...wire, digest: () => hash.copy().digest('hex') };
}

/** All that may be asked of the two ends, refusals apart. */
function state({ prober, reflector, said }: ProbePair): string {
  const own = prober.sessions.map(({ id }) => [id, prober.health(id), prober.statistics(id)]);
  const { answered, sessions: remembered } = reflector.reflector;
  return JSON.stringify({ own, answered, remembered, said });
}

const sum = (refusals: Prober['refusals']) => Object.values(refusals).reduce((total, n) => total + n, 0);

/** One hostile packet and where it is thrown, with its source. */
type Attack = (
  random: Seeded,
  wire: Wire,
  earlier: Wire,
) => [host: 'a' | 'b', port: number, from: string, bytes: Buffer];

const wrongKey = packetHmac(sessionKeys(Buffer.alloc(32, 1), 'test', 'a/1', 'b/1').probe, 96);
/** One of the last few hundred that had arrived when the last was sent. */
function recent(random: Seeded, list: readonly Seen[]): Seen {
  const last = list[list.length - 1].atMs - 5;
  const arrived = list.slice(-400).filter(({ atMs }) => atMs < last);
  return random.pick(arrived);
}

function flip(random: Seeded, bytes: Buffer): Buffer {
  const changed = Buffer.from(bytes);
  const bits = new Set(
    Array.from({ length: random.whole(1, 4) }, () => random.whole(0, bytes.length * 8 - 1)),
  );
  for (const bit of bits) changed[bit >> 3] ^= 1 << (bit & 7);
  return changed;
}

const noise = (random: Seeded, length: number) =>
  Buffer.from(Array.from({ length }, () => random.whole(0, 255)));

const attacks: Readonly<Record<string, Attack>> = {
  'noise to the reflector': (r) => ['b', reflectorPort, sourceOf(r.whole(1, 3)), noise(r, r.whole(0, 200))],
  'noise to the sender': (r) => ['a', senderPort, destinationOf(r.whole(1, 3)), noise(r, r.whole(0, 200))],
  'noise of the right length': (r) => ['b', reflectorPort, sourceOf(r.whole(1, 3)), noise(r, 112)],
  'a probe again': (r, w) => {
    const { k, bytes } = recent(r, w.probes);
    return ['b', reflectorPort, sourceOf(k), bytes];
  },
  'an old probe again': (r, w) => {
    const { k, bytes } = r.pick(w.probes.slice(0, -20));
    return ['b', reflectorPort, sourceOf(k), bytes];
  },
  'a probe of the sender before it was restarted': (r, _w, earlier) => {
    const { k, bytes } = r.pick(earlier.probes);
    return ['b', reflectorPort, sourceOf(k), bytes];
  },
  'an answer again': (r, w) => {
    const { k, bytes } = recent(r, w.answers);
    return ['a', senderPort, destinationOf(k), bytes];
  },
  'an answer to the sender before it was restarted': (r, _w, earlier) => {
    const { k, bytes } = r.pick(earlier.answers);
    return ['a', senderPort, destinationOf(k), bytes];
  },
  'a changed probe': (r, w) => {
    const { k, bytes } = recent(r, w.probes);
    return ['b', reflectorPort, sourceOf(k), flip(r, bytes)];
  },
  'a changed answer': (r, w) => {
    const { k, bytes } = recent(r, w.answers);
    return ['a', senderPort, destinationOf(k), flip(r, bytes)];
  },
  'a probe cut short or drawn out': (r, w) => {
    const { k, bytes } = recent(r, w.probes);
    const length = r.pick([0, 1, 43, 44, 45, 96, 111, 113, 1000]);
    return ['b', reflectorPort, sourceOf(k), Buffer.concat([bytes, noise(r, 1000)]).subarray(0, length)];
  },
  'an answer cut to the unauthenticated length': (r, w) => {
    const { k, bytes } = recent(r, w.answers);
    return ['a', senderPort, destinationOf(k), bytes.subarray(0, 44)];
  },
  "one session's probe as another's": (r, w) => {
    const { k, bytes } = recent(r, w.probes);
    return ['b', reflectorPort, sourceOf((k % 3) + 1), bytes];
  },
  "a stranger's probe": (r, w) => [
    'b',
    reflectorPort,
    `fd00::66:${r.whole(1, 9)}`,
    recent(r, w.probes).bytes,
  ],
  "a stranger's answer": (r, w) => ['a', senderPort, `fd00::66:${r.whole(1, 9)}`, recent(r, w.answers).bytes],
  'an answer thrown back as a probe': (r, w) => {
    const { k, bytes } = recent(r, w.answers);
    return ['b', reflectorPort, sourceOf(k), bytes];
  },
  'a probe thrown back as an answer': (r, w) => {
    const { k, bytes } = recent(r, w.probes);
    return ['a', senderPort, destinationOf(k), bytes];
  },
  'the next probe, with another key': (r, w) => {
    const { k, bytes } = w.probes[w.probes.length - 1];
    const forged = Buffer.from(bytes);
    forged.writeUInt32BE((bytes.readUInt32BE(0) + r.whole(1, 1000)) >>> 0, 0);
    wrongKey.sign(forged, 96);
    return ['b', reflectorPort, sourceOf(k), forged];
  },
  'the right answer, with another key': (_r, w) => {
    const { k, bytes } = w.probes[w.probes.length - 1];
    const forged = Buffer.from(w.answers[w.answers.length - 1].bytes);
    bytes.copy(forged, 48, 0, 4);
    bytes.copy(forged, 64, 16, 24);
    bytes.copy(forged, 26, 26, 28);
    wrongKey.sign(forged, 96);
    return ['a', senderPort, destinationOf(k), forged];
  },
};

/** The pair, restarted once so that there are packets of an earlier time, and warmed up. */
async function restartedPair(): Promise<{ pair: ProbePair; wire: Wire; earlier: Wire }> {
  const first = await probePair(sessions);
  const earlier = record(first);
  first.network.run(2000);
  await first.prober.close();
  const prober = await startProber({
    settings: defaultProbeSettings,
    listener: {
      onHealth: (id, health, cause) =>
        first.said.push({ atMs: first.network.nowMs, session: id, health, cause }),
    },
    clock: first.a.clock,
    // The ports of the first were 862 and 40000; the second gets the same, as a system may give them.
    open: (port, receive) => first.a.open(port === 0 ? senderPort : port, receive),
    firstSsid: 500,
  });
  prober.setSessions(sessions, [
    peer(
      'a/1',
      'b/1',
      sessions.map((s) => s.destination),
    ),
  ]);
  const pair = { ...first, prober };
  const wire = record(pair);
  pair.network.run(5000);
  return { pair, wire, earlier };
}

describe('forged, replayed, truncated and foreign packets', () => {
  test('change nothing: 10,000 of them leave two gateways as they are without them, packet for packet', async () => {
    const seed = 862;
    const random = seeded(seed);
    const left = await restartedPair();
    const attacked = await restartedPair();
    expect(state(attacked.pair)).toBe(state(left.pair));
    const names = Object.keys(attacks);
    const thrown = new Map(names.map((name) => [name, 0]));
    for (let i = 0; i < 10_000; i++) {
      const name = random.pick(names);
      const [host, port, from, bytes] = attacks[name](random, attacked.wire, attacked.earlier);
      const at: FakeHost = attacked.pair[host];
      const fromPort = random.chance(0.5)
        ? host === 'b'
          ? senderPort
          : reflectorPort
        : random.whole(1, 65_535);
      attacked.pair.network.at(attacked.pair.network.nowMs + random.next() * 3, () =>
        at.arrive(port, { bytes: Buffer.from(bytes), from, fromPort }),
      );
      thrown.set(name, thrown.get(name)! + 1);
      for (const { pair } of [left, attacked]) pair.network.run(5000 + (i + 1) * 3);
    }
    for (const { pair } of [left, attacked]) pair.network.run(36_000);
    expect(Math.min(...thrown.values())).toBeGreaterThan(400);
    expect(JSON.parse(state(attacked.pair))).toEqual(JSON.parse(state(left.pair)));
    expect(attacked.wire.digest()).toBe(left.wire.digest());
    const refused = [attacked.pair.prober.refusals, attacked.pair.reflector.reflector.refusals];
    process.stderr.write(
      `seed ${seed}: refused by sender and reflector ${refused.map((r) => JSON.stringify(r)).join(' ')}\n`,
    );
    const before = sum(left.pair.prober.refusals) + sum(left.pair.reflector.reflector.refusals);
    expect(sum(refused[0]) + sum(refused[1]) - before).toBe(10_000);
    for (const why of ['malformed', 'foreign', 'replayed', 'forged'] as const) {
      expect(refused[0][why] + refused[1][why]).toBeGreaterThan(500);
    }
  });

  test('take no memory: of five times 10,000, one at least leaves the heap as it was', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const { pair, wire, earlier } = await restartedPair();
    const random = seeded(5);
    const names = Object.keys(attacks);
    const fixed = names.flatMap((name) =>
      Array.from({ length: 20 }, () => attacks[name](random, wire, earlier)),
    );
    const used: number[] = [];
    for (let round = 0; round < 5; round++) {
      for (let i = 0; i < 10_000; i++) {
        const [host, port, from, bytes] = random.pick(fixed);
        // Straight into the sockets: the fake network's own lists would take memory.
        pair[host].arrive(port, { bytes, from, fromPort: random.whole(1, 65_535) });
        if (i % 100 === 99) pair.network.run(pair.network.nowMs);
      }
      collect();
      used.push(getHeapStatistics().used_heap_size);
    }
    process.stderr.write(
      `heap after each 10,000: ${used.map((u) => (u / 2 ** 20).toFixed(2)).join(', ')} MiB\n`,
    );
    // What is kept of each packet adds up in every round; what earlier tests left in this heap, in some.
    const grown = used.slice(1).map((bytes, i) => bytes - used[i]);
    expect(Math.min(...grown)).toBeLessThan(100_000);
    expect(pair.reflector.reflector.sessions).toBe(6);
  });
});

describe('a sender', () => {
  test('takes no answer from another address than it asked, authentic or not', async () => {
    const { network, a, fate, prober } = await probePair([session(1)]);
    network.run(1000);
    const before = prober.statistics('tunnel:1')!.received;
    fate(
      0,
      () => 1,
      (bytes) => {
        const answer = { bytes: Buffer.from(bytes), from: 'fd00::b:2', fromPort: reflectorPort };
        network.at(network.nowMs + 1, () => a.arrive(senderPort, answer));
        return null;
      },
    );
    network.run(2000);
    expect(prober.statistics('tunnel:1')!.received).toBe(before);
    expect(prober.refusals.foreign).toBeGreaterThan(40);
    expect(prober.health('tunnel:1')).toBe('down');
  });
});

describe('a reflector', () => {
  test('remembers a bounded number of sessions, however often a sender begins anew', async () => {
    const { network, a, prober, reflector } = await probePair([session(1)]);
    await prober.close();
    for (let start = 1; start <= 30; start++) {
      const again = await startProber({
        settings: defaultProbeSettings,
        listener: { onHealth: () => undefined },
        clock: a.clock,
        open: a.open,
        firstSsid: start * 100,
      });
      again.setSessions([session(1)], [peer('a/1', 'b/1', [session(1).destination])]);
      network.run(start * 300);
      expect(again.health('tunnel:1')).toBe('up');
      await again.close();
    }
    expect(reflector.reflector.sessions).toBe(8);
  });

  test('answers a sender that begins anew with the SSID it had, at once', async () => {
    const { network, a, prober, reflector } = await probePair([session(1)]);
    network.run(5000);
    await prober.close();
    const again = await startProber({
      settings: defaultProbeSettings,
      listener: { onHealth: () => undefined },
      clock: a.clock,
      open: (port, receive) => a.open(port === 0 ? senderPort : port, receive),
      firstSsid: 7,
    });
    again.setSessions([session(1)], [peer('a/1', 'b/1', [session(1).destination])]);
    network.run(5200);
    expect(again.health('tunnel:1')).toBe('up');
    expect(again.statistics('tunnel:1')!.lostBackward).toBe(0);
    expect(reflector.reflector.sessions).toBe(1);
  });

  test('answers a sender that begins anew with its clock set back, after half a minute', async () => {
    const { network, b, prober } = await probePair([session(1)]);
    network.run(5000);
    await prober.close();
    const back = network.host(-3_600_000);
    network.way(back, sourceOf(1), destinationOf(1), b);
    network.way(b, destinationOf(1), sourceOf(1), back);
    const again = await startProber({
      settings: defaultProbeSettings,
      listener: { onHealth: () => undefined },
      clock: back.clock,
      open: back.open,
      firstSsid: 9000,
    });
    again.setSessions([session(1)], [peer('a/1', 'b/1', [destinationOf(1)])]);
    network.run(34_900);
    expect(again.health('tunnel:1')).toBe('down');
    network.run(35_500);
    expect(again.health('tunnel:1')).toBe('up');
  });

  test('answers a peer no faster than its rate', async () => {
    // 2 x 20 a second, where 150 come, and some 75 once those that are not answered ask more seldom; the
    // first half second is granted at once.
    const { network, prober, reflector } = await probePair(sessions, { probesPerSecond: 20 });
    network.run(10_000);
    const { answered, refusals } = reflector.reflector;
    expect(answered).toBeGreaterThan(400);
    expect(answered).toBeLessThanOrEqual(40 * 10 + 20);
    expect(refusals.limited).toBeGreaterThan(300);
    await prober.close();
  });
});
