import { distanceKm, fibreKmPerMs } from '../../lib/catalog';
import { awsQuotas } from '../../lib/catalog/aws/quotas';
import { awsRegions } from '../../lib/catalog/aws/regions';
import { rttRegions, tryRttMs } from '../../lib/catalog/aws/rtt';
import { transferPriceUsdPerGb } from '../../lib/catalog/aws/transfer-price';
import {
  parseDescription,
  readDescription,
  type Direction,
  type Network,
  type NetworkDescription,
} from '../../lib/model';

function networkOf(description: unknown): Network {
  const { network, diagnostics } = parseDescription(description);
  if (!network) throw new Error(JSON.stringify(diagnostics, null, 2));
  return network;
}

function codesOf(description: unknown): string[] {
  return parseDescription(description).diagnostics.map((d) => d.code);
}

/** Two regions and one link between them. */
function pair(a: string, b: string, link: object = {}, more: object = {}): NetworkDescription {
  return {
    network: 'demo',
    regions: { a: { place: a }, b: { place: b } },
    links: [{ between: ['a', 'b'], ...link }],
    ...more,
  } as NetworkDescription;
}

function directionsOf(description: unknown): readonly Direction[] {
  return networkOf(description).links[0].directions;
}

describe('the catalog', () => {
  it('has 36 regions, measured round trips of 33 of them, 528 in all', () => {
    expect(awsRegions.size).toBe(36);
    expect(rttRegions).toHaveLength(33);
    const pairs = rttRegions.flatMap((a, i) =>
      rttRegions.slice(i + 1).map((b) => [tryRttMs(a, b), tryRttMs(b, a)]),
    );
    expect(pairs).toHaveLength(528);
    for (const [there, back] of pairs) {
      expect(there).toBeGreaterThan(0);
      expect(back).toBe(there);
    }
    expect(rttRegions.filter((code) => !awsRegions.has(code))).toEqual([]);
    expect([...rttRegions].sort()).toEqual(rttRegions);
  });

  it('measures nothing faster than light in fibre, but for what rounding to whole ms takes away', () => {
    for (const a of rttRegions) {
      for (const b of rttRegions) {
        const rtt = tryRttMs(a, b);
        if (rtt === undefined) continue;
        const light = (2 * distanceKm(awsRegions.get(a)!, awsRegions.get(b)!)) / fibreKmPerMs;
        expect([a, b, rtt + 0.5 >= light]).toEqual([a, b, true]);
      }
    }
  });

  it('has no figure of a region with itself or with one it does not know', () => {
    expect(tryRttMs('us-east-1', 'us-east-1')).toBeUndefined();
    expect(tryRttMs('us-east-1', 'me-west-1')).toBeUndefined();
    expect(transferPriceUsdPerGb('luna-1', 'us-east-1')).toBeNull();
  });

  it('has a quota once, each with a name that a description can raise', () => {
    expect(new Set(awsQuotas.map((q) => q.name)).size).toBe(awsQuotas.length);
    for (const { limit, sureLimit, source, asOf } of awsQuotas) {
      expect(sureLimit).toBeLessThanOrEqual(limit);
      expect(source).not.toBe('');
      expect(asOf).toMatch(/^20\d\d-\d\d$/);
    }
  });
});

