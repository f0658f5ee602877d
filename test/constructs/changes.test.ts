import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { NetworkDescription } from '../../constructs';
import { createKeyFile, rotateNow, type OpenedKeyFile } from '../../lib/net/keys';
import { six } from '../aws/networks';
import { seededRandom } from '../net/seeded-random';
import { resourcesOf, synthesize, synthesizePerRegion, type Resource, type Synthesized } from './fixture';

let mockAgent: string | undefined;
jest.mock('../../constructs/deploy/agent-program', () => ({ packagedAgent: () => mockAgent }));

let folder: string;
let lockFile: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'dwcp-changes-'));
  lockFile = path.join(folder, 'lock.json');
  mockAgent = undefined;
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const withTokyo: NetworkDescription = {
  ...six,
  regions: { ...six.regions, tokyo: { place: 'ap-northeast-1' } },
  links: [
    ...six.links!,
    { between: ['tokyo', 'singapore'], bandwidth: '1 Gbps' },
    { between: ['tokyo', 'sydney'], bandwidth: '1 Gbps' },
    { between: ['tokyo', 'virginia'], bandwidth: '1 Gbps' },
  ],
};

/** Every stack by id, from one lock file. */
function parted(description: NetworkDescription): ReadonlyMap<string, Synthesized> {
  const { plan, stacks, diagnostics } = synthesizePerRegion(description, { lockFile, keysFile: false });
  if (!plan) throw new Error(JSON.stringify(diagnostics));
  return stacks;
}
function whole(description: NetworkDescription, keysFile: string | false = false): Synthesized {
  const { plan, synthesized, diagnostics } = synthesize(description, { lockFile, keysFile });
  if (!plan) throw new Error(JSON.stringify(diagnostics));
  return synthesized;
}

interface Difference {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  /** `aws_s3_object.<id> source_hash`. */
  readonly changed: readonly string[];
}

function differenceOf(before: Synthesized, after: Synthesized): Difference {
  const [old, now] = [resourcesOf(before), resourcesOf(after)];
  const changed = [...now].flatMap(([id, resource]) => {
    const was: Resource = old.get(id) ?? resource;
    const names = new Set([...Object.keys(was), ...Object.keys(resource)]);
    const differing = [...names].filter((a) => JSON.stringify(was[a]) !== JSON.stringify(resource[a]));
    return differing.map((argument) => `${id} ${argument}`);
  });
  return {
    added: [...now.keys()].filter((id) => !old.has(id)),
    removed: [...old.keys()].filter((id) => !now.has(id)),
    changed,
  };
}

/** What is not about the region itself: its links' rules, and the routes to it. */
const towardsTokyo =
  /^(aws_route\.\S+-to-region-tokyo_|aws_vpc_security_group_(in|e)gress_rule\.\S+_(in|out)-tunnel-\S*tokyo)/;
const carriesPlan = /^aws_s3_object\.\S+_(bundle_[0-9A-F]{8} source_hash|manifest_[0-9A-F]{8} content)$/;
/** Peers' addresses, and without keys the names of peers that have none. */
const carriesPeers = /^aws_s3_object\.\S+_(endpoints_[0-9A-F]{8} content|bundle_[0-9A-F]{8} lifecycle)$/;

