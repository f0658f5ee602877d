import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Vpc } from '@cdktf/provider-aws/lib/vpc';
import { App, TerraformOutput, TerraformStack } from 'cdktf';
import { GlobalNetwork, type NetworkDescription } from '../../constructs';
import { buildSixRegionStacks } from '../../stacks/region-stacks';
import { buildSixRegions } from '../../stacks/six-regions';
import {
  inMemory,
  line,
  newStack,
  resourcesOf,
  synth,
  synthAll,
  synthesize,
  synthesizePerRegion,
  type Synthesized,
} from './fixture';

const description: NetworkDescription = {
  ...line,
  regions: { ...line.regions, dublin: { place: 'eu-west-1', gateways: { count: 2 } } },
};
const globalTypes = new Set(['aws_iam_role', 'aws_iam_role_policy', 'aws_iam_instance_profile']);

/** Resources of all stacks by id, each with the stack that it lies in. */
function locations(stacks: ReadonlyMap<string, Synthesized>): Map<string, string> {
  const found = [...stacks].flatMap(([stack, synthesized]) =>
    [...resourcesOf(synthesized).keys()].map((id): [string, string] => [id, stack]),
  );
  expect(new Set(found.map(([id]) => id)).size).toBe(found.length);
  return new Map(found);
}

describe('a stack per region', () => {
  const { stacks, network } = synthesizePerRegion(description);
  const whole = resourcesOf(synthesize(description).synthesized);

  it('holds the resources that one stack would, under the same ids', () => {
    expect([...locations(stacks).keys()].sort()).toEqual([...whole.keys()].sort());
  });

  it('holds its region whole, but for the public addresses, which lie in the stack of the network', () => {
    for (const [id, stack] of locations(stacks)) {
      const [, type, region] = /^([^.]+)\.line_(?:regions_)?([a-z]+)_/.exec(id)!;
      expect([id, stack]).toEqual([id, type === 'aws_eip' ? 'test' : `test-${region}`]);
    }
  });

  it('has the arguments that one stack would have, but for the addresses that it reads', () => {
    const input = String.raw`data\.terraform_remote_state\.[\w-]+\.outputs\.cross-stack-output-(aws_eip)`;
    const read = new RegExp(`${input}([\\w-]+?)(public_ip|allocation_id)`, 'g');
    const own = (text: string) => text.replaceAll(read, '$1.$2.$3');
    for (const synthesized of stacks.values()) {
      for (const [id, resource] of resourcesOf(synthesized)) {
        expect([id, own(JSON.stringify(resource))]).toEqual([id, JSON.stringify(whole.get(id))]);
      }
    }
  });

  it('states the AWS region of every regional resource', () => {
    const places: Readonly<Record<string, string>> = {
      'test-virginia': 'us-east-1',
      'test-dublin': 'eu-west-1',
      'test-singapore': 'ap-southeast-1',
    };
    for (const [stack, synthesized] of stacks) {
      for (const [id, resource] of resourcesOf(synthesized)) {
        const region = /line_regions_([a-z]+)_/.exec(id)![1];
        const wanted = globalTypes.has(id.split('.')[0]) ? undefined : places[`test-${region}`];
        expect([id, resource.region]).toEqual([id, wanted]);
      }
      for (const [type, byId] of Object.entries(synthesized.data ?? {})) {
        if (type === 'aws_caller_identity' || type === 'terraform_remote_state') continue;
        for (const data of Object.values(byId)) expect(data.region).toBe(places[stack]);
      }
    }
  });

  it('depends on the stack of the network and on no other', () => {
    const { app } = synthesizePerRegion(description);
    const all = app.node.findAll().filter((node) => TerraformStack.isStack(node));
    const dependencies = all.map((stack) => [stack.node.id, stack.dependencies.map((on) => on.node.id)]);
    expect(Object.fromEntries(dependencies)).toEqual({
      test: [],
      'test-dublin': ['test'],
      'test-singapore': ['test'],
      'test-virginia': ['test'],
    });
    for (const [stack, synthesized] of stacks) {
      const read = Object.keys(synthesized.data?.terraform_remote_state ?? {});
      expect(read).toHaveLength(stack === 'test' ? 0 : 1);
    }
  });

  it('reads addresses alone, and its plan shows them', () => {
    const outputs = Object.entries(stacks.get('test')!.output!);
    expect(outputs.length).toBeGreaterThan(0);
    for (const [, output] of outputs) {
      expect(output.sensitive).toBe(false);
      expect(output.value).toMatch(/^\$\{aws_eip\.\S+\.(public_ip|allocation_id)\}$/);
    }
  });

  it('leaves other outputs that stacks read from each other as sensitive as cdktf makes them', () => {
    const { app, network: other } = synthesizePerRegion(description);
    const home = TerraformStack.of(other);
    const reader = new TerraformStack(app, 'reader');
    new TerraformOutput(reader, 'own', { value: new Vpc(home, 'own', {}).arn });
    const outputs = Object.entries(synthAll(app).get('test')!.output!);
    const hidden = outputs.filter(([, output]) => output.sensitive).map(([, output]) => output.value);
    expect(hidden).toEqual(['${aws_vpc.own.arn}']);
  });

  it('is reached through the same network.resources', () => {
    const dublin = network.resources.regions.get('dublin')!;
    expect(TerraformStack.of(dublin.bucket).node.id).toBe('test-dublin');
    expect(TerraformStack.of(dublin.gateways.get('dublin/2')!.eip).node.id).toBe('test');
    dublin.bucket.addOverride('force_destroy', false);
    const again = synth(TerraformStack.of(dublin.bucket));
    expect(Object.values(again.resource!.aws_s3_bucket)[0].force_destroy).toBe(false);
  });

  it('may hold several regions', () => {
    const home = newStack();
    const west = new TerraformStack(home.node.root, 'west');
    const deployment = {
      ...inMemory,
      regionStack: ({ id }: { id: string }) => (id === 'singapore' ? home : west),
    };
    const several = GlobalNetwork.fromDescription(home, 'line', description, deployment);
    several.plan();
    const { regions } = several.resources;
    const lies = [...regions].map(([id, { bucket }]) => [id, TerraformStack.of(bucket).node.id]);
    expect(lies).toEqual([
      ['dublin', 'west'],
      ['singapore', 'test'],
      ['virginia', 'west'],
    ]);
    expect(regions.get('dublin')!.account).toBe(regions.get('virginia')!.account);
    expect(regions.get('dublin')!.account).not.toBe(regions.get('singapore')!.account);
  });

  it('is refused where it holds another network', () => {
    const home = newStack();
    const shared = new TerraformStack(home.node.root, 'shared');
    const plan = (stack: TerraformStack) =>
      GlobalNetwork.fromDescription(stack, 'line', line, { ...inMemory, regionStack: () => shared }).plan();
    plan(home);
    expect(() => plan(new TerraformStack(home.node.root, 'other'))).toThrow(/one stack each/);
  });
});

