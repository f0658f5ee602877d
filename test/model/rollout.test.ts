import { parseDescription } from '../../lib/model';

const described = (rollout: object | undefined) =>
  parseDescription({
    network: 'demo',
    regions: {
      virginia: { place: 'us-east-1' },
      dublin: { place: 'eu-west-1', gateways: { count: 2 } },
      office: { external: { endpoint: '8.8.4.4', location: { lat: 51.5, lon: -0.13, country: 'GB' } } },
    },
    links: [{ mesh: 'all', bandwidth: '1 Gbps' }],
    rollout,
  });
const rolloutOf = (rollout: object | undefined) => described(rollout).network?.rollout;

it('is none unless it is asked for', () => {
  expect(rolloutOf(undefined)).toBeNull();
});

it('names one gateway, or a region for its first one', () => {
  expect(rolloutOf({ canary: 'dublin/2', wait: '1 h' })).toEqual({ canary: 'dublin/2', waitSeconds: 3600 });
  expect(rolloutOf({ canary: 'virginia' })).toEqual({ canary: 'virginia/1', waitSeconds: 900 });
});

describe('is refused', () => {
  const wrong: [string, object, string, string][] = [
    ['a region that is not there', { canary: 'dubln' }, 'unknown-gateway', "did you mean 'dublin'?"],
    [
      'a gateway that is not there',
      { canary: 'virginia/2' },
      'unknown-gateway',
      "did you mean 'virginia/1'?",
    ],
    ['a site, which fetches nothing', { canary: 'office' }, 'unknown-gateway', 'name a gateway of a region'],
    ['a wait of seconds', { canary: 'dublin', wait: '5 s' }, 'duration-out-of-range', '60 s'],
    ['a wait for ever', { canary: 'dublin', wait: '30 d' }, 'duration-out-of-range', ''],
    ['no canary', { wait: '5 min' }, 'missing-key', 'canary'],
  ];
  test.each(wrong)('%s', (_what, rollout, code, text) => {
    const { network, diagnostics } = described(rollout);
    const errors = diagnostics.filter((d) => d.severity === 'error');
    expect([network, errors.map((d) => d.code)]).toEqual([undefined, [code]]);
    expect(`${errors[0].message} ${errors[0].next}`).toContain(text);
  });
});
