import { AwsProvider } from '@cdktf/provider-aws/lib/provider';
import { App, LocalBackend, TerraformStack } from 'cdktf';
import type { Construct } from 'constructs';
import type { DeployedRegion, DeploymentProps } from '../constructs';
import { buildSixRegions, exampleFiles, type SixRegions } from './six-regions';

/**
 * The six-region example with a stack per region: `six-regions` holds the public addresses, and
 * `six-regions-dublin` and its like the regions.
 *
 * @param deployment default: the lock and key files beside the YAML.
 */
export function buildSixRegionStacks(
  scope: Construct,
  deployment: DeploymentProps = exampleFiles(),
): SixRegions {
  const regionStack = ({ identity, place }: DeployedRegion) => {
    const stack = new TerraformStack(scope, `six-regions-${identity}`);
    new LocalBackend(stack, { path: `../../../terraform.six-regions-${identity}.tfstate` });
    new AwsProvider(stack, 'aws', { region: place });
    return stack;
  };
  return buildSixRegions(scope, { ...deployment, regionStack });
}

// `cdktf synth --app 'node dist/stacks/region-stacks.js'` runs this, after npm run build.
if (require.main === module) {
  const app = new App();
  buildSixRegionStacks(app);
  app.synth();
}