describe('a seventh region', () => {
  it('changes in the stacks of others its routes, its links and what holds the plan, and nothing else', () => {
    const [before, after] = [parted(six), parted(withTokyo)];
    const others = [...before.keys()].filter((stack) => stack !== 'test');
    expect(others).toHaveLength(6);
    for (const stack of others) {
      const [was, is] = [before.get(stack)!, after.get(stack)!];
      const { added, removed, changed } = differenceOf(was, is);
      const linked = ['test-singapore', 'test-sydney', 'test-virginia'].includes(stack);
      expect([stack, removed]).toEqual([stack, []]);
      expect([stack, added.filter((id) => !towardsTokyo.test(id))]).toEqual([stack, []]);
      expect([stack, added.some((id) => id.includes('tunnel-'))]).toEqual([stack, linked]);
      const rest = changed.filter((what) => !carriesPlan.test(what));
      expect([stack, rest.filter((what) => !carriesPeers.test(what))]).toEqual([stack, []]);
      expect([stack, rest.length > 0]).toEqual([stack, linked]);
      for (const part of ['data', 'variable', 'provider', 'terraform'] as const) {
        expect([stack, part, is[part]]).toEqual([stack, part, was[part]]);
      }
    }
    const home = differenceOf(before.get('test')!, after.get('test')!);
    expect([home.removed, home.changed]).toEqual([[], []]);
    expect(home.added).toEqual([expect.stringMatching(/^aws_eip\.\S+tokyo/)]);
    expect([...after.keys()].filter((stack) => !before.has(stack))).toEqual(['test-tokyo']);
  });

  it('leaves when it is taken out, but for the count of plans that bundles carry', () => {
    const before = parted(six);
    parted(withTokyo);
    const again = parted(six);
    expect([...again.keys()]).toEqual([...before.keys()]);
    for (const [stack, was] of before) {
      const { added, removed, changed } = differenceOf(was, again.get(stack)!);
      expect([stack, added, removed]).toEqual([stack, [], []]);
      expect([stack, changed.filter((what) => !carriesPlan.test(what))]).toEqual([stack, []]);
      expect({ ...again.get(stack), resource: undefined }).toEqual({ ...was, resource: undefined });
    }
  });

  it('leaves the bytes of before when the lock file is taken back with it', () => {
    const bytes = (stacks: ReadonlyMap<string, Synthesized>) => JSON.stringify([...stacks]);
    const before = bytes(parted(six));
    copyFileSync(lockFile, `${lockFile}.before`);
    expect(bytes(parted(withTokyo))).not.toBe(before);
    copyFileSync(`${lockFile}.before`, lockFile);
    expect(bytes(parted(six))).toBe(before);
  });
});

/**
 * The arguments that a change may touch, with what the provider's documentation says of changing each. None
 * of them replaces a gateway, its addresses or its bucket.
 */
const updates: Readonly<Record<string, string>> = {
  'aws_instance instance_type': 'stops the instance and starts it',
  'aws_s3_object content': 'writes the object again',
  'aws_s3_object source_hash': 'writes the object again',
  // Whether or not by replacing this resource: what holds AWSCURRENT keeps it until the new version does.
  'aws_secretsmanager_secret_version secret_string_wo_version': 'makes another version of the secret',
};

/** Arguments whose change replaces the resource, where we pass them at all; `region` of every type too. */
const replacing: Readonly<Record<string, readonly string[]>> = {
  // user_data replaces only with user_data_replace_on_change, and ami is ignored.
  aws_instance: [
    'ami',
    'availability_zone',
    'key_name',
    'primary_network_interface',
    'root_block_device',
    'subnet_id',
    'user_data',
    'user_data_replace_on_change',
  ],
  aws_network_interface: ['interface_type', 'subnet_id'],
  aws_eip: ['address', 'domain', 'network_border_group', 'public_ipv4_pool'],
  aws_eip_association: ['allocation_id', 'network_interface_id'],
  aws_s3_bucket: ['bucket', 'object_lock_enabled'],
  aws_secretsmanager_secret: ['name'],
  aws_iam_role: ['name'],
  aws_iam_instance_profile: ['name'],
  aws_security_group: ['description', 'name', 'vpc_id'],
  aws_subnet: ['cidr_block', 'vpc_id'],
  aws_vpc: ['cidr_block'],
};

/** Kinds of arguments that changed: `aws_s3_object content`. */
function kindsChanged(before: Synthesized, after: Synthesized): string[] {
  const { added, removed, changed } = differenceOf(before, after);
  expect([added, removed]).toEqual([[], []]);
  return [...new Set(changed.map((what) => what.replace(/\.\S+/, '')))].sort();
}

const onlyBundles = ['aws_s3_object content', 'aws_s3_object source_hash'];

