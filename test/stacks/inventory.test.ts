import { App, TerraformResource, TerraformStack } from 'cdktf';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { GlobalNetwork } from '../../constructs';
import { cloudResources } from '../../lib/clouds/deployments';
import { buildSixRegions } from '../../stacks/six-regions';
import type { PlanDocument } from '../../lib/plan';

/** `aws_vpc dublin/vpc` for every resource below the network's regions. */
function made(network: GlobalNetwork): string[] {
  const root = network.node.path;
  return network.node
    .findAll()
    .filter((construct): construct is TerraformResource => TerraformResource.isTerraformResource(construct))
    .map(
      (resource) =>
        `${resource.terraformResourceType} ${resource.node.path.slice(`${root}/regions/`.length)}`,
    )
    .sort();
}

describe('the inventory that dwcp diff compares', () => {
  let folder: string;
  beforeAll(() => (folder = mkdtempSync(path.join(tmpdir(), 'dwcp-inventory-'))));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const inventory = (plan: PlanDocument) => cloudResources(plan).map((r) => r.id);

  it('holds exactly the resources that the six-region example synthesizes', () => {
    const { plan, network } = buildSixRegions(new App({ outdir: folder }));
    expect(inventory(plan!)).toEqual(made(network));
    expect(made(network).length).toBeGreaterThan(300);
  });

  it('holds those of networks with an existing VPC, an external site and no keys', () => {
    const stack = new TerraformStack(new App({ outdir: folder }), 'mixed');
    const network = GlobalNetwork.fromDescription(
      stack,
      'mixed',
      {
        network: 'mixed',
        regions: {
          old: {
            place: 'eu-west-1',
            block: '172.31.0.0/16',
            vpc: {
              id: 'vpc-0123456789abcdef0',
              publicSubnets: ['subnet-0123456789abcdef1'],
              routeTables: ['rtb-0123456789abcdef1', 'rtb-0123456789abcdef2'],
            },
          },
          office: {
            external: { endpoint: '203.0.113.7', location: { lat: 48.1, lon: 11.6, country: 'DE' } },
          },
          fresh: { place: 'us-east-1', gateways: { count: 2 } },
        },
        links: [{ mesh: 'all' }],
      },
      { lockFile: false, keysFile: false },
    );
    const { plan, diagnostics } = network.plan();
    expect(diagnostics.filter((d) => d.severity === 'error')).toEqual([]);
    expect(inventory(plan!)).toEqual(made(network));
  });
});
