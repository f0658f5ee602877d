import type { CloudwatchLogGroup } from '@cdktf/provider-aws/lib/cloudwatch-log-group';
import type { DataAwsCallerIdentity } from '@cdktf/provider-aws/lib/data-aws-caller-identity';
import type { PublicAddresses } from '../cloud';
import type { RegionTable } from './region-tables';
import type { BucketResources } from './resources';

/** The things of a region that its gateways share. */
export interface RegionShared extends BucketResources {
  readonly account: DataAwsCallerIdentity;
  /** Of all gateways of the network. */
  readonly addresses: PublicAddresses;
  /** null: its gateways do not take over from each other. */
  readonly takeover: Takeover | null;
  /** Takes the journals of its gateways; undefined: they stay on the gateways. */
  readonly journals: CloudwatchLogGroup | undefined;
}

/** The things that a gateway needs to take over from the other one of its region. */
export interface Takeover {
  readonly vpcId: string;
  readonly tables: readonly RegionTable[];
  /** `route-tables.json`. */
  readonly text: string;
}
