import { Vpc } from '@cdktf/provider-aws/lib/vpc';
import { GlobalNetwork, Region, type NetworkDescription } from '../../constructs';
import {
  inGivenVpc,
  inMemory,
  line,
  newStack,
  ofType,
  resourcesOf,
  synth,
  synthesize,
  type Resource,
} from './fixture';

/** Every type that we create. Another one is added here on purpose or not at all. */
const regionalTypes = new Set([
  'aws_cloudwatch_log_group',
  'aws_cloudwatch_metric_alarm',
  'aws_default_security_group',
  'aws_eip',
  'aws_eip_association',
  'aws_flow_log',
  'aws_instance',
  'aws_internet_gateway',
  'aws_network_interface',
  'aws_route',
  'aws_route_table',
  'aws_route_table_association',
  'aws_s3_bucket',
  'aws_s3_bucket_lifecycle_configuration',
  'aws_s3_bucket_policy',
  'aws_s3_bucket_public_access_block',
  'aws_s3_bucket_server_side_encryption_configuration',
  'aws_s3_bucket_versioning',
  'aws_s3_object',
  'aws_secretsmanager_secret',
  'aws_secretsmanager_secret_version',
  'aws_security_group',
  'aws_subnet',
  'aws_vpc',
  'aws_vpc_security_group_egress_rule',
  'aws_vpc_security_group_ingress_rule',
]);
const globalTypes = new Set(['aws_iam_role', 'aws_iam_role_policy', 'aws_iam_instance_profile']);
const untaggable = new Set([
  'aws_eip_association',
  'aws_iam_role_policy',
  'aws_route',
  'aws_route_table_association',
  'aws_s3_bucket_lifecycle_configuration',
  'aws_s3_bucket_policy',
  'aws_s3_bucket_public_access_block',
  'aws_s3_bucket_server_side_encryption_configuration',
  'aws_s3_bucket_versioning',
  'aws_secretsmanager_secret_version',
]);

const twoGateways: NetworkDescription = {
  ...line,
  tags: { owner: 'network' },
  regions: {
    ...line.regions,
    dublin: { place: 'eu-west-1', gateways: { count: 2 }, tags: { owner: 'emea' } },
  },
};
const places: Readonly<Record<string, string>> = {
  virginia: 'us-east-1',
  dublin: 'eu-west-1',
  singapore: 'ap-southeast-1',
};

