import type { Health, Pace } from '../../../lib/agent/probe';
import { mirrorPair, type MirrorEnd, type MirrorPair } from '../../support/probe-mirror';
import { peer } from '../../support/probe-pair';
import { seeded } from '../../support/random-seeded';

const ways = (ms: number) => () => ms;
const dead = () => null;
const id = 'tunnel:1';

/** Changes the pace of either end at random, from the first of two, which both begin with, to the other. */
function changePaces(
  { network, a, b }: MirrorPair,
  random: ReturnType<typeof seeded>,
  [first, second]: readonly [Pace, Pace],
  when: { readonly fromMs: number; readonly untilMs: number; readonly mostApartMs: number },
): void {
  const paces = { a: first, b: first };
  for (let now = when.fromMs; now < when.untilMs; now += 20 + random.next() * when.mostApartMs) {
    network.run(now);
    const end = random.next() < 0.5 ? 'a' : 'b';
    paces[end] = paces[end] === first ? second : first;
    (end === 'a' ? a : b).prober.setPace(id, paces[end]);
  }
}

const healths = (end: MirrorEnd, from = 0) => end.said.filter((s) => s.atMs > from).map((s) => s.health);

describe('a way that both ends would probe', () => {
  test('is probed by one, and both know all of it', async () => {
    const { network, a, b, fate, carried } = await mirrorPair(1);
    fate(0, ways(4), ways(2));
    network.run(2000);
    const before = [a, b].map((end) => end.prober.statistics(id)!.sent);
    carried.length = 0;
    network.run(3000);
    const sent = [a, b].map((end, i) => end.prober.statistics(id)!.sent - before[i]);
    expect(sent).toEqual([50, 0]);
    // A probe and its answer in 20 ms, where two ends that probe would have four packets.
    expect(carried).toHaveLength(100);
    for (const end of [a, b]) {
      const { smoothedRtt, lossRatio, intervalMs, detectionMs, rtt } = end.prober.statistics(id)!;
      expect(smoothedRtt).toBeCloseTo(0.006, 3);
      expect([lossRatio, intervalMs, detectionMs]).toEqual([0, 20, 62]);
      expect(rtt.count).toBeGreaterThan(90);
      expect([healths(end), end.suspected]).toEqual([['up'], []]);
    }
  });

  test.each([
    ['both directions', dead, dead, 66],
    ['the direction of the probes', dead, ways(1), 66],
    // The leader finds it out, and its next probe says so.
    ['the direction of the answers', ways(1), dead, 88],
  ])('is down at both ends at once after %s died, whenever', async (_what, there, back, most) => {
    const { network, a, b, fate } = await mirrorPair(1);
    const seed = 20261126;
    const random = seeded(seed);
    const found: number[][] = [[], []];
    let now = 2000;
    for (let run = 0; run < 100; run++) {
      network.run(now);
      fate(0, there, back);
      network.run(now + 500);
      [a, b].forEach((end, i) => {
        const [first, ...more] = end.said.filter((s) => s.atMs > now);
        expect([first.health, more]).toEqual(['down', []]);
        found[i].push(first.atMs - now);
      });
      fate(0, ways(1), ways(1));
      network.run(now + 1000);
      expect([a, b].map((end) => end.prober.health(id))).toEqual(['up', 'up']);
      now += 1200 + random.next() * 40;
    }
    const medians = found.map((list) => [...list].sort((x, y) => x - y)[50]);
    process.stderr.write(
      `seed ${seed}: found after ${medians.map((ms) => ms.toFixed(1)).join(' and ')} ms (median)\n`,
    );
    expect(Math.max(...found.flat())).toBeLessThan(most);
    expect(Math.min(...found.flat())).toBeGreaterThan(38);
    // After each outage the work is shared again.
    const before = b.prober.statistics(id)!.sent;
    network.run(now + 1000);
    expect(b.prober.statistics(id)!.sent).toBe(before);
  });

  test('survives two lost probes in a row, at any time, at both ends', async () => {
    const { network, a, b, fate } = await mirrorPair(1);
    const random = seeded(2);
    for (let now = 500; now < 40_000; now += 3000 + random.next() * 40) {
      network.run(now);
      let lost = 0;
      fate(0, () => (lost++ < 2 ? null : 1 + random.next()), ways(1));
      network.run(now + 200);
      lost = 0;
      fate(0, ways(1), () => (lost++ < 2 ? null : 1 + random.next()));
    }
    expect([a, b].map((end) => healths(end))).toEqual([['up'], ['up']]);
  });

  test('is probed by whoever is quicker, and nobody is taken for silent when that changes', async () => {
    const pair = await mirrorPair(2);
    const { network, a, b } = pair;
    network.run(2000);
    const seed = 8972;
    const random = seeded(seed);
    changePaces(pair, random, ['active', 'standby'], { fromMs: 2000, untilMs: 60_000, mostApartMs: 1500 });
    for (const end of [a, b]) {
      expect([healths(end), end.suspected]).toEqual([['up', 'up'], []]);
    }
    // One that is slow follows one that is quick, and knows as much as it.
    a.prober.setPace(id, 'standby');
    b.prober.setPace(id, 'active');
    network.run(network.nowMs + 2000);
    const before = [a, b].map((end) => end.prober.statistics(id)!.sent);
    network.run(network.nowMs + 1000);
    expect([a, b].map((end, i) => end.prober.statistics(id)!.sent - before[i])).toEqual([0, 50]);
    expect(a.prober.statistics(id)!.intervalMs).toBe(20);
    process.stderr.write(`seed ${seed}\n`);
  });

  test.each([20, 100])('keeps its health over a long way when paces change, at %d ms', async (intervalMs) => {
    const timing = { intervalMs, multiplier: 3 };
    const seed = 345;
    const random = seeded(seed);
    const pair = await mirrorPair(2, { a: timing, b: timing });
    const { network, a, b, fate } = pair;
    const way = () => 345 + random.next();
    fate(0, way, way);
    network.run(4000);
    for (const end of [a, b]) end.prober.setPace(id, 'standby');
    changePaces(pair, random, ['standby', 'raised'], { fromMs: 10_000, untilMs: 600_000, mostApartMs: 4000 });
    process.stderr.write(`seed ${seed}\n`);
    const of = (end: MirrorEnd) => end.said.filter((s) => s.session === id && s.atMs > 10_000);
    expect([a, b].map(of)).toEqual([[], []]);
    const missed = (end: MirrorEnd) => end.suspected.filter((s) => s.session === id && s.atMs > 10_000);
    expect([a, b].map(missed)).toEqual([[], []]);
  });

  test('of different timings is found dead in each end’s own time or sooner', async () => {
    const slow = { intervalMs: 50, multiplier: 3 };
    const { network, a, b, fate } = await mirrorPair(1, { a: slow });
    network.run(2000);
    expect([a, b].map((end) => end.prober.statistics(id)!.detectionMs)).toEqual([62, 62]);
    fate(0, dead, dead);
    network.run(2070);
    expect([a, b].map((end) => end.prober.health(id))).toEqual(['down', 'down']);
  });

  test('gives no false alarm where an end does not run for a while, but the other', async () => {
    const { network, b, said } = await mirrorPair(20).then((pair) => ({ ...pair, said: pair.b.said }));
    network.run(1000);
    said.length = 0;
    const random = seeded(31);
    for (let now = 1000; now < 15_000; now += 900) {
      network.run(now);
      b.host.stall(now + 60 + random.next() * 300);
    }
    network.run(15_000);
    expect(said).toEqual([]);
  });

  test('is up again after either end began anew', async () => {
    const { network, a, b } = await mirrorPair(1);
    network.run(1000);
    for (const end of [a, b]) {
      await end.restart();
      network.run(network.nowMs + 500);
      expect([a, b].map((each) => each.prober.health(id))).toEqual(['up', 'up']);
    }
    const before = b.prober.statistics(id)!.sent;
    network.run(network.nowMs + 500);
    expect(b.prober.statistics(id)!.sent).toBe(before);
  });

  test('is degraded at both ends by a loss of 20 % and by a doubled round trip', async () => {
    const { network, a, b, fate } = await mirrorPair(1);
    const random = seeded(20);
    network.run(3000);
    fate(0, () => (random.next() < 0.2 ? null : 1), ways(1));
    network.run(5000);
    expect([a, b].map((end) => end.prober.health(id))).toEqual(['degraded', 'degraded']);
    expect(b.prober.statistics(id)!.lossRatio).toBeCloseTo(a.prober.statistics(id)!.lossRatio, 1);
    const [lostByA, lostByB] = [a, b].map((end) => end.prober.statistics(id)!);
    // What a loses on the way there, b misses on its way back.
    expect(lostByA.lostForward).toBeGreaterThan(10);
    expect(lostByB.lostBackward).toBeGreaterThan(lostByA.lostForward / 2);
    fate(0, ways(1), ways(1));
    network.run(9000);
    expect([a, b].map((end) => end.prober.health(id))).toEqual(['up', 'up']);
    fate(0, ways(6), ways(6));
    network.run(11_000);
    expect([a, b].map((end) => end.prober.health(id))).toEqual(['degraded', 'degraded']);
    // Nothing is forgotten by an end that has to probe for itself.
    b.prober.setPace(id, 'standby');
    a.prober.setPace(id, 'standby');
    network.run(11_300);
    b.prober.setPace(id, 'active');
    network.run(11_400);
    expect(b.prober.health(id)).toBe('degraded');
  });

  test('is trusted to move to after an answer since its pace was raised', async () => {
    const { network, a, b } = await mirrorPair(1);
    for (const end of [a, b]) end.prober.setPace(id, 'standby');
    network.run(5000);
    for (const end of [a, b]) end.answered.length = 0;
    b.prober.setPace(id, 'raised');
    expect(b.answered).toEqual([]);
    network.run(5060);
    expect(b.answered).toEqual([id]);
    a.prober.setPace(id, 'raised');
    network.run(5120);
    expect(a.answered).toEqual([id]);
  });

  test('that the far end probes for both is polled by a probe of its own', async () => {
    const { network, b } = await mirrorPair(1);
    network.run(5000);
    b.answered.length = 0;
    const own = () => b.prober.statistics(id)!.sent;
    const before = own();
    network.run(6000);
    expect([own() - before, b.answered]).toEqual([0, []]);
    b.prober.poll(id);
    network.run(6100);
    expect(b.answered).toEqual([id]);
    expect(own() - before).toBeLessThanOrEqual(2);
    network.run(7000);
    expect(own() - before).toBeLessThanOrEqual(2);
    expect(b.answered).toEqual([id]);
  });
});

