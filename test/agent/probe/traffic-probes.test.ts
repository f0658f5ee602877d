import { Carriage } from '../../../lib/agent/probe/traffic/carriage';
import { SizeSearch } from '../../../lib/agent/probe/traffic/size-search';
import { defaultTrafficSettings, type TrafficTarget } from '../../../lib/agent/probe/traffic/traffic-target';
import { startTrafficProber, type TrafficProber } from '../../../lib/agent/probe/traffic/traffic-prober';
import { trafficHeaders } from '../../../lib/agent/probe/traffic/traffic-packet';
import { addressOctets } from '../../../lib/agent/probe/traffic/traffic-reflector';
import type { ProbeClock, ProbePort, Receive } from '../../../lib/agent/probe/port';
import type { FlowCarriage, PathCarriage } from '../../../lib/agent/probe/traffic';
import { peer } from '../../support/probe-pair';
import { seeded } from '../../support/random-seeded';

/** Virtual time. */
class World {
  nowMs = 0;
  readonly timers: { atMs: number; run: () => void }[] = [];
  readonly clock: ProbeClock = {
    now: () => this.nowMs,
    unixMs: (nowMs) => 1_800_000_000_000 + nowMs,
    after: (delayMs, run) => {
      const timer = { atMs: this.nowMs + delayMs, run };
      this.timers.push(timer);
      return () => this.timers.splice(0, this.timers.length, ...this.timers.filter((t) => t !== timer));
    },
    afterPoll: (run) => void this.timers.push({ atMs: this.nowMs, run }),
  };
  /** Lets time pass; promises are kept in between. */
  async pass(ms: number): Promise<void> {
    const endMs = this.nowMs + ms;
    await Promise.resolve();
    for (;;) {
      const next = this.timers.reduce((least, t) => Math.min(least, t.atMs), Infinity);
      if (next > endMs) break;
      const due = this.timers.find((t) => t.atMs === next)!;
      this.timers.splice(this.timers.indexOf(due), 1);
      this.nowMs = Math.max(this.nowMs, next);
      due.run();
      await Promise.resolve();
    }
    this.nowMs = endMs;
  }
}

/** What becomes of packets: `bytes` with IP's header; `way` is the destination's address. */
type Fate = (way: string, bytes: number, packet: Buffer) => boolean;

const rttMs = 10;
const [controlA, controlB] = ['fd00::a', 'fd00::b'];

/** Two gateways; what a sends to b's traffic addresses is at the mercy of `fate`. */
async function pair(targets: readonly TrafficTarget[]) {
  const world = new World();
  let fate: Fate = () => true;
  const receivers = new Map<string, Receive>();
  let sent = 0;
  let sentBytes = 0;
  const open =
    (own: 'a' | 'b') => (family: 4 | 6, address: string | null, port: number, receive: Receive) => {
      if (address === null) receivers.set(`${own} ${family}`, receive);
      const made: ProbePort = {
        port,
        send(packet, _port, to) {
          const copy = Buffer.from(packet);
          sent++;
          sentBytes += copy.length + trafficHeaders[family];
          if (!fate(to, copy.length + trafficHeaders[family], copy)) return;
          const far = to === controlA ? 'a' : 'b';
          world.timers.push({
            atMs: world.nowMs + rttMs / 2,
            run: () => receivers.get(`${far} ${family}`)!(copy, address ?? controlB, port),
          });
        },
        close: () => Promise.resolve(),
      };
      return Promise.resolve(made);
    };
  const said: { atMs: number; of: string; carriage: PathCarriage | FlowCarriage }[] = [];
  const listener = {
    onPath: (of: string, carriage: PathCarriage) => void said.push({ atMs: world.nowMs, of, carriage }),
    onFlow: (carriage: FlowCarriage) => void said.push({ atMs: world.nowMs, of: carriage.flow, carriage }),
  };
  const start = (own: 'a' | 'b'): Promise<TrafficProber> =>
    startTrafficProber({
      port: 1,
      listener,
      log: (text) => {
        throw new Error(text);
      },
      clock: world.clock,
      open: open(own),
    });
  const [a, b] = [await start('a'), await start('b')];
  const from = { ipv4: '240.0.0.0', ipv6: 'fd00::1' };
  b.setTargets([], [peer('b/1', 'a/1', [controlA])], from);
  a.setTargets(targets, [peer('a/1', 'b/1', [controlB])], from);
  await new Promise((resolve) => setImmediate(resolve));
  return {
    world,
    a,
    b,
    said,
    set: (next: Fate) => (fate = next),
    sent: () => [sent, sentBytes] as const,
  };
}