describe('the resources of a network', () => {
  const { network, plan, synthesized } = synthesize(twoGateways);
  const all = resourcesOf(synthesized);
  const find = (type: string, ...parts: string[]): Resource => {
    const found = [...all].filter(
      ([id]) => id.startsWith(`${type}.`) && parts.every((part) => id.includes(part)),
    );
    expect(found.map(([id]) => id)).toHaveLength(1);
    return found[0][1];
  };

  it('are of known types only', () => {
    const types = new Set([...all.keys()].map((id) => id.split('.')[0]));
    expect([...types].filter((type) => !regionalTypes.has(type) && !globalTypes.has(type))).toEqual([]);
  });

  it('state the AWS region that their region lies in, where the type is regional', () => {
    for (const [id, resource] of all) {
      const [, type, region] = /^([^.]+)\.line_(?:regions_)?([a-z]+)_/.exec(id)!;
      expect([id, resource.region]).toEqual([id, globalTypes.has(type) ? undefined : places[region]]);
    }
    for (const [type, byId] of Object.entries(synthesized.data!)) {
      if (type === 'aws_caller_identity') continue;
      for (const data of Object.values(byId)) expect(Object.values(places)).toContain(data.region);
    }
  });

  it('carry Name, network and user tags, the region over the network', () => {
    for (const [id, resource] of all) {
      const type = id.split('.')[0];
      const ours = expect.objectContaining({ Name: expect.any(String), 'dwcp:network': 'line' });
      expect([id, resource.tags]).toEqual([id, untaggable.has(type) ? undefined : ours]);
    }
    expect(network.resources.regions.get('dublin')!.vpc!.vpc.tagsInput).toMatchObject({ owner: 'emea' });
    expect(network.resources.regions.get('virginia')!.vpc!.vpc.tagsInput).toMatchObject({ owner: 'network' });
  });

  it('are named within the limits of AWS and uniquely in the account', () => {
    const names = [...all].flatMap(([id, r]) =>
      r.name ? [`${id.split('.')[0]} ${r.region} ${r.name as string}`] : [],
    );
    const own = names.filter((name) => !name.startsWith('aws_iam_role_policy'));
    expect(new Set(own).size).toBe(own.length);
    for (const role of ofType(synthesized, 'aws_iam_role'))
      expect((role.name as string).length).toBeLessThanOrEqual(64);
  });

  it('need a Terraform with write-only arguments', () => {
    expect(synthesized.terraform.required_version).toBe('>= 1.11.0');
  });

  it('put two gateways of a region into two zones, and each zone leaves by its own', () => {
    const zones = ['1', '2'].map((n) =>
      find('aws_subnet', 'dublin_public-', n === '1' ? 'public-1_' : 'public-2_'),
    );
    expect(zones.map((z) => z.availability_zone as string)).toEqual([
      expect.stringMatching(
        /setintersection\(data\.aws_availability_zones\.\S*dublin\S*\.names, \S+\)\)\), 0\)\}$/,
      ),
      expect.stringMatching(/instance_type_offerings\.\S+\.locations\)\)\), 1\)\}$/),
    ]);
    const interfaceOf = (n: number) => find('aws_network_interface', `dublin_gateway-${n}_`);
    expect(interfaceOf(1).subnet_id).toContain('dublin_public-1_');
    expect(interfaceOf(2).subnet_id).toContain('dublin_public-2_');
    const via = (table: string) =>
      find('aws_route', `dublin_${table}-to-region-virginia_`).network_interface_id as string;
    expect(via('public')).toContain('dublin_gateway-1_');
    expect(via('private-1')).toContain('dublin_gateway-1_');
    expect(via('private-2')).toContain('dublin_gateway-2_');
  });

  it('route every remote block, also of regions without a link, in every table', () => {
    for (const table of ['public', 'private-1', 'private-2']) {
      const blocks = plan!.regions.filter((r) => r.id !== 'virginia').map((r) => r.ipv4Block);
      const ours = `virginia_${table}-to-region-`;
      const routes = [...all].filter(([id]) => id.startsWith('aws_route.') && id.includes(ours));
      expect(routes.map(([, r]) => r.destination_cidr_block as string).sort()).toEqual([...blocks].sort());
    }
    expect(find('aws_route', 'virginia_public-to-internet').gateway_id).toContain('aws_internet_gateway');
  });

  it('admit a tunnel on its own port from the address of its peer alone', () => {
    const rules = ofType(synthesized, 'aws_vpc_security_group_ingress_rule');
    const udp = rules.filter((rule) => rule.ip_protocol === 'udp');
    expect(udp).toHaveLength(plan!.tunnels.length * 2);
    for (const tunnel of plan!.tunnels) {
      tunnel.ends.forEach((end, side) => {
        const peer = tunnel.ends[1 - side].gateway.replace('/', '_gateway-');
        const here = end.gateway.replace('/', '_gateway-');
        const onPort = udp.filter((r) => r.from_port === end.listenPort && r.to_port === end.listenPort);
        const rule = onPort.find((r) => (r.security_group_id as string).includes(here));
        expect(rule?.cidr_ipv4).toMatch(new RegExp(`^\\$\\{aws_eip\\.\\S*${peer}_\\S*\\.public_ip\\}/32$`));
      });
    }
    // What is left admits the region's own workloads.
    const rest = rules.filter((rule) => rule.ip_protocol !== 'udp');
    expect(rest.map((r) => r.cidr_ipv4 as string).sort()).toEqual(
      plan!.gateways.map((g) => plan!.regions.find((r) => r.id === g.region)!.ipv4Block).sort(),
    );
  });

  it('let a gateway out to its peers, its own block, and TCP 80 and 443', () => {
    const rules = ofType(synthesized, 'aws_vpc_security_group_egress_rule');
    const toAll = rules.filter((r) => r.cidr_ipv4 === '0.0.0.0/0');
    const open = toAll.map((r) => `${r.ip_protocol} ${r.from_port}-${r.to_port}`);
    expect([...new Set(open)].sort()).toEqual(['tcp 443-443', 'tcp 80-80']);
  });

  it('run gateways with IMDSv2 alone, encrypted disks, and forwarding', () => {
    for (const instance of ofType(synthesized, 'aws_instance')) {
      expect(instance.metadata_options).toEqual({
        http_endpoint: 'enabled',
        http_tokens: 'required',
        http_put_response_hop_limit: 1,
      });
      expect(instance.root_block_device.encrypted).toBe(true);
      expect(instance.lifecycle.ignore_changes).toEqual(['ami', 'source_dest_check']);
      expect(instance.user_data_replace_on_change).toBeUndefined();
    }
    for (const card of ofType(synthesized, 'aws_network_interface'))
      expect(card.source_dest_check).toBe(false);
    for (const image of Object.values(synthesized.data!.aws_ami)) {
      expect(image).toMatchObject({ owners: ['136693071363'], most_recent: true });
      expect(image.filter).toEqual([{ name: 'name', values: ['debian-13-arm64-*'] }]);
    }
  });

  it('let a gateway read its own objects and its own secret, stand in for its partner, and nothing else', () => {
    for (const gateway of plan!.gateways) {
      const [region, number] = gateway.id.split('/');
      const here = `${region}_gateway-${number}_`;
      const policy = JSON.parse(find('aws_iam_role_policy', here).policy as string) as {
        Statement: { Effect: string; Action: string | string[]; Resource: string | string[] }[];
      };
      const [own, report, secret, ...takeover] = policy.Statement;
      expect(policy.Statement.map((s) => `${s.Effect} ${String(s.Action)}`)).toEqual([
        'Allow s3:GetObject',
        'Allow s3:PutObject',
        'Allow secretsmanager:GetSecretValue',
        ...(region === 'dublin'
          ? ['Allow ec2:ReplaceRoute', 'Allow ec2:DescribeRouteTables', 'Allow s3:GetObject,s3:PutObject']
          : []),
      ]);
      expect(own.Resource).toMatch(new RegExp(`\\.arn\\}/gateway-${number}/\\*$`));
      expect(report.Resource).toMatch(new RegExp(`\\.arn\\}/reports/${region}-${number}$`));
      expect(secret.Resource).toContain(here);
      if (takeover.length === 0) continue;
      const [replace, , lease] = takeover;
      expect(replace.Resource).not.toHaveLength(0);
      for (const table of replace.Resource)
        expect(table).toMatch(
          /^arn:aws:ec2:eu-west-1:\S+:route-table\/\$\{aws_route_table\.line_\S*dublin_\S+\.id\}$/,
        );
      expect(lease.Resource).toMatch(/\.arn\}\/leases\/dublin$/);
    }
  });

  it('keep each bucket private, encrypted, versioned and behind TLS', () => {
    for (const place of Object.keys(places)) {
      expect(find('aws_s3_bucket', `${place}_bucket_`).bucket).toMatch(
        new RegExp(`^dwcp-line--${place}-\\$\\{data\\.aws_caller_identity\\.\\S+\\.account_id\\}$`),
      );
      expect(find('aws_s3_bucket_public_access_block', place)).toMatchObject({
        block_public_acls: true,
        block_public_policy: true,
        ignore_public_acls: true,
        restrict_public_buckets: true,
      });
      expect(find('aws_s3_bucket_versioning', place).versioning_configuration).toEqual({ status: 'Enabled' });
      expect(find('aws_s3_bucket_policy', place).policy).toContain('"aws:SecureTransport":"false"');
    }
  });

  it('tell a gateway the addresses of its peers and of nobody else', () => {
    const content = find('aws_s3_object', 'singapore_gateway-1_endpoints').content as string;
    expect(Object.keys(JSON.parse(content) as object)).toEqual(['dublin/1', 'dublin/2']);
    expect(content).toMatch(/"dublin\/2":"\$\{aws_eip\.\S*dublin_gateway-2_\S*\.public_ip\}"/);
  });

  it('write the manifest after the bundle and the endpoints', () => {
    const manifest = find('aws_s3_object', 'virginia_gateway-1_manifest');
    const bundle = find('aws_s3_object', 'virginia_gateway-1_bundle_');
    expect(manifest.content).toBe(`unsigned ${bundle.source_hash as string}\n`);
    expect((manifest.depends_on as string[]).join(' ')).toMatch(
      /gateway-1_bundle_\S+ \S*gateway-1_endpoints_/,
    );
  });

  it('are written once the bucket keeps versions, encrypts and is closed', () => {
    for (const object of ['bundle_', 'endpoints', 'manifest']) {
      const after = (find('aws_s3_object', `virginia_gateway-1_${object}`).depends_on as string[]).join(' ');
      if (object !== 'manifest')
        for (const type of ['versioning', 'server_side_encryption_configuration', 'public_access_block'])
          expect([object, after]).toEqual([object, expect.stringContaining(`aws_s3_bucket_${type}.`)]);
      else expect(after).toContain('virginia_gateway-1_bundle_');
    }
  });

  it('can be reached and overridden through network.resources', () => {
    const dublin = network.resources.regions.get('dublin')!;
    expect(dublin.vpc!.vpc).toBeInstanceOf(Vpc);
    expect([...dublin.gateways.keys()]).toEqual(['dublin/1', 'dublin/2']);
    expect([...dublin.routes.get('private-1')!.keys()]).toEqual(['singapore', 'virginia']);
    const link = network.resources.links.get('link-virginia-dublin')!;
    expect([...link.ingress.keys()]).toEqual([
      'tunnel-virginia-dublin at virginia/1',
      'tunnel-virginia-dublin at dublin/1',
      'tunnel-virginia-dublin.2 at virginia/1',
      'tunnel-virginia-dublin.2 at dublin/2',
    ]);
    expect(link.ingress.get('tunnel-virginia-dublin at dublin/1')?.terraformResourceType).toBe(
      'aws_vpc_security_group_ingress_rule',
    );
  });
});