test('of what is late nobody is suspicious until half an interval has passed, in whatever phase', async () => {
  const suspicions = async (lateMs: number) => {
    const { network, fate, a, b } = await mirrorPair(1);
    const random = seeded(5881);
    for (let now = 2000; now < 60_000; now += 2000) {
      network.run(now + 20 * random.next());
      await b.restart();
      network.run(now + 1500);
      fate(0, ways(1 + lateMs), ways(1));
      network.run(now + 1600);
      fate(0, ways(1), ways(1));
    }
    expect([healths(a), new Set(healths(b))]).toEqual([['up'], new Set(['up'])]);
    return [a, b].map((end) => end.suspected.length);
  };
  process.stderr.write('seed 5881\n');
  expect(await suspicions(9)).toEqual([0, 0]);
  for (const times of await suspicions(27)) expect(times).toBeGreaterThan(5);
});

describe('an end that has to probe for itself again', () => {
  test('misses none of the probes that it sent before the other probed for both', async () => {
    const { network, a, b, fate } = await mirrorPair(1);
    const random = seeded(8762);
    network.run(1000);
    for (let run = 0; run < 50; run++) {
      a.prober.setPace(id, 'standby');
      b.prober.setPace(id, 'active');
      network.run(network.nowMs + 1000);
      // Some of b's probes get lost, and before that means anything a probes for both.
      fate(0, ways(1), (bytes) => (bytes[80] === 0 ? null : 1));
      network.run(network.nowMs + 38 + 4 * random.next());
      a.prober.setPace(id, 'active');
      network.run(network.nowMs + 15);
      fate(0, ways(1), ways(1));
      network.run(network.nowMs + 500);
      for (const end of [a, b]) end.prober.setPace(id, 'standby');
      network.run(network.nowMs + 3000 + 500 * random.next());
      b.prober.setPace(id, 'active');
      network.run(network.nowMs + 500);
    }
    expect([a, b].map((end) => healths(end))).not.toContainEqual(expect.arrayContaining(['down']));
  });

  test.each(['active', 'standby'] as const)('begins as soon as the other has stopped: %s', async (pace) => {
    const { network, a, b, fate } = await mirrorPair(2);
    fate(0, ways(10), ways(10));
    network.run(1000);
    b.prober.setPace(id, pace);
    network.run(3000);
    // a has another plan now, in which it does not probe this way.
    a.prober.setSessions(
      a.prober.sessions.filter((s) => s.id !== id),
      [peer('a/1', 'b/1', ['fd00::b:1', 'fd00::b:2'])],
    );
    network.run(6000);
    expect(healths(b)).not.toContain('down');
    expect(b.prober.health(id)).not.toBe('down');
  });

  test('takes what was under way with it when a plan names another mirror or none', async () => {
    const { network, a, b, fate } = await mirrorPair(1);
    fate(0, ways(30), ways(30));
    network.run(2000);
    const [with_] = b.prober.sessions;
    for (let now = 2000; now < 6000; now += 517) {
      network.run(now);
      const none = now % 2 === 0;
      for (const [end, own, far] of [
        [a, 'a', 'b'],
        [b, 'b', 'a'],
      ] as const) {
        const [session] = end.prober.sessions;
        const mirror = none ? null : { source: `fd00::${far}:1`, leads: own === 'a' };
        end.prober.setSessions([{ ...session, mirror }], [peer(`${own}/1`, `${far}/1`, [`fd00::${far}:1`])]);
      }
    }
    expect(with_.mirror).not.toBeNull();
    expect([a, b].map((end) => healths(end))).not.toContainEqual(expect.arrayContaining(['down']));
  });

  test('finds out in its own time that nothing gets through to the other, however patient that is', async () => {
    const patient = { intervalMs: 15, multiplier: 20 };
    const { network, b, fate } = await mirrorPair(1, { a: patient });
    network.run(2000);
    expect(b.prober.statistics(id)!.intervalMs).toBe(15);
    fate(0, ways(1), dead);
    network.run(2300);
    expect(healths(b, 2000)).toEqual(['down']);
    expect(b.said.at(-1)!.atMs).toBeLessThan(2110);
  });

  test('takes no report for the answer that a raised pace asks for', async () => {
    const { network, a, b, fate } = await mirrorPair(1);
    fate(0, ways(50), ways(50));
    b.prober.setPace(id, 'standby');
    network.run(3000);
    b.answered.length = 0;
    // Reports of better days are still under way.
    fate(0, dead, dead);
    b.prober.setPace(id, 'raised');
    network.run(3300);
    expect([a, b].map((end) => end.prober.health(id))).toEqual(['down', 'down']);
    expect(b.answered).toEqual([]);
  });
});

