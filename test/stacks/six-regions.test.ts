import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { AwsProvider } from '@cdktf/provider-aws/lib/provider';
import { LocalBackend, TerraformStack, Testing } from 'cdktf';
import { GlobalNetwork } from '../../constructs';
import { encodePlan } from '../../lib/plan';
import { awsRegions } from '../../lib/catalog/aws/regions';
import { rttRegions } from '../../lib/catalog/aws/rtt';
import { readDescription } from '../../lib/model';
import { buildSixRegions } from '../../stacks/main';
import { exampleFiles } from '../../stacks/six-regions';
import { exampleFile, projectRoot } from '../../stacks/project-root';

const inMemory = { lockFile: false, keysFile: false } as const;

describe('the six-region example', () => {
  const { plan, diagnostics, stack } = buildSixRegions(Testing.app(), inMemory);

  it('gives the same plan bytes and the same resources from TypeScript and from YAML', () => {
    const yaml = new TerraformStack(Testing.app(), 'six-regions');
    new LocalBackend(yaml, { path: '../../../terraform.six-regions.tfstate' });
    new AwsProvider(yaml, 'aws', { region: 'us-east-1' });
    const network = GlobalNetwork.fromFile(yaml, 'six-regions', exampleFile('six-regions.yaml'), inMemory);
    expect(encodePlan(network.plan().plan!)).toBe(encodePlan(plan!));
    expect(Testing.synth(yaml)).toBe(Testing.synth(stack));
  });

  it('plans without a complaint other than that keys are missing', () => {
    expect(diagnostics.map((d) => `${d.code} ${d.message}`)).toEqual([
      expect.stringMatching(/^keys-missing/),
    ]);
  });

  it('is planned with the lock and key files beside it, without a change and without a complaint', () => {
    const committed = buildSixRegions(Testing.app(), { ...exampleFiles(), frozenLock: true });
    expect(committed.diagnostics).toEqual([]);
    expect(committed.plan!.gateways.filter((gateway) => gateway.publicKey === null)).toEqual([]);
  });

  it('spans six continents, serves every pair in every class, and keeps its objectives', () => {
    expect(
      new Set(plan!.regions.map((r) => (r.country === 'AU' ? 'OC' : awsRegions.get(r.place!)!.area))).size,
    ).toBe(6);
    expect(plan!.routes.filter((route) => route.primary === null)).toEqual([]);
    const demanded = new Set(plan!.demands.map((d) => d.class));
    expect(demanded.size).toBe(5);
    expect(plan!.objectives.filter((o) => o.verdict === 'broken')).toEqual([]);
  });

  it('keeps regulated traffic out of Singapore', () => {
    const route = plan!.routes.find((r) => r.policy === 'regulated' && r.from === 'dublin')!;
    const paths = new Map(plan!.paths.map((p) => [p.id, p]));
    for (const id of [route.primary!, ...route.backups.map((b) => b.path)]) {
      expect(paths.get(id)!.regions).not.toContain('singapore');
    }
  });

  it('is what the README builds on: 6 regions, 8 gateways, 12 links, 20 tunnels', () => {
    const { regions, gateways, links, tunnels } = plan!;
    expect([regions.length, gateways.length, links.length, tunnels.length]).toEqual([6, 8, 12, 20]);
  });
});

describe('the mesh example', () => {
  it('joins every region of the round-trip table to every other', () => {
    const read = readDescription(readFileSync(exampleFile('aws-mesh.yaml'), 'utf8'), 'aws-mesh.yaml');
    expect(read.diagnostics.filter((d) => d.severity === 'error')).toEqual([]);
    expect(read.network!.regions.map((r) => r.id)).toEqual([...rttRegions]);
    expect(read.network!.links).toHaveLength(528);
  });
});

describe('the project root', () => {
  it('is found from the sources and from the compiled files, and nowhere else', () => {
    const root = mkdtempSync(path.join(tmpdir(), 'dwcp-root-'));
    writeFileSync(path.join(root, 'package.json'), '{ "name": "dwcp-multiregion" }');
    expect(projectRoot(path.join(root, 'dist', 'stacks'))).toBe(root);
    expect(path.join(projectRoot(), 'stacks')).toBe(path.dirname(path.dirname(exampleFile('x'))));
    expect(() => projectRoot(path.parse(root).root)).toThrow(/no dwcp-multiregion folder/);
  });
});
