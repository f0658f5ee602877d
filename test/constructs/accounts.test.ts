import { AwsProvider } from '@cdktf/provider-aws/lib/provider';
import { Vpc } from '@cdktf/provider-aws/lib/vpc';
import { TerraformStack, type App } from 'cdktf';
import { GlobalNetwork, Region, type RegionProvider } from '../../constructs';
import { inMemory, line, newStack, resourcesOf, synth, synthAll, type Synthesized } from './fixture';

const production: RegionProvider = {
  alias: 'production',
  region: 'us-east-1',
  assumeRole: [{ roleArn: 'arn:aws:iam::111111111111:role/network' }],
};
const europe: RegionProvider = {
  alias: 'europe',
  region: 'eu-west-1',
  assumeRole: [{ roleArn: 'arn:aws:iam::222222222222:role/network', sessionName: 'dwcp' }],
};

/** virginia and singapore in one account, dublin in another. */
const byRegion = ({ id }: { id: string }) => (id === 'dublin' ? europe : production);

/** Provider of each resource, by region of the id. */
function providersOf(synthesized: Synthesized): Record<string, string[]> {
  const found: Record<string, Set<string>> = {};
  for (const [id, { provider }] of resourcesOf(synthesized)) {
    const region = /line_(?:regions_)?([a-z]+)_/.exec(id)![1];
    (found[region] ??= new Set()).add(String(provider));
  }
  return Object.fromEntries(Object.entries(found).map(([region, all]) => [region, [...all]]));
}

describe('regions in several accounts, in one stack', () => {
  const stack = newStack();
  const network = GlobalNetwork.fromDescription(stack, 'line', line, { ...inMemory, provider: byRegion });
  network.plan();
  const synthesized = synth(stack);

  it('have every resource and every look-up made by the provider of their account', () => {
    expect(providersOf(synthesized)).toEqual({
      dublin: ['aws.europe'],
      singapore: ['aws.production'],
      virginia: ['aws.production'],
    });
    for (const [type, byId] of Object.entries(synthesized.data!)) {
      for (const [id, data] of Object.entries(byId)) {
        const there = type === 'aws_caller_identity' ? id.includes('europe') : id.includes('dublin');
        expect([type, id, data.provider]).toEqual([type, id, there ? 'aws.europe' : 'aws.production']);
      }
    }
  });

  it('make one provider for each account, with the arguments given', () => {
    expect(synthesized.provider!.aws).toEqual([
      { region: 'us-east-1' },
      {
        alias: 'europe',
        region: 'eu-west-1',
        assume_role: [{ role_arn: 'arn:aws:iam::222222222222:role/network', session_name: 'dwcp' }],
      },
      {
        alias: 'production',
        region: 'us-east-1',
        assume_role: [{ role_arn: 'arn:aws:iam::111111111111:role/network' }],
      },
    ]);
  });

  it('name bucket, flow log policy, source and precondition by the account of the region, not of the stack', () => {
    const texts = [...resourcesOf(synthesized)].filter(([, resource]) =>
      JSON.stringify(resource).includes('aws_caller_identity'),
    );
    expect(new Set(texts.map(([id]) => id.split('.')[0]))).toEqual(
      new Set(['aws_iam_role', 'aws_iam_role_policy', 'aws_instance', 'aws_s3_bucket', 'aws_s3_object']),
    );
    for (const [id, resource] of texts) {
      const accounts = JSON.stringify(resource).match(/aws_caller_identity\.\w+?_account-([a-z]+)/g);
      const wanted = id.includes('dublin') ? /account-europe$/ : /account-production$/;
      expect(accounts!.filter((account) => !wanted.test(account))).toEqual([]);
    }
    expect(JSON.stringify(synthesized)).not.toMatch(/aws_caller_identity\.line_account_/);
  });
});

describe('a provider', () => {
  it('of the network serves every region but those with their own', () => {
    const stack = newStack();
    const network = new GlobalNetwork(stack, 'line', { ...inMemory, provider: production });
    for (const [id, region] of Object.entries(line.regions)) {
      new Region(network, id, { ...region, ...(id === 'dublin' && { provider: europe }) });
    }
    network.mesh('all');
    network.plan();
    expect(providersOf(synth(stack))).toEqual({
      dublin: ['aws.europe'],
      singapore: ['aws.production'],
      virginia: ['aws.production'],
    });
  });

  it('of some regions leaves the others to that of the stack', () => {
    const stack = newStack();
    const some = ({ id }: { id: string }) => (id === 'dublin' ? europe : undefined);
    GlobalNetwork.fromDescription(stack, 'line', line, { ...inMemory, provider: some }).plan();
    expect(providersOf(synth(stack))).toEqual({
      dublin: ['aws.europe'],
      singapore: ['undefined'],
      virginia: ['undefined'],
    });
  });

  it('passed through an extra wins, and what you put below a region yourself is left alone', () => {
    const stack = newStack();
    const other = new AwsProvider(stack, 'other', { alias: 'other', region: 'eu-west-1' });
    const network = new GlobalNetwork(stack, 'line', { ...inMemory, provider: production });
    const extra = { bucket: { provider: other } };
    const dublin = new Region(network, 'dublin', { place: 'eu-west-1', extra });
    const yours = new Vpc(dublin, 'yours', {});
    network.plan();
    expect(dublin.resources!.bucket.provider).toBe(other);
    expect(dublin.resources!.bucketPolicy.provider?.alias).toBe('production');
    expect(yours.provider).toBeUndefined();
  });

  it('with the alias of another and other arguments is refused', () => {
    const plan = (stack: TerraformStack, provider: (region: { id: string }) => RegionProvider) =>
      GlobalNetwork.fromDescription(stack, 'line', line, { ...inMemory, provider }).plan();
    const differing = ({ id }: { id: string }) => ({ alias: 'production', profile: id });
    expect(() => plan(newStack(), differing)).toThrow(/provider 'production' with other arguments/);
    const taken = newStack();
    new AwsProvider(taken, 'mine', { alias: 'europe', region: 'eu-west-1' });
    expect(() => plan(taken, () => europe)).toThrow(/provider 'europe' with other arguments/);
  });
});

describe('regions in several accounts, with a stack each', () => {
  it('have their public addresses made by the same provider in the stack of the network', () => {
    const home = newStack();
    const app = home.node.root as App;
    GlobalNetwork.fromDescription(home, 'line', line, {
      ...inMemory,
      provider: byRegion,
      regionStack: ({ id }) => new TerraformStack(app, id),
    }).plan();
    const stacks = synthAll(app);
    expect(providersOf(stacks.get('test')!)).toEqual({
      dublin: ['aws.europe'],
      singapore: ['aws.production'],
      virginia: ['aws.production'],
    });
    for (const id of ['dublin', 'singapore', 'virginia']) {
      const { alias } = byRegion({ id });
      const own = stacks.get(id)!;
      expect(providersOf(own)).toEqual({ [id]: [`aws.${alias}`] });
      expect(own.provider!.aws!.map((provider) => provider.alias as string)).toEqual([alias]);
      const [account] = Object.values(own.data!.aws_caller_identity);
      expect(account.provider).toBe(`aws.${alias}`);
    }
    // The stack of the network asks for no account: no name of an address needs one.
    expect(stacks.get('test')!.data).toBeUndefined();
  });
});
