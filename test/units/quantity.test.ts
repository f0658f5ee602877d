import {
  count,
  formatBandwidth,
  formatLatency,
  formatMoney,
  formatPrice,
  formatRatio,
  listFirst,
  parseQuantity,
  type Dimension,
} from '../../lib/units';
import { seeded } from '../support/random-seeded';

/** What each unit is worth in the base unit of its dimension, written out by hand. */
const worth: Readonly<Record<Dimension, Readonly<Record<string, number>>>> = {
  bandwidth: { bps: 0.000001, kbps: 0.001, Mbps: 1, Gbps: 1000, Tbps: 1000000 },
  latency: { us: 0.001, ms: 1, s: 1000 },
  duration: { ms: 0.001, s: 1, min: 60, h: 3600, d: 86400 },
  money: { USD: 1 },
  price: { 'USD/GB': 1, 'USD/TB': 0.001 },
  ratio: { '%': 0.01 },
};
const dimensions = Object.keys(worth) as Dimension[];

function valueOf(text: unknown, dimension: Dimension): number {
  const parsed = parseQuantity(text, dimension);
  if (!parsed.ok) throw new Error(parsed.problem.message);
  return parsed.value;
}

function problemOf(text: unknown, dimension: Dimension): string {
  const parsed = parseQuantity(text, dimension);
  if (parsed.ok) throw new Error(`${String(text)} was taken for ${parsed.value}`);
  return `${parsed.problem.message}; ${parsed.problem.next}`;
}

describe('a quantity', () => {
  it('is its figure times its unit, whatever the spaces and the notation', () => {
    const seed = 20261123;
    const random = seeded(seed);
    for (let i = 0; i < 2000; i++) {
      const dimension = random.pick(dimensions);
      const unit = random.pick(Object.keys(worth[dimension]));
      const figure = random.pick([
        String(random.whole(0, 100000)),
        (random.next() * 1000).toFixed(random.whole(1, 6)),
        `.${random.whole(0, 999)}`,
        `${random.whole(1, 9)}e${random.whole(-3, 3)}`,
        `+${random.whole(0, 50)}`,
      ]);
      const text =
        random.pick(['', ' ']) + figure + random.pick(['', ' ', '  ']) + unit + random.pick(['', ' ']);
      const wanted = Number(figure) * worth[dimension][unit];
      const got = valueOf(text, dimension);
      expect({ seed, text, near: Math.abs(got - wanted) <= 1e-12 * Math.abs(wanted) }).toEqual({
        seed,
        text,
        near: true,
      });
    }
  });

  it('is refused in every dimension but its own', () => {
    for (const dimension of dimensions) {
      for (const [other, units] of Object.entries(worth)) {
        for (const unit of Object.keys(units)) {
          const own = unit in worth[dimension];
          expect([dimension, other, unit, parseQuantity(`5 ${unit}`, dimension).ok]).toEqual([
            dimension,
            other,
            unit,
            own,
          ]);
        }
      }
    }
  });

  it('is never negative, infinite or no number, in any dimension and spelling', () => {
    const seed = 7;
    const random = seeded(seed);
    for (let i = 0; i < 500; i++) {
      const dimension = random.pick(dimensions);
      const unit = random.pick(Object.keys(worth[dimension]));
      const figure = random.pick([
        'NaN',
        'nan',
        '.nan',
        'Infinity',
        '-Infinity',
        'inf',
        '.inf',
        '1e999',
        '-1',
        '-0.001',
        '-1e-9',
      ]);
      expect({ seed, figure, unit, ok: parseQuantity(`${figure} ${unit}`, dimension).ok }).toEqual({
        seed,
        figure,
        unit,
        ok: false,
      });
    }
    for (const figure of [NaN, Infinity, -Infinity]) expect(parseQuantity(figure, 'latency').ok).toBe(false);
  });

  it('needs a unit, and the message offers one', () => {
    expect(problemOf(10, 'bandwidth')).toBe(
      "10 has no unit; expected a bandwidth; write '10 Mbps' if that is what you mean",
    );
    expect(problemOf('35', 'latency')).toContain("write '35 ms'");
    expect(problemOf(0.1, 'ratio')).toContain("write '10 %' if it is a ratio, '0.1 %' if it is in percent");
    expect(problemOf(0.07, 'ratio')).toContain("'7 %'");
    expect(problemOf(-5, 'money')).not.toContain("'-5 USD'");
  });

  it('counts bits, and says so to who writes bytes', () => {
    for (const text of ['10 GB/s', '10 MBps', '1 kB/s', '1 GiB/s'])
      expect(problemOf(text, 'bandwidth')).toContain('counts bytes');
  });

  it('spells its unit one way, and says which', () => {
    expect(problemOf('10 gbps', 'bandwidth')).toContain("write '10 Gbps'");
    expect(problemOf('10 mbps', 'bandwidth')).toContain("write '10 Mbps'");
    expect(problemOf('1 usd/gb', 'price')).toContain("write '1 USD/GB'");
  });

  it('takes both micro signs for microseconds', () => {
    expect(valueOf('350 µs', 'latency')).toBe(0.35);
    expect(valueOf('350 μs', 'latency')).toBe(0.35);
    expect(valueOf('350 us', 'latency')).toBe(0.35);
  });

  it('is exact where decimal figures are: conversion divides once', () => {
    expect(valueOf('0.1 %', 'ratio')).toBe(0.001);
    expect(valueOf('99.95 %', 'ratio')).toBe(0.9995);
    expect(valueOf('2.5 Gbps', 'bandwidth')).toBe(2500);
    expect(valueOf('20 USD/TB', 'price')).toBe(0.02);
  });

  it.each([
    null,
    undefined,
    true,
    [],
    {},
    '',
    ' ',
    'fast',
    '10 Mbps extra',
    '1,000 Mbps',
    '0x10 Mbps',
    '10 Mbps/s',
  ])('is not %j', (input) => {
    expect(problemOf(input, 'bandwidth')).not.toMatch(/undefined has|\[object/);
  });
});

describe('a figure in text', () => {
  it('keeps sub-millisecond latencies', () => {
    expect(formatLatency(0.35)).toBe('0.35 ms');
    expect(formatLatency(0.05)).toBe('0.05 ms');
    expect(formatLatency(145.5)).toBe('145.5 ms');
  });

  it('has the largest unit that keeps it above one', () => {
    expect([0.5, 999, 1000, 2500, 400000, 1e6].map(formatBandwidth)).toEqual([
      '0.5 Mbps',
      '999 Mbps',
      '1 Gbps',
      '2.5 Gbps',
      '400 Gbps',
      '1 Tbps',
    ]);
  });

  it('never shows an unknown price as zero', () => {
    expect(formatPrice(null)).toBe('unknown');
    expect(formatPrice(0)).toBe('0 USD/GB');
    expect(formatPrice(0.02)).toBe('0.02 USD/GB');
  });

  it('has thousands apart and nouns in their number', () => {
    expect(formatMoney(1234567.5)).toBe('1,234,567.50 USD');
    expect(count(1, 'link')).toBe('1 link');
    expect(count(1056, 'route')).toBe('1,056 routes');
    expect(listFirst(['a', 'b'], 2)).toBe('a, b');
    expect(listFirst(['a', 'b', 'c'], 2)).toBe('a, b and 1 more');
    expect(listFirst(['a', 'b', 'c', 'd'], 1, 'link')).toBe('a and 3 more links');
    expect(formatRatio(0.125)).toBe('12.5 %');
  });
});