describe('a report', () => {
  test('of one way is nothing on another', async () => {
    const { network, b, carried } = await mirrorPair(2);
    network.run(1000);
    // Answers say the hop limit of the probe, probes nothing at that place.
    const [one, two] = [0, 1].map((way) =>
      carried.filter((c) => c.from === 'a' && c.way === way && c.bytes[80] === 0),
    );
    for (let k = 0; k < 20; k++) {
      // A probe that is authentic, with a report that is, of the same number and to the same gateway.
      const probe = Buffer.from(two[k].bytes);
      expect(probe.readUInt32BE(0)).toBe(one[k].bytes.readUInt32BE(0));
      one[k].bytes.copy(probe, 112, 112);
      // It has begun anew and remembers no numbers.
      await b.restart();
      b.host.arrive(862, { bytes: probe, from: 'fd00::a:2', fromPort: 40_001 });
      network.run(network.nowMs + 0.1);
      expect(b.prober.reflector.refusals.forged).toBe(1);
    }
  });

  test('that is forged, old or seen before holds up no way that is dead', async () => {
    const { network, a, b, fate, carried } = await mirrorPair(1);
    network.run(2000);
    const probes = carried.filter((c) => c.from === 'a' && c.bytes.length === 180);
    fate(0, dead, dead);
    const random = seeded(8762);
    // Each ms somebody on the path hands b a probe that a has sent before, as it was or with octets changed.
    for (let now = 2000; now < 2500; now += 1) {
      const { bytes } = probes[Math.floor(random.next() * probes.length)];
      const packet = Buffer.from(bytes);
      if (random.next() < 0.7) packet[Math.floor(random.next() * packet.length)] ^= 1 << (random.next() * 8);
      b.host.arrive(862, { bytes: packet, from: 'fd00::a:1', fromPort: 40_001 });
      network.run(now);
    }
    expect([a, b].map((end) => healths(end, 2000))).toEqual([['down'], ['down']]);
    expect(b.said.at(-1)!.atMs).toBeLessThan(2066);
    const { forged, replayed } = b.prober.reflector.refusals;
    expect(forged + replayed).toBe(500);
  });

  test('tells at most what a peer may know of its own session', async () => {
    // Two ways: the reports of one say nothing of the other.
    const { network, a, b, fate } = await mirrorPair(2);
    network.run(2000);
    fate(1, dead, dead);
    network.run(3000);
    const all = (end: MirrorEnd): (Health | undefined)[] =>
      ['tunnel:1', 'tunnel:2'].map((each) => end.prober.health(each));
    expect([all(a), all(b)]).toEqual([
      ['up', 'down'],
      ['up', 'down'],
    ]);
  });
});

