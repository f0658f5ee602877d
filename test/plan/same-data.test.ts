import { encodeCanonical } from '../../lib/plan';
import { encodeEntries, joinEntries } from '../../lib/plan/encode';
import { isSameData } from '../../lib/plan/same-data';
import { seeded, type Seeded } from '../support/random-seeded';

const seed = 20270312;

function randomData(random: Seeded, depth: number): unknown {
  const kind = random.whole(0, depth > 2 ? 5 : 8);
  if (kind <= 5) return [null, true, 0, -0, random.whole(0, 2) / 2, random.pick(['', 'a', '0', 'é'])][kind];
  if (kind === 6) return Array.from({ length: random.whole(0, 2) }, () => randomData(random, depth + 1));
  const keys = ['a', 'b', '__proto', 'c'].filter(() => random.chance(0.4));
  if (random.chance(0.5)) keys.reverse();
  return Object.fromEntries(keys.map((key) => [key, randomData(random, depth + 1)]));
}

/** The canonical text as its definition has it: sorted first, then broken into lines at two levels. */
function slowText(value: unknown, depth = 0): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value === 0 ? 0 : value);
  const entries = Array.isArray(value)
    ? value.map((entry: unknown) => slowText(entry, depth + 1))
    : Object.entries(value)
        .sort(([x], [y]) => (x < y ? -1 : 1))
        .map(([key, entry]) => `${JSON.stringify(key)}: ${slowText(entry, depth + 1)}`);
  const [open, close] = Array.isArray(value) ? ['[', ']'] : ['{', '}'];
  if (entries.length === 0) return open + close;
  if (depth > 1) return open + entries.join(', ') + close;
  const line = `\n${'  '.repeat(depth)}`;
  return `${open}${line}  ${entries.join(`,${line}  `)}${line}${close}`;
}

describe(`plain data, seed ${seed}`, () => {
  it('is the same exactly where its canonical text is', () => {
    const random = seeded(seed);
    const values = Array.from({ length: 400 }, () => randomData(random, 0));
    let same = 0;
    for (const a of values) {
      for (const b of values) {
        const equal = encodeCanonical(a) === encodeCanonical(b);
        if (isSameData(a, b) !== equal) throw new Error(`${JSON.stringify(a)} and ${JSON.stringify(b)}`);
        if (equal && a !== b) same++;
      }
    }
    expect(same).toBeGreaterThan(300);
  });

  it('has the canonical text that the definition gives', () => {
    const random = seeded(seed + 1);
    for (let i = 0; i < 2000; i++) {
      const value = randomData(random, 0);
      expect(encodeCanonical(value)).toBe(`${slowText(value)}\n`);
      const isMap = typeof value === 'object' && value !== null && !Array.isArray(value);
      if (isMap) expect(joinEntries(encodeEntries(value))).toBe(encodeCanonical(value));
    }
  });
});
