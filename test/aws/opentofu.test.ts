import path from 'node:path';
import { rotateNow } from '../../lib/net/keys';
import { skipped } from '../net/skipped';
import { Deployment } from './deployment';
import { two } from './networks';
import { openTofu, tofuHint, withOpenTofu } from './opentofu';
import { providerCloud, type ProviderCloud } from './provider-cloud';
import { missing as nothing } from './provider-mirror';

let mockAgent: string | undefined;
jest.mock('../../constructs/deploy/agent-program', () => ({ packagedAgent: () => mockAgent }));

describe('OpenTofu', () => {
  const program = nothing ? undefined : openTofu();
  const missing = nothing ?? (program === undefined ? tofuHint : undefined);
  let cloud: ProviderCloud;

  beforeAll(async () => {
    if (missing) return;
    cloud = await providerCloud('tofu');
  }, 180_000);
  afterAll(async () => {
    if (missing) return;
    await cloud.stop();
  });

  it('deploys, changes and takes down what Terraform does, with nothing left to do after each step', async () => {
    if (missing) return skipped(missing);
    const deployment = new Deployment(withOpenTofu(cloud, program!), path.join(cloud.folder, 'two'), {
      useAgent: (agent) => (mockAgent = agent),
    });
    const description = { ...two, defaults: { gateways: { instanceType: 'c7g.large' } } };
    const first = await deployment.deploy(description);
    expect(first.happened).toHaveLength(first.resources);
    const change = {
      change: (opened, random) => rotateNow(opened, ['dublin/1'], random),
    } as const satisfies Parameters<Deployment['deploy']>[1];
    const rotated = await deployment.deploy(description, change);
    expect(rotated.happened.filter((h) => !h.startsWith('changed '))).toEqual([
      'replaced aws_secretsmanager_secret_version dublin/gateway-1/unseal-secret-version',
    ]);
    const down = await deployment.destroy();
    const seconds = first.seconds + rotated.seconds + down.seconds;
    process.stderr.write(`OpenTofu: ${first.resources} resources, ${seconds.toFixed(0)} s\n`);
  }, 900_000);
});