describe('the example with a stack per region', () => {
  let folder: string;
  beforeAll(() => (folder = mkdtempSync(path.join(tmpdir(), 'dwcp-stacks-'))));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('has the plan, the resources and the bundles of the example in one stack', () => {
    const [one, many] = ['one', 'many'].map((name) => new App({ outdir: path.join(folder, name) }));
    const whole = buildSixRegions(one, inMemory);
    const parted = buildSixRegionStacks(many, inMemory);
    expect(parted.plan).toEqual(whole.plan);
    expect([...locations(synthAll(many)).keys()].sort()).toEqual(
      [...resourcesOf(synth(whole.stack)).keys()].sort(),
    );
    one.synth();
    many.synth();
    const bundlesBelow = (name: string) =>
      readdirSync(path.join(folder, name), { recursive: true, encoding: 'utf8' })
        .filter((file) => file.endsWith('.tar'))
        .map((file): [string, string] => [
          path.basename(file),
          readFileSync(path.join(folder, name, file), 'latin1'),
        ])
        .sort(([a], [b]) => (a < b ? -1 : 1));
    expect(bundlesBelow('many')).toEqual(bundlesBelow('one'));
    expect(bundlesBelow('many')).toHaveLength(8);
    for (const [id, synthesized] of synthAll(many)) {
      for (const object of Object.values(synthesized.resource?.aws_s3_object ?? {})) {
        if (object.source) readFileSync(path.join(folder, 'many', 'stacks', id, object.source as string));
      }
      expect(JSON.stringify(synthesized)).not.toContain(folder);
    }
    expect(readdirSync(path.join(folder, 'many', 'plans'))).toEqual(['six-regions.json']);
  });
});
