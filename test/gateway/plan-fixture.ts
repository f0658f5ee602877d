import { allocate } from '../../lib/addressing';
import { qosClasses, type Link, type Region } from '../../lib/model';
import { createKeyFile, type OpenedKeyFile } from '../../lib/net/keys';
import type { PlanDocument, PlannedPath, PlannedRoute } from '../../lib/plan';
import { buildTunnels } from '../../lib/plan';
import { pathMtu } from '../../lib/tunnels';
import { seededRandom } from '../net/seeded-random';
import { link, network, region } from '../plan/tunnels/network-fixture';

/** A plan with its key file, made without the planner: the paths are the ones named. */
export interface PlannedFixture {
  readonly plan: PlanDocument;
  readonly keys: OpenedKeyFile;
}

/**
 * Line a - b - c with an external site d behind c; b and c have two gateways; every class takes the one
 * path.
 */
export function linePlan(): Promise<PlannedFixture> {
  const regions = [
    region('a'),
    region('b', 2),
    region('c', 2),
    region('d', 1, { provider: 'external', place: null, endpoint: '2001:db8::d', instanceType: null }),
  ];
  const links = [link('a', 'b'), link('b', 'c'), link('c', 'd', { mtu: 1380 })];
  return planOf(regions, links, ['a>b', 'a>b>c', 'a>b>c>d', 'b>c', 'b>c>d', 'c>d']);
}

/** Two regions with parallel links, one of them drained, and a third region. */
export function parallelPlan(): Promise<PlannedFixture> {
  const links = [
    link('a', 'b'),
    link('a', 'b', { id: 'link-a-b-2', drained: true, keepaliveSeconds: 0.5 }),
    link('a', 'c'),
  ];
  return planOf([region('a', 2), region('b', 2), region('c')], links, ['a>b', 'a>c']);
}

async function planOf(
  regions: readonly Region[],
  links: readonly Link[],
  ways: readonly string[],
): Promise<PlannedFixture> {
  const described = network(regions, links);
  const { allocation } = allocate(described, null);
  if (!allocation) throw new Error('the fixture does not fit its pools');
  const bare = buildTunnels(described, allocation, new Set());
  const gatewayIds = [...allocation.gateways.keys()].sort();
  const wanted = {
    gateways: gatewayIds,
    tunnels: bare.map(({ id, ends }) => ({ id, ends: [ends[0].gateway, ends[1].gateway] as const })),
  };
  const passphrase = 'test fixture passphrase';
  const cost = { n: 1024, r: 1, p: 1 };
  const { opened } = await createKeyFile('demo', wanted, { passphrase }, seededRandom('plan'), cost);
  const all = ways.flatMap((way) => [way, way.split('>').reverse().join('>')]);
  const plan = {
    formatVersion: 1,
    digest: `sha256:${'0'.repeat(64)}`,
    generation: 1,
    network: 'demo',
    identity: 'demo',
    pools: { ...described.pools, ipv6: allocation.ipv6Pool },
    // A plan leaves the field out where a region has none.
    regions: regions.map(({ prefixes: _, ...r }) => ({ ...r, ...allocation.regions.get(r.id)! })),
    gateways: gatewayIds.map((id) => ({
      id,
      region: id.split('/')[0],
      number: Number(id.split('/')[1]),
      publicKey: opened.file.gateways[id].publicKey,
      ...allocation.gateways.get(id)!,
    })),
    links,
    tunnels: buildTunnels(described, allocation, new Set(Object.keys(opened.file.presharedKeys))),
    paths: all.map((way) => plannedPath(way, links)).sort((x, y) => (x.id < y.id ? -1 : 1)),
    routes: all.map(plannedRoute),
    demands: [],
    reservations: [],
    traffic: { classes: [] },
  } as unknown as PlanDocument;
  return { plan, keys: opened };
}

function plannedPath(way: string, links: readonly Link[]): PlannedPath {
  const regions = way.split('>');
  const used = regions.slice(1).map((to, i) => {
    const ends = [regions[i], to];
    return links.find((l) => ends.includes(l.a) && ends.includes(l.b))!;
  });
  return {
    id: way,
    from: regions[0],
    to: regions[regions.length - 1],
    regions,
    links: used.map((l) => l.id),
    latencyMs: 10 * used.length,
    costPerGbUsd: null,
    unknownCostLinks: [],
    bandwidthMbps: 1000,
    mtu: pathMtu(used.map((l) => l.mtu)),
    srlgs: [],
  };
}

function plannedRoute(way: string): PlannedRoute {
  const regions = way.split('>');
  return {
    from: regions[0],
    to: regions[regions.length - 1],
    classes: qosClasses,
    policy: null,
    strategy: 'latency',
    metric: 10,
    primary: way,
    backups: [],
    equalCost: [way],
    equalCostMore: false,
    refusal: null,
    hint: null,
  };
}
