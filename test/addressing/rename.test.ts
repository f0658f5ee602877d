import { allocate, encodeLock, type Allocation, type LockFile } from '../../lib/addressing';
import { parseDescription, type Network, type NetworkDescription } from '../../lib/model';

function network(description: NetworkDescription): Network {
  const parsed = parseDescription(description);
  if (!parsed.network) throw new Error(JSON.stringify(parsed.diagnostics));
  return parsed.network;
}

function allocated(
  description: NetworkDescription,
  lock: LockFile | null,
): { allocation: Allocation; lock: LockFile } {
  const { allocation, lock: after, diagnostics } = allocate(network(description), lock);
  if (!allocation || !after) throw new Error(diagnostics.map((d) => d.message).join('\n'));
  return { allocation, lock: after };
}

const codes = (description: NetworkDescription, lock: LockFile | null) => {
  const parsed = parseDescription(description);
  const found = parsed.network ? allocate(parsed.network, lock).diagnostics : parsed.diagnostics;
  return found.filter((d) => d.severity === 'error').map((d) => `${d.code} ${d.path}`);
};

const before: NetworkDescription = {
  network: 'net',
  regions: {
    dublin: { place: 'eu-west-1' },
    use1: { place: 'us-east-1', gateways: { count: 2 } },
    tokyo: { place: 'ap-northeast-1' },
  },
  links: [
    { between: ['use1', 'dublin'] },
    { between: ['use1', 'tokyo'] },
    { id: 'cable', between: ['use1', 'dublin'] },
  ],
};

const after: NetworkDescription = {
  network: 'net',
  regions: {
    dublin: { place: 'eu-west-1' },
    virginia: { place: 'us-east-1', gateways: { count: 2 }, was: 'use1' },
    tokyo: { place: 'ap-northeast-1' },
  },
  links: [
    { between: ['virginia', 'dublin'] },
    { between: ['virginia', 'tokyo'] },
    { id: 'cable', between: ['virginia', 'dublin'] },
  ],
};

const first = allocated(before, null);

/** An allocation with the identities in the place of the ids: what a renaming must leave as it is. */
function byIdentity({ regions, gateways, tunnels }: Allocation): unknown {
  const sorted = (values: Iterable<{ readonly identity: string }>) =>
    [...values].sort((x, y) => (x.identity < y.identity ? -1 : 1));
  return [sorted(regions.values()), sorted(gateways.values()), sorted(tunnels.values())];
}

