import {
  defaultProbeSettings,
  probeIntervals,
  type Pace,
  type Paced,
  type ProbeSettings,
} from '../../../lib/agent/probe';
import { sendSlots } from '../../../lib/agent/probe/intervals';
import { seeded } from '../../support/random-seeded';

const timing = { intervalMs: 20, multiplier: 3 };
const tunnel = (name: string, mbps = 1000): Paced => ({
  kind: 'tunnel',
  tunnel: name,
  bandwidthMbps: mbps,
  probeBytes: 160,
  timing,
  pace: 'active',
});
const path = (name: string, pace: Pace, mbps = 1000): Paced => ({
  ...tunnel(name, mbps),
  kind: 'path',
  probeBytes: 240,
  pace,
});
const many = (n: number, session: Paced): Paced[] => Array.from({ length: n }, () => session);
const perSecond = (intervals: readonly number[]) => intervals.reduce((sum, ms) => sum + 1000 / ms, 0);

describe('probe intervals', () => {
  test('are the asked ones for links and active paths and 25 times that on standby, where all fits', () => {
    const sessions = [
      ...many(5, tunnel('t')),
      ...many(6, path('t', 'active')),
      ...many(30, path('t', 'standby')),
    ];
    const intervals = probeIntervals(sessions, defaultProbeSettings);
    expect(new Set(intervals.slice(0, 11))).toEqual(new Set([20]));
    expect(new Set(intervals.slice(11))).toEqual(new Set([500]));
    expect(perSecond(intervals)).toBe(610);
  });

  test('stretch on standby first, then of active paths, last of links, to keep within the CPU budget', () => {
    const settings = { ...defaultProbeSettings, standbyFactor: 10, bandwidthShare: 1, probesPerSecond: 800 };
    const sessions = (paths: number) => [
      ...many(5, tunnel('t')),
      ...many(6, path('t', 'active')),
      ...many(paths, path('t', 'standby')),
    ];
    // T = 250, A = 300 and S = 500 a second on 800: s = 250 / 500.
    expect(probeIntervals(sessions(100), settings).map((ms) => ms)).toEqual([
      ...Array<number>(11).fill(20),
      ...Array<number>(100).fill(400),
    ]);
    // S at its floor, one in 2 s, is 200: a = (800 - 250 - 200) / 300 > 1: nothing else gives way.
    expect(new Set(probeIntervals(sessions(400), settings).slice(0, 11))).toEqual(new Set([20]));
    // At 400 a second T and S leave none: active paths fall to the standby pace, links to what is left.
    const tight = probeIntervals(sessions(400), { ...settings, probesPerSecond: 400 });
    expect(new Set(tight.slice(5, 11))).toEqual(new Set([200]));
    expect(new Set(tight.slice(11))).toEqual(new Set([2000]));
    expect(tight[0]).toBe(30);
    expect(perSecond(tight)).toBeLessThanOrEqual(400);
  });

  test('stretch of raised paths before those of active ones', () => {
    const settings = { ...defaultProbeSettings, bandwidthShare: 1, probesPerSecond: 700 };
    const sessions = [
      ...many(5, tunnel('t')),
      ...many(6, path('t', 'active')),
      ...many(10, path('t', 'raised')),
    ];
    // T = 250, A = 300, R = 500 a second on 700: r = 150 / 500, an interval of 67 ms in slots of 5 ms.
    expect(probeIntervals(sessions, settings)).toEqual([
      ...Array<number>(11).fill(20),
      ...Array<number>(10).fill(70),
    ]);
    // Below what the active ones need, raised paths fall to the standby pace.
    const tight = probeIntervals(sessions, { ...settings, probesPerSecond: 500 });
    expect(new Set(tight.slice(11))).toEqual(new Set([500]));
  });

  test('stretch so that probes of a tunnel take at most the stated share of its rate', () => {
    // 0.5 % of 2 Mbps is 10 kbit/s: a link's probe of 1280 bits each 128 ms; rounded up to whole slots.
    const [slow, fast] = probeIntervals([tunnel('thin', 2), tunnel('thick')], defaultProbeSettings);
    expect([slow, fast]).toEqual([130, 20]);
  });

  test('keep to both budgets or to the floors, for any sessions', () => {
    const seed = 20;
    process.stderr.write(`seed ${seed}\n`);
    const random = seeded(seed);
    for (let run = 0; run < 300; run++) {
      const mbps = Array.from({ length: random.whole(1, 6) }, () => random.pick([0, 1, 10, 100, 5000]));
      const sessions = mbps.flatMap((rate, i) => [
        tunnel(`${i}`, rate),
        ...many(random.whole(0, 6), path(`${i}`, 'active', rate)),
        ...many(random.whole(0, 6), path(`${i}`, 'raised', rate)),
        ...many(random.whole(0, 40), path(`${i}`, 'standby', rate)),
      ]);
      const settings: ProbeSettings = { ...defaultProbeSettings, probesPerSecond: random.whole(50, 2000) };
      const intervals = probeIntervals(sessions, settings);
      const atFloor = (i: number) => {
        const s = sessions[i];
        const floor = s.kind === 'path' && s.pace !== 'standby' ? 500 : 2000;
        return intervals[i] >= floor;
      };
      const loose = sessions.filter((_, i) => !atFloor(i));
      if (loose.length > 0) {
        const used = perSecond(intervals);
        const floors = perSecond(intervals.filter((_, i) => atFloor(i)));
        expect(used - floors).toBeLessThanOrEqual(settings.probesPerSecond + 1e-6);
      }
      mbps.forEach((rate, t) => {
        const own = sessions.map((s, i) => ({ s, i })).filter(({ s }) => s.tunnel === `${t}`);
        const bits = own
          .filter(({ i }) => !atFloor(i))
          .reduce((sum, { s, i }) => sum + (s.probeBytes * 8) / intervals[i], 0);
        expect(bits).toBeLessThanOrEqual(rate * 1000 * settings.bandwidthShare + 1e-6);
      });
      for (const [i, s] of sessions.entries()) {
        expect(intervals[i]).toBeGreaterThanOrEqual(s.pace === 'standby' ? 500 : 20);
        expect(intervals[i] % 5).toBe(0);
      }
    }
  });

  test('share slots: active sessions send together and standby ones in turn with them', () => {
    const every = [4, 4, 4, ...Array<number>(20).fill(40)];
    const slots = sendSlots(every, defaultProbeSettings);
    expect(slots.slice(0, 3)).toEqual([0, 0, 0]);
    expect(new Set(slots.slice(3))).toEqual(new Set([0, 4, 8, 12, 16, 20, 24, 28, 32, 36]));
    expect(sendSlots(every, { ...defaultProbeSettings, batchesPerInterval: 2 }).slice(0, 3)).toEqual([
      0, 2, 0,
    ]);
  });
});
