import type { ArgumentKinds } from '../deployment';

/** Every regional resource is replaced when its `region` changes (provider 6). */
const region = 'region';

const groupRule: ArgumentKinds = {
  replaces: [region, 'security_group_id'],
  updates: ['cidr_ipv4', 'description', 'from_port', 'ip_protocol', 'tags', 'to_port'],
};

/**
 * The arguments of every resource type that the constructs make: a test walks what they synthesize and finds
 * each argument in one list or the other.
 *
 * Read from the source of terraform-provider-aws 6.48.0 before its release (Go module version
 * v1.60.1-0.20260602190131-5f2286d6d836): `ForceNew` and `RequiresReplace` of `internal/service`, `region` of
 * `internal/provider`. Where the provider decides by value, the table has its decision for our values:
 * `aws_vpc.cidr_block` replaces (it would not under IPAM); `aws_instance.user_data` does not (it would with
 * `user_data_replace_on_change`), nor does `instance_type` (it would between architectures; ours are all
 * arm64); a rule's source stays an IPv4 block. Left out are arguments that replace only when an IPv6 or
 * private address is taken away, and arguments of blocks for launch-time options of an instance.
 */
export const awsArguments = {
  aws_cloudwatch_log_group: {
    replaces: [region, 'log_group_class', 'name', 'name_prefix'],
    updates: ['retention_in_days', 'tags'],
  },
  aws_cloudwatch_metric_alarm: {
    replaces: [region, 'alarm_name'],
    updates: [
      'alarm_actions',
      'alarm_description',
      'comparison_operator',
      'dimensions.InstanceId',
      'evaluation_periods',
      'metric_name',
      'namespace',
      'period',
      'statistic',
      'tags',
      'threshold',
    ],
  },
  aws_default_security_group: { replaces: [region, 'vpc_id'], updates: ['tags'] },
  aws_eip: {
    replaces: [region, 'address', 'domain', 'ipam_pool_id', 'network_border_group', 'public_ipv4_pool'],
    updates: ['tags'],
  },
  aws_eip_association: {
    replaces: [
      region,
      'allocation_id',
      'allow_reassociation',
      'instance_id',
      'network_interface_id',
      'private_ip_address',
      'public_ip',
    ],
    updates: [],
  },
  aws_flow_log: {
    replaces: [
      region,
      'deliver_cross_account_role',
      'destination_options',
      'eni_id',
      'iam_role_arn',
      'log_destination',
      'log_destination_type',
      'log_format',
      'max_aggregation_interval',
      'regional_nat_gateway_id',
      'subnet_id',
      'traffic_type',
      'transit_gateway_attachment_id',
      'transit_gateway_id',
      'vpc_id',
    ],
    updates: ['tags'],
  },
  aws_iam_instance_profile: { replaces: ['name', 'name_prefix', 'path'], updates: ['role', 'tags'] },
  aws_iam_role: { replaces: ['name', 'name_prefix', 'path'], updates: ['assume_role_policy', 'tags'] },
  aws_iam_role_policy: { replaces: ['name', 'name_prefix', 'role'], updates: ['policy'] },
  aws_instance: {
    replaces: [
      region,
      'ami',
      'associate_public_ip_address',
      'availability_zone',
      'ebs_optimized',
      'enclave_options.enabled',
      'ephemeral_block_device',
      'hibernation',
      'host_id',
      'instance_market_options',
      'key_name',
      'placement_group',
      'placement_group_id',
      'placement_partition_number',
      'primary_network_interface.network_interface_id',
      'private_dns_name_options',
      'private_ip',
      'root_block_device.encrypted',
      'root_block_device.kms_key_id',
      'security_groups',
      'subnet_id',
      'tenancy',
    ],
    updates: [
      'iam_instance_profile',
      'instance_type',
      'metadata_options.http_endpoint',
      'metadata_options.http_put_response_hop_limit',
      'metadata_options.http_tokens',
      'root_block_device.tags',
      'root_block_device.volume_size',
      'root_block_device.volume_type',
      'tags',
      'user_data',
    ],
  },
  aws_internet_gateway: { replaces: [region], updates: ['tags', 'vpc_id'] },
  aws_network_interface: {
    replaces: [region, 'interface_type', 'subnet_id'],
    updates: ['description', 'security_groups', 'source_dest_check', 'tags'],
  },
  aws_route: {
    replaces: [
      region,
      'destination_cidr_block',
      'destination_ipv6_cidr_block',
      'destination_prefix_list_id',
      'route_table_id',
    ],
    updates: ['gateway_id', 'network_interface_id'],
  },
  aws_route_table: { replaces: [region, 'vpc_id'], updates: ['tags'] },
  aws_route_table_association: {
    replaces: [region, 'gateway_id', 'subnet_id'],
    updates: ['route_table_id'],
  },
  aws_s3_bucket: {
    replaces: [region, 'bucket', 'bucket_namespace', 'bucket_prefix', 'object_lock_enabled'],
    updates: ['force_destroy', 'tags'],
  },
  aws_s3_bucket_lifecycle_configuration: {
    replaces: [region, 'bucket', 'expected_bucket_owner'],
    updates: [
      'rule.abort_incomplete_multipart_upload.days_after_initiation',
      'rule.filter.prefix',
      'rule.id',
      'rule.noncurrent_version_expiration.noncurrent_days',
      'rule.status',
    ],
  },
  aws_s3_bucket_policy: { replaces: [region, 'bucket'], updates: ['policy'] },
  aws_s3_bucket_public_access_block: {
    replaces: [region, 'bucket'],
    updates: ['block_public_acls', 'block_public_policy', 'ignore_public_acls', 'restrict_public_buckets'],
  },
  aws_s3_bucket_server_side_encryption_configuration: {
    replaces: [region, 'bucket'],
    updates: ['rule.apply_server_side_encryption_by_default.sse_algorithm'],
  },
  aws_s3_bucket_versioning: { replaces: [region, 'bucket'], updates: ['versioning_configuration.status'] },
  aws_s3_object: {
    replaces: [region, 'bucket', 'key'],
    updates: ['content', 'content_type', 'source', 'source_hash', 'tags'],
  },
  aws_secretsmanager_secret: {
    replaces: [region, 'name', 'name_prefix'],
    updates: ['description', 'recovery_window_in_days', 'tags'],
  },
  aws_secretsmanager_secret_version: {
    // The provider makes a new version for a new `secret_string_wo_version`, and that is what is wanted.
    replaces: [region, 'secret_binary', 'secret_id', 'secret_string_wo_version'],
    updates: ['secret_string_wo'],
  },
  aws_security_group: {
    replaces: [region, 'description', 'name', 'name_prefix', 'vpc_id'],
    updates: ['tags'],
  },
  aws_subnet: {
    replaces: [
      region,
      'availability_zone',
      'availability_zone_id',
      'cidr_block',
      'ipv4_ipam_pool_id',
      'ipv4_netmask_length',
      'ipv6_ipam_pool_id',
      'ipv6_native',
      'ipv6_netmask_length',
      'outpost_arn',
      'vpc_id',
    ],
    updates: ['map_public_ip_on_launch', 'tags'],
  },
  aws_vpc: {
    replaces: [region, 'cidr_block', 'ipv4_ipam_pool_id', 'ipv4_netmask_length'],
    updates: ['enable_dns_hostnames', 'enable_dns_support', 'tags'],
  },
  aws_vpc_security_group_egress_rule: groupRule,
  aws_vpc_security_group_ingress_rule: groupRule,
} as const satisfies Readonly<Record<string, ArgumentKinds>>;

/** A resource type that the constructs make. */
export type AwsType = keyof typeof awsArguments;