describe('renaming', () => {
  it('a region moves nothing: its gateways, links of default ids and their tunnels go along', () => {
    const renamed = allocated(after, first.lock);
    expect(byIdentity(renamed.allocation)).toEqual(byIdentity(first.allocation));
    expect(renamed.allocation.gateways.get('virginia/2')!.identity).toBe('use1/2');
    expect(renamed.allocation.tunnels.get('tunnel-virginia-dublin.2')!.identity).toBe('tunnel-use1-dublin.2');
    expect(renamed.allocation.tunnels.get('tunnel-cable')!.identity).toBe('tunnel-cable');
  });

  it('is remembered by the lock, so that `was` may stay or go', () => {
    const { lock } = allocated(after, first.lock);
    const gone = { ...after, regions: { ...after.regions, virginia: before.regions.use1 } };
    for (const again of [after, gone]) {
      expect(encodeLock(allocated(again, lock).lock)).toBe(encodeLock(lock));
      expect(byIdentity(allocated(again, lock).allocation)).toEqual(byIdentity(first.allocation));
    }
  });

  it('a second time keeps the first identity, also back to the first name', () => {
    const { lock } = allocated(after, first.lock);
    for (const id of ['ashburn', 'use1']) {
      const text = JSON.stringify(after)
        .replaceAll('virginia', id)
        .replace('"was":"use1"', '"was":"virginia"');
      const again = JSON.parse(text) as NetworkDescription;
      const twice = allocated(again, lock);
      expect(byIdentity(twice.allocation)).toEqual(byIdentity(first.allocation));
      expect(encodeLock(allocated(again, twice.lock).lock)).toBe(encodeLock(twice.lock));
    }
  });

  it('a region of a mesh keeps the address of each end, though the ids turn the links round', () => {
    const mesh = (id: string, was?: string): NetworkDescription => ({
      network: 'net',
      regions: {
        dublin: { place: 'eu-west-1' },
        [id]: { place: 'us-east-1', ...(was === undefined ? {} : { was }) },
        tokyo: { place: 'ap-northeast-1' },
      },
      links: [{ mesh: 'all' }],
    });
    const old = allocated(mesh('zurich'), null);
    const now = allocated(mesh('ashburn', 'zurich'), old.lock);
    const [was, is] = [
      old.allocation.tunnels.get('tunnel-dublin-zurich')!,
      now.allocation.tunnels.get('tunnel-ashburn-dublin')!,
    ];
    expect(is.identity).toBe('tunnel-dublin-zurich');
    expect(is.ends).toEqual([was.ends[1], was.ends[0]]);
    expect(encodeLock(allocated(mesh('ashburn', 'zurich'), now.lock).lock)).toBe(encodeLock(now.lock));
  });

  it('a link, to an id of its own and back to the default one, keeps its tunnels', () => {
    const link = (more: object): NetworkDescription => ({
      ...before,
      links: [{ between: ['use1', 'dublin'], ...more }, ...before.links!.slice(1)],
    });
    const own = allocated(link({ id: 'atlantic', was: 'link-use1-dublin' }), first.lock);
    expect(own.allocation.tunnels.get('tunnel-atlantic.2')!.identity).toBe('tunnel-use1-dublin.2');
    expect(byIdentity(own.allocation)).toEqual(byIdentity(first.allocation));
    const back = allocated(link({ was: 'atlantic' }), own.lock);
    expect(byIdentity(back.allocation)).toEqual(byIdentity(first.allocation));
  });

  it('the network keeps its IPv6 pool and its identity', () => {
    const named = { ...before, network: 'net2', was: 'net' };
    const renamed = allocated(named, first.lock);
    expect(renamed.allocation).toEqual({ ...first.allocation, identity: 'net' });
    expect(renamed.lock.network).toBe('net2');
    expect(allocated({ ...before, network: 'net2' }, renamed.lock)).toEqual(renamed);
  });

  it('does not touch its inputs', () => {
    const text = encodeLock(first.lock);
    allocated(after, first.lock);
    expect(encodeLock(first.lock)).toBe(text);
  });

  it.each<[string, NetworkDescription, LockFile | null, string[]]>([
    [
      'from an id that is still described',
      { ...after, regions: { ...after.regions, use1: { place: 'us-east-2' } } },
      first.lock,
      ['rename-of-described regions.virginia.was'],
    ],
    [
      'to its own id',
      { ...before, regions: { ...before.regions, use1: { place: 'us-east-1', was: 'use1' } } },
      first.lock,
      ['rename-of-itself regions.use1.was'],
    ],
    [
      'two regions from one',
      { ...after, regions: { ...after.regions, ohio: { place: 'us-east-2', was: 'use1' } } },
      first.lock,
      ['rename-twice regions.virginia.was'],
    ],
    [
      'from what the lock does not hold',
      { ...after, regions: { ...after.regions, virginia: { place: 'us-east-1', was: 'use2' } } },
      first.lock,
      ['rename-unknown regions.virginia.was'],
    ],
    ['without a lock', after, null, ['rename-unknown regions.virginia.was']],
    [
      'what was never renamed',
      { ...before, regions: { ...before.regions, use1: { place: 'us-east-1', was: 'usa' } } },
      first.lock,
      ['rename-unknown regions.use1.was'],
    ],
    [
      'a network whose lock was made under its own name',
      { ...before, was: 'old' },
      first.lock,
      ['rename-unknown was'],
    ],
    [
      'a link from one that the lock does not hold',
      { ...before, links: [{ id: 'x', was: 'y', between: ['use1', 'dublin'] }, { mesh: 'all' }] },
      first.lock,
      ['rename-unknown links.x.was'],
    ],
    [
      'a mesh',
      { ...before, links: [{ mesh: 'all', was: 'cable' }] },
      first.lock,
      ['mesh-id links[0].was', 'disconnected regions.tokyo', 'disconnected regions.use1'],
    ],
    [
      'with an id that is none',
      { ...after, was: '../net', regions: { ...after.regions, virginia: { place: 'us-east-1', was: '..' } } },
      first.lock,
      ['bad-id regions.virginia.was', 'bad-id was'],
    ],
  ])('is refused %s', (_, description, lock, expected) => {
    expect(codes(description, lock).sort()).toEqual(expect.arrayContaining(expected.slice(0, 1)));
    for (const code of codes(description, lock)) expect(expected).toContain(code);
  });

  it('refuses something new whose id is the identity of what was renamed, and names both', () => {
    const { lock } = allocated(after, first.lock);
    const both = {
      ...after,
      regions: { ...after.regions, virginia: before.regions.use1, use1: { place: 'us-east-2' } },
      links: [...after.links!, { between: ['use1', 'tokyo'] }],
    };
    const { diagnostics } = allocate(network(both), lock);
    expect(diagnostics.map((d) => d.code)).toEqual(['identity-taken', 'identity-taken']);
    expect(diagnostics[0].message).toContain("'use1' is the identity of region 'virginia'");
    expect(diagnostics[1].message).toContain(
      "'tunnel-use1-tokyo' is the identity of tunnel 'tunnel-virginia-tokyo'",
    );
  });
});
