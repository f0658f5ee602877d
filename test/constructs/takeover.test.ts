import { checkDeployable } from '../../lib/clouds/deployments';
import type { NetworkDescription } from '../../constructs';
import { planOf } from '../support/plan-of';
import { inGivenVpc, line, resourcesOf, synthesize, type Resource } from './fixture';

/** Two gateways of Virginia in a VPC of ours, two of Dublin in one that was there, one of Singapore. */
const description: NetworkDescription = {
  ...line,
  regions: { ...line.regions, virginia: { place: 'us-east-1', gateways: { count: 2 } }, dublin: inGivenVpc },
};
const { plan, synthesized } = synthesize(description);
const resources = [...resourcesOf(synthesized)];
const of = (type: string, region: string): [string, Resource][] =>
  resources.filter(([id]) => id.startsWith(`${type}.`) && id.includes(`_regions_${region}_`));
const one = (type: string, region: string, part: string) =>
  of(type, region).find(([id]) => id.includes(part))!;

describe('two gateways that stand in for each other', () => {
  it('are told what their tables and interfaces are called, both the same', () => {
    const objects = of('aws_s3_object', 'virginia').filter(([, o]) =>
      /route-tables\.json$/.test(String(o.key)),
    );
    expect(objects.map(([, o]) => String(o.key))).toEqual([
      'gateway-1/route-tables.json',
      'gateway-2/route-tables.json',
    ]);
    const [first, second] = objects.map(([, o]) => String(o.content));
    expect(first).toBe(second);
    const told = JSON.parse(first) as Record<string, Record<string, unknown>>;
    const id = (type: string, part: string, attribute: string) =>
      `\${${one(type, 'virginia', part)[0]}.${attribute}}`;
    expect(told).toEqual({
      formatVersion: 1,
      tables: Object.fromEntries(
        ['public', 'private-1', 'private-2'].map((name) => [
          name,
          id('aws_route_table', `_${name}-table_`, 'id'),
        ]),
      ),
      interfaces: Object.fromEntries(
        [1, 2].map((k) => [
          `virginia/${k}`,
          {
            id: id('aws_network_interface', `gateway-${k}_`, 'id'),
            ipv4: id('aws_network_interface', `gateway-${k}_`, 'private_ip'),
          },
        ]),
      ),
    });
    const given = of('aws_s3_object', 'dublin').find(([, o]) => o.key === 'gateway-1/route-tables.json')!;
    expect((JSON.parse(String(given[1].content)) as { tables: unknown }).tables).toEqual({
      'rtb-0123456789abcdef1': 'rtb-0123456789abcdef1',
      'rtb-0123456789abcdef2': 'rtb-0123456789abcdef2',
    });
  });

  it('own where their routes lead, until the interface of a home is another one', () => {
    for (const region of ['virginia', 'dublin']) {
      const routes = of('aws_route', region).filter(([, r]) => r.network_interface_id !== undefined);
      expect(routes.length).toBe(region === 'virginia' ? 6 : 4);
      for (const [id, route] of routes) {
        const home = String(route.network_interface_id).replace(/^\$\{(.*)\}$/, '$1');
        expect([id, route.lifecycle]).toEqual([
          id,
          { ignore_changes: ['network_interface_id'], replace_triggered_by: [home] },
        ]);
      }
    }
    const home = (part: string) => String(one('aws_route', 'virginia', part)[1].network_interface_id);
    expect(home('private-1-to')).toContain('gateway-1');
    expect(home('private-2-to')).toContain('gateway-2');
  });

  it('own the route to gateways elsewhere, too; the one to each gateway of the region is its own', () => {
    const open = synthesize({ ...description, operations: {} });
    const routes = [...resourcesOf(open.synthesized)].filter(
      ([id]) => /^aws_route\./.test(id) && /_regions_virginia_.*-to-operators/.test(id),
    );
    const owned = routes.filter(([, route]) => route.lifecycle !== undefined);
    expect(routes).toHaveLength(9);
    expect(owned.map(([, route]) => route.destination_cidr_block)).toEqual(
      Array.from({ length: 3 }, () => open.plan!.pools.gateways),
    );
    expect(owned.every(([id]) => !/operators-\d/.test(id))).toBe(true);
  });

  it('are told after the bundle and before the manifest, so that what is installed finds them', () => {
    const [table] = one('aws_s3_object', 'virginia', 'gateway-1_route-tables');
    const manifest = one('aws_s3_object', 'virginia', 'gateway-1_manifest')[1];
    expect(manifest.depends_on).toContain(table);
  });

  it('are refused more tables than the role of one can name', () => {
    const many = (n: number): NetworkDescription => {
      const routeTables = Array.from({ length: n }, (_, i) => `rtb-${String(i).padStart(17, '0')}`);
      const dublin = { ...inGivenVpc, vpc: { ...inGivenVpc.vpc, routeTables } };
      return { ...description, regions: { ...description.regions, dublin } };
    };
    expect(checkDeployable(planOf(many(100)))).toEqual([]);
    expect(checkDeployable(planOf(many(101))).map((d) => [d.code, d.path])).toEqual([
      ['too-many-tables', 'regions.dublin.vpc.routeTables'],
    ]);
    const policies = [...resourcesOf(synthesize(many(100)).synthesized)].filter(([id]) =>
      /^aws_iam_role_policy\..*dublin.*gateway-1/.test(id),
    );
    // With an account and ids as long as real ones in place of what Terraform knows later.
    const real = String(policies[0][1].policy)
      .replace(/\$\{[^}]*account_id\}/g, '123456789012')
      .replace(/\$\{[^}]+\}/g, 'x'.repeat(64));
    expect(real.length).toBeGreaterThan(7_000);
    expect(real.length).toBeLessThan(10_240);
  });
});

describe('a gateway that is alone in its region', () => {
  it('moves nothing: no ids, no rights, and Terraform keeps its routes', () => {
    expect(of('aws_s3_object', 'singapore').filter(([, o]) => /route-tables/.test(String(o.key)))).toEqual(
      [],
    );
    const routes = of('aws_route', 'singapore').filter(([, r]) => r.network_interface_id !== undefined);
    expect(routes.length).toBe(6);
    expect(routes.filter(([, r]) => 'lifecycle' in r)).toEqual([]);
    const policy = String(one('aws_iam_role_policy', 'singapore', 'gateway-1')[1].policy);
    expect(policy).not.toMatch(/ec2:|leases/);
  });
});

describe('every gateway', () => {
  it('comes back by itself: AWS moves it when its host fails its check, and restarts it when its system does', () => {
    for (const { region, number } of plan!.gateways) {
      const place = plan!.regions.find((r) => r.id === region)!.place!;
      const alarms = of('aws_cloudwatch_metric_alarm', region).filter(([id]) =>
        id.includes(`gateway-${number}_`),
      );
      const [[instance]] = of('aws_instance', region).filter(([id]) => id.includes(`gateway-${number}_`));
      expect(alarms.map(([, a]) => a)).toMatchObject(
        [
          { metric: 'StatusCheckFailed_Instance', periods: 3, action: 'reboot' },
          { metric: 'StatusCheckFailed_System', periods: 2, action: 'recover' },
        ].map(({ metric, periods, action }) => ({
          region: place,
          namespace: 'AWS/EC2',
          metric_name: metric,
          dimensions: { InstanceId: `\${${instance}.id}` },
          period: 60,
          evaluation_periods: periods,
          threshold: 1,
          comparison_operator: 'GreaterThanOrEqualToThreshold',
          alarm_actions: [`arn:aws:automate:${place}:ec2:${action}`],
        })),
      );
    }
  });
});