test('random failures: both ends agree with the truth after each', async () => {
  const { network, a, b, fate } = await mirrorPair(4);
  const seed = 4747;
  const random = seeded(seed);
  const lives = [true, true, true, true];
  for (let step = 0; step < 2000; step++) {
    const k = Math.floor(random.next() * 4);
    const kind = random.next();
    if (kind < 0.4) {
      lives[k] = !lives[k];
      const [there, back] =
        random.next() < 0.6 ? [dead, dead] : random.next() < 0.5 ? [dead, ways(1)] : [ways(1), dead];
      fate(k, lives[k] ? ways(1) : there, lives[k] ? ways(1) : back);
    } else if (kind < 0.9) {
      const end = random.next() < 0.5 ? a : b;
      end.prober.setPace(`tunnel:${k + 1}`, random.next() < 0.5 ? 'active' : 'standby');
    } else if (kind < 0.92) await (random.next() < 0.5 ? a : b).restart();
    network.run(network.nowMs + random.next() * 300);
    if (step % 10 < 9) continue;
    network.run(network.nowMs + 4000);
    const seen = [a, b].map((end) => lives.map((_, i) => end.prober.health(`tunnel:${i + 1}`) !== 'down'));
    expect([step, ...seen]).toEqual([step, lives, lives]);
  }
  process.stderr.write(`seed ${seed}\n`);
});
