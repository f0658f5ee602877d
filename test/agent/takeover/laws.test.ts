import { seeded } from '../../support/random-seeded';
import { TakeoverWorld } from '../../support/takeover-world';

const [one, two] = ['dublin/1', 'dublin/2'] as const;
const seed = Number(process.env.SEED ?? 18);

/** Both have started, heard each other, and nothing is wrong. */
function steady(own = seed): TakeoverWorld {
  const world = new TakeoverWorld(seeded(own));
  world.run(100_000);
  expect(world.isHome()).toBe(true);
  world.moves.splice(0);
  return world;
}

/** Ms until something holds; fails after a minute. */
function until(world: TakeoverWorld, holds: () => boolean): number {
  const from = world.nowMs;
  while (!holds()) {
    world.run(20);
    if (world.nowMs - from > 60_000) throw new Error(`never: ${world.told.join('\n')}`);
  }
  return world.nowMs - from;
}

const print = (text: string) => void process.stdout.write(`${text}\n`);

describe('two gateways of a region', () => {
  it.each(['dead', 'hung', 'cutOff', 'drained'] as const)(
    'have one stand in for the other within 3 s when that is %s, and routes go home once',
    (fault) => {
      const times = Array.from({ length: 10 }, (_, i) => {
        const world = steady(seed + i);
        world.faults.get(one)![fault] = true;
        const took = until(world, () => world.ownsAll(two));
        world.run(30_000);
        if (fault === 'dead') world.revive(one);
        else world.faults.get(one)![fault] = false;
        world.run(20_000);
        expect(world.ownsAll(two)).toBe(true);
        world.run(60_000);
        expect(world.isHome()).toBe(true);
        expect(world.moves).toHaveLength(8);
        return took;
      });
      print(`${fault}: ${Math.min(...times)} to ${Math.max(...times)} ms, 10 worlds from seed ${seed}`);
      expect(Math.max(...times)).toBeLessThan(3000);
    },
  );

  it('move nothing when they cannot hear each other, and the one that lives stands in all the same', () => {
    const times = Array.from({ length: 5 }, (_, i) => {
      const world = steady(seed + i);
      world.neighbourCut = true;
      world.run(300_000);
      expect(world.moves).toEqual([]);
      world.faults.get(two)!.dead = true;
      return until(world, () => world.ownsAll(one));
    });
    print(`dead while unheard: at most ${Math.max(...times)} ms, 5 worlds from seed ${seed}`);
    expect(Math.max(...times)).toBeLessThan(20_000);
  });

  it('do not take an objection of before for a sign of life, once they have heard each other again', () => {
    const world = steady();
    world.neighbourCut = true;
    world.run(17_000);
    world.neighbourCut = false;
    world.run(3000);
    expect(world.moves).toEqual([]);
    world.faults.get(one)!.dead = true;
    expect(until(world, () => world.ownsAll(two))).toBeLessThan(3000);
  });

  it("move nothing when the cloud's API does not answer one of them, or both", () => {
    const world = steady();
    world.faults.get(one)!.noApi = true;
    world.run(300_000);
    world.faults.get(two)!.noApi = true;
    world.run(300_000);
    expect(world.moves).toEqual([]);
    expect(world.isHome()).toBe(true);
  });

  it('move nothing when both are cut off from all others', () => {
    const world = steady();
    world.faults.get(one)!.cutOff = true;
    world.faults.get(two)!.cutOff = true;
    world.run(300_000);
    expect(world.moves).toEqual([]);
  });

  it('wait longer each time before routes go home to one that comes and goes', () => {
    const world = steady();
    const homes: number[] = [];
    for (let i = 0; i < 4; i++) {
      world.faults.get(one)!.hung = true;
      until(world, () => world.ownsAll(two));
      world.faults.get(one)!.hung = false;
      const from = world.nowMs;
      while (!world.isHome()) world.run(100);
      homes.push(Math.round((world.nowMs - from) / 1000));
      world.run(20_000);
    }
    expect(homes.every((s, i) => i === 0 || s > 1.8 * homes[i - 1])).toBe(true);
    expect(homes[0]).toBeLessThan(40);
  });

  it('hold the laws under random faults', () => {
    print(`seed ${seed}`);
    const random = seeded(seed);
    let changes = 0;
    for (let run = 0; run < 6; run++) {
      const world = new TakeoverWorld(seeded(seed * 1000 + run));
      const able = new Map([one, two].map((g) => [g, 0]));
      for (let i = 0; i < 25; i++) {
        changes++;
        const gateway = random.pick([one, two]);
        const faults = world.faults.get(gateway)!;
        const kind = random.pick(['dead', 'hung', 'cutOff', 'noApi', 'drained', 'neighbour'] as const);
        if (kind === 'neighbour') world.neighbourCut = !world.neighbourCut;
        else if (kind === 'dead' && faults.dead) world.revive(gateway);
        else faults[kind] = !faults[kind];
        world.moves.splice(0);
        for (const end = world.nowMs + random.pick([300, 2000, 20_000, 200_000]); world.nowMs < end;) {
          world.run(100);
          for (const g of [one, two] as const) {
            if (world.serves(g) && !world.faults.get(g)!.noApi) able.set(g, world.nowMs);
          }
          for (const { by, atMs } of world.moves) {
            // Its own view of its tunnels is a tick old at most, and we look once a tick.
            expect(atMs - able.get(by as typeof one)!).toBeLessThanOrEqual(200);
          }
        }
        const routes = world.moves.map(({ table, destination, by }) => `${table} ${destination} ${by}`);
        // Within one state of the world a route goes to each gateway once at most.
        expect(routes).toHaveLength(new Set(routes).size);
      }
      // Whatever went before: one that is left alone stands in, and when both serve all is at home.
      world.neighbourCut = false;
      for (const g of [one, two] as const) {
        Object.assign(world.faults.get(g)!, { hung: false, cutOff: false, noApi: false, drained: false });
        if (world.faults.get(g)!.dead) world.revive(g);
      }
      world.run(950_000);
      expect(world.isHome()).toBe(true);
      world.faults.get(two)!.hung = true;
      expect(until(world, () => world.ownsAll(one))).toBeLessThan(3000);
    }
    expect(changes).toBe(150);
  });
});
