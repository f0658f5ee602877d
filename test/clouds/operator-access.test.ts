import { gatewayState } from '../../lib/gateway';
import { outsideScrapers } from '../../lib/clouds/aws/operators';
import { operatorRoutes } from '../../lib/gateway/operator-access';
import type { NetworkDescription } from '../../lib/model';
import { planOf } from '../support/plan-of';

const described = (operations?: NetworkDescription['operations']): NetworkDescription => ({
  network: 'demo',
  regions: {
    dublin: { place: 'eu-west-1', gateways: { count: 2 } },
    virginia: { place: 'us-east-1', prefixes: ['10.9.0.0/16'] },
  },
  links: [{ between: ['dublin', 'virginia'], bandwidth: '1 Gbps' }],
  ...(operations && { operations }),
});
const quiet = planOf(described());
const open = planOf(described({ metrics: { from: ['10.9.4.0/24', '172.20.0.0/16', 'fd00:7::/48'] } }));
const overlay = (id: string) => `${open.gateways.find((g) => g.id === id)!.ipv4}/32`;

it('leads over the planned paths to the gateways of a region, by IPv4', () => {
  const { routes } = gatewayState(open, 'virginia/1');
  const toDublin = routes.filter((r) => r.to === 'dublin');
  expect(toDublin.length).toBeGreaterThan(0);
  for (const { ipv4Prefixes, ipv6Prefixes } of toDublin) {
    expect(ipv4Prefixes.slice(1)).toEqual([overlay('dublin/1'), overlay('dublin/2')]);
    expect(ipv6Prefixes).toHaveLength(1);
  }
});

it('delivers to the other gateway of a region, which no tunnel joins, through the region', () => {
  expect(gatewayState(open, 'dublin/1').prefixes).toEqual([overlay('dublin/2')]);
  expect(gatewayState(open, 'virginia/1').prefixes).toEqual(['10.9.0.0/16']);
  const region = (id: string) => open.regions.find((r) => r.id === id)!;
  expect(operatorRoutes(open, region('virginia'))).toEqual([
    { name: 'operators', destination: open.pools.gateways, gateway: null },
  ]);
  expect(operatorRoutes(open, region('dublin')).map((r) => [r.destination, r.gateway])).toEqual([
    [open.pools.gateways, null],
    [overlay('dublin/1'), 1],
    [overlay('dublin/2'), 2],
  ]);
});

it('admits scrapers from networks that no other rule admits', () => {
  const [dublin, virginia] = open.regions;
  expect(outsideScrapers(open, dublin)).toEqual(['10.9.4.0/24', '172.20.0.0/16']);
  expect(outsideScrapers(open, virginia)).toEqual(['172.20.0.0/16']);
});

it('changes nothing where nobody gets in', () => {
  const state = gatewayState(quiet, 'dublin/1');
  expect(state).not.toHaveProperty('operations');
  expect(state).not.toHaveProperty('prefixes');
  expect(state.routes.every((r) => r.ipv4Prefixes.every((p) => !p.endsWith('/32')))).toBe(true);
  expect(operatorRoutes(quiet, quiet.regions[0])).toEqual([]);
});