describe('what changes in place', () => {
  it('with a key: the secret of its gateway, and bundles', async () => {
    const before = await keys();
    const rotated = rotateNow(before, ['dublin/1'], seededRandom('rotated')).opened;
    const [was, is] = [whole(six, write(before)), whole(six, write(rotated))];
    const kinds = kindsChanged(was, is);
    expect(kinds).toEqual([...onlyBundles, 'aws_secretsmanager_secret_version secret_string_wo_version']);
    expect(kinds.filter((kind) => !(kind in updates))).toEqual([]);
    const secrets = differenceOf(was, is).changed.filter((what) => what.includes('secret_version'));
    expect(secrets).toEqual([expect.stringContaining('dublin_gateway-1_unseal-secret-version')]);
  });

  it('with an instance type: instances of that region, and bundles', () => {
    const dublin = { ...six.regions.dublin, gateways: { count: 2, instanceType: 'c7gn.xlarge' } };
    const [was, is] = [whole(six), whole({ ...six, regions: { ...six.regions, dublin } })];
    const kinds = kindsChanged(was, is).filter((kind) => !onlyBundles.includes(kind));
    expect(kinds).toEqual(['aws_instance instance_type']);
    expect(kinds.filter((kind) => !(kind in updates))).toEqual([]);
    const instances = differenceOf(was, is).changed.filter((what) => what.startsWith('aws_instance.'));
    expect(instances).toHaveLength(2);
    for (const what of instances) expect(what).toMatch(/regions_dublin_gateway-[12]_instance_/);
    // Zones are chosen anew by name where the type is offered; subnets stay where they are.
    for (const subnet of Object.values(is.resource!.aws_subnet)) {
      expect(subnet.lifecycle).toEqual({ ignore_changes: ['availability_zone'] });
    }
  });

  it('with a reservation: bundles alone', () => {
    const added = { from: 'dublin', to: 'singapore', bandwidth: '50 Mbps' } as const;
    const reservations = { ...six.reservations, added };
    expect(kindsChanged(whole(six), whole({ ...six, reservations }))).toEqual(onlyBundles);
  });

  it('with another agent: bundles alone', () => {
    mockAgent = 'agent one';
    const before = whole(six);
    mockAgent = 'agent two';
    expect(kindsChanged(before, whole(six))).toEqual(onlyBundles);
  });
});

describe('a new plan', () => {
  const edits: [string, (now: NetworkDescription) => NetworkDescription][] = [
    [
      'a policy',
      (now) => ({ ...now, policies: { ...now.policies, p: { classes: ['best-effort'], priority: 3 } } }),
    ],
    ['a region', () => withTokyo],
    ['fewer links', (now) => ({ ...now, links: now.links!.slice(0, -1), objectives: {} })],
    ['a demand', (now) => ({ ...now, demands: now.demands!.slice(1) })],
    ['other tags', (now) => ({ ...now, tags: { owner: 'somebody else' } })],
    [
      'other figures',
      (now) => ({ ...now, links: now.links!.map((link) => ({ ...link, bandwidth: '4 Gbps' })) }),
    ],
    ['no objectives', (now) => ({ ...now, objectives: {} })],
  ];
  it.each(edits)('with %s replaces nothing that a gateway is made of', (_name, edit) => {
    const [before, after] = [whole(six), whole(edit(six))];
    const { removed, changed } = differenceOf(before, after);
    expect(changed.length).toBeGreaterThan(0);
    const forced = changed.filter((what) => {
      const [, type, argument] = /^(\w+)\.\S+ (\w+)$/.exec(what)!;
      return argument === 'region' || (replacing[type] ?? []).includes(argument);
    });
    // Tags reach the disk, which is changed in place for them.
    const block = (id: string, { root_block_device: disk }: Resource) =>
      JSON.stringify({ ...(disk as Resource), tags: id });
    const disks = (synthesized: Synthesized) =>
      Object.entries(synthesized.resource!.aws_instance).map(([id, instance]) => block(id, instance));
    expect(forced.filter((what) => !/^aws_instance\.\S+ root_block_device$/.test(what))).toEqual([]);
    expect(disks(after)).toEqual(expect.arrayContaining(disks(before)));
    expect(removed.filter((id) => !/^aws_vpc_security_group_(in|e)gress_rule\./.test(id))).toEqual([]);
  });

  it('never asks for an instance to be replaced with its user data', () => {
    for (const instance of Object.values(whole(six).resource!.aws_instance)) {
      expect(instance.user_data_replace_on_change).toBeUndefined();
    }
  });
});

async function keys(): Promise<OpenedKeyFile> {
  const { plan } = synthesize(six, { lockFile, keysFile: false });
  const gateways = plan!.gateways.map(({ id }) => id);
  const tunnels = plan!.tunnels.map(({ id, ends: [a, b] }) => ({
    id,
    ends: [a.gateway, b.gateway] as const,
  }));
  const cost = { n: 1024, r: 8, p: 1 };
  const wanted = { gateways, tunnels };
  return (await createKeyFile(six.network, wanted, { passphrase: 'test' }, seededRandom('changes'), cost))
    .opened;
}

function write({ text }: OpenedKeyFile): string {
  const file = path.join(folder, 'keys.json');
  writeFileSync(file, text);
  return file;
}
