import { LoadGuard } from '../../../lib/agent/probe/load-guard';
import { session, probePair } from '../../support/probe-pair';
import { mirrorPair } from '../../support/probe-mirror';
import { seeded } from '../../support/random-seeded';

const dead = () => null;

/** Wakes up each 5 ms for so long, late by what `lateMs` says. */
function wake(guard: LoadGuard, fromMs: number, forMs: number, lateMs: () => number): number {
  for (let now = fromMs; now < fromMs + forMs; now += 5) guard.wokeUp(now, lateMs(), 20);
  return guard.stretch;
}

describe('a machine', () => {
  test('that is on time is probed by as fast as asked for, stalls now and then or not', () => {
    const guard = new LoadGuard(0);
    const seed = 5880;
    const random = seeded(seed);
    const stalls = () => (random.next() < 0.1 ? 5 + random.next() * 200 : random.next());
    expect(wake(guard, 0, 600_000, stalls)).toBe(1);
    process.stderr.write(`seed ${seed}\n`);
  });

  test('that cannot keep up is probed by more slowly until it can, then slowly faster', () => {
    const guard = new LoadGuard(0);
    // The more is asked of it the later it is: on time at three times the interval.
    const load = () => (guard.stretch >= 3 ? 0.5 : 40 / guard.stretch);
    const reached = wake(guard, 0, 8000, load);
    expect(reached).toBeGreaterThanOrEqual(3);
    expect(reached).toBeLessThan(3 * 1.25);
    // It tries now and then whether more can be had, and takes it back.
    const seen: number[] = [];
    for (let now = 8000; now < 120_000; now += 1000) seen.push(wake(guard, now, 1000, load));
    expect(Math.min(...seen)).toBeGreaterThan(2.5);
    expect(Math.max(...seen)).toBeLessThan(3.6);
    expect(wake(guard, 120_000, 300_000, () => 0.5)).toBe(1);
    expect(wake(guard, 420_000, 300_000, () => 500)).toBe(10);
  });
});

test('a prober on an overloaded machine stretches its intervals, and says so', async () => {
  const { network, a, prober, said } = await probePair([session(1)]);
  network.run(2000);
  expect(prober.stretch).toBe(1);
  for (let now = 2010; now < 12_000; now += 20) {
    network.run(now);
    a.stall(now + 19);
  }
  expect(prober.stretch).toBeGreaterThan(1.2);
  expect(prober.statistics('tunnel:1')!.intervalMs).toBeGreaterThan(20);
  network.run(120_000);
  expect([prober.stretch, prober.statistics('tunnel:1')!.intervalMs]).toEqual([1, 20]);
  expect(said.map((s) => s.health)).not.toContain('down');
});

test('a gateway that cannot keep up is asked no faster than it asks others', async () => {
  const { network, a, b } = await mirrorPair(1);
  network.run(2000);
  // b follows: it is a that sends, and learns from b's answers that it has to send less.
  for (let now = 2010; now < 8000; now += 20) {
    network.run(now);
    b.host.stall(now + 19);
  }
  expect(b.prober.stretch).toBeGreaterThan(1.2);
  expect(a.prober.stretch).toBe(1);
  network.run(8100);
  const [asked, asks] = [a, b].map((end) => end.prober.statistics('tunnel:1')!.intervalMs);
  expect(asked).toBe(asks);
  expect(asked).toBeGreaterThanOrEqual(20 * b.prober.stretch);
  network.run(200_000);
  expect(a.prober.statistics('tunnel:1')!.intervalMs).toBe(20);
});

test('what has been silent for a second is asked ten times a second, and fast again with its first answer', async () => {
  const { network, fate, prober, said } = await probePair([session(1)]);
  network.run(1000);
  fate(0, dead, dead);
  network.run(3000);
  const before = prober.statistics('tunnel:1')!.sent;
  network.run(8000);
  expect(prober.statistics('tunnel:1')!.sent - before).toBe(50);
  fate(
    0,
    () => 1,
    () => 1,
  );
  network.run(8160);
  expect(said.map((s) => s.health)).toEqual(['up', 'down', 'up']);
});
