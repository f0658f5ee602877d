import { CloudwatchMetricAlarm } from '@cdktf/provider-aws/lib/cloudwatch-metric-alarm';
import type { Instance } from '@cdktf/provider-aws/lib/instance';
import { alarmPeriodSeconds, gatewayAlarms } from '../../../lib/catalog/aws/gateway-alarms';
import { alarmName } from '../../../lib/clouds/aws/names';
import type { GatewayBase } from './gateway-base';
import { tagsOf, type RegionScope } from './region-scope';

/**
 * The alarms bring a dead gateway back without anybody. AWS moves it to another host when the host fails its
 * check, and restarts it when its system does. Addresses and volume stay. Nothing else of ours acts here.
 */
export function createAlarms(
  scope: RegionScope,
  { construct, gateway }: GatewayBase,
  instance: Instance,
): ReadonlyMap<string, CloudwatchMetricAlarm> {
  const { place: region } = scope;
  return new Map(
    gatewayAlarms.map(({ name, metric, periods, action }) => [
      name,
      new CloudwatchMetricAlarm(construct, `${name}-alarm`, {
        region,
        alarmName: alarmName(scope.plan, scope.region, gateway, name),
        alarmDescription: `${action}s gateway ${gateway.identity} when its ${name} check fails`,
        namespace: 'AWS/EC2',
        metricName: metric,
        dimensions: { InstanceId: instance.id },
        statistic: 'Maximum',
        comparisonOperator: 'GreaterThanOrEqualToThreshold',
        threshold: 1,
        period: alarmPeriodSeconds,
        evaluationPeriods: periods,
        alarmActions: [`arn:aws:automate:${region}:ec2:${action}`],
        tags: tagsOf(scope, `${gateway.number}-${name}`),
      }),
    ]),
  );
}
