import { StepFunction } from '../../lib/reservation/step-function';
import { PlainSteps } from '../reference/reservation-plain-steps';
import { seeded } from '../support/random-seeded';

describe('the step function, seeds from 1', () => {
  it('equals a plain list of additions in every answer', () => {
    for (let seed = 1; seed <= 60; seed++) {
      const random = seeded(seed);
      const [fast, plain] = [new StepFunction(), new PlainSteps()];
      const span = random.pick([30, 400]);
      for (let i = 0; i < 60; i++) {
        const start = random.chance(0.05) ? -Infinity : random.whole(0, span);
        const end = random.chance(0.05) ? Infinity : random.whole(0, span);
        const amount = random.whole(-3, 6);
        fast.add(start, end, amount);
        plain.add(start, end, amount);
        const from = random.whole(0, span);
        const to = random.chance(0.1) ? Infinity : from + random.whole(1, span);
        const limit = random.whole(-2, 20);
        const name = `seed ${seed}, step ${i}`;
        expect([name, fast.maxOver(from, to)]).toEqual([name, plain.maxOver(from, to)]);
        expect(fast.maxOver(from, to, limit)).toBe(Math.max(limit, plain.maxOver(from, to)));
        expect([name, fast.endOfLastAbove(from, to, limit)]).toEqual([
          name,
          plain.endOfLastAbove(from, to, limit),
        ]);
        const above: number[] = [];
        fast.forEachAbove(from, to, limit, (a, b, value) => {
          expect(plain.maxOver(a, b)).toBe(value);
          if (above.length > 0) expect(a).toBeGreaterThanOrEqual(above[above.length - 1]);
          above.push(b);
        });
        expect(above.length > 0).toBe(plain.maxOver(from, to) > limit);
      }
      expect([seed, fast.steps()]).toEqual([seed, plain.steps()]);
    }
  });

  it('of several components equals a plain list for each of them', () => {
    for (let seed = 101; seed <= 140; seed++) {
      const random = seeded(seed);
      const width = random.whole(2, 6);
      const fast = new StepFunction(width);
      const plain = Array.from({ length: width }, () => new PlainSteps());
      const all = plain.map((_, p) => p);
      const span = random.pick([30, 2000]);
      for (let i = 0; i < 120; i++) {
        const start = random.chance(0.05) ? -Infinity : random.whole(0, span);
        const end = random.chance(0.05) ? Infinity : start + random.whole(0, 30);
        const amount = random.whole(-2, 6);
        const parts = all.filter(() => random.chance(0.5));
        fast.add(start, end, amount, parts);
        for (const p of parts) plain[p].add(start, end, amount);
        const from = random.whole(0, span);
        const to = from + random.whole(1, span);
        const asked = all.filter(() => random.chance(0.5));
        const limits = Float64Array.from(all, () => random.whole(-2, 20));
        const over = asked.some((p) => plain[p].maxOver(from, to) > limits[p] - 3);
        const name = `seed ${seed}, step ${i}`;
        expect([name, fast.exceeds(from, to, limits, 0, 3, asked)]).toEqual([name, over]);
        const p = random.pick(all);
        expect([name, fast.maxOver(from, to, -Infinity, p)]).toEqual([name, plain[p].maxOver(from, to)]);
        expect([name, fast.endOfLastAbove(from, to, limits[p], p)]).toEqual([
          name,
          plain[p].endOfLastAbove(from, to, limits[p]),
        ]);
        // A stretch is as long as the component keeps its value, whatever the others do.
        const stretches: [number, number, number][] = [];
        fast.forEachAbove(from, to, limits[p], (a, b, value) => stretches.push([a, b, value]), p);
        const right = plain[p].steps().flatMap(([t, value], k, steps): [number, number, number][] => {
          const next = steps[k + 1]?.[0] ?? Infinity;
          if (value <= limits[p] || next <= from || t >= to) return [];
          return [[Math.max(t, from), Math.min(next, to), value]];
        });
        expect([name, stretches]).toEqual([name, right]);
      }
      for (const p of all) expect([seed, fast.steps(p)]).toEqual([seed, plain[p].steps()]);
    }
  });

  it('of thousands of steps equals itself as one array, and is zero again when all is taken back', () => {
    const random = seeded(3);
    const fast = new StepFunction();
    const span = 20_000;
    const values = new Float64Array(span);
    const added: [number, number, number][] = [];
    for (let i = 0; i < 4000; i++) {
      const start = random.whole(0, span - 1);
      const end = Math.min(span, start + random.whole(1, random.pick([10, 100, span])));
      const amount = random.whole(1, 1000);
      fast.add(start, end, amount);
      for (let t = start; t < end; t++) values[t] += amount;
      added.push([start, end, amount]);
      const from = random.whole(0, span - 1);
      const to = Math.min(span, from + random.whole(1, random.pick([10, 3000])));
      let most = -Infinity;
      for (let t = from; t < to; t++) most = Math.max(most, values[t]);
      expect(fast.maxOver(from, to)).toBe(most);
    }
    while (added.length > 0) {
      const [[start, end, amount]] = added.splice(random.whole(0, added.length - 1), 1);
      fast.add(start, end, -amount);
    }
    expect(fast.steps()).toEqual([[-Infinity, 0]]);
  });
});
