import type { Link, Network, Region } from '../../../lib/model';

/** A checked AWS region with `gatewayCount` gateways. */
export function region(id: string, gatewayCount = 1, more: Partial<Region> = {}): Region {
  return {
    id,
    provider: 'aws',
    place: 'eu-west-1',
    city: null,
    country: null,
    lat: null,
    lon: null,
    endpoint: null,
    endpointPrivate: false,
    prefixes: [],
    block: null,
    gatewayCount,
    instanceType: 'c7gn.large',
    gatewayMbps: 5000,
    drained: false,
    transit: true,
    vpc: null,
    tags: {},
    ...more,
  };
}

/** An overlay link of two directions, 1 Gbps and 10 ms. */
export function link(a: string, b: string, more: Partial<Link> = {}): Link {
  const direction = (from: string, to: string) => ({
    from,
    to,
    bandwidthMbps: 1000,
    bandwidthOrigin: 'given' as const,
    availableMbps: 1000,
    latencyMs: 10,
    latencyOrigin: 'given' as const,
    costPerGbUsd: 0.02,
    costOrigin: 'given' as const,
    lossRatio: null,
    availabilityRatio: null,
    utilisationRatio: 0,
    metric: 10,
  });
  return {
    id: `link-${a}-${b}`,
    a,
    b,
    directions: [direction(a, b), direction(b, a)],
    srlgs: [],
    tunnelType: 'wireguard',
    transport: 'overlay',
    mtu: 1420,
    keepaliveSeconds: 25,
    drained: false,
    standby: false,
    classShares: null,
    ...more,
  };
}

/** A checked network of these regions and links. */
export function network(regions: readonly Region[], links: readonly Link[]): Network {
  const pools = { regions: '10.0.0.0/8', links: '100.64.0.0/16', gateways: '100.65.0.0/16', ipv6: null };
  return {
    name: 'demo',
    renumber: [],
    renames: { network: null, regions: {}, links: {} },
    pools,
    regions,
    links,
    policies: [],
    demands: [],
    traffic: {
      spread: {
        critical: 'single',
        realtime: 'single',
        interactive: 'ecmp',
        bulk: 'te',
        'best-effort': 'te',
      },
      paths: 4,
      units: 16,
    },
    admission: {
      model: 'shared',
      shares: { critical: 1, realtime: 1, interactive: 1, bulk: 1, 'best-effort': 1 },
      headroomRatio: 0.2,
      criticalHeadroomRatio: 0,
    },
    reservations: [],
    objectives: [],
    rollout: null,
    edge: null,
    operations: null,
    quotas: {},
    tags: {},
    warnings: [],
  };
}
