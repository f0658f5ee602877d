import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import type { NetworkDescription } from '../../lib/model';
import { buildPlan } from '../../lib/plan';
import { parseDescription } from '../../lib/model';
import { loadSolver } from '../../lib/project/solver';
import { verifyPlan } from '../../lib/verify';
import { runCaptured } from '../golden/captured-io';

/** Inputs of the trial on real networks, as they were, with the outcome that each is to have and why. */
const cases = path.join(__dirname, '..', 'cases');

/** Exit code, and what is found, in order: `code path`, warnings in brackets. */
const outcomes: Readonly<Record<string, readonly [number, readonly string[]]>> = {
  // Endpoints are addresses, and public unless the site says otherwise; none lies inside the network.
  'plan/06-odd-blocks/host': [1, ['bad-endpoint regions.site.external.endpoint']],
  'plan/06-odd-blocks/priv': [
    1,
    ['endpoint-inside regions.site.external.endpoint', 'endpoint-not-public regions.site.external.endpoint'],
  ],
  'plan/06-odd-blocks/priv2': [
    1,
    ['endpoint-inside regions.site.external.endpoint', 'endpoint-not-public regions.site.external.endpoint'],
  ],
  'plan/06-odd-blocks/v6': [
    1,
    [
      'bad-block regions.oregon.block',
      'bad-endpoint regions.host.external.endpoint',
      'missing-key regions.nat.external.endpoint',
      'endpoint-not-public regions.priv.external.endpoint',
      '(address-documentation regions.site.external.endpoint)',
    ],
  ],
  'plan/06-odd-blocks/v6b': [
    1,
    [
      'duplicate-endpoint regions.priv.external.endpoint',
      'endpoint-inside regions.priv.external.endpoint',
      'endpoint-not-public regions.priv.external.endpoint',
      'endpoint-inside regions.dupe.external.endpoint',
      'endpoint-not-public regions.dupe.external.endpoint',
      '(address-documentation regions.site.external.endpoint)',
    ],
  ],
  'plan/06-odd-blocks/v6c': [
    1,
    [
      'endpoint-ipv6 regions.site.external.endpoint',
      '(address-documentation regions.site.external.endpoint)',
    ],
  ],
  // Pools hold what is allocated from them, and lie apart.
  'plan/06-odd-blocks/pool2': [1, ['pool-too-small addressing.regions']],
  'plan/06-odd-blocks/pools': [1, ['block-overlap addressing.links', 'block-overlap addressing.gateways']],
  // Reserved ranges are errors. Whether a public one is the user's, and whether hosts run Docker, they know.
  'plan/06-odd-blocks/pub': [
    1,
    [
      'address-reserved regions.sp.block',
      'address-reserved regions.cali.block',
      'address-reserved regions.mcast.block',
      'address-reserved regions.zero.block',
      '(address-public regions.oregon.block)',
      '(address-crowded regions.docker.block)',
    ],
  ],
  // Segments: two denies, one for each way, are whole; one alone is warned of, with the line that it lacks.
  'plan/11-segments/net': [
    1,
    ['demand-denied demands.demand-prod-us-dev-eu-bulk', 'objective-broken objectives.one'],
  ],
  'plan/11-segments/ok': [0, []],
  'plan/11-segments/one': [0, ['(deny-one-way policies.isolate)']],
  // What nothing uses is not accepted.
  'plan/13-misc/capacity': [1, ['unknown-key regions.a.capacity']],
  // Within a region it is 0.02 USD/GB, both ways counted; half of the demand goes by the far region.
  'plan/13-misc/cost0': [1, ['objective-broken objectives.cheap']],
  // Faster than light in fibre, slower than light in air: the error says how a radio link is written.
  'plan/13-misc/fast': [
    1,
    [
      'latency-below-light links.link-lon-fra.latency',
      '(address-documentation regions.lon.external.endpoint)',
      '(address-documentation regions.fra.external.endpoint)',
      '(bandwidth-above-gateway links.link-dublin-fra.bandwidth)',
    ],
  ],
  'plan/13-misc/ids': [
    1,
    [
      'bad-id regions.ap-southeast-1-shared-services',
      'bad-id regions.us_east_1',
      'bad-id regions.PAR1',
      'bad-id regions.são-paulo',
      'bad-id regions.a--b',
      'bad-id regions.eu.west',
    ],
  ],
  'plan/13-misc/island': [1, ['disconnected regions.c']],
  'plan/13-misc/mtu': [1, ['mtu-above-underlay links.link-a-c.tunnel.mtu']],
  'plan/13-misc/places': [
    1,
    ['gov', 'cn', 'az', 'gcp', 'zone', 'up'].map((id) => `unknown-place regions.${id}.place`),
  ],
  // `constructor` is a name like any other; `__proto__` is none.
  'plan/13-misc/proto': [0, []],
  'plan/13-misc/proto2': [1, ['bad-id regions.__proto__', 'bad-id tags.__proto__']],
  // Two VPCs of one AWS region, and one region alone, are networks.
  'plan/13-misc/samereg': [0, []],
  'plan/13-misc/single': [0, []],
  'plan/13-misc/tags': [1, ['wrong-type tags.cost-center', 'wrong-type tags.n']],
  // An empty value is fine with AWS, an empty key is not, and aws: and dwcp: are taken.
  'plan/13-misc/tags2': [1, ['bad-tag tags.aws:foo', 'bad-tag tags.', 'bad-tag tags.dwcp:network']],
  'plan/13-misc/trans': [
    1,
    [
      'unknown-value links.link-a-b.transport',
      'unknown-value links.link-b-c.transport',
      'unknown-value links.link-b-c.tunnel.type',
      'mtu-above-underlay links.link-a-c.tunnel.mtu',
    ],
  ],
  'plan/13-misc/weird': [
    1,
    [
      'bad-bandwidth links.link-a-b.bandwidth',
      'bandwidth-out-of-range links.l2.bandwidth',
      'self-link links.l3',
      'link-ends links.l4.between',
      'link-ends links.l5.between',
      'unknown-region links.l6.between[1]',
      'bad-id links.L7.id',
      'duplicate-link links.link-a-b',
      'same-ends demands.demand-a-a-best-effort',
    ],
  ],
  'hostile/block_imds': [1, ['address-reserved regions.virginia.block']],
  'hostile/block_loop': [1, ['address-reserved regions.virginia.block']],
  'hostile/block_mcast': [1, ['address-reserved regions.virginia.block']],
  'hostile/endpoint_mapped': [
    1,
    ['address-reserved regions.virginia.external.endpoint', 'latency-unknown links.link-virginia-dublin'],
  ],
  'hostile/mtu_big': [1, ['mtu-above-underlay links.link-virginia-dublin.tunnel.mtu']],
};