describe('a region with a VPC of yours', () => {
  const description: NetworkDescription = {
    ...line,
    regions: {
      ...line.regions,
      dublin: inGivenVpc,
    },
  };

  it('gets no VPC, subnet, table, Internet gateway or flow log, but gateways and routes in it', () => {
    const { synthesized, network } = synthesize(description);
    const here = [...resourcesOf(synthesized)].filter(([, r]) => r.region === 'eu-west-1');
    const types = new Set(here.map(([id]) => id.split('.')[0]));
    for (const type of [
      'vpc',
      'subnet',
      'route_table',
      'route_table_association',
      'internet_gateway',
      'flow_log',
    ]) {
      expect([type, types.has(`aws_${type}`)]).toEqual([type, false]);
    }
    const cards = here.filter(([id]) => id.startsWith('aws_network_interface.'));
    const subnets = cards.map(([, card]) => card.subnet_id as string);
    expect(subnets.sort()).toEqual(['subnet-0123456789abcdef1', 'subnet-0123456789abcdef2']);
    const routes = here.filter(([id]) => id.startsWith('aws_route.')).map(([, r]) => r);
    expect(routes).toHaveLength(4);
    for (const route of routes) {
      const gateway = route.route_table_id === 'rtb-0123456789abcdef1' ? 'gateway-1' : 'gateway-2';
      expect(route.network_interface_id).toContain(gateway);
    }
    expect(network.resources.regions.get('dublin')).toMatchObject({
      vpc: undefined,
      vpcId: 'vpc-0123456789abcdef0',
    });
  });
});

