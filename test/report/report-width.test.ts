import { loadSolver } from '../../lib/project/solver';
import { explain, renderExplanations } from '../../lib/report/explain';
import { evaluateFailures, renderFailures } from '../../lib/report/failures-report';
import { visibleWidth } from '../../lib/report/paint';
import { renderPlan } from '../../lib/report/report';
import { table } from '../../lib/report/table';
import { parseDescription, type NetworkDescription } from '../../lib/model';
import { buildPlan } from '../../lib/plan';

/** Names as long as they may be. */
const [a, b, c, d] = ['northern', 'southern', 'western', 'eastern'].map((x) =>
  `${x}-headquarters`.slice(0, 20),
);

const longNames: NetworkDescription = {
  network: 'long-names-everywhere',
  regions: {
    [a]: { place: 'us-east-1', gateways: { count: 2 } },
    [b]: { place: 'ap-southeast-2', gateways: { count: 2 } },
    [c]: { place: 'ap-northeast-1' },
    [d]: { external: { endpoint: '2001:db8:1234:5678:9abc:def0:1234:5678' } },
  },
  links: [
    {
      between: [a, b],
      bandwidth: '1 Gbps',
      utilisation: '12.5 %',
      availability: '99.995 %',
      srlg: ['pacific'],
    },
    { between: [b, c], bandwidth: '2.5 Gbps', srlg: ['pacific', 'another-shared-risk'] },
    { id: 'second-cable-to-east', between: [b, c], bandwidth: '2.5 Gbps', rtt: '133 ms' },
    { between: [c, d], bandwidth: '1234.567 Mbps', latency: '12.34 ms', cost: '0.0123 USD/GB' },
    { between: [d, a], bandwidth: '1 Gbps', latency: '45.6 ms', cost: '0.0123 USD/GB' },
  ],
  policies: {
    'a-policy-of-20-chars': {
      from: [a, b, c],
      to: [d],
      classes: ['critical', 'interactive', 'best-effort'],
      maxLatency: '500 ms',
      avoid: { countries: ['JP'] },
    },
    'nothing-to-the-north': { from: [b], to: [a], classes: ['bulk'], action: 'deny' },
  },
  demands: [
    { from: a, to: b, bandwidth: '123.456 Mbps', class: 'bulk' },
    { from: c, to: d, bandwidth: '234.567 Mbps', class: 'interactive' },
  ],
  reservations: {
    'a-reservation-of-20c': {
      from: a,
      to: d,
      bandwidth: '100.5 Mbps',
      class: 'interactive',
      window: { start: '2026-12-01T22:00', duration: '4 h', recur: 'weekly', days: ['mon', 'tue', 'wed'] },
    },
  },
  objectives: {
    'an-objective-of-20-c': { survive: 'link', from: [a], to: [b] },
  },
};

const { network, diagnostics } = parseDescription({ ...longNames, network: 'long-names' });
if (!network) throw new Error(JSON.stringify(diagnostics));
const plan = buildPlan(network, { lock: null, keys: null, solver: loadSolver }).plan!;

describe.each([80, 100, 140])('reports of a network with the longest names, at %i columns', (width) => {
  const wide = (text: string) => text.split('\n').filter((line) => visibleWidth(line) > width);

  it('stay within the width', () => {
    expect(wide(renderPlan(plan, { width }))).toEqual([]);
    expect(wide(renderPlan(plan, { width, all: true }))).toEqual([]);
    expect(wide(renderFailures(evaluateFailures(plan, { dual: true }), { width }))).toEqual([]);
    for (const [from, to] of [
      [a, d],
      [d, b],
    ])
      expect(wide(renderExplanations(plan, explain(plan, from, to), { width }))).toEqual([]);
  });
});

describe('a table', () => {
  const columns = [
    { title: 'id' },
    { title: 'where', elastic: true },
    { title: 'ms', align: 'right' as const },
    { title: 'groups', elastic: 'beneath' as const },
  ];
  const rows = [
    ['one', 'a very long way', '1.5', '#north-atlantic #south'],
    ['two', 'near', '22.25', ''],
  ];

  it('stands as it is where it fits', () => {
    expect(table(columns, rows, 60)).toEqual([
      '  id   where               ms  groups',
      '  one  a very long way    1.5  #north-atlantic #south',
      '  two  near             22.25',
    ]);
  });

  it('folds the last elastic column first', () => {
    expect(table(columns, rows, 48)).toEqual([
      '  id   where               ms  groups',
      '  one  a very long way    1.5  #north-atlantic',
      '                               #south',
      '  two  near             22.25',
    ]);
  });

  it('puts a column beneath its rows before another folds', () => {
    expect(table(columns, rows, 32)).toEqual([
      '  id   where               ms',
      '      groups',
      '  one  a very long way    1.5',
      '      #north-atlantic #south',
      '  two  near             22.25',
    ]);
  });

  it('puts the first column above its rows where nothing else is left to give way', () => {
    const wide = [['a-name-without-end', '', '22.25', '']];
    expect(table([{ title: 'id', elastic: true }, ...columns.slice(1)], wide, 24)).toEqual([
      '  id',
      '         ms',
      '      where  groups',
      '  a-name-without-end',
      '      22.25',
    ]);
  });

  it('folds what is left', () => {
    expect(table(columns, rows, 24)).toEqual([
      '  id   where          ms',
      '      groups',
      '  one  a very        1.5',
      '       long way',
      '      #north-atlantic',
      '      #south',
      '  two  near        22.25',
    ]);
  });
});