describe('defaults and their origins', () => {
  it('latency is half the measured round trip, marked measured', () => {
    const [there, back] = directionsOf(pair('us-east-1', 'eu-west-1'));
    expect([there.latencyMs, there.latencyOrigin]).toEqual([
      tryRttMs('us-east-1', 'eu-west-1')! / 2,
      'measured',
    ]);
    expect(back.latencyMs).toBe(there.latencyMs);
  });

  it.each(['me-west-1', 'sa-west-1', 'ap-southeast-6'])(
    'latency to %s, never measured, is fibre time x 1.8, marked estimated',
    (code) => {
      const [there] = directionsOf(pair('us-east-1', code));
      const fibre = distanceKm(awsRegions.get('us-east-1')!, awsRegions.get(code)!) / 200;
      expect(there.latencyOrigin).toBe('estimated');
      expect(Math.abs(there.latencyMs - fibre * 1.8)).toBeLessThanOrEqual(0.05 + 1e-9);
    },
  );

  it('what is given stays as given, marked so; a round trip is halved', () => {
    const link = {
      bandwidth: '2.5 Gbps',
      rtt: '91 ms',
      cost: '0.03 USD/GB',
      loss: '0.1 %',
      availability: '99.95 %',
    };
    const [there] = directionsOf(pair('us-east-1', 'eu-central-1', link));
    expect(there).toMatchObject({
      bandwidthMbps: 2500,
      bandwidthOrigin: 'given',
      latencyMs: 45.5,
      latencyOrigin: 'given',
      costPerGbUsd: 0.03,
      costOrigin: 'given',
      lossRatio: 0.001,
      availabilityRatio: 0.9995,
      utilisationRatio: 0,
    });
  });

  it('price is the list price of the sender, marked measured', () => {
    const [there, back] = directionsOf(pair('us-east-1', 'sa-east-1'));
    expect([there.costPerGbUsd, there.costOrigin]).toEqual([0.02, 'measured']);
    expect([back.costPerGbUsd, back.costOrigin]).toEqual([0.138, 'measured']);
  });

  it('us-east-1 and us-east-2 pay 0.01 USD/GB to each other', () => {
    expect(directionsOf(pair('us-east-1', 'us-east-2')).map((d) => d.costPerGbUsd)).toEqual([0.01, 0.01]);
    expect(directionsOf(pair('us-east-1', 'us-west-2')).map((d) => d.costPerGbUsd)).toEqual([0.02, 0.02]);
  });

  it('an unknown price is null and warned of, never zero', () => {
    const described = pair('us-east-1', 'me-west-1');
    const [there, back] = directionsOf(described);
    expect([there.costPerGbUsd, back.costPerGbUsd, back.costOrigin]).toEqual([0.02, null, 'unknown']);
    expect(networkOf(described).warnings.map((w) => [w.code, w.path])).toEqual([
      ['price-unknown', 'regions.b'],
    ]);
  });

  it('bandwidth is what both gateways sustain, at most one flow of 5 Gbps a tunnel, marked estimated', () => {
    const mbps = (gateways: object) =>
      directionsOf(pair('us-east-1', 'eu-west-1', {}, { defaults: { gateways } })).map((d) => [
        d.bandwidthMbps,
        d.bandwidthOrigin,
      ]);
    expect(mbps({ instanceType: 'c7gn.16xlarge' })[0]).toEqual([5000, 'estimated']);
    expect(mbps({ instanceType: 'c7gn.16xlarge', count: 2 })[0]).toEqual([10000, 'estimated']);
    expect(mbps({ instanceType: 'c7g.large' })[0][0]).toBeLessThan(5000);
  });

  it('a region is called after its place unless it says another', () => {
    const { regions } = networkOf({
      network: 'demo',
      regions: { 'us-east-1': {}, home: { place: 'eu-west-1' } },
      links: [{ mesh: 'all' }],
    });
    expect(regions.map((r) => [r.id, r.place, r.city, r.country])).toEqual([
      ['home', 'eu-west-1', 'Dublin', 'IE'],
      ['us-east-1', 'us-east-1', 'N. Virginia (Ashburn)', 'US'],
    ]);
  });

  it('a figure of a link holds for both directions, that of a direction wins', () => {
    const link = {
      latency: '40 ms',
      bandwidth: '1 Gbps',
      forward: { rtt: '90 ms' },
      backward: { bandwidth: '2 Gbps', loss: '1 %' },
    };
    const [there, back] = directionsOf(pair('us-east-1', 'eu-west-1', link));
    expect([there.latencyMs, there.bandwidthMbps, there.lossRatio]).toEqual([45, 1000, null]);
    expect([back.latencyMs, back.bandwidthMbps, back.lossRatio]).toEqual([40, 2000, 0.01]);
  });

  it('what others use is taken off in whole Mbps, without the error of binary fractions', () => {
    const available = (bandwidth: string, utilisation: string) =>
      directionsOf(pair('us-east-1', 'eu-west-1', { bandwidth, utilisation }))[0].availableMbps;
    expect(available('1 Gbps', '30 %')).toBe(700);
    expect(available('1 Gbps', '0.1 %')).toBe(999);
    expect(available('10 Mbps', '33 %')).toBe(6);
    expect(available('0.5 Mbps', '50 %')).toBe(0.25);
  });

  it('a link of an external site needs what no catalog knows, in each direction', () => {
    const site = { external: { endpoint: '198.51.100.7', private: true } };
    const described = (link: object) => ({
      network: 'demo',
      regions: { office: site, 'us-east-1': {} },
      links: [{ between: ['office', 'us-east-1'], ...link }],
    });
    expect(codesOf(described({}))).toEqual(['latency-unknown']);
    expect(codesOf(described({ forward: { latency: '10 ms' } }))).toEqual(['latency-unknown']);
    expect(codesOf(described({ backward: { latency: '10 ms' } }))).toEqual(['latency-unknown']);
    expect(networkOf(described({ latency: '10 ms' })).regions[0]).toMatchObject({
      provider: 'external',
      place: null,
      gatewayCount: 1,
    });
  });

  it('an external site keeps its one gateway where others have two', () => {
    const described = {
      network: 'demo',
      defaults: { gateways: { count: 2 } },
      regions: { office: { external: { endpoint: '198.51.100.7' } }, 'us-east-1': {} },
      links: [{ between: ['office', 'us-east-1'], latency: '10 ms' }],
    };
    expect(networkOf(described).regions.map((r) => r.gatewayCount)).toEqual([1, 2]);
  });

  it('a policy gets three backups, 10 % tolerance and the weights 0.4, 0.3, 0.3', () => {
    const [policy] = networkOf(pair('us-east-1', 'eu-west-1', {}, { policies: { p: {} } })).policies;
    expect(policy).toMatchObject({
      backups: 3,
      ecmpToleranceRatio: 0.1,
      ecmpPaths: 4,
      disjoint: 'none',
      priority: 0,
      action: 'route',
      strategy: null,
      weights: { latency: 0.4, cost: 0.3, utilisation: 0.3 },
      from: [],
      to: [],
    });
    expect(policy.classes).toHaveLength(5);
  });

  it('a tunnel has MTU 1420 and a keepalive of 25 s', () => {
    expect(networkOf(pair('us-east-1', 'eu-west-1')).links[0]).toMatchObject({
      mtu: 1420,
      keepaliveSeconds: 25,
      tunnelType: 'wireguard',
    });
    const tunnel = { mtu: 1380, keepalive: '10 s' };
    expect(networkOf(pair('us-east-1', 'eu-west-1', {}, { defaults: { tunnel } })).links[0]).toMatchObject({
      mtu: 1380,
      keepaliveSeconds: 10,
    });
  });
});

