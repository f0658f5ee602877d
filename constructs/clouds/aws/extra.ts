import type { CloudwatchLogGroupConfig } from '@cdktf/provider-aws/lib/cloudwatch-log-group';
import type { InstanceConfig } from '@cdktf/provider-aws/lib/instance';
import type { NetworkInterfaceConfig } from '@cdktf/provider-aws/lib/network-interface';
import type { S3BucketConfig } from '@cdktf/provider-aws/lib/s3-bucket';
import type { VpcConfig } from '@cdktf/provider-aws/lib/vpc';

/**
 * Arguments passed through to a region's resources. Each replaces ours of the same name, whole; tags are
 * added to ours. For what stands nowhere here, take the resource from `network.resources` and override it.
 */
export interface RegionExtra {
  readonly vpc?: Partial<VpcConfig>;
  readonly networkInterface?: Partial<NetworkInterfaceConfig>;
  readonly instance?: Partial<InstanceConfig>;
  readonly bucket?: Partial<S3BucketConfig>;
  readonly flowLogGroup?: Partial<CloudwatchLogGroupConfig>;
  readonly journalGroup?: Partial<CloudwatchLogGroupConfig>;
}

/** A resource's arguments with those of the extras over them, the last winning. */
export function withExtra<K extends keyof RegionExtra, C extends { tags?: Readonly<Record<string, string>> }>(
  config: C,
  kind: K,
  extras: readonly RegionExtra[],
): C {
  return extras.reduce<C>((merged, extra) => {
    const own: Partial<C> = (extra[kind] ?? {}) as Partial<C>;
    return { ...merged, ...own, tags: { ...merged.tags, ...own.tags } };
  }, config);
}
