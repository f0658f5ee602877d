import type { TerraformStack } from 'cdktf';
import type { Validity } from '../../lib/gateway';
import type { KeyFile } from '../../lib/net/keys';
import type { PlanDocument } from '../../lib/plan';
import type { RegionExtra, RegionProvider } from '../clouds/cloud';
import type { PlanFileProps } from './plan-files';

/** A region in a cloud, as it is told to functions that decide by region. */
export interface DeployedRegion {
  readonly id: string;
  /** The id under which it was made: its id unless it was renamed. Lasting names are made of it. */
  readonly identity: string;
  /** Code of its place in the cloud: `eu-west-1`. */
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
   * The stack that holds a region, with its own backend and its own `AwsProvider`; called once for each
   * region in a cloud, by id, while planning. The public addresses of all gateways stay in the network's own
   * stack; the others read them from its state, and it is hence deployed first. Region stacks know nothing of
   * each other. A resource has the same Terraform id in whichever stack it lies. Default: the network's own.
   */
  readonly regionStack?: (region: DeployedRegion) => TerraformStack;
}

/** A plan without errors, with everything that its deployment needs beside the props. */
export interface DeployablePlan {
  readonly plan: PlanDocument;
  /** Sealed; null while the network has none. */
  readonly keys: KeyFile | null;
  /** When its bundles may be installed; undefined: at any time, as no lock file says when. */
  readonly validity?: Validity;
  /** The values that Terraform knows at apply, by the text that stands for each in the plan. */
  readonly tokens?: ReadonlyMap<string, string>;
}