describe('what the origin got wrong', () => {
  it('negative bandwidth never raises capacity', () => {
    for (const bandwidth of ['-1 Gbps', '-0.5 Mbps', -100, '-Infinity Mbps']) {
      for (const link of [{ bandwidth }, { forward: { bandwidth } }, { backward: { bandwidth } }]) {
        const { network, diagnostics } = parseDescription(pair('us-east-1', 'eu-west-1', link));
        expect(network).toBeUndefined();
        expect(diagnostics.map((d) => d.code)).toEqual(['bad-bandwidth']);
      }
      const demands = [{ from: 'a', to: 'b', bandwidth }];
      expect(codesOf(pair('us-east-1', 'eu-west-1', {}, { demands }))).toEqual(['bad-bandwidth']);
      const reservations = { r: { from: 'a', to: 'b', bandwidth } };
      expect(codesOf(pair('us-east-1', 'eu-west-1', {}, { reservations }))).toEqual(['bad-bandwidth']);
    }
    expect(codesOf(pair('us-east-1', 'eu-west-1', { utilisation: '-50 %' }))).toEqual(['bad-ratio']);
  });

  it('sub-millisecond latencies are not rounded to zero', () => {
    const place = { endpoint: '198.51.100.7' };
    const latencyOf = (latency: string) =>
      networkOf({
        network: 'demo',
        regions: { office: { external: place }, 'us-east-1': {} },
        links: [{ between: ['office', 'us-east-1'], latency }],
      }).links[0].directions.map((d) => d.latencyMs);
    expect(latencyOf('0.35 ms')).toEqual([0.35, 0.35]);
    expect(latencyOf('50 us')).toEqual([0.05, 0.05]);
    expect(latencyOf('1 us')).toEqual([0.001, 0.001]);
    const near = { ...place, location: { lat: 39.04, lon: -77.49 } };
    const estimated = networkOf({
      network: 'demo',
      regions: { office: { external: near }, 'us-east-1': {} },
      links: [{ between: ['office', 'us-east-1'] }],
    });
    expect(estimated.links[0].directions[0]).toMatchObject({ latencyMs: 0.1, latencyOrigin: 'estimated' });
  });

  it('a parallel link never overwrites the first', () => {
    const twins = { links: [{ between: ['a', 'b'] }, { id: 'second', between: ['a', 'b'] }] };
    expect(networkOf(pair('us-east-1', 'eu-west-1', {}, twins)).links.map((l) => l.id)).toEqual([
      'link-a-b',
      'second',
    ]);
    const clash = { links: [{ between: ['a', 'b'] }, { between: ['b', 'a'] }] };
    expect(codesOf(pair('us-east-1', 'eu-west-1', {}, clash))).toEqual(['duplicate-link']);
  });

  it('a link from a region to itself is refused', () => {
    expect(
      codesOf(
        pair('us-east-1', 'eu-west-1', {}, { links: [{ between: ['a', 'b'] }, { between: ['a', 'a'] }] }),
      ),
    ).toEqual(['self-link']);
  });
});

