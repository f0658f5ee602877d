import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { AwsProvider } from '@cdktf/provider-aws/lib/provider';
import { App, LocalBackend, TerraformStack } from 'cdktf';
import { GlobalNetwork, Policy, type DeploymentProps, type NetworkDescription } from '../../constructs';
import { createKeyFile, unsealText } from '../../lib/net/keys';
import { readDescriptionText } from '../../lib/model';
import { exampleFile } from '../../stacks/project-root';
import { seededRandom } from '../net/seeded-random';

/** A VPC that is there before the network. */
export interface ExistingVpc {
  readonly id: string;
  readonly publicSubnets: readonly [string, string];
  readonly routeTables: readonly string[];
}

/** A network to deploy, as often as its description changes, from one folder. */
export interface DeployedNetwork {
  /** Stack ids in the order of deployment. */
  readonly stacks: readonly string[];
  /** For `TF_VAR_dwcp_unseal_secrets`. */
  readonly secrets: string;
  /** Writes the configuration of every stack below the folder. */
  synth(changed: boolean): void;
}

export const two: NetworkDescription = {
  network: 'two',
  regions: {
    virginia: { place: 'us-east-1', gateways: { count: 2 } },
    dublin: { place: 'eu-west-1' },
  },
  links: [{ between: ['virginia', 'dublin'], bandwidth: '2 Gbps' }],
};

export const six = readDescriptionText(
  readFileSync(exampleFile('six-regions.yaml'), 'utf8'),
  'six-regions.yaml',
).input as NetworkDescription;

/** The two regions in VPCs that exist. */
export function existing(virginia: ExistingVpc, dublin: ExistingVpc): NetworkDescription {
  return {
    ...two,
    network: 'existing',
    regions: {
      virginia: { ...two.regions.virginia, block: '172.30.0.0/16', vpc: virginia },
      dublin: { ...two.regions.dublin, block: '172.31.0.0/16', vpc: dublin },
    },
  };
}

/** A VPC id for configurations that are not applied. */
export const someVpc = (letter: string): ExistingVpc => ({
  id: `vpc-0123456789abcde${letter}0`,
  publicSubnets: [`subnet-0123456789abcde${letter}1`, `subnet-0123456789abcde${letter}2`],
  routeTables: [`rtb-0123456789abcde${letter}1`],
});

/** Makes the keys of a network and describes how to synthesize it below `folder`. */
export async function deployed(
  folder: string,
  description: NetworkDescription,
  perRegion: boolean,
): Promise<DeployedNetwork> {
  const { network: name } = description;
  mkdirSync(folder, { recursive: true });
  const files = { lockFile: path.join(folder, 'lock.json'), keysFile: path.join(folder, 'keys.json') };
  const plain = build(folder, description, perRegion, { ...files, keysFile: false });
  const { gateways, tunnels } = plain.plan;
  const ends = tunnels.map(({ id, ends: [a, b] }) => ({ id, ends: [a.gateway, b.gateway] as const }));
  const cost = { n: 1024, r: 8, p: 1 };
  const ids = gateways.map((gateway) => gateway.id);
  const wanted = { gateways: ids, tunnels: ends };
  const { opened } = await createKeyFile(name, wanted, { passphrase: 'test' }, seededRandom(name), cost);
  writeFileSync(files.keysFile, opened.text);
  return {
    stacks: plain.stacks,
    secrets: JSON.stringify(Object.fromEntries(ids.map((id) => [id, unsealText(opened, id)]))),
    synth: (changed) => build(folder, description, perRegion, files, changed).app.synth(),
  };
}

/** An app with output folder `folder`. Its stacks keep their states there, and are noted as they are made. */
export function newApp(folder: string) {
  const app = new App({ outdir: folder });
  const stacks: string[] = [];
  const stackOf = (id: string, region: string) => {
    const stack = new TerraformStack(app, id);
    new LocalBackend(stack, { path: `../../${id}.tfstate` });
    new AwsProvider(stack, 'aws', { region });
    stacks.push(id);
    return stack;
  };
  return { app, stacks, stackOf };
}

/** Plans a network into an app whose output folder is `folder`. */
export function build(
  folder: string,
  description: NetworkDescription,
  perRegion: boolean,
  files: DeploymentProps,
  changed = false,
) {
  const { network: name } = description;
  const { app, stacks, stackOf } = newApp(folder);
  const home = stackOf(name, 'us-east-1');
  const network = GlobalNetwork.fromDescription(home, name, description, {
    ...files,
    ...(perRegion && { regionStack: ({ id, place }) => stackOf(`${name}-${id}`, place) }),
  });
  if (changed) new Policy(network, 'added', { classes: ['best-effort'], strategy: 'latency', priority: 5 });
  const { plan, diagnostics } = network.plan();
  if (!plan) throw new Error(diagnostics.map((d) => `${d.path}: ${d.message}`).join('\n'));
  return { app, network, plan, stacks };
}
