import {
  comparePrefixes,
  findOverlaps,
  formatPrefix,
  networkOf,
  overlaps,
  parsePrefix,
  PrefixTable,
  contains,
  type Prefix,
} from '../../lib/net';
import { seeded, type Seeded } from '../support/random-seeded';

/** Prefixes crowded into few addresses, so that many nest, are equal or lie side by side. */
function crowd(random: Seeded, most: number): Prefix[] {
  return Array.from({ length: random.whole(0, most) }, () => {
    const family = random.chance(0.7) ? 4 : 6;
    const wide: Prefix =
      family === 4
        ? { family, value: 0x0a000000n + BigInt(random.whole(0, 255)), length: 32 }
        : { family, value: (0xfdn << 120n) + BigInt(random.whole(0, 255)), length: 128 };
    return networkOf(wide, wide.length - random.whole(0, 8));
  });
}

const seeds = Array.from({ length: 300 }, (_, i) => i + 1);

describe('a table of prefixes', () => {
  it('finds the longest prefix around another, as a look at every entry does (seeds 1 to 300)', () => {
    let found = 0;
    for (const seed of seeds) {
      const random = seeded(seed);
      const entries = crowd(random, 30);
      const table = new PrefixTable<number>();
      entries.forEach((prefix, i) => table.add(prefix, i));
      for (const [i, wanted] of crowd(random, 20).entries()) {
        const around = entries.flatMap((entry, n) => (contains(entry, wanted) ? [n] : []));
        const longest = Math.max(...around.map((n) => entries[n].length));
        const slow = around.find((n) => entries[n].length === longest);
        expect([seed, i, table.around(wanted)]).toEqual([seed, i, slow]);
        if (slow !== undefined) found++;
      }
    }
    expect(found).toBeGreaterThan(500);
  });

  it('finds overlaps where a look at every pair does, each with what is around it (seeds 1 to 300)', () => {
    let [some, none] = [0, 0];
    for (const seed of seeds) {
      const entries = crowd(seeded(seed), 12).map((prefix, i) => ({ prefix, i }));
      const found = findOverlaps(entries, (e) => e.prefix);
      for (const { outer, inner } of found) expect(contains(outer.prefix, inner.prefix)).toBe(true);
      // Whatever lies in another is told of once: which ones these are a look at every pair says.
      const inside = entries.filter((x) =>
        entries.some((y) => {
          if (x === y || !overlaps(x.prefix, y.prefix)) return false;
          const equal = x.prefix.length === y.prefix.length;
          return equal ? y.i < x.i : y.prefix.length < x.prefix.length;
        }),
      );
      const told = found.map(({ inner }) => inner.i).sort((x, y) => x - y);
      expect([seed, told]).toEqual([seed, inside.map(({ i }) => i)]);
      if (inside.length > 0) some++;
      else none++;
    }
    expect(Math.min(some, none)).toBeGreaterThan(10);
  });

  it('sorts IPv4 before IPv6, by address, the shorter first', () => {
    const texts = ['10.0.0.0/8', '10.0.0.0/16', '10.9.0.0/16', '10.10.0.0/16', 'fd00::/8', 'fd00::/64'];
    const sorted = [...texts].reverse().map(parsePrefix).sort(comparePrefixes).map(formatPrefix);
    expect(sorted).toEqual(texts);
  });
});
