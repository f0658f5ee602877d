import { RecordedHistogram, rttBounds } from '../../../lib/agent/probe/histogram';
import { LossWindow } from '../../../lib/agent/probe/loss-window';
import { errorEstimate, setNtpTime } from '../../../lib/agent/probe/ntp-time';
import { emptyReport } from '../../../lib/agent/probe/session-report';
import { SessionRecord, type AnswerFields } from '../../../lib/agent/probe/session-record';
import { probePair, session } from '../../support/probe-pair';
import { seeded } from '../../support/random-seeded';

const unixMs = Date.UTC(2026, 10, 25);
const ntp = (ms: number) => {
  const time = { seconds: 0, fraction: 0 };
  setNtpTime(time, ms);
  return time;
};

/** One exchange on a record: all instants in ms, the reflector's by its own clock. */
function exchange(
  record: SessionRecord,
  t1: number,
  t2: number,
  t3: number,
  t4: number,
  error = [0, 0],
): number {
  record.send(t1, ntp(unixMs + t1));
  const answer: AnswerFields = {
    sequence: record.sent - 1,
    reflectorSequence: record.received,
    echoed: ntp(unixMs + t1),
    received: ntp(unixMs + t2),
    sent: ntp(unixMs + t3),
    error: error[1],
  };
  return record.answer(record.probeOf(answer), answer, t4, ntp(unixMs + t4), error[0], true);
}

describe('a round-trip time', () => {
  test('is (T4 - T1) - (T3 - T2), whatever the other clock shows', () => {
    for (const offset of [0, 5_000, -86_400_000]) {
      const rtt = exchange(new SessionRecord(), 100, 110 + offset, 113 + offset, 125);
      expect(rtt).toBeCloseTo(25 - 3, 3);
    }
  });

  test('is not shortened by a reflector that claims to have held the probe for longer than it was away', () => {
    expect(exchange(new SessionRecord(), 100, 110, 400, 125)).toBeCloseTo(25, 6);
    expect(exchange(new SessionRecord(), 100, 110, 90, 125)).toBeCloseTo(25, 6);
  });

  test('of a minute is not believed: something held the packet, as WireGuard does until a handshake is done', () => {
    const record = new SessionRecord();
    exchange(record, 0, 5, 5, 20);
    expect(exchange(record, 100, 59_930, 59_930, 59_940)).toBeNaN();
    expect([record.smoothedRttMs, record.received]).toEqual([20, 2]);
  });

  test('of a minute that the far end reports is not taken over', () => {
    const record = new SessionRecord();
    const report = (received: number, rttMs: number) =>
      record.follow({ ...emptyReport(), health: 'up', received, rttMs });
    report(1, 20);
    report(2, 20);
    expect([report(3, 59_840), record.lastRttMs, record.smoothedRttMs]).toEqual([true, NaN, 20]);
  });

  test('is smoothed as in RFC 6298 section 2', () => {
    const record = new SessionRecord();
    const rtts = [20, 28, 20, 60, 21];
    let [smoothed, variation] = [NaN, NaN];
    rtts.forEach((rtt, i) => {
      exchange(record, i * 100, i * 100 + 5, i * 100 + 5, i * 100 + rtt);
      if (i === 0) [smoothed, variation] = [rtt, rtt / 2];
      else {
        variation = 0.75 * variation + 0.25 * Math.abs(smoothed - rtt);
        smoothed = 0.875 * smoothed + 0.125 * rtt;
      }
    });
    expect(record.smoothedRttMs).toBeCloseTo(smoothed, 9);
    expect(record.rttVariationMs).toBeCloseTo(variation, 9);
  });

  test('falls into the bucket of the least bound that it does not exceed', () => {
    const histogram = new RecordedHistogram(rttBounds);
    const values = [0.0001, 0.0005, 0.00051, 0.02, 0.0200001, 0.9, 1, 1.01, 7];
    values.forEach((value) => histogram.observe(value));
    const cumulative = (bound: number) => values.filter((value) => value <= bound).length;
    let sum = 0;
    rttBounds.forEach((bound, i) => expect((sum += histogram.counts[i])).toBe(cumulative(bound)));
    expect(sum + histogram.counts[rttBounds.length]).toBe(values.length);
    expect(histogram.count).toBe(values.length);
    expect(histogram.sum).toBeCloseTo(
      values.reduce((total, value) => total + value, 0),
      12,
    );
  });
});

describe('jitter', () => {
  test('is that of RFC 3550 section 6.4.1 in either direction, free of the offset between the clocks', () => {
    const seed = 3550;
    const random = seeded(seed);
    for (const offset of [0, 7_200_000]) {
      const record = new SessionRecord();
      let [forward, backward, there, back] = [0, 0, NaN, NaN];
      for (let i = 0; i < 500; i++) {
        const t1 = i * 20;
        const [out, home] = [5 + random.next() * 3, 5 + random.next()];
        exchange(record, t1, t1 + out + offset, t1 + out + offset + 0.1, t1 + out + 0.1 + home);
        if (i > 0) {
          forward += (Math.abs(out - there) - forward) / 16;
          backward += (Math.abs(home - back) - backward) / 16;
        }
        [there, back] = [out, home];
      }
      expect(record.jitterForwardMs).toBeCloseTo(forward, 2);
      expect(record.jitterBackwardMs).toBeCloseTo(backward, 2);
    }
  });
});

