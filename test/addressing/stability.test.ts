import { allocate, encodeLock, readLock, type LockFile } from '../../lib/addressing';
import { parseDescription, type Network, type NetworkDescription } from '../../lib/model';
import { overlaps, parsePrefix } from '../../lib/net';

function network(description: NetworkDescription): Network {
  const parsed = parseDescription(description);
  if (!parsed.network) throw new Error(JSON.stringify(parsed.diagnostics));
  return parsed.network;
}

const six: NetworkDescription = {
  network: 'six',
  regions: {
    capetown: { place: 'af-south-1' },
    dublin: { place: 'eu-west-1', gateways: { count: 2 } },
    saopaulo: { place: 'sa-east-1' },
    singapore: { place: 'ap-southeast-1' },
    sydney: { place: 'ap-southeast-2', block: '172.20.0.0/16' },
    virginia: { place: 'us-east-1' },
  },
  links: [{ mesh: 'all' }, { id: 'cable-2', between: ['virginia', 'dublin'] }],
};

function without(description: NetworkDescription, id: string): NetworkDescription {
  const regions = Object.fromEntries(Object.entries(description.regions).filter(([key]) => key !== id));
  const links = (description.links ?? []).filter((l) => !l.between?.includes(id));
  return { ...description, regions, links };
}

function lockOf(description: NetworkDescription, lock: LockFile | null): LockFile {
  const made = allocate(network(description), lock);
  if (!made.lock) throw new Error(JSON.stringify(made.diagnostics));
  return made.lock;
}

/** Ids of the entries that differ. */
function changed(before: LockFile, after: LockFile): string[] {
  return (['regions', 'gateways', 'tunnels'] as const).flatMap((part) => {
    const ids = new Set([...Object.keys(before[part]), ...Object.keys(after[part])]);
    return [...ids].filter((id) => JSON.stringify(before[part][id]) !== JSON.stringify(after[part][id]));
  });
}

/** Does a lock entry belong to a region or one of its links? `cable-2` joins Virginia and Dublin. */
function isOf(entry: string, id: string): boolean {
  return entry.includes(id) || (entry.startsWith('tunnel-cable-2') && ['dublin', 'virginia'].includes(id));
}

describe('allocation', () => {
  const first = lockOf(six, null);

  it('gives the same lock again from its own lock, and from its text', () => {
    expect(lockOf(six, first)).toEqual(first);
    expect(readLock(encodeLock(first), 'six.lock.json', 'six').lock).toEqual(first);
    expect(encodeLock(readLock(encodeLock(first), 'x', 'six').lock!)).toBe(encodeLock(first));
  });

  it.each(Object.keys(six.regions))('adding %s to the rest changes its own entries alone', (id) => {
    const rest = lockOf(without(six, id), null);
    for (const entry of changed(rest, lockOf(six, rest))) expect(isOf(entry, id)).toBe(true);
  });

  it.each(Object.keys(six.regions))(
    'removing %s changes its own entries alone, and restoring it restores all',
    (id) => {
      const rest = lockOf(without(six, id), first);
      const gone = changed(first, rest);
      expect(gone.length).toBeGreaterThan(0);
      for (const entry of gone) expect(isOf(entry, id)).toBe(true);
      if (id !== 'virginia' && id !== 'dublin') expect(lockOf(six, rest)).toEqual(first);
    },
  );

  it('renaming a region changes the entries of its old and new name alone', () => {
    const renamed = without(six, 'singapore');
    const after = lockOf(
      { ...renamed, regions: { ...renamed.regions, jurong: { place: 'ap-southeast-1' } } },
      first,
    );
    for (const entry of changed(first, after)) expect(entry).toMatch(/singapore|jurong/);
  });

  it('never gives two things overlapping blocks, addresses, ports, names or segments', () => {
    const { allocation } = allocate(network(six), null);
    const blocks = [...allocation!.regions.values()].map((r) => parsePrefix(r.ipv4Block));
    blocks.forEach((b, i) => blocks.slice(0, i).forEach((a) => expect(overlaps(a, b)).toBe(false)));
    const ends = [...allocation!.tunnels.values()].flatMap((t) => t.ends);
    const gateways = [...allocation!.gateways.values()];
    const unique = (values: string[]) => expect(new Set(values).size).toBe(values.length);
    unique([...ends.map((e) => e.ipv4), ...gateways.map((g) => g.ipv4)]);
    unique([...ends.map((e) => e.ipv6), ...gateways.map((g) => g.ipv6)]);
    unique([...ends.map((e) => e.segment), ...gateways.flatMap((g) => [g.segmentDx4, g.segmentDx6])]);
    const locked = Object.values(first.tunnels).flatMap((t) => t.ends);
    unique(locked.map((e) => `${e.gateway} ${e.listenPort}`));
    unique(locked.map((e) => `${e.gateway} ${e.interfaceName}`));
    for (const end of locked) expect(end.interfaceName.length).toBeLessThanOrEqual(15);
  });

  it('keeps the block that was given when it is given no more', () => {
    const taken = { ...six, regions: { ...six.regions, sydney: { place: 'ap-southeast-2' } } };
    expect(lockOf(taken, first)).toEqual(first);
  });
});
