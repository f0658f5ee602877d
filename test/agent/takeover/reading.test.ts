import { gatewayState, type GatewayState, type RouteTablesFile } from '../../../lib/gateway';
import { readRoutes } from '../../../lib/agent/takeover/aws/ec2-route-tables';
import { readLease } from '../../../lib/agent/takeover/lease';
import { destinationsOf, readRouteTables } from '../../../lib/agent/takeover/read-route-tables';
import { viewTables } from '../../../lib/agent/takeover/route-tables';
import type { NetworkDescription } from '../../../lib/model';
import { planOf } from '../../support/plan-of';

const description: NetworkDescription = {
  network: 'tables',
  regions: { dublin: { place: 'eu-west-1', gateways: { count: 2 } }, ohio: { place: 'us-east-2' } },
  links: [{ between: ['dublin', 'ohio'], bandwidth: '1 Gbps' }],
};
const plan = planOf(description);
const gateway = gatewayState(plan, 'dublin/1');
const ohio = plan.regions.find(({ id }) => id === 'ohio')!;
const dublin = plan.regions.find(({ id }) => id === 'dublin')!;
const inside = dublin.ipv4Block.replace(/0\/\d+$/, '7');

const good: RouteTablesFile = {
  formatVersion: 1,
  tables: {
    public: 'rtb-0123456789abcdef0',
    'private-1': 'rtb-0123456789abcdef1',
    'private-2': 'rtb-0123456789abcdef2',
  },
  interfaces: {
    'dublin/1': { id: 'eni-0123456789abcdef0', ipv4: '10.0.0.4' },
    'dublin/2': { id: 'eni-0123456789abcdef1', ipv4: inside },
  },
};
const read = (file: unknown, of: GatewayState = gateway) => readRouteTables(JSON.stringify(file), of);
const partner = (change: object) => ({
  ...good,
  interfaces: { ...good.interfaces, 'dublin/2': { ...good.interfaces['dublin/2'], ...change } },
});

describe('what a deployment tells of route tables', () => {
  it('is taken where it fits the signed plan', () => {
    expect(read(good)).toEqual({
      tables: new Map(Object.entries(good.tables)),
      ownInterface: 'eni-0123456789abcdef0',
      partnerInterface: 'eni-0123456789abcdef1',
      partnerAddresses: [inside],
    });
  });

  it.each<[string, unknown, string | RegExp]>([
    ['no JSON object', [], /another version/],
    ['another version', { ...good, formatVersion: 2 }, 'it is of another version'],
    [
      'a table without an id',
      { ...good, tables: { public: 'rtb-01234567' } },
      "it has no id of table 'private-1'",
    ],
    [
      'an id that is none',
      { ...good, tables: { ...good.tables, public: 'rtb-1&Action=DeleteRoute' } },
      "it has no id of table 'public'",
    ],
    [
      'one id for two tables',
      { ...good, tables: { ...good.tables, public: good.tables['private-1'] } },
      'two tables have one id',
    ],
    ['a partner without an interface', partner({ id: 'i-0123' }), "it has no interface of 'dublin/2'"],
    ['one interface for both', partner({ id: 'eni-0123456789abcdef0' }), 'both gateways have one interface'],
    ['an address that is none', partner({ ipv4: 'evil.example' }), /is no IP address$/],
    [
      'an address behind a tunnel',
      partner({ ipv4: ohio.ipv4Block.split('/')[0] }),
      /lies in another region$/,
    ],
    ['no address', partner({ ipv4: undefined }), 'it has no address of the partner'],
  ])('is refused with %s, in words', (_what, file, why) => {
    const found = read(file);
    if (typeof why === 'string') expect(found).toBe(why);
    else expect(found).toMatch(why);
  });

  it('is refused where it is no JSON, or endless', () => {
    expect(readRouteTables('{', gateway)).toBe('it is no JSON');
    expect(readRouteTables(' '.repeat(70_000), gateway)).toMatch(/more than 65536 characters/);
  });

  it('concerns the prefixes of other regions alone', () => {
    expect([...destinationsOf(gateway)].sort()).toEqual([ohio.ipv4Block, ohio.ipv6Block].sort());
  });

  it('concerns the pool of gateways where operators reach them, and no single gateway of the region', () => {
    const open = planOf({ ...description, operations: {} });
    const found = destinationsOf(gatewayState(open, 'dublin/1'));
    expect(found.has(open.pools.gateways)).toBe(true);
    for (const { id, region, ipv4 } of open.gateways)
      expect([id, found.has(`${ipv4}/32`)]).toEqual([id, region !== 'dublin']);
  });
});

describe('routes of a table', () => {
  const item = (words: string) => `<item>${words}</item>`;
  const xml = `<?xml version="1.0"?><DescribeRouteTablesResponse><routeTableSet>${item(
    `<routeTableId>rtb-1</routeTableId><vpcId>vpc-1</vpcId><routeSet>
      ${item('<destinationCidrBlock>10.0.0.0/16</destinationCidrBlock><gatewayId>local</gatewayId>')}
      ${item('<destinationCidrBlock>10.1.0.0/16</destinationCidrBlock><networkInterfaceId>eni-1</networkInterfaceId>')}
      ${item('<destinationIpv6CidrBlock>FD00:0::/56</destinationIpv6CidrBlock><networkInterfaceId>eni-2</networkInterfaceId>')}
      ${item('<destinationPrefixListId>pl-1</destinationPrefixListId><gatewayId>vpce-1</gatewayId>')}
    </routeSet><associationSet>${item('<routeTableId>rtb-1</routeTableId>')}</associationSet>`,
  )}</routeTableSet></DescribeRouteTablesResponse>`;

  it('are read with what each leads to, prefixes in canonical text', () => {
    expect(readRoutes(xml)).toEqual([
      { table: 'rtb-1', destination: '10.0.0.0/16', target: null },
      { table: 'rtb-1', destination: '10.1.0.0/16', target: 'eni-1' },
      { table: 'rtb-1', destination: 'fd00::/56', target: 'eni-2' },
    ]);
  });

  it("are the partner's, own or foreign, and of the plan alone", () => {
    const views = viewTables(
      readRoutes(xml),
      new Map([['private-1', 'rtb-1']]),
      new Set(['10.1.0.0/16', 'fd00::/56']),
      { own: 'eni-3', partner: 'eni-1' },
    );
    expect(views).toEqual([
      { table: 'private-1', own: [], partner: ['10.1.0.0/16'], foreign: ['fd00::/56'] },
    ]);
  });
});

describe('a lease', () => {
  const lease = { formatVersion: 1, epoch: 3, by: 'dublin/1', phase: 'move', moves: 2 };

  it('is read as it was written', () => {
    expect(readLease(JSON.stringify(lease))).toEqual(lease);
  });

  it.each([
    '',
    'null',
    '[]',
    JSON.stringify({ ...lease, formatVersion: 2 }),
    JSON.stringify({ ...lease, epoch: -1 }),
    JSON.stringify({ ...lease, phase: 'steal' }),
    JSON.stringify({ ...lease, by: 7 }),
    JSON.stringify({ ...lease, moves: 1.5 }),
  ])('is none where it is %s', (text) => {
    expect(readLease(text)).toBeNull();
  });
});
