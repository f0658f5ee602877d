import { systemsManagerActions } from '../../lib/clouds/aws/operators';
import { line, resourcesOf, synthesize, type Resource } from './fixture';

interface Statement {
  readonly Sid?: string;
  readonly Effect: string;
  readonly Principal?: unknown;
  readonly Action: string | readonly string[];
  readonly Resource?: string | readonly string[];
  readonly NotResource?: string | readonly string[];
  readonly Condition?: unknown;
}

/**
 * Every permission that the stack gives, and why it is there. Resources are written with `<...>` for what
 * Terraform knows later; a permission that is not listed here fails the test.
 */
const reasons: Readonly<Record<string, string>> = {
  'gateway role may be taken by ec2.amazonaws.com: sts:AssumeRole': 'the instance is the gateway',
  'gateway role: s3:GetObject on <aws_s3_bucket bucket arn>/gateway-1/* of this account':
    "fetches its own bundle, manifest and endpoints, and no other gateway's",
  'gateway role: s3:GetObject on <aws_s3_bucket bucket arn>/gateway-2/* of this account':
    'the same of the second',
  'gateway role: s3:GetObject on canary dublin-1 of this account': 'waits for what it reports',
  'gateway role: s3:PutObject on <aws_s3_bucket bucket arn>/reports/dublin-1 of this account':
    'reports what it installed',
  'gateway role: s3:PutObject on <aws_s3_bucket bucket arn>/reports/singapore-1 of this account':
    'reports what it installed',
  'gateway role: s3:PutObject on <aws_s3_bucket bucket arn>/reports/virginia-1 of this account':
    'reports what it installed',
  'gateway role: s3:PutObject on <aws_s3_bucket bucket arn>/reports/virginia-2 of this account':
    'reports what it installed',
  ...Object.fromEntries(
    ['public', 'private-1', 'private-2'].map((name) => [
      `gateway role: ec2:ReplaceRoute on table <aws_route_table ${name}-table id> of its VPC`,
      'takes over from the other gateway of its region',
    ]),
  ),
  'gateway role: ec2:DescribeRouteTables on * of its region': 'sees where routes lead; cannot be narrowed',
  'gateway role: s3:GetObject on <aws_s3_bucket bucket arn>/leases/virginia of this account':
    'agrees with the other gateway who moves routes',
  'gateway role: s3:PutObject on <aws_s3_bucket bucket arn>/leases/virginia of this account':
    'agrees with the other gateway who moves routes',
  'gateway role: secretsmanager:GetSecretValue on <aws_secretsmanager_secret unseal-secret arn>':
    'opens its own sealed keys',
  'flow log role may be taken by vpc-flow-logs.amazonaws.com of this account and region: sts:AssumeRole':
    'the flow log service writes',
  'flow log role: logs:CreateLogStream on <aws_cloudwatch_log_group flow-log-group arn>':
    'a stream an interface',
  'flow log role: logs:CreateLogStream on <aws_cloudwatch_log_group flow-log-group arn>:*':
    'a stream an interface',
  'flow log role: logs:PutLogEvents on <aws_cloudwatch_log_group flow-log-group arn>': 'writes records',
  'flow log role: logs:PutLogEvents on <aws_cloudwatch_log_group flow-log-group arn>:*': 'writes records',
  'flow log role: logs:DescribeLogStreams on <aws_cloudwatch_log_group flow-log-group arn>':
    'finds its stream',
  'flow log role: logs:DescribeLogStreams on <aws_cloudwatch_log_group flow-log-group arn>:*':
    'finds its stream',
  'bucket denies * without TLS: s3:* on <aws_s3_bucket bucket arn>': 'nothing in clear',
  'bucket denies * without TLS: s3:* on <aws_s3_bucket bucket arn>/*': 'nothing in clear',
  ...Object.fromEntries(
    ['s3:PutObject', 's3:PutObjectAcl', 's3:DeleteObject', 's3:DeleteObjectVersion'].map((action) => [
      `bucket denies its gateways: ${action} on all but <aws_s3_bucket bucket arn>/reports/*, ` +
        '<aws_s3_bucket bucket arn>/leases/*',
      'what gateways install only the deployment writes',
    ]),
  ),
};

