import { loadSolver } from '../../lib/project/solver';
import type { FixedFlow } from '../../lib/traffic/fill-fairly';
import { fillFairly } from '../../lib/traffic/fill-fairly';
import { fixedLpMaxMin } from '../reference/traffic-fixed-lp';
import { rationalFilling } from '../reference/traffic-rational-filling';
import type { Seeded } from '../support/random-seeded';
import { seeded } from '../support/random-seeded';

const seed = 20261130;

/** Demands over one link that is full, beside demands over one with room for more than half of theirs. */
function fullBesideEmpty(random: Seeded, onFull: number, onEmpty: number) {
  const flow = (arc: number): FixedFlow => ({
    mbps: (100_000 * random.next() + 100) / 3,
    paths: [{ arcs: [arc], share: 1 }],
  });
  const full = Array.from({ length: onFull }, () => flow(0));
  const empty = Array.from({ length: onEmpty }, () => flow(1));
  const offered = (list: readonly FixedFlow[]) => list.reduce((sum, f) => sum + f.mbps, 0);
  const capacity = [0.49 * offered(full), 0.785 * offered(empty)];
  return { capacity, flows: [...full, ...empty] };
}

/** Up to eight links and eight demands of one to three paths; figures that do not add up evenly. */
function randomCase(random: Seeded) {
  const unit = random.pick([1, 1, 40, 400]);
  const capacity = Array.from({ length: random.whole(1, 8) }, () =>
    random.chance(0.05)
      ? 0
      : unit * (random.chance(0.5) ? random.whole(1, 40) * 25 : (3000 * random.next()) / 7),
  );
  const flows = Array.from({ length: random.whole(1, 8) }, (): FixedFlow => {
    const weights = Array.from({ length: random.whole(1, 3) }, () => random.whole(1, 16));
    const units = weights.reduce((x, y) => x + y, 0);
    const paths = weights.map((weight) => {
      const arcs = [...capacity.keys()].filter(() => random.chance(0.35));
      return { arcs: arcs.length > 0 ? arcs : [random.whole(0, capacity.length - 1)], share: weight / units };
    });
    const mbps = unit * (random.chance(0.5) ? random.whole(1, 20) * 50 : (2700 * random.next() + 3) / 7);
    return { mbps, paths, ...(random.chance(0.2) ? { mostRatio: random.next() } : {}) };
  });
  return { capacity, flows };
}

function expectNear(found: ArrayLike<number>, right: readonly number[], tolerance: number, what: string) {
  const off = right.findIndex((r, i) => !(Math.abs(found[i] - r) <= tolerance));
  if (off !== -1) throw new Error(`${what}: demand ${off} gets ${found[off]}, not ${right[off]}`);
}

describe(`a fair part of full links, seed ${seed}`, () => {
  it('is all that an empty link has, whatever digits a full one beside it leaves', () => {
    const random = seeded(seed);
    for (let n = 0; n < 1000; n++) {
      const { capacity, flows } = fullBesideEmpty(random, 10, 20);
      const right = flows.map(({ paths }) => (paths[0].arcs[0] === 0 ? 0.49 : 0.785));
      expectNear(fillFairly(Float64Array.from(capacity), flows), right, 1e-12, `case ${n}`);
    }
  });

  it('equals filling in exact fractions', () => {
    const random = seeded(seed + 1);
    for (let n = 0; n < 400; n++) {
      const { capacity, flows } =
        n % 8 === 0 ? fullBesideEmpty(random, random.whole(2, 6), random.whole(2, 6)) : randomCase(random);
      const right = rationalFilling(capacity, flows);
      expectNear(fillFairly(Float64Array.from(capacity), flows), right, 1e-11, `case ${n}`);
    }
  });

  it('equals the lexicographic max-min of linear programs in 10,000 cases', () => {
    const solver = loadSolver();
    const random = seeded(seed + 2);
    let [levels, partly] = [0, 0];
    for (let n = 0; n < 10_000; n++) {
      const { capacity, flows } =
        n % 10 === 0 ? fullBesideEmpty(random, random.whole(2, 6), random.whole(2, 6)) : randomCase(random);
      const right = fixedLpMaxMin(solver, capacity, flows);
      const found = fillFairly(Float64Array.from(capacity), flows);
      expectNear(found, right, 1e-6, `case ${n}`);
      levels += new Set(right.map((r) => r.toFixed(6))).size;
      partly += right.filter((r) => r > 1e-6 && r < 1 - 1e-6).length;
    }
    process.stderr.write(`10000 cases: ${levels} levels, ${partly} demands carried in part\n`);
    expect(levels).toBeGreaterThan(15_000);
    expect(partly).toBeGreaterThan(30_000);
  });
});
