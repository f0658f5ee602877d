import type { TerraformStack } from 'cdktf';
import type { RegionExtra } from './aws/extra';
import type { RegionProvider } from './aws/region-provider';
import type { PlanFileProps } from './plan-files';

/** A region of AWS, as it is told to what decides by region. */
export interface DeployedRegion {
  readonly id: string;
  /** The id under which it was made: its id unless it was renamed. What is named for ever is named by it. */
  readonly identity: string;
  /** AWS region code: `eu-west-1`. */
  readonly place: string;
}

/** How one region is deployed; no part of its description. */
export interface RegionDeployment {
  /** Arguments for this region's resources; they win over the network's `extra`. Tokens are welcome here. */
  readonly extra?: RegionExtra;
  /** An AWS provider for this region alone: another account, say. Default: the network's `provider`. */
  readonly provider?: RegionProvider;
}

/** How a network is deployed; no part of its description. */
export interface DeploymentProps extends PlanFileProps {
  /** Arguments for the resources of every region; a region's own `extra` wins. Tokens are welcome here. */
  readonly extra?: RegionExtra;
  /**
   * An AWS provider for every region, or one by region; a region's own wins. It is made in each stack that
   * holds resources of such a region. Default, and where undefined is given: the provider of that stack.
   */
  readonly provider?: RegionProvider | ((region: DeployedRegion) => RegionProvider | undefined);
  /**
   * The stack that holds a region, with a backend and an `AwsProvider` of its own; called once for each
   * region in AWS, by id, while planning. The public addresses of all gateways stay in the network's own
   * stack; the others read them from its state, and it is hence deployed first. Region stacks know nothing of
   * each other. A resource has the same Terraform id in whichever stack it lies. Default: the network's own.
   */
  readonly regionStack?: (region: DeployedRegion) => TerraformStack;
}
