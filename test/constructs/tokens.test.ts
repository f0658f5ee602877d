import { Vpc } from '@cdktf/provider-aws/lib/vpc';
import { Fn, TerraformResource, TerraformVariable, Token } from 'cdktf';
import { GlobalNetwork } from '../../constructs';
import { cloudResources } from '../../lib/clouds/deployments';
import { encodePlan } from '../../lib/plan';
import { verifyPlan } from '../../lib/verify';
import { inMemory, line, newStack, ofType, synth } from './fixture';

/** The line, with Dublin in a VPC of the same stack; variables list its subnets and route tables. */
function inOwnVpc(
  described: (at: { vpc: Vpc; subnets: TerraformVariable; tables: TerraformVariable }) => object,
) {
  const stack = newStack();
  const vpc = new Vpc(stack, 'own', { cidrBlock: '10.77.0.0/16' });
  const subnets = new TerraformVariable(stack, 'subnets', { type: 'list(string)' });
  const tables = new TerraformVariable(stack, 'tables', { type: 'list(string)' });
  const dublin = { place: 'eu-west-1', block: '10.77.0.0/16', ...described({ vpc, subnets, tables }) };
  const description = { ...line, regions: { ...line.regions, dublin } };
  const network = GlobalNetwork.fromDescription(stack, 'line', description, inMemory);
  return { stack, network, ...network.plan() };
}

const welcome = () =>
  inOwnVpc(({ vpc, subnets, tables }) => ({
    vpc: {
      id: vpc.id,
      publicSubnets: [Fn.element(subnets.listValue, 0) as string],
      routeTables: [Fn.element(tables.listValue, 0) as string, Fn.element(tables.listValue, 1) as string],
    },
    tags: { vpc: vpc.arn },
  }));

describe('a token where planning needs no value', () => {
  it('stands in the plan as a text that says so, the same in every run', () => {
    const { plan, diagnostics } = welcome();
    expect(diagnostics.filter((d) => d.severity === 'error')).toEqual([]);
    const dublin = plan!.regions.find((r) => r.id === 'dublin')!;
    expect(dublin.vpc).toEqual({
      id: 'known-at-apply:regions.dublin.vpc.id',
      publicSubnets: ['known-at-apply:regions.dublin.vpc.publicSubnets[0]'],
      routeTables: [
        'known-at-apply:regions.dublin.vpc.routeTables[0]',
        'known-at-apply:regions.dublin.vpc.routeTables[1]',
      ],
    });
    expect(dublin.tags).toEqual({ vpc: 'known-at-apply:regions.dublin.tags.vpc' });
    expect(verifyPlan(plan!)).toEqual([]);
    expect(encodePlan(welcome().plan!)).toEqual(encodePlan(plan!));
    expect(encodePlan(plan!)).not.toContain('TfToken');
  });

  it('reaches the resources itself, and no construct id', () => {
    const { stack, network, plan } = welcome();
    const synthesized = synth(stack);
    const text = JSON.stringify(synthesized);
    expect(text).not.toContain('known-at-apply');
    expect(text).not.toContain('TfToken');
    const routes = ofType(synthesized, 'aws_route').filter((r) =>
      String(r.route_table_id).includes('var.tables'),
    );
    expect(routes.map((r) => r.route_table_id as string).sort()).toEqual([
      '${element(var.tables, 0)}',
      '${element(var.tables, 0)}',
      '${element(var.tables, 1)}',
      '${element(var.tables, 1)}',
    ]);
    const groups = ofType(synthesized, 'aws_security_group').filter((g) => g.vpc_id === '${aws_vpc.own.id}');
    expect(groups.length).toBeGreaterThan(0);
    expect((groups[0].tags as Record<string, string>).vpc).toBe('${aws_vpc.own.arn}');
    const root = network.node.path;
    const made = network.node
      .findAll()
      .filter((c): c is TerraformResource => TerraformResource.isTerraformResource(c))
      .map((r) => `${r.terraformResourceType} ${r.node.path.slice(`${root}/regions/`.length)}`)
      .sort();
    expect(cloudResources(plan!).map((r) => r.id)).toEqual(made);
    expect(made.filter((id) => id.includes('table-'))).toEqual([
      'aws_route dublin/table-1-to-region-singapore',
      'aws_route dublin/table-1-to-region-virginia',
      'aws_route dublin/table-2-to-region-singapore',
      'aws_route dublin/table-2-to-region-virginia',
    ]);
  });

  it('may be a tag of the whole network', () => {
    const stack = newStack();
    const owner = new TerraformVariable(stack, 'owner', { type: 'string' });
    const described = { ...line, tags: { owner: owner.stringValue } };
    const { plan } = GlobalNetwork.fromDescription(stack, 'line', described, inMemory).plan();
    expect(plan!.tags).toEqual({ owner: 'known-at-apply:tags.owner' });
    const [vpc] = ofType(synth(stack), 'aws_vpc');
    expect((vpc.tags as Record<string, string>).owner).toBe('${var.owner}');
  });
});

describe('a token elsewhere', () => {
  it('is refused beside one that is welcome: a list of unknown length, a key, a block', () => {
    const { plan, diagnostics } = inOwnVpc(({ vpc, subnets, tables }) => ({
      block: vpc.cidrBlock,
      vpc: { id: vpc.id, publicSubnets: subnets.listValue, routeTables: Token.asList(tables.value) },
      tags: { [vpc.id]: 'x' },
    }));
    expect(plan).toBeUndefined();
    expect(diagnostics.map((d) => `${d.code} ${d.path}`)).toEqual([
      'value-is-token regions.dublin.block',
      'value-is-token regions.dublin.vpc.publicSubnets',
      'value-is-token regions.dublin.vpc.routeTables',
      'value-is-token regions.dublin.tags',
    ]);
    expect(diagnostics[1].next).toBe(
      'write a list of as many entries as there are: [Fn.element(list, 0), Fn.element(list, 1)]',
    );
  });

  it('cannot be written as the text that stands for it', () => {
    const { plan, diagnostics } = inOwnVpc(() => ({
      vpc: {
        id: 'known-at-apply:regions.dublin.vpc.id',
        publicSubnets: ['subnet-01234567'],
        routeTables: [],
      },
    }));
    expect(plan).toBeUndefined();
    expect(diagnostics.map((d) => `${d.code} ${d.path}`)).toEqual([
      'stand-in-without-token regions.dublin.vpc.id',
    ]);
  });
});