const check = async (name: string) => {
  const { code, stderr } = await runCaptured(['check', `${name}.yaml`], { cwd: cases });
  const heads = [...stderr.matchAll(/^(error|warning)\[([a-z0-9-]+)\] ?([^\n]*?): /gm)];
  const found = heads.map(([, severity, kind, at]) => {
    const text = `${kind} ${at}`;
    return severity === 'error' ? text : `(${text})`;
  });
  return { code, stderr, found };
};

describe('a case of the trial', () => {
  it('has an outcome, each of these folders', () => {
    const files = ['plan/06-odd-blocks', 'plan/11-segments', 'plan/13-misc'].flatMap((folder) =>
      readdirSync(path.join(cases, folder)).map((f) => `${folder}/${f.replace(/\.yaml$/, '')}`),
    );
    expect(files.filter((f) => !(f in outcomes))).toEqual([]);
  });

  it.each(Object.entries(outcomes))('%s', async (name, outcome) => {
    const { code, found } = await check(name);
    expect([code, found.filter((f) => !f.includes('keys-missing'))]).toEqual(outcome);
  });

  it.each(['plan/11-segments/one', 'plan/13-misc/proto', 'plan/13-misc/samereg'])(
    '%s gives a plan that is accepted',
    (name) => {
      const described = parse(readFileSync(path.join(cases, `${name}.yaml`), 'utf8')) as NetworkDescription;
      const { network } = parseDescription(described);
      const { plan } = buildPlan(network!, { lock: null, keys: null, solver: loadSolver });
      expect(verifyPlan(plan!)).toEqual([]);
    },
  );

  it('is told what to do', async () => {
    const next = async (name: string) =>
      [...(await check(name)).stderr.matchAll(/^ {2}next: (.*)$/gm)].map((m) => m[1]);
    expect(await next('plan/13-misc/mtu')).toEqual(['give 1440 or less: 1500 less 60 of the tunnel']);
    expect((await next('plan/13-misc/fast'))[0]).toContain("a microwave link says 'medium: radio'");
    expect((await next('plan/11-segments/one')).join()).toContain(
      "'isolate-back: { from: [dev], to: [prod], action: deny }'",
    );
    const places = await next('plan/13-misc/places');
    expect(places[0]).toMatch(/^it lies in a separate partition of AWS/);
    expect(places[1]).toMatch(/^it lies in a separate partition of AWS/);
    expect(places[4]).toMatch(/^it is a zone of 'us-east-1'; /);
    expect(places[5]).toMatch(/^did you mean 'us-east-1'\? /);
  });
});

describe('a quota of which nobody can be sure', () => {
  const golden = path.join(__dirname, '..', 'golden', 'errors', 'quota-of-routes', 'network.yaml');
  const described = (quota: number | undefined) => {
    const whole = parse(readFileSync(golden, 'utf8')) as NetworkDescription;
    return { ...whole, quotas: quota === undefined ? {} : { 'vpc: routes per route table': quota } };
  };
  const codes = (quota?: number) => parseDescription(described(quota)).diagnostics.map((d) => d.code);

  it('is a warning between what is sure and what the newest source says, an error above what is given', () => {
    expect(codes()).toEqual(['quota-unsure']);
    expect(codes(51)).toEqual([]);
    expect(codes(50)).toEqual(['quota-exceeded']);
    const [{ message, next }] = parseDescription(described(undefined)).diagnostics;
    expect(message).toMatch(/^needs 51 routes .* is 500, or 50 \(.*June 2025.*, 2026-11\)$/);
    expect(next).toContain("quotas: { 'vpc: routes per route table': 500 }");
  });
});