const target = (change: Partial<TrafficTarget> = {}): TrafficTarget => ({
  of: 'a>b',
  kind: 'path',
  family: 4,
  rank: 0,
  destination: '240.0.32.1',
  ends: [{ gateway: 'b/1', answerTo: controlA, control: controlB }],
  mtu: 1420,
  tunnel: { id: 'a-b', bandwidthMbps: 100 },
  plannedRttMs: rttMs,
  used: true,
  ...change,
});
const both = (change: Partial<TrafficTarget> = {}) => [
  target(change),
  target({ family: 6, destination: 'fd00::b:1', ...change }),
];
const control = (way: string) => way === controlA || way === controlB;

describe('probes that go the way traffic goes', () => {
  test('say nothing of a path that carries', async () => {
    const { world, said, a } = await pair(both());
    await world.pass(60_000);
    expect(said).toEqual([]);
    for (const { sent, arrived } of a.figures())
      expect([sent > 100, arrived >= sent - 1]).toEqual([true, true]);
  });

  test('find within a second and a half that traffic is dead and control probes are not, then that it is back', async () => {
    const { world, said, set } = await pair(both());
    await world.pass(10_000);
    set(control);
    await world.pass(1_500);
    expect(said.at(-1)).toMatchObject({
      of: 'a>b',
      carriage: { health: 'down', cause: 'traffic vanishes, though control probes are answered' },
    });
    set(() => true);
    const healedMs = world.nowMs;
    await world.pass(20_000);
    expect(said.at(-1)!.carriage).toMatchObject({ health: 'up' });
    expect(said.at(-1)!.atMs - healedMs).toBeLessThan(8_000);
    // Not at once: a filter that comes and goes takes no traffic with it.
    expect(said.at(-1)!.atMs - healedMs).toBeGreaterThan(4_000);
  });

  test('tell families apart', async () => {
    const { world, said, set } = await pair(both());
    await world.pass(10_000);
    set((way) => !way.startsWith('240.'));
    await world.pass(2_000);
    expect(said.map(({ carriage }) => carriage)).toEqual([
      {
        health: 'degraded',
        cause: 'IPv4 traffic vanishes, though control probes are answered',
        carriesBytes: null,
      },
    ]);
  });

  test('say nothing while control probes are not answered either, or nobody ever answered', async () => {
    for (const silent of [0, 10_000]) {
      const { world, said, set } = await pair(both());
      if (silent === 0) set(() => false);
      await world.pass(10_000);
      set(() => false);
      await world.pass(60_000);
      expect(said).toEqual([]);
    }
  });

  test('of traffic that never arrived say degraded, not down: what never was cannot have ended', async () => {
    const { world, said, set } = await pair(both());
    set(control);
    await world.pass(3_000);
    expect(said.at(-1)!.carriage).toMatchObject({ health: 'degraded' });
  });

  test.each([1412, 1391, 1312, 1280, 1100])('find the size of a black hole: %d bytes', async (most) => {
    const { world, said, set } = await pair(both());
    await world.pass(10_000);
    set((way, bytes) => control(way) || bytes <= most);
    await world.pass(4_000);
    const { carriage } = said.at(-1)! as { carriage: PathCarriage };
    expect(carriage.health).toBe('degraded');
    expect(carriage.carriesBytes).toBeLessThanOrEqual(most);
    expect(carriage.carriesBytes).toBeGreaterThanOrEqual(most - 8);
    expect(carriage.cause).toBe(`packets over ${carriage.carriesBytes} bytes vanish`);
    set(() => true);
    await world.pass(20_000);
    expect(said.at(-1)!.carriage).toMatchObject({ health: 'up', carriesBytes: null });
  });

  test('say that all is well again after one fault and another', async () => {
    const { world, said, set } = await pair(both());
    await world.pass(10_000);
    const faults: readonly Fate[] = [
      (way, bytes) => control(way) || bytes <= 1300,
      (way) => !way.startsWith('240.'),
      control,
      (way) => !way.startsWith('fd00::b:'),
      control,
    ];
    for (const fault of faults) {
      set(fault);
      await world.pass(4_000);
      expect(said.at(-1)!.carriage).not.toMatchObject({ health: 'up' });
      set(() => true);
      await world.pass(65_000);
      expect(said.at(-1)!.carriage).toMatchObject({ health: 'up' });
    }
  });

  test('are not fooled by loss at random: fifty minutes at 10 %', async () => {
    const random = seeded(18);
    process.stderr.write('seed 18\n');
    const { world, said, set } = await pair([target()]);
    set(() => !random.chance(0.1));
    await world.pass(3_000_000);
    expect(said.filter(({ carriage }) => 'health' in carriage && carriage.health === 'down')).toEqual([]);
    // Five in a row are lost by chance about once in a quarter of an hour; it is over after some seconds.
    expect(said.length).toBeLessThan(10);
  }, 60_000);

  test('ask a flow at each end where its spread may lead, and one answer is enough', async () => {
    const ends = [
      { gateway: 'b/1', answerTo: controlA, control: controlB },
      // Nobody has keys for it.
      { gateway: 'c/1', answerTo: controlA, control: 'fd00::c' },
    ];
    const flow = target({
      kind: 'flow',
      of: 'b bulk',
      destination: '10.1.0.0',
      mtu: null,
      tunnel: null,
      ends,
    });
    const { world, said, set } = await pair([flow]);
    await world.pass(10_000);
    expect(said).toEqual([]);
    set(control);
    await world.pass(2_000);
    expect(said.map(({ carriage }) => carriage)).toEqual([{ flow: 'b bulk', family: 4, arrives: false }]);
  });

  test('take no more of a tunnel than their share', async () => {
    const paths = Array.from({ length: 10 }, (_, i) =>
      both({ of: `path ${i}`, tunnel: { id: 't', bandwidthMbps: 20 } }),
    );
    const { world, sent } = await pair(paths.flat());
    await world.pass(10_000);
    const [, before] = sent();
    await world.pass(60_000);
    const mbps = ((sent()[1] - before) * 8) / 60 / 1e6;
    // Answers are counted too.
    expect(mbps).toBeLessThan(20 * defaultTrafficSettings.bandwidthShare * 1.3);
  });

  test.each([
    ['their number is another', 2, 'forged'],
    ['their answer is wanted elsewhere', 120, 'foreign'],
    ['the signature of that is another', 145, 'forged'],
  ] as const)('are refused where %s', async (_what, at, reason) => {
    const { world, b, said, set } = await pair([target()]);
    await world.pass(1_000);
    expect(Object.values(b.refusals).every((count) => count === 0)).toBe(true);
    set((way, _bytes, packet) => {
      if (!control(way)) packet[at] ^= 1;
      return true;
    });
    await world.pass(3_000);
    expect(b.refusals[reason]).toBeGreaterThan(5);
    expect(said.at(-1)!.carriage).toMatchObject({ health: 'down' });
  });

  test('of an answer that is not signed say nothing: who forges one has not kept anything alive', async () => {
    const { world, a, set } = await pair([target()]);
    await world.pass(1_000);
    const before = a.figures()[0].arrived;
    set((way, _bytes, packet) => {
      if (way === controlA) packet[100] ^= 1;
      return true;
    });
    await world.pass(5_000);
    expect(a.refusals.forged).toBeGreaterThan(5);
    expect(a.figures()[0].arrived - before).toBeLessThan(3);
  });

  test('carry the address of their answer in 16 octets', () => {
    expect(() => addressOctets('10.0.0.1')).toThrow(RangeError);
    expect(addressOctets('fd00::b:1').toString('hex')).toBe('fd0000000000000000000000000b0001');
  });
});

