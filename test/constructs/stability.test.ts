import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { NetworkDescription } from '../../constructs';
import { resourcesOf, synthesize, type Resource } from './fixture';

/** virginia - dublin - singapore - capetown - virginia: a ring, with two gateways in dublin. */
const ring: NetworkDescription = {
  network: 'ring',
  regions: {
    virginia: { place: 'us-east-1' },
    dublin: { place: 'eu-west-1', gateways: { count: 2 } },
    singapore: { place: 'ap-southeast-1' },
    capetown: { place: 'af-south-1' },
  },
  links: [
    { between: ['virginia', 'dublin'] },
    { between: ['dublin', 'singapore'] },
    { between: ['singapore', 'capetown'] },
    { between: ['capetown', 'virginia'] },
  ],
};

/** A region in the middle of the alphabet, of the list and of everything that is numbered. */
const withMilan: NetworkDescription = {
  ...ring,
  regions: { milan: { place: 'eu-south-1' }, ...ring.regions },
  links: [{ between: ['milan', 'dublin'] }, ...ring.links!, { between: ['milan', 'capetown'] }],
};

const withoutSingapore: NetworkDescription = {
  ...ring,
  regions: Object.fromEntries(Object.entries(ring.regions).filter(([id]) => id !== 'singapore')),
  links: ring.links!.filter((link) => !link.between!.includes('singapore')),
};

const renamed = JSON.parse(JSON.stringify(ring).replaceAll('singapore', 'marina')) as NetworkDescription;

interface Difference {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly string[];
}

/** Synthesizes one after the other with one lock file and compares the resources. */
function differenceOf(before: NetworkDescription, after: NetworkDescription): Difference {
  const lockFile = path.join(mkdtempSync(path.join(tmpdir(), 'dwcp-')), 'ring.lock.json');
  const files = { lockFile, keysFile: false } as const;
  const old = resourcesOf(synthesize(before, files).synthesized);
  const now = resourcesOf(synthesize(after, files).synthesized);
  const same = (a: Resource, b: Resource) => JSON.stringify(a) === JSON.stringify(b);
  return {
    added: [...now.keys()].filter((id) => !old.has(id)),
    removed: [...old.keys()].filter((id) => !now.has(id)),
    changed: [...now.keys()].filter((id) => old.has(id) && !same(old.get(id)!, now.get(id)!)),
  };
}

/** What may change where nothing else does: bundles and manifests, because they hold the plan. */
function bundleObjects(gateways: readonly string[]): RegExp {
  return new RegExp(
    `^aws_s3_object\\.ring_(regions_)?(${gateways.join('|')})_(bundle|manifest)_[0-9A-F]{8}$`,
  );
}

/** And the addresses of peers, on gateways that get or lose one. */
const endpointsOf = (...gateways: string[]) =>
  new RegExp(`^aws_s3_object\\.ring_(regions_)?(${gateways.join('|')})_endpoints_[0-9A-F]{8}$`);
const staying = ['virginia_gateway-1', 'dublin_gateway-1', 'dublin_gateway-2', 'capetown_gateway-1'];

/** Resources outside the region itself: routes to it, and rules for tunnels with it. */
function outside(ids: readonly string[], region: string): string[] {
  return ids.filter((id) => !new RegExp(`^[^.]+\\.ring_(regions_)?${region}_`).test(id));
}
const towards = (region: string) =>
  new RegExp(
    `^(aws_route\\.\\S+-to-region-${region}_|aws_vpc_security_group_(in|e)gress_rule\\.\\S+_(in|out)-tunnel-\\S*${region})`,
  );

describe('with the lock file of before, the resources of other regions stay as they are', () => {
  it('when a region joins: elsewhere there are only new routes to it and new rules for its tunnels', () => {
    const { added, removed, changed } = differenceOf(ring, withMilan);
    expect(removed).toEqual([]);
    expect(added.filter((id) => id.startsWith('aws_vpc.'))).toHaveLength(1);
    expect(outside(added, 'milan').filter((id) => !towards('milan').test(id))).toEqual([]);
    expect(outside(added, 'milan').filter((id) => id.startsWith('aws_route.'))).toHaveLength(4 * 3);
    // Everything that changes in place holds the plan, or the addresses of peers.
    const peers = endpointsOf('dublin_gateway-1', 'dublin_gateway-2', 'capetown_gateway-1');
    const all = bundleObjects([...staying, 'singapore_gateway-1']);
    expect(changed.filter((id) => !all.test(id) && !peers.test(id))).toEqual([]);
    expect(changed.filter((id) => peers.test(id))).toHaveLength(3);
  });

  it('when a region leaves: elsewhere only the routes to it and the rules of its tunnels go', () => {
    const { added, removed, changed } = differenceOf(ring, withoutSingapore);
    expect(added).toEqual([]);
    expect(outside(removed, 'singapore').filter((id) => !towards('singapore').test(id))).toEqual([]);
    const peers = endpointsOf('dublin_gateway-1', 'dublin_gateway-2', 'capetown_gateway-1');
    expect(changed.filter((id) => !bundleObjects(staying).test(id) && !peers.test(id))).toEqual([]);
  });

  it('when a region is renamed: the old one leaves and a new one joins, and nothing else moves', () => {
    const { added, removed, changed } = differenceOf(ring, renamed);
    expect(outside(added, 'marina').filter((id) => !towards('marina').test(id))).toEqual([]);
    expect(outside(removed, 'singapore').filter((id) => !towards('singapore').test(id))).toEqual([]);
    expect(removed.filter((id) => id.startsWith('aws_vpc.'))).toHaveLength(1);
    const peers = endpointsOf('dublin_gateway-1', 'dublin_gateway-2', 'capetown_gateway-1');
    expect(changed.filter((id) => !bundleObjects(staying).test(id) && !peers.test(id))).toEqual([]);
  });

  it('when a policy changes: nothing but bundles changes', () => {
    const policies = { slow: { classes: ['bulk'] as const, strategy: 'latency' as const } };
    const { added, removed, changed } = differenceOf(ring, { ...ring, policies });
    expect([added, removed]).toEqual([[], []]);
    expect(changed.length).toBeGreaterThan(0);
    expect(changed.filter((id) => !bundleObjects([...staying, 'singapore_gateway-1']).test(id))).toEqual([]);
  });

  it('when the description is written in another order: nothing changes', () => {
    const reversed: NetworkDescription = {
      ...ring,
      regions: Object.fromEntries(Object.entries(ring.regions).reverse()),
      links: [...ring.links!].reverse(),
    };
    expect(differenceOf(ring, reversed)).toEqual({ added: [], removed: [], changed: [] });
  });

  it('keeps instances: none changes when the network does', () => {
    const { changed } = differenceOf(ring, withMilan);
    expect(changed.filter((id) => id.startsWith('aws_instance.'))).toEqual([]);
  });
});

describe('a resource id', () => {
  it('comes from region, gateway and tunnel ids: this list is what an upgrade must keep', () => {
    const { synthesized } = synthesize(ring);
    const ids = [...resourcesOf(synthesized).keys()].filter(
      (id) => /_singapore_/.test(id) || id.includes('-singapore'),
    );
    const file = path.join(__dirname, 'resource-ids.txt');
    if (process.env.UPDATE_GOLDEN) writeFileSync(file, `${ids.join('\n')}\n`);
    expect(ids).toEqual(readFileSync(file, 'utf8').trimEnd().split('\n'));
  });
});