const list = (value: string | readonly string[] | undefined): readonly string[] =>
  value === undefined ? [] : typeof value === 'string' ? [value] : value;

/** A resource of a statement, with its references read: `<type last-part attribute>`. */
const readable = (text: string) =>
  text
    .replace(
      /^arn:aws:ec2:us-east-1:\$\{data\.aws_caller_identity\.\S+\.account_id\}:route-table\/(.*)/,
      'table $1',
    )
    .replace(
      /^arn:aws:s3:::dwcp-line--dublin-\$\{data\.aws_caller_identity\.\S+\.account_id\}\/reports\/(.*)/,
      'canary $1',
    )
    .replace(
      /\$\{(aws_\w+)\.(\S+?)_[0-9A-F]{8}\.(\w+)\}/g,
      (_, type: string, id: string, attribute: string) => {
        return `<${type} ${id.split('_').pop()!} ${attribute}>`;
      },
    );

const accountId = String.raw`\$\{data\.aws_caller_identity\.\S+\.account_id\}`;

/** What a condition narrows a permission to: known ones alone. */
const conditions: readonly (readonly [RegExp, string])[] = [
  [new RegExp(`^{"StringEquals":{"s3:ResourceAccount":"${accountId}"}}$`), ' of this account'],
  [
    new RegExp(
      `^{"ArnEquals":{"ec2:Vpc":"arn:aws:ec2:us-east-1:${accountId}:vpc/` +
        String.raw`\$\{aws_vpc\.\S+_regions_virginia_vpc_[0-9A-F]{8}\.id\}"}}$`,
    ),
    ' of its VPC',
  ],
  [/^{"StringEquals":{"ec2:Region":"us-east-1"}}$/, ' of its region'],
];

function narrowed(condition: string): string {
  const known = conditions.find(([pattern]) => pattern.test(condition));
  if (!known) throw new Error(`an unknown condition: ${condition}`);
  return known[1];
}

function statementsOf(text: string): readonly Statement[] {
  return (JSON.parse(text) as { Statement: readonly Statement[] }).Statement;
}

/** What a stack permits, in words. */
function permissions(resources: ReadonlyMap<string, Resource>): Set<string> {
  const found = new Set<string>();
  for (const [id, resource] of resources) {
    const whose = id.includes('flow-log') ? 'flow log role' : 'gateway role';
    if (id.startsWith('aws_iam_role.')) {
      for (const { Principal, Action, Condition } of statementsOf(resource.assume_role_policy as string)) {
        const who = (Principal as { Service: string }).Service;
        const where = Condition ? ' of this account and region' : '';
        const account = JSON.stringify(Condition ?? {});
        if (Condition) expect(account).toMatch(/aws:SourceAccount.*aws:SourceArn.*vpc-flow-log/);
        for (const action of list(Action)) found.add(`${whose} may be taken by ${who}${where}: ${action}`);
      }
    } else if (id.startsWith('aws_iam_role_policy.')) {
      for (const { Effect, Action, Resource, Condition } of statementsOf(resource.policy as string)) {
        expect(Effect).toBe('Allow');
        const where = Condition ? narrowed(JSON.stringify(Condition)) : '';
        for (const action of list(Action))
          for (const on of list(Resource)) found.add(`${whose}: ${action} on ${readable(on)}${where}`);
      }
    } else if (id.startsWith('aws_s3_bucket_policy.')) {
      for (const statement of statementsOf(resource.policy as string)) {
        const { Effect, Principal, Action, Resource, NotResource, Condition } = statement;
        expect([Effect, Principal]).toEqual(['Deny', '*']);
        if (NotResource) {
          const roles = /^{"ArnLike":{"aws:PrincipalArn":"arn:\*:iam::\*:role\/dwcp-line--[a-z]+-\*"}}$/;
          expect(JSON.stringify(Condition)).toMatch(roles);
          const but = list(NotResource).map(readable).join(', ');
          for (const action of list(Action))
            found.add(`bucket denies its gateways: ${action} on all but ${but}`);
          continue;
        }
        expect(Condition).toEqual({ Bool: { 'aws:SecureTransport': 'false' } });
        for (const action of list(Action))
          for (const on of list(Resource))
            found.add(`bucket denies * without TLS: ${action} on ${readable(on)}`);
      }
    }
  }
  return found;
}

