import type { TerraformStack } from 'cdktf';
import type { Construct } from 'constructs';
import type { PlanDocument } from '../../lib/plan';
import type { GatewayBundle } from '../deploy/gateway-bundles';
import type { RegionExtra } from './aws/extra';
import type { RegionProvider } from './aws/region-provider';
import type { EndRules, RegionResources } from './aws/resources';

/** The public types of every cloud, which other rooms take from here. */
export type { RegionExtra, RegionProvider };
export type * from './aws/resources';

/** The inputs of a network's resources, the same for each cloud. */
export interface CloudInputs {
  readonly network: Construct;
  /** With its texts as Terraform writes them (`terraformTexts`). */
  readonly plan: PlanDocument;
  /** By gateway id, for each gateway in a cloud. */
  readonly bundles: ReadonlyMap<string, GatewayBundle>;
  /** Where a region stands in the construct tree. */
  readonly regionScope: (region: string) => Construct;
  /** The stack of a region's resources but its public addresses, which lie in the network's own. */
  readonly regionStack: (region: string) => TerraformStack;
  /** The place of the network in a stack. */
  readonly stackScope: (stack: TerraformStack) => Construct;
  /** A region's pass-through arguments, the last winning. */
  readonly extra: (region: string) => readonly RegionExtra[];
  /** A region's provider; undefined: that of the stack. */
  readonly provider: (region: string) => RegionProvider | undefined;
}

/** Public addresses of gateways without prefix length, by gateway id. */
export type PublicAddresses = ReadonlyMap<string, string>;

/** The resources of a cloud that `network.resources` shows. */
export interface CloudResources {
  /** By region id. */
  readonly regions: ReadonlyMap<string, RegionResources>;
  /** The rules that admit each end of a tunnel, by `<tunnel id> at <gateway id>`. */
  readonly ends: ReadonlyMap<string, EndRules>;
}

/** A cloud with the addresses of its gateways, and nothing else yet. */
export interface AddressedCloud {
  readonly addresses: PublicAddresses;
  /** Makes everything but the addresses, each region in its own stack. */
  createRegions(all: PublicAddresses): CloudResources;
}

/**
 * How a cloud's resources are made, in two rounds. The addresses of all gateways of all clouds come first, in
 * the network's own stack: a region needs nothing else of another.
 */
export interface CloudConstructs {
  createAddresses(inputs: CloudInputs): AddressedCloud;
}