describe('what is carried', () => {
  test('is lost after five misses in a row alone, and waits longer with each loss', () => {
    const { carriage: settings } = defaultTrafficSettings;
    const one = new Carriage(settings);
    let now = 0;
    const lose = () => {
      for (let i = 0; i < settings.missesToLose; i++) one.missed((now += 100));
      expect(one.lost).toBe(true);
    };
    const waits = [0, 1, 2].map(() => {
      lose();
      const from = now;
      while (one.lost) one.arrived((now += 100));
      return now - from;
    });
    expect(waits).toEqual([5_000, 10_000, 20_000]);
    for (let i = 0; i < 100; i++) {
      for (let k = 0; k < settings.missesToLose - 1; k++) one.missed((now += 100));
      one.arrived((now += 100));
    }
    expect(one.lost).toBe(false);
  });

  test('is found by a search that ends, whatever arrives', () => {
    const random = seeded(8899);
    process.stderr.write('seed 8899\n');
    for (let i = 0; i < 2000; i++) {
      const high = random.whole(600, 9000);
      const most = random.whole(204, high - 1);
      const search = new SizeSearch(204, high);
      let rounds = 0;
      for (; !search.done; rounds++) {
        const rungs = search.rungs();
        // A packet in ten is lost besides: too small is no harm.
        const lossy = i % 2 === 1;
        search.take(rungs, new Set(rungs.filter((size) => size <= most && !(lossy && random.chance(0.1)))));
        expect(rounds).toBeLessThan(60);
      }
      expect(search.carries).toBeLessThanOrEqual(most);
      if (i % 2 === 0) expect(search.carries).toBeGreaterThan(most - 9);
    }
  });
});
