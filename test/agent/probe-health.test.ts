import { probePair, session } from '../support/probe-pair';
import { seeded } from '../support/random-seeded';

const ways = (ms: number) => () => ms;
const dead = () => null;

describe('a session', () => {
  test('is up after three answers and nothing is said before', async () => {
    const { network, prober, said } = await probePair([session(1)]);
    network.run(40);
    expect(prober.health('tunnel:1')).toBeUndefined();
    network.run(500);
    expect(said.map((s) => [s.health, s.cause])).toEqual([['up', '3 answers in a row']]);
    expect(said[0].atMs).toBeLessThanOrEqual(70);
  });

  test('is down some 60 ms after the last answer at 20 ms x 3, whenever the path dies', async () => {
    const { network, fate, said } = await probePair([session(1)]);
    const seed = 20261125;
    const random = seeded(seed);
    const outages: number[] = [];
    let now = 2000;
    for (let run = 0; run < 200; run++) {
      network.run(now);
      fate(0, dead, dead);
      const died = now;
      said.length = 0;
      now += 500;
      network.run(now);
      expect(said.map((s) => s.health)).toEqual(['down']);
      outages.push(said[0].atMs - died);
      fate(0, ways(1), ways(1));
      now += 3000 + random.next() * 40;
    }
    outages.sort((x, y) => x - y);
    process.stderr.write(
      `seed ${seed}: detection median ${outages[100].toFixed(1)} ms, most ${outages[199].toFixed(1)} ms\n`,
    );
    expect(outages[0]).toBeGreaterThan(38);
    expect(outages[199]).toBeLessThan(66);
  });
});