describe('an external region', () => {
  const description: NetworkDescription = {
    ...line,
    regions: {
      ...line.regions,
      office: { external: { endpoint: '203.0.113.7', location: { lat: 48.1, lon: 11.6 } } },
    },
    links: [...line.links!, { between: ['office', 'dublin'], bandwidth: '500 Mbps' }],
  };

  it('gets no resource, is routed to, and its endpoint is admitted', () => {
    const { synthesized, network, plan } = synthesize(description);
    expect(network.resources.regions.has('office')).toBe(false);
    expect([...resourcesOf(synthesized).keys()].filter((id) => id.includes('_office_'))).toEqual([]);
    const block = plan!.regions.find((r) => r.id === 'office')!.ipv4Block;
    expect(ofType(synthesized, 'aws_route').filter((r) => r.destination_cidr_block === block)).toHaveLength(
      9,
    );
    const rules = ofType(synthesized, 'aws_vpc_security_group_ingress_rule');
    const admitted = rules.filter((r) => r.cidr_ipv4 === '203.0.113.7/32');
    expect(admitted.map((r) => r.region)).toEqual(['eu-west-1']);
    const contents = ofType(synthesized, 'aws_s3_object').map((o) => (o.content ?? '') as string);
    const naming = contents.filter((content) => content.includes('office'));
    expect(naming).toEqual([expect.stringContaining('"office/1":"203.0.113.7"')]);
  });

  it('with an IPv6 endpoint is refused: gateways in AWS have IPv4 addresses', () => {
    const office = { external: { endpoint: '2001:db8::1', location: { lat: 48.1, lon: 11.6 } } };
    const stack = newStack();
    const network = GlobalNetwork.fromDescription(
      stack,
      'line',
      { ...description, regions: { ...description.regions, office } },
      inMemory,
    );
    expect(network.plan().diagnostics.map((d) => `${d.code} ${d.path}`)).toContain(
      'endpoint-ipv6 regions.office.external.endpoint',
    );
    expect(resourcesOf(synth(stack)).size).toBe(0);
  });
});

