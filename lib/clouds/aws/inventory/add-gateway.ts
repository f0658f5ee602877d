import { gatewayAlarms } from '../../../catalog/aws/gateway-alarms';
import { rootVolumeGib } from '../../../catalog/aws/gateway-types';
import { gatewayFolder } from '../../../gateway/bucket-places';
import type { PlannedGateway } from '../../../plan';
import { alarmName, bucketName, canaryBefore, gatewayName, secretName } from '../names';
import { addGroups } from './add-groups';
import { addObjects, addRouteTablesObject, sharedOf } from './add-objects';
import type { InventoryVpc } from './add-vpc';
import type { InventoryScope } from './inventory-scope';

/** Ids of a region's resources that its gateways share. */
interface RegionIds {
  /** undefined: the region names a VPC. */
  readonly made: InventoryVpc | undefined;
  readonly bucket: string;
  /** Takes journals; null: there is none. */
  readonly journals: string | null;
}

/** @returns the id of the gateway's network interface. */
export function addGateway(
  scope: InventoryScope,
  gateway: PlannedGateway,
  { made, bucket, journals }: RegionIds,
): string {
  const { plan, region, add } = scope;
  const at = gatewayFolder(gateway);
  const tags = scope.tags(String(gateway.number));
  const groups = addGroups(scope, gateway, made);
  const subnet = region.vpc?.publicSubnets[gateway.number - 1];
  const networkInterface = add(
    'aws_network_interface',
    `${at}/network-interface`,
    { description: `dwcp gateway ${gateway.id}`, tags, ...(made ? {} : { subnet_id: subnet }) },
    {
      security_groups: groups,
      ...(made ? { subnet_id: made.publicSubnets[gateway.number - 1] } : {}),
    },
  );
  const eip = add('aws_eip', `${at}/eip`, { tags });
  add(
    'aws_eip_association',
    `${at}/eip-association`,
    {},
    {
      allocation_id: eip,
      network_interface_id: networkInterface,
    },
  );
  const secret = add('aws_secretsmanager_secret', `${at}/unseal-secret`, {
    name: secretName(plan, gateway),
    description: `opens the sealed keys of gateway ${gateway.id}`,
    tags,
  });
  if (gateway.publicKey !== null) {
    const version = `epoch ${gateway.secretEpoch}`;
    add(
      'aws_secretsmanager_secret_version',
      `${at}/unseal-secret-version`,
      { secret_string_wo_version: version },
      { secret_id: secret },
    );
  }
  const name = gatewayName(plan, region, gateway);
  const role = add('aws_iam_role', `${at}/role`, { name, tags });
  const first = canaryBefore(plan, gateway);
  const shared = sharedOf(scope, made);
  const also = [
    ...(first ? [`reads the report of ${first.gateway.identity}`] : []),
    ...(plan.operations?.ssm ? ['takes orders by Systems Manager'] : []),
    ...(journals !== null ? ['sends its journal'] : []),
    ...(shared ? [`moves routes of ${shared.names.join(', ')} in ${region.vpc?.id ?? 'its VPC'}`] : []),
  ];
  add(
    'aws_iam_role_policy',
    `${at}/role-policy`,
    also.length > 0 ? { policy: `also ${also.join(' and ')}` } : {},
    {
      role,
      policy: [
        ...[bucket, secret],
        ...(journals !== null ? [journals] : []),
        ...(shared ? [...shared.tables, ...(made ? [made.vpc] : [])] : []),
      ],
    },
  );
  add('aws_iam_instance_profile', `${at}/instance-profile`, { name, role: name, tags });
  addObjects(scope, gateway, bucket);
  if (shared) addRouteTablesObject(scope, gateway, bucket, shared);
  const source = `s3://${bucketName(plan, region, '<account>')}/${at}`;
  const instance = add(
    'aws_instance',
    `${at}/instance`,
    {
      instance_type: region.instanceType,
      iam_instance_profile: name,
      user_data: [
        `gateway ${gateway.identity} in ${region.place}: ${source}`,
        secretName(plan, gateway),
        ...(plan.signingKeys ? [`first signing key ${plan.signingKeys[0]}`] : []),
      ].join(', '),
      'root_block_device.volume_size': rootVolumeGib,
      'root_block_device.tags': tags,
      tags,
    },
    { 'primary_network_interface.network_interface_id': networkInterface },
  );
  for (const { name: check, action } of gatewayAlarms)
    add(
      'aws_cloudwatch_metric_alarm',
      `${at}/${check}-alarm`,
      {
        alarm_name: alarmName(plan, region, gateway, check),
        alarm_actions: [`arn:aws:automate:${region.place}:ec2:${action}`],
        tags: scope.tags(`${gateway.number}-${check}`),
      },
      { 'dimensions.InstanceId': instance },
    );
  return networkInterface;
}