describe('checking', () => {
  it('reports a figure that both directions share once, and one that a direction overrides too', () => {
    expect(codesOf(pair('us-east-1', 'eu-west-1', { bandwidth: 10 }))).toEqual(['bad-bandwidth']);
    const overridden = {
      bandwidth: 'x',
      forward: { bandwidth: '1 Gbps' },
      backward: { bandwidth: '1 Gbps' },
    };
    expect(codesOf(pair('us-east-1', 'eu-west-1', overridden))).toEqual(['bad-bandwidth']);
    const half = { bandwidth: 'x', forward: { bandwidth: '1 Gbps' } };
    expect(codesOf(pair('us-east-1', 'eu-west-1', half))).toEqual(['bad-bandwidth']);
  });

  it('does not blame a policy for a link or region that is faulty itself', () => {
    const policies = { p: { avoid: { links: ['link-a-b'], countries: ['US'] } } };
    expect(codesOf(pair('us-east-1', 'eu-west-1', { loss: 5 }, { policies }))).toEqual(['bad-ratio']);
    expect(codesOf(pair('us-east-99', 'eu-west-1', {}, { policies }))).toEqual(['unknown-place']);
  });

  it('lets a weekly window last from one of its days to the next', () => {
    const reserve = (window: object) =>
      codesOf(
        pair(
          'us-east-1',
          'eu-west-1',
          {},
          { reservations: { r: { from: 'a', to: 'b', bandwidth: '1 Gbps', window } } },
        ),
      );
    const start = '2026-12-05T00:00';
    expect(reserve({ start, duration: '48 h', recur: 'weekly', days: ['sat'] })).toEqual([]);
    expect(reserve({ start, duration: '48 h', recur: 'weekly', days: ['sat', 'mon'] })).toEqual([]);
    expect(reserve({ start, duration: '49 h', recur: 'weekly', days: ['sat', 'mon'] })).toEqual([
      'window-overlap',
    ]);
    expect(reserve({ start, duration: '25 h', recur: 'weekly', days: ['sun', 'mon'] })).toEqual([
      'window-overlap',
    ]);
    expect(reserve({ start, duration: '7 d', recur: 'weekly' })).toEqual([]);
    expect(reserve({ start, duration: '25 h', recur: 'daily' })).toEqual(['window-overlap']);
  });

  it('never throws and never changes its input, whatever it is given', () => {
    const inputs: unknown[] = [
      null,
      5,
      'text',
      [],
      {},
      { network: 'demo' },
      { network: 'demo', regions: { a: null } },
      { network: 'demo', regions: { a: [] }, links: [null] },
    ];
    for (const input of inputs) {
      const before = JSON.stringify(input);
      expect(parseDescription(input).diagnostics.length).toBeGreaterThan(0);
      expect(JSON.stringify(input)).toBe(before);
    }
  });

  it('gives plain data: lists sorted by id, equal whatever the order of declaration', () => {
    const regions = { b: { place: 'eu-west-1' }, a: { place: 'us-east-1' }, c: { place: 'eu-west-2' } };
    const links = [{ between: ['c', 'b'] }, { between: ['b', 'a'], srlg: ['y', 'x', 'y'] }];
    const one = networkOf({ network: 'demo', regions, links });
    const other = networkOf({
      network: 'demo',
      regions: Object.fromEntries(Object.entries(regions).reverse()),
      links: [...links].reverse(),
    });
    expect(other).toEqual(one);
    expect(one.regions.map((r) => r.id)).toEqual(['a', 'b', 'c']);
    expect(one.links.map((l) => l.id)).toEqual(['link-b-a', 'link-c-b']);
    expect(one.links[0].srlgs).toEqual(['x', 'y']);
    expect(JSON.parse(JSON.stringify(one))).toEqual(one);
  });
});