describe('a block too small for four subnets', () => {
  it('is an error on its region, unless the VPC is yours', () => {
    const regions = { ...line.regions, dublin: { place: 'eu-west-1', block: '10.9.9.0/27' } };
    const network = GlobalNetwork.fromDescription(newStack(), 'line', { ...line, regions }, inMemory);
    const { plan, diagnostics } = network.plan();
    expect(plan).toBeUndefined();
    expect(diagnostics.map((d) => `${d.code} ${d.path}`)).toContain('block-too-small regions.dublin.block');
  });
});

describe('arguments passed through', () => {
  it('win over ours, the region over the network, and tags are added', () => {
    const stack = newStack();
    const network = new GlobalNetwork(stack, 'line', {
      ...inMemory,
      extra: { instance: { monitoring: true, tags: { team: 'wan' } }, flowLogGroup: { retentionInDays: 7 } },
    });
    network.mesh(['us-east-1', 'eu-west-1']);
    new Region(network, 'us-east-1', { extra: { instance: { monitoring: false } } });
    new Region(network, 'eu-west-1');
    network.plan();
    const synthesized = synth(stack);
    const instances = Object.fromEntries(
      ofType(synthesized, 'aws_instance').map((i) => [i.region as string, i]),
    );
    expect([instances['us-east-1'].monitoring, instances['eu-west-1'].monitoring]).toEqual([false, true]);
    expect(instances['us-east-1'].tags).toMatchObject({ team: 'wan', 'dwcp:network': 'line' });
    expect(ofType(synthesized, 'aws_cloudwatch_log_group').map((g) => g.retention_in_days)).toEqual([7, 7]);
  });
});

describe('more tunnels than one security group takes', () => {
  const regions = Object.fromEntries(
    Array.from({ length: 40 }, (_, i) => [
      `site-${i}`,
      { external: { endpoint: `203.0.113.${i + 1}`, location: { lat: i, lon: i } } },
    ]),
  );
  const hub: NetworkDescription = {
    network: 'hub',
    regions: { ...regions, hub: { place: 'eu-west-1' } },
    links: Object.keys(regions).map((id) => ({ between: ['hub', id], bandwidth: '50 Mbps' })),
  };

  it('are spread over several groups on the one interface, none with more than 60 rules', () => {
    const { synthesized } = synthesize(hub);
    const [card] = ofType(synthesized, 'aws_network_interface');
    expect(card.security_groups).toHaveLength(2);
    const perGroup = new Map<string, number>();
    for (const rule of ofType(synthesized, 'aws_vpc_security_group_ingress_rule')) {
      const group = rule.security_group_id as string;
      perGroup.set(group, (perGroup.get(group) ?? 0) + 1);
    }
    expect([...perGroup.values()].sort((a, b) => a - b)).toEqual([12, 29]);
  });
});
