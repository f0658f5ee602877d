import { readFileSync } from 'node:fs';
import path from 'node:path';
import { gatewaySchema } from '../../lib/gateway/shape';
import { cloudResources } from '../../lib/clouds/deployments';
import { frrConfig } from '../support/frr-config';
import { gatewayState } from '../../lib/gateway';
import { readPlan } from '../../lib/plan';

/** The network of the golden plan: dublin in a VPC of its own, virginia, and an office behind dublin. */
const file = path.join(__dirname, '..', 'golden', 'plans', 'prefixes', 'plan.json');
const plan = readPlan(readFileSync(file, 'utf8'), file).plan!;
const states = new Map(plan.gateways.map((g) => [g.id, gatewayState(plan, g.id)]));

const behind = {
  dublin: { ipv4: ['10.51.0.0/16', '100.96.0.0/16'], ipv6: [] },
  office: {
    ipv4: ['10.0.0.0/16', '172.17.0.0/16', '192.168.8.0/22', '192.168.20.0/24'],
    ipv6: ['fd12:3456:789a::/48'],
  },
  virginia: { ipv4: [], ipv6: [] },
} as const;
type Id = keyof typeof behind;

describe('prefixes of a region', () => {
  it('are carried over the same paths as its block, in every class', () => {
    for (const state of states.values()) {
      expect(state.routes.length).toBeGreaterThan(0);
      for (const route of state.routes) {
        const { ipv4Block, ipv6Block } = plan.regions.find((r) => r.id === route.to)!;
        expect(route.ipv4Prefixes).toEqual([ipv4Block, ...behind[route.to as Id].ipv4]);
        expect(route.ipv6Prefixes).toEqual([ipv6Block, ...behind[route.to as Id].ipv6]);
        expect(route.primary).not.toBeNull();
      }
    }
  });

  it('stand in the state of its own gateways, which the agent reads', () => {
    expect(states.get('virginia/1')).not.toHaveProperty('prefixes');
    const office = states.get('office/1')!;
    expect(office.prefixes).toEqual([...behind.office.ipv4, ...behind.office.ipv6]);
    for (const state of states.values())
      expect(gatewaySchema.parse(JSON.parse(JSON.stringify(state)))).toEqual(state);
    // 64 of the description, and the address of the other gateway.
    for (const wrong of [[], ['10.0.0.1/16'], Array.from({ length: 66 }, (_, i) => `10.0.${i}.0/24`)])
      expect(gatewaySchema.safeParse({ ...office, prefixes: wrong }).success).toBe(false);
  });

  it('are announced on the fallback plane, each with a number of its own', () => {
    const lines = frrConfig(states.get('office/1')!).split('\n');
    expect(lines.filter((line) => / prefix-list own seq/.test(line))).toEqual([
      'ip prefix-list own seq 5 permit 10.1.0.0/16',
      'ip prefix-list own seq 10 permit 10.0.0.0/16',
      'ip prefix-list own seq 15 permit 172.17.0.0/16',
      'ip prefix-list own seq 20 permit 192.168.8.0/22',
      'ip prefix-list own seq 25 permit 192.168.20.0/24',
      'ipv6 prefix-list own seq 5 permit fd88:9dc0:52d9:100::/56',
      'ipv6 prefix-list own seq 10 permit fd12:3456:789a::/48',
    ]);
  });

  it('have a route in every table of other regions in AWS, but for IPv6', () => {
    const routes = cloudResources(plan).filter((r) => r.type === 'aws_route');
    for (const [region, tables] of [
      ['dublin', ['rtb-0123456789abcdef1']],
      ['virginia', ['public', 'private-1', 'private-2']],
    ] as const)
      for (const table of tables) {
        const found = routes
          .filter((r) => r.path.startsWith(`${region}/${table}-to-prefix-`))
          .map((r) => r.values.destination_cidr_block);
        const wanted = (Object.keys(behind) as Id[]).flatMap((id) => (id === region ? [] : behind[id].ipv4));
        expect(found.sort()).toEqual([...wanted].sort());
      }
  });

  it('are admitted by the security group of their own gateways alone', () => {
    const rules = cloudResources(plan).filter((r) =>
      / (dublin|virginia)\/gateway-1\/(in|out)-prefix-/.test(r.id),
    );
    expect(rules.map((r) => [r.path, r.values.cidr_ipv4])).toEqual([
      ['dublin/gateway-1/out-prefix-10-51-0-0-16', '10.51.0.0/16'],
      ['dublin/gateway-1/out-prefix-100-96-0-0-16', '100.96.0.0/16'],
      ['dublin/gateway-1/in-prefix-10-51-0-0-16', '10.51.0.0/16'],
      ['dublin/gateway-1/in-prefix-100-96-0-0-16', '100.96.0.0/16'],
    ]);
  });
});
