import { CloudwatchLogGroup } from '@cdktf/provider-aws/lib/cloudwatch-log-group';
import { gatewayFolder, journalGroup } from '../../../lib/gateway/bucket-places';
import type { PlannedGateway } from '../../../lib/plan';
import { withExtra } from './extra';
import type { PolicyStatement } from './policy-document';
import { tagsOf, type RegionScope } from './region-scope';

/** The group that the journals of a region's gateways go to; undefined: the plan leaves them there. */
export function createJournalGroup(scope: RegionScope): CloudwatchLogGroup | undefined {
  const { logs } = scope.plan.operations ?? {};
  if (!logs) return undefined;
  return new CloudwatchLogGroup(
    scope.construct,
    'journal-group',
    withExtra(
      {
        region: scope.place,
        name: journalGroup(scope.plan, scope.region),
        retentionInDays: logs.retentionDays,
        tags: tagsOf(scope, 'journal'),
      },
      'journalGroup',
      scope.extras,
    ),
  );
}

/** A gateway makes and writes its own stream, and reads nothing there. */
export function journalStatement(group: CloudwatchLogGroup, gateway: PlannedGateway): PolicyStatement {
  return {
    Effect: 'Allow',
    Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
    Resource: `${group.arn}:log-stream:${gatewayFolder(gateway)}`,
  };
}
