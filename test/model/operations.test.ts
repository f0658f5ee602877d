import { parseDescription } from '../../lib/model';

const described = (operations: unknown) =>
  parseDescription({
    network: 'demo',
    regions: { virginia: { place: 'us-east-1' }, dublin: { place: 'eu-west-1' } },
    links: [{ between: ['virginia', 'dublin'], bandwidth: '1 Gbps' }],
    operations,
  });
const operationsOf = (operations: unknown) => described(operations).network?.operations;

it('is none unless it is asked for', () => {
  expect(operationsOf(undefined)).toBeNull();
});

it('serves the API where nothing else is said, and metrics to all networks of the plan', () => {
  const rest = { ssm: false, webhooks: [] };
  expect(operationsOf({})).toEqual({ ...rest, api: true, metrics: null });
  expect(operationsOf({ api: false, metrics: {} })).toEqual({
    ...rest,
    api: false,
    metrics: { port: 9469, from: [] },
  });
});

it('reads sources in canonical order, and webhooks', () => {
  const given = {
    metrics: { port: 9100, from: ['fd00:9::/48', '10.9.0.0/16', '10.9.0.0/16'] },
    ssm: true,
    webhooks: [
      { url: 'https://hooks.example.com/x', kinds: ['select', 'drain'], secretFile: '/etc/dwcp/hook' },
      { url: 'http://127.0.0.1:8080/' },
    ],
  };
  expect(operationsOf(given)).toEqual({
    api: true,
    metrics: { port: 9100, from: ['10.9.0.0/16', 'fd00:9::/48'] },
    ssm: true,
    webhooks: [
      { url: 'https://hooks.example.com/x', kinds: ['drain', 'select'], secretFile: '/etc/dwcp/hook' },
      { url: 'http://127.0.0.1:8080/', kinds: [] },
    ],
  });
});

it('reads the package of an SSM agent, which may then take orders, and where journals go', () => {
  const digest = 'Ab'.repeat(32);
  const ssmAgent = { version: '3.3.2299.0', sha256: { arm64: digest }, url: 'http://a.example.com/{arch}' };
  expect(operationsOf({ ssmAgent, logs: {} })).toEqual({
    ...{ api: true, metrics: null, webhooks: [], ssm: true },
    ssmAgent: { ...ssmAgent, sha256: { arm64: digest.toLowerCase() } },
    logs: { retentionDays: 30 },
  });
  expect(operationsOf({ logs: { retention: '365 d' } })?.logs).toEqual({ retentionDays: 365 });
});

describe('is refused', () => {
  const agent = (rest: object) => ({
    ssmAgent: { version: '3.3.2299.0', sha256: { arm64: '0'.repeat(64) }, ...rest },
  });
  const hook = (rest: object) => ({ webhooks: [{ url: 'https://a.example.com', ...rest }] });
  const wrong: [string, object, string, string][] = [
    ['a port that is none', { metrics: { port: 70_000 } }, 'bad-number', '1 to 65535'],
    ['the port of the API', { metrics: { port: 9470 } }, 'port-taken', '9469'],
    ['the port of BGP', { metrics: { port: 179 } }, 'port-taken', '9469'],
    ['metrics for everybody', { metrics: { from: ['0.0.0.0/0'] } }, 'bad-block', 'who scrape'],
    ['a source with host bits', { metrics: { from: ['10.9.0.1/16'] } }, 'block-host-bits', '10.9.0.0/16'],
    ['a webhook over plain http', hook({ url: 'http://a.example.com' }), 'bad-webhook', 'https'],
    ['a password in an address', hook({ url: 'https://u:p@a.example.com' }), 'bad-webhook', 'secretFile'],
    ['an address of a file', hook({ url: 'file:///etc/passwd' }), 'bad-webhook', 'https://'],
    ['a secret in the description', hook({ secret: 'x' }), 'unknown-key', 'secretFile'],
    ['a secret beside the agent', hook({ secretFile: 'hook' }), 'bad-webhook', '/etc/dwcp'],
    ['an SSM agent without leave', { ...agent({}), ssm: false }, 'bad-ssm-agent', 'ssmAgent'],
    ['a version that is none', agent({ version: 'latest' }), 'bad-ssm-agent', '3.3.2299.0'],
    ['a digest cut short', agent({ sha256: { arm64: 'abc' } }), 'bad-ssm-agent', '64 hex'],
    ['a digest of another machine alone', agent({ sha256: {} }), 'missing-key', 'arm64'],
    ['a place that nobody fills in', agent({ url: 'https://a.example.com/{os}' }), 'bad-ssm-agent', '{arch}'],
    ['a package in a file', agent({ url: 'file:///x.deb' }), 'bad-ssm-agent', 'bucket of AWS'],
    ['a secret before a package', agent({ url: 'https://u:p@a.example.com' }), 'bad-ssm-agent', 'without'],
    ['a retention that AWS lacks', { logs: { retention: '45 d' } }, 'bad-number', '60 d'],
    ['a retention of hours', { logs: { retention: '5 h' } }, 'bad-number', '1 d'],
    ['a kind that is none', hook({ kinds: ['Select!'] }), 'bad-webhook', 'select'],
  ];
  test.each(wrong)('%s', (_what, operations, code, text) => {
    const { network, diagnostics } = described(operations);
    expect(network).toBeUndefined();
    expect(diagnostics.map((d) => d.code)).toEqual([code]);
    expect(`${diagnostics[0].message} ${diagnostics[0].next}`).toContain(text);
    expect(diagnostics[0].path).toMatch(/^operations/);
  });

  it('and repeats no password that stood in an address', () => {
    const { diagnostics } = described({ webhooks: [{ url: 'https://user:hunter2@a.example.com' }] });
    expect(JSON.stringify(diagnostics)).not.toContain('hunter2');
  });
});
