import { CloudwatchLogGroup } from '@cdktf/provider-aws/lib/cloudwatch-log-group';
import { FlowLog } from '@cdktf/provider-aws/lib/flow-log';
import { IamRole } from '@cdktf/provider-aws/lib/iam-role';
import { IamRolePolicy } from '@cdktf/provider-aws/lib/iam-role-policy';
import type { Vpc } from '@cdktf/provider-aws/lib/vpc';
import { flowLogNames } from '../../../lib/clouds/aws/names';
import { withExtra } from './extra';
import { assumableBy, policyDocument } from './policy-document';
import { tagsOf, type RegionScope } from './region-scope';
import type { MadeVpc } from './resources';

/** How long flow logs are kept; another figure through `extra.flowLogGroup`. */
const retentionDays = 30;

/** Flow logs of a VPC, to a log group of its region, with a role that can write there and nowhere else. */
export function createFlowLog(
  scope: RegionScope,
  vpc: Vpc,
  accountId: string,
): Pick<MadeVpc, 'flowLog' | 'flowLogGroup' | 'flowLogRole' | 'flowLogRolePolicy'> {
  const { construct, place: region } = scope;
  const names = flowLogNames(scope.plan, scope.region);
  const flowLogGroup = new CloudwatchLogGroup(
    construct,
    'flow-log-group',
    withExtra(
      {
        region,
        name: names.group,
        retentionInDays: retentionDays,
        tags: tagsOf(scope, 'flow'),
      },
      'flowLogGroup',
      scope.extras,
    ),
  );
  const flowLogRole = new IamRole(construct, 'flow-log-role', {
    name: names.role,
    assumeRolePolicy: assumableBy('vpc-flow-logs.amazonaws.com', {
      StringEquals: { 'aws:SourceAccount': accountId },
      ArnLike: { 'aws:SourceArn': `arn:aws:ec2:${region}:${accountId}:vpc-flow-log/*` },
    }),
    tags: tagsOf(scope, 'flow'),
  });
  const flowLogRolePolicy = new IamRolePolicy(construct, 'flow-log-role-policy', {
    name: 'write-flow-log',
    role: flowLogRole.id,
    policy: policyDocument({
      Effect: 'Allow',
      Action: ['logs:CreateLogStream', 'logs:PutLogEvents', 'logs:DescribeLogStreams'],
      Resource: [flowLogGroup.arn, `${flowLogGroup.arn}:*`],
    }),
  });
  const flowLog = new FlowLog(construct, 'flow-log', {
    region,
    vpcId: vpc.id,
    trafficType: 'ALL',
    logDestinationType: 'cloud-watch-logs',
    logDestination: flowLogGroup.arn,
    iamRoleArn: flowLogRole.arn,
    tags: tagsOf(scope, 'flow'),
  });
  return { flowLog, flowLogGroup, flowLogRole, flowLogRolePolicy };
}
