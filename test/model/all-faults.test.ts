import { parseDescription } from '../../lib/model';
import { seeded } from '../support/random-seeded';

const seed = 20270314;

type Raw = Record<string, Record<string, Record<string, unknown>>>;

/** Whole and without a fault: entries enough that two faults can stand in two of them. */
function wholeDescription(): Raw {
  const region = (place: string) => ({ place, gateways: { count: 1 } });
  const places = ['us-east-1', 'eu-west-1', 'ap-northeast-1', 'sa-east-1'];
  const pairs = places.flatMap((a, i) => places.slice(i + 1).map((b) => [a, b]));
  return {
    network: 'demo',
    regions: Object.fromEntries(places.map((place) => [place, region(place)])),
    links: pairs.map((between) => ({ between, bandwidth: '1 Gbps' })),
    policies: {
      calls: { classes: ['realtime'], strategy: 'latency' },
      copies: { classes: ['bulk'], strategy: 'cost' },
    },
    demands: [{ from: 'us-east-1', to: 'eu-west-1', class: 'bulk', bandwidth: '10 Mbps' }],
    objectives: { one: { minBackups: 1 }, fast: { maxLatency: '900 ms' } },
  } as unknown as Raw;
}

/** Where a fault is put, and what is written there. */
type Fault = readonly [section: string, entry: string, key: string, value: unknown];

const shapeFaults: readonly Fault[] = [
  ['regions', 'us-east-1', 'plaec', 'us-east-1'],
  ['regions', 'eu-west-1', 'place', 5],
  ['regions', 'sa-east-1', 'gateways', []],
  ['links', '0', 'bandwith', '1 Gbps'],
  ['links', '1', 'between', 7],
  ['links', '2', 'metric', 'ten'],
  ['links', '3', 'id', 9],
  ['policies', 'calls', 'strategy', 'latncy'],
  ['policies', 'copies', 'classes', 5],
  ['demands', '0', 'class', 'bulky'],
  ['objectives', 'one', 'minBackups', 'two'],
];

const meaningFaults: readonly Fault[] = [
  ['regions', 'ap-northeast-1', 'place', 'ap-nowhere-1'],
  ['regions', 'us-east-1', 'block', '10.0.0.1/16'],
  ['links', '4', 'bandwidth', '1 Gb'],
  ['links', '5', 'between', ['us-east-1', 'nowhere']],
  ['links', '0', 'latency', '0 ms'],
  ['policies', 'copies', 'weights', { latency: 1 }],
  ['policies', 'calls', 'maxLatency', '0 ms'],
  ['demands', '0', 'to', 'us-east-1'],
  ['objectives', 'fast', 'maxLatency', '12'],
];

function errorsOf(faults: readonly Fault[]): string[] {
  const raw = wholeDescription();
  for (const [section, entry, key, value] of faults) raw[section][entry][key] = value;
  const before = JSON.stringify(raw);
  const { diagnostics } = parseDescription(raw);
  expect(JSON.stringify(raw)).toBe(before);
  return diagnostics.filter((d) => d.severity === 'error').map((d) => `${d.code} ${d.path}`);
}

const sameEntry = (x: Fault, y: Fault) => x[0] === y[0] && x[1] === y[1];

describe('faults of a description', () => {
  it('are none in the whole one, and each alone is told', () => {
    expect(errorsOf([])).toEqual([]);
    for (const fault of [...shapeFaults, ...meaningFaults])
      expect([fault, errorsOf([fault])[0]]).not.toContain(undefined);
  });

  it('of shape and of meaning are told in one run, where they stand in two entries', () => {
    for (const shape of shapeFaults) {
      for (const meaning of meaningFaults.filter((m) => !sameEntry(m, shape))) {
        const both = [...errorsOf([shape]), ...errorsOf([meaning])].sort();
        expect([shape, meaning, errorsOf([shape, meaning]).sort()]).toEqual([shape, meaning, both]);
      }
    }
  });

  it(`lead to no fault that is not there without them, however many there are, seed ${seed}`, () => {
    const random = seeded(seed);
    for (let round = 0; round < 200; round++) {
      // One fault an entry: an entry's other fields are in the name that it is told by.
      const some = [...shapeFaults, ...meaningFaults]
        .filter(() => random.chance(0.4))
        .filter((fault, i, all) => all.findIndex((other) => sameEntry(other, fault)) === i);
      const alone = new Set(some.flatMap((fault) => errorsOf([fault])));
      expect([some, errorsOf(some).filter((error) => !alone.has(error))]).toEqual([some, []]);
    }
  });
});
