import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { formatDiagnostic } from '../../lib/diagnostics';
import { visible } from '../../lib/escape';
import { readDescription } from '../../lib/model';
import { small } from './small-network';

/**
 * Families of hostile descriptions written by hand: names that JavaScript has a meaning for, figures, dates,
 * depth. One golden: `UPDATE_GOLDEN=1` rewrites it.
 */
const file = path.join(__dirname, '..', 'golden', 'hostile', 'families.txt');

const text = (change: object) => JSON.stringify({ ...small, ...change });
const named = (id: string) => JSON.stringify(small).replaceAll('"london"', JSON.stringify(id));
const link = (figures: object) =>
  text({ links: [{ ...small.links[0], ...figures }, ...small.links.slice(1)] });
const gateways = (value: unknown) =>
  text({ regions: { ...small.regions, dublin: { ...small.regions.dublin, gateways: value } } });
const windowed = (window: object) =>
  text({ reservations: { nightly: { ...small.reservations.nightly, window } } });

/** Names that every object of JavaScript has, and that file systems of others reserve. */
const names = ['__proto__', 'constructor', 'prototype', 'to-string', 'hasownproperty', 'con', 'nul', 'all'];
const figures = [
  ...['1e999 Gbps', '1e-400 Gbps', '-1 Gbps', '-0 Gbps', '0 Gbps', '0x10 Gbps', 'NaN Gbps', 'Infinity Gbps'],
  ...[
    '1_000 Mbps',
    '1,5 Gbps',
    '+1 Gbps',
    ' 1 Gbps',
    '1 gbps',
    '1Gbps',
    '1 GBps',
    '\u0661 Gbps',
    '1\u00a0Gbps',
  ],
  ...['99999999999999999999999 bps', `${'9'.repeat(400)} bps`, `0.${'0'.repeat(400)}1 Gbps`, '1 Gbps\u0000'],
];
const counts = [0, -1, 1.5, 1e9, 2 ** 53, 1e308, '2', null, true, [2], { count: 2 }];
const starts = [
  ...['0000-00-00T00:00', '2027-02-29T22:00', '2027-02-30T22:00', '2027-13-01T22:00', '2027-01-01T24:00'],
  ...['2027-01-01T22:60', '99999-01-01T22:00', '-2027-01-01T22:00', '2027-01-01', '2027-01-01T22:00Z'],
  ...['2027-W01-1T22:00', '1970-01-01T00:00', '2199-12-31T23:59', '2027-01-01t22:00', '20270101T2200'],
];

const cases: readonly (readonly [string, string])[] = [
  ...names.map((id) => [`region '${id}'`, named(id)] as const),
  ...names.map((id) => [`network '${id}'`, text({ network: id })] as const),
  ...names.map((id) => [`tag '${id}'`, text({ tags: JSON.parse(`{"${id}":"x"}`) })] as const),
  ...names.map(
    (id) => [`policy '${id}'`, text({ policies: JSON.parse(`{"${id}":{"disjoint":"link"}}`) })] as const,
  ),
  ['a key __proto__ at the top', JSON.stringify(small).replace('{', '{"__proto__":{"regions":{}},')],
  ...figures.map((bandwidth) => [`bandwidth ${JSON.stringify(bandwidth)}`, link({ bandwidth })] as const),
  ...figures
    .map((f) => f.replace('Gbps', 'ms').replace('bps', 's'))
    .map((latency) => [`latency ${JSON.stringify(latency)}`, link({ latency })] as const),
  ...counts.map((count) => [`gateways ${JSON.stringify(count)}`, gateways({ count })] as const),
  ...starts.map((start) => [`start ${start}`, windowed({ start, duration: '1 h' })] as const),
  ...starts.map(
    (until) =>
      [
        `until ${until}`,
        windowed({ start: '2027-01-01T22:00', duration: '1 h', recur: 'daily', until }),
      ] as const,
  ),
  ['40,000 lists, one in the other, in JSON', `{"network":${'['.repeat(40_000)}${']'.repeat(40_000)}}`],
  ['40,000 maps, one in the other, in JSON', `${'{"a":'.repeat(40_000)}1${'}'.repeat(40_000)}`],
  ['10,000 lists, one in the other, in YAML', `network: ${'['.repeat(10_000)}${']'.repeat(10_000)}`],
  ['10,000 maps, one in the other, in YAML', `${'{a: '.repeat(10_000)}1${'}'.repeat(10_000)}`],
  ['2,000 lists, one in the other, in YAML blocks', `network:\n${'- '.repeat(2_000)}a`],
  ['a key of 100,000 characters', text({ ['k'.repeat(100_000)]: 1 })],
  ['an id of 100,000 characters', named('k'.repeat(100_000))],
];

function outcome(description: string): string[] {
  const { network, diagnostics } = readDescription(description, 'network.yaml');
  const shown = diagnostics
    .filter(({ code }) => !['price-unknown', 'address-documentation'].includes(code))
    .map((d) => formatDiagnostic({ ...d, position: undefined }).slice(0, 400));
  return [...(network ? ['accepted'] : []), ...shown];
}

describe('hostile families', () => {
  it('get exactly what they got, each within two seconds', () => {
    const before = Object.keys(Object.prototype).length;
    const found = cases.map(([name, description]) => {
      const start = process.cpuUsage();
      const lines = outcome(description);
      const { user, system } = process.cpuUsage(start);
      expect([name, (user + system) / 1e6 < 2]).toEqual([name, true]);
      return [visible(name).slice(0, 100), ...lines].join('\n');
    });
    expect(Object.keys(Object.prototype).length).toBe(before);
    const all = `${found.join('\n\n')}\n`;
    if (process.env.UPDATE_GOLDEN === '1') writeFileSync(file, all);
    expect(all).toBe(readFileSync(file, 'utf8'));
  });
});