describe('positions', () => {
  const positionsOf = (text: string, file = 'network.yaml') =>
    readDescription(text, file).diagnostics.map((d) => [
      d.code,
      d.position && `${d.position.line}:${d.position.column}`,
    ]);

  it('point to the key that is wrong', () => {
    const text =
      'network: demo\nregions:\n  a: { place: us-east-1 }\n  b:\n    place: eu-west-99\nlinks:\n  - between: [a, b]\n    loss: 5\n';
    expect(positionsOf(text)).toEqual([
      ['unknown-place', '5:5'],
      ['bad-ratio', '8:5'],
    ]);
  });

  it('point to the map that lacks a key', () => {
    expect(positionsOf('network: demo\nregions:\n  us-east-1: {}\n  office:\n    external: {}\n')).toEqual([
      ['missing-key', '5:5'],
    ]);
  });

  it('point into JSON as into YAML, with tabs and Windows line ends too', () => {
    const text = '{\r\n\t"network": "demo",\r\n\t"regions": { "us-east-1": { "drained": 1 } }\r\n}\r\n';
    expect(positionsOf(text, 'network.json')).toEqual([['wrong-type', '3:30']]);
  });

  it('point to what an alias stands for', () => {
    const text =
      'network: demo\nregions:\n  a: { place: us-east-1, gateways: &two { count: 3 } }\n  b: { place: eu-west-1, gateways: *two }\nlinks:\n  - between: [a, b]\n';
    expect(positionsOf(text)).toEqual([
      ['bad-number', '3:43'],
      ['bad-number', '3:43'],
    ]);
  });

  it('count from the first character behind a byte order mark', () => {
    expect(positionsOf('\uFEFFnetwork: demo\nregion: {}\n')).toEqual([['unknown-key', '2:1']]);
  });

  it('let a figure be shared by every link of a large mesh', () => {
    const links = Array.from(
      { length: 300 },
      (_, i) => `  - { id: l${i}, between: [a, b], tunnel: ${i === 0 ? '&t { mtu: 1400 }' : '*t'} }`,
    );
    const text = `network: demo\nquotas: { 'vpc: rules per security group each direction': 300 }\nregions:\n  a: { place: us-east-1 }\n  b: { place: eu-west-1 }\nlinks:\n${links.join('\n')}\n`;
    const { network, diagnostics } = readDescription(text, 'network.yaml');
    expect(diagnostics).toEqual([]);
    expect(network!.links.every((l) => l.mtu === 1400)).toBe(true);
  });

  it('are those of an alias that holds itself, which is refused', () => {
    expect(positionsOf('network: demo\nregions: &r\n  a: *r\n')[0][0]).toBe('yaml-alias');
  });
});
