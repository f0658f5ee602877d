import { gatewayState, leaseKey, sharedTables } from '../../lib/gateway';
import type { NetworkDescription } from '../../lib/model';
import { planOf } from '../support/plan-of';

const pair: NetworkDescription = {
  network: 'tables',
  regions: {
    dublin: { place: 'eu-west-1', gateways: { count: 2 } },
    ohio: { place: 'us-east-2' },
    office: {
      block: '10.9.0.0/16',
      external: { endpoint: '8.8.4.4', location: { lat: 48, lon: 11, country: 'DE', city: 'Munich' } },
    },
    given: {
      place: 'eu-central-1',
      block: '10.60.0.0/16',
      gateways: { count: 2 },
      vpc: {
        id: 'vpc-0123456789abcdef0',
        publicSubnets: ['subnet-0123456789abcdef0', 'subnet-0123456789abcdef1'],
        routeTables: ['rtb-0123456789abcdef0', 'rtb-0123456789abcdef1', 'rtb-0123456789abcdef2'],
      },
    },
  },
  links: [{ mesh: 'all' as const, bandwidth: '1 Gbps' }],
};

describe('the route tables that gateways share', () => {
  const plan = planOf(pair);
  const takeover = (gateway: string) => gatewayState(plan, gateway).takeover;

  it('are at home at the gateway of their zone, and each gateway knows the other', () => {
    expect(takeover('dublin/1')?.tables).toEqual([
      { name: 'public', home: 'dublin/1' },
      { name: 'private-1', home: 'dublin/1' },
      { name: 'private-2', home: 'dublin/2' },
    ]);
    expect(takeover('dublin/2')?.tables).toEqual(takeover('dublin/1')?.tables);
    expect(takeover('dublin/2')?.partner).toMatchObject({ gateway: 'dublin/1', identity: 'dublin/1' });
  });

  it('are those of your VPC in turn, under their ids', () => {
    const homes = takeover('given/1')?.tables.map(({ name, home }) => `${name.slice(-1)} ${home}`);
    expect(homes).toEqual(['0 given/1', '1 given/2', '2 given/1']);
  });

  it('are none where a region has one gateway, or lies outside AWS', () => {
    expect(takeover('ohio/1')).toBeUndefined();
    expect(takeover('office/1')).toBeUndefined();
    const none = plan.regions.filter((region) => sharedTables(plan, region).length === 0);
    expect(none.map(({ id }) => id)).toEqual(['office', 'ohio']);
  });

  it('are agreed on under the identity of the region, which a renaming leaves', () => {
    const dublin = plan.regions.find(({ id }) => id === 'dublin')!;
    expect(leaseKey(dublin)).toBe('leases/dublin');
  });
});