describe('the permissions that a network gives', () => {
  const regions = { ...line.regions, virginia: { place: 'us-east-1', gateways: { count: 2 } } };
  const resources = resourcesOf(synthesize({ ...line, regions, rollout: { canary: 'dublin' } }).synthesized);

  it('are these, each for a reason, and no others', () => {
    expect([...permissions(resources)].sort()).toEqual(Object.keys(reasons).sort());
  });

  it('are more by Systems Manager where it is asked for: to be seen, and to run commands', () => {
    const found = permissions(resourcesOf(synthesize({ ...line, operations: { ssm: true } }).synthesized));
    const more = [...found].filter((permission) => /ssm|ec2messages/.test(permission));
    expect(more.sort()).toEqual(systemsManagerActions.map((action) => `gateway role: ${action} on *`).sort());
    // Parameters and documents of the account are none of a gateway's business.
    expect(more.join()).not.toMatch(/GetParameter|GetDocument|PutInventory/);
  });

  it('are more where journals go to the cloud: each gateway makes and writes its own stream', () => {
    const { synthesized } = synthesize({ ...line, operations: { logs: { retention: '90 d' } } });
    const found = resourcesOf(synthesized);
    const more = [...permissions(found)].filter((permission) => /^gateway role: logs:/.test(permission));
    const own = 'on <aws_cloudwatch_log_group journal-group arn>:log-stream:gateway-1';
    expect(more.sort()).toEqual(
      ['logs:CreateLogStream', 'logs:PutLogEvents'].map((action) => `gateway role: ${action} ${own}`),
    );
    const groups = [...found].filter(([id]) => /^aws_cloudwatch_log_group.*journal-group/.test(id));
    expect(groups.map(([, group]) => [group.name, group.retention_in_days]).sort()).toEqual(
      Object.keys(line.regions)
        .map((id) => [`/dwcp/line/${id}/gateways`, 90])
        .sort(),
    );
  });

  it('stand in no other kind of resource', () => {
    const kinds = [...resources.keys()].map((id) => id.split('.')[0]);
    const giving = new Set(kinds.filter((kind) => /policy|role|grant|permission|user|group$/.test(kind)));
    expect([...giving].sort()).toEqual([
      'aws_cloudwatch_log_group',
      'aws_default_security_group',
      'aws_iam_role',
      'aws_iam_role_policy',
      'aws_s3_bucket_policy',
      'aws_security_group',
    ]);
  });

  it("are each gateway's own: no role reads the folder or the secret of another", () => {
    const policies = [...resources].filter(([id]) => /^aws_iam_role_policy\..*gateway-\d/.test(id));
    expect(policies.length).toBe(4);
    for (const [id, { policy }] of policies) {
      const [, region] = /_regions_([a-z]+)_gateway/.exec(id)!;
      const references = String(policy)
        .match(/\$\{[^}]+\}/g)!
        .filter((reference) => !reference.includes('aws_caller_identity'));
      expect(references.length).toBeGreaterThan(1);
      for (const reference of references) expect(reference).toContain(`_regions_${region}_`);
    }
  });

  it('would show one that is added', () => {
    const [id, role] = [...resources].find(([key]) => key.startsWith('aws_iam_role_policy.'))!;
    const wide = { Statement: [{ Effect: 'Allow', Action: 's3:*', Resource: '*' }] };
    const more = new Map([...resources, [`${id}2`, { ...role, policy: JSON.stringify(wide) }]]);
    expect([...permissions(more)].filter((permission) => !(permission in reasons)).length).toBe(1);
  });
});
