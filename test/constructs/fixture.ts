import { AwsProvider } from '@cdktf/provider-aws/lib/provider';
import { TerraformStack, Testing, type App } from 'cdktf';
import { GlobalNetwork, type DeploymentProps, type NetworkDescription } from '../../constructs';

/** Terraform JSON as synthesized: resource type, then logical id. */
export interface Synthesized {
  readonly resource?: Readonly<Record<string, Readonly<Record<string, Resource>>>>;
  readonly data?: Readonly<Record<string, Readonly<Record<string, Resource>>>>;
  readonly variable?: Readonly<Record<string, Record<string, unknown>>>;
  readonly provider?: { readonly aws?: readonly Resource[] };
  readonly output?: Readonly<Record<string, Resource>>;
  readonly terraform: { readonly required_version?: string };
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- each resource type has fields of its own
export type Resource = Record<string, any>;

/** No lock and no key file: a test writes nothing. */
export const inMemory: DeploymentProps = { lockFile: false, keysFile: false };

export function newStack(name = 'test'): TerraformStack {
  const stack = new TerraformStack(Testing.app(), name);
  new AwsProvider(stack, 'aws', { region: 'us-east-1' });
  return stack;
}

export function synth(stack: TerraformStack): Synthesized {
  return JSON.parse(Testing.synth(stack, true)) as Synthesized;
}

/** Every resource as `<type>.<logical id>`, sorted. */
export function resourcesOf(synthesized: Synthesized): ReadonlyMap<string, Resource> {
  const all = Object.entries(synthesized.resource ?? {}).flatMap(([type, byId]) =>
    Object.entries(byId).map(([id, resource]): [string, Resource] => [`${type}.${id}`, resource]),
  );
  return new Map(all.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** All resources of one type. */
export function ofType(synthesized: Synthesized, type: string): Resource[] {
  return Object.values(synthesized.resource?.[type] ?? {});
}

/** virginia - dublin - singapore. */
export const line: NetworkDescription = {
  network: 'line',
  regions: {
    virginia: { place: 'us-east-1' },
    dublin: { place: 'eu-west-1' },
    singapore: { place: 'ap-southeast-1' },
  },
  links: [
    { between: ['virginia', 'dublin'], bandwidth: '2 Gbps' },
    { between: ['dublin', 'singapore'], bandwidth: '1 Gbps' },
  ],
};

/** Two gateways of Dublin in a VPC that is there before the network. */
export const inGivenVpc = {
  place: 'eu-west-1',
  block: '10.77.0.0/16',
  gateways: { count: 2 },
  vpc: {
    id: 'vpc-0123456789abcdef0',
    publicSubnets: ['subnet-0123456789abcdef1', 'subnet-0123456789abcdef2'],
    routeTables: ['rtb-0123456789abcdef1', 'rtb-0123456789abcdef2'],
  },
} satisfies NetworkDescription['regions'][string];

/** A planned network from a description, synthesized. */
export function synthesize(description: NetworkDescription, deployment: DeploymentProps = inMemory) {
  const stack = newStack();
  const network = GlobalNetwork.fromDescription(stack, description.network, description, deployment);
  const result = network.plan();
  return { stack, network, ...result, synthesized: synth(stack) };
}

/** Every stack of an app by id, with what stacks read from each other. */
export function synthAll(app: App): ReadonlyMap<string, Synthesized> {
  const stacks = app.node.findAll().filter((node) => TerraformStack.isStack(node));
  for (const stack of stacks) stack.prepareStack();
  return new Map(stacks.map((stack) => [stack.node.id, synth(stack)]));
}

/** A planned network with a stack per region beside the network's own, `test`. */
export function synthesizePerRegion(description: NetworkDescription, deployment: DeploymentProps = inMemory) {
  const stack = newStack();
  const app = stack.node.root as App;
  const network = GlobalNetwork.fromDescription(stack, description.network, description, {
    ...deployment,
    regionStack: ({ identity, place }) => {
      const own = new TerraformStack(app, `test-${identity}`);
      new AwsProvider(own, 'aws', { region: place });
      return own;
    },
  });
  const result = network.plan();
  return { app, network, ...result, stacks: synthAll(app) };
}