describe('a one-way delay', () => {
  test('is given with the error of both clocks where both claim to be synchronised', () => {
    const record = new SessionRecord();
    const error = [errorEstimate(0.001), errorEstimate(0.004)];
    exchange(record, 100, 112, 113, 121, error);
    expect(record.oneWay!.forward).toBeCloseTo(0.012, 6);
    expect(record.oneWay!.backward).toBeCloseTo(0.008, 6);
    expect(record.oneWay!.error).toBeCloseTo(0.005, 4);
  });

  test.each([
    ['ours', null, 0.001],
    ['theirs', 0.001, null],
  ])('is not given where %s is not synchronised', (_whose, own, far) => {
    const record = new SessionRecord();
    exchange(record, 100, 112, 113, 121, [errorEstimate(own), errorEstimate(far)]);
    expect(record.oneWay).toBeNull();
  });
});

describe('loss', () => {
  test('is counted by direction exactly as the network lost it, over outages of any length', async () => {
    const seed = 7680;
    process.stderr.write(`seed ${seed}\n`);
    const random = seeded(seed);
    for (let run = 0; run < 12; run++) {
      const { network, fate, prober } = await probePair([session(1)]);
      const lost = { there: 0, back: 0 };
      const lose = (way: 'there' | 'back', share: number) => () => {
        if (!random.chance(share)) return 3 + random.next();
        lost[way]++;
        return null;
      };
      let now = 0;
      for (let phase = 0; phase < 6; phase++) {
        const share = random.pick([0, 0.02, 0.3, 0.9, 1]);
        fate(0, lose('there', share), lose('back', random.pick([0, 0.02, 0.3, 1])));
        now += random.whole(200, 12_000);
        network.run(now);
      }
      // Enough answers to judge all that was sent before.
      fate(
        0,
        () => 3,
        () => 3,
      );
      network.run(now + 500);
      const { sent, received, late, lostForward, lostBackward } = prober.statistics('tunnel:1')!;
      expect([run, lostForward, lostBackward, late]).toEqual([run, lost.there, lost.back, 0]);
      expect(sent - received - lostForward - lostBackward).toBeLessThanOrEqual(1);
    }
  });

  test('is not what comes out of order by fewer than three, and every probe is counted once', async () => {
    const random = seeded(3);
    const { network, fate, prober } = await probePair([session(1, { plannedRttMs: 200 })]);
    fate(
      0,
      () => 5 + random.next() * 45,
      () => 5,
    );
    network.run(20_000);
    const near = prober.statistics('tunnel:1')!;
    expect([near.lostForward + near.lostBackward, near.late]).toEqual([0, 0]);
    fate(
      0,
      () => 5 + random.next() * 195,
      () => 5,
    );
    network.run(40_000);
    fate(
      0,
      () => 5,
      () => 5,
    );
    network.run(41_000);
    const far = prober.statistics('tunnel:1')!;
    expect(far.late).toBeGreaterThan(0);
    expect(far.lostForward + far.lostBackward).toBe(far.late);
    expect(far.sent - far.received).toBeLessThanOrEqual(11);
  });

  test('of a reflector that begins anew is still counted, though its direction is not known', () => {
    const record = new SessionRecord();
    const answer = (probe: number, reflected: number) => {
      const fields: AnswerFields = {
        sequence: probe,
        reflectorSequence: reflected,
        echoed: ntp(unixMs + probe * 20),
        received: ntp(unixMs),
        sent: ntp(unixMs),
        error: 0,
      };
      expect(record.probeOf(fields)).toBe(probe);
      record.answer(probe, fields, probe * 20 + 5, ntp(unixMs), 0, true);
    };
    for (let i = 0; i < 40; i++) record.send(i * 20, ntp(unixMs + i * 20));
    for (let i = 0; i < 10; i++) answer(i, i);
    for (let i = 15; i < 40; i++) answer(i, i - 15);
    expect([record.lostForward, record.lostBackward]).toEqual([5, 0]);
  });

  test('ratio is that of the last 128 judged', () => {
    const seed = 128;
    const random = seeded(seed);
    const window = new LossWindow();
    const all: boolean[] = [];
    expect(window.ratio).toBe(0);
    for (let i = 0; i < 2000; i++) {
      const lost = random.chance(0.3);
      window.push(lost);
      all.push(lost);
      const recent = all.slice(-128);
      expect(window.lost).toBe(recent.filter(Boolean).length);
      expect(window.ratio).toBeCloseTo(window.lost / recent.length, 12);
    }
  });
});
