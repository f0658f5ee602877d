import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Construct } from 'constructs';
import { GlobalNetwork, type NetworkDescription } from '../../constructs';
import type { AwsType } from '../../lib/clouds/aws/arguments';
import { forcesReplacement } from '../../lib/clouds/deployments';
import { cloudResources } from '../../lib/clouds/deployments';
import { resourceChanges } from '../../lib/clouds/resource-changes';
import type { PlanDocument } from '../../lib/plan';
import { six } from '../aws/networks';
import { flatArguments, synthesizedResources } from './synthesized-resources';
import { line, newStack, resourcesOf, synthesize, synthesizePerRegion, type Synthesized } from './fixture';

let folder: string;
beforeAll(() => (folder = mkdtempSync(path.join(tmpdir(), 'dwcp-renames-'))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Made {
  readonly plan: PlanDocument;
  readonly synthesized: Synthesized;
  readonly ids: readonly string[];
  readonly lockFile: string;
}

let count = 0;

/** Synthesizes with a copy of the lock file of another. */
function make(description: NetworkDescription, from?: Made): Made {
  const lockFile = path.join(folder, `lock-${++count}.json`);
  if (from) copyFileSync(from.lockFile, lockFile);
  const { plan, synthesized, diagnostics } = synthesize(description, { lockFile, keysFile: false });
  if (!plan) throw new Error(JSON.stringify(diagnostics));
  return { plan, synthesized, ids: [...resourcesOf(synthesized).keys()], lockFile };
}

const first = (() => {
  let made: Made | undefined;
  return () => (made ??= make(six));
})();

/** The network with everything that names a region naming it otherwise. */
function withRegion(was: string, id: string): NetworkDescription {
  // Not in the ids of links: one of your own stays what it is.
  const text = JSON.stringify(six).replaceAll(`"${was}"`, `"${id}"`);
  const renamed = JSON.parse(text) as NetworkDescription;
  return { ...renamed, regions: { ...renamed.regions, [id]: { ...renamed.regions[id], was } } };
}

function withoutWas(description: NetworkDescription): NetworkDescription {
  return JSON.parse(JSON.stringify(description), (key, value: unknown) =>
    key === 'was' ? undefined : value,
  ) as NetworkDescription;
}

const [{ between: ends }] = six.links!;
const regions = Object.keys(six.regions);
const renames: readonly (readonly [string, () => NetworkDescription])[] = [
  ...regions.map((id) => [`region ${id}`, () => withRegion(id, `${id.slice(0, 12)}-two`)] as const),
  [
    'a link',
    () => ({
      ...six,
      links: [
        { ...six.links![0], id: 'first-cable', was: `link-${String(ends![0])}-${String(ends![1])}` },
        ...six.links!.slice(1),
      ],
    }),
  ],
  ['the network', () => ({ ...six, network: 'other-name', was: six.network })],
];

/** What may show today's ids: tags, descriptions that change in place, and what holds the plan. */
const mayShow = /^(\S+ (\S+\.)?tags|aws_\w+ description|aws_s3_object (content|source_hash|lifecycle))$/;

/** Kinds of arguments that differ, by resource type: `aws_s3_object content`. */
function differing(before: Synthesized, after: Synthesized): string[] {
  const now = resourcesOf(after);
  const found = [...resourcesOf(before)].flatMap(([id, resource]) => {
    const was = new Map(flatArguments(resource).map(([k, v]) => [k, JSON.stringify(v)]));
    const is = new Map(flatArguments(now.get(id)!).map(([k, v]) => [k, JSON.stringify(v)]));
    const names = [...new Set([...was.keys(), ...is.keys()])].filter((k) => was.get(k) !== is.get(k));
    return names.map((name) => `${id.split('.')[0]} ${name}`);
  });
  return [...new Set(found)].sort();
}

describe('renaming with was', () => {
  it('is tried on all six regions', () => expect(regions).toHaveLength(6));

  it.each(renames)(
    '%s creates, replaces and destroys no resource, and shows new names in place',
    (name, edit) => {
      const [before, after] = [first(), make(edit(), first())];
      expect(after.ids).toEqual(before.ids);
      const changed = differing(before.synthesized, after.synthesized);
      expect(changed.length).toBeGreaterThan(0);
      expect(changed.filter((what) => !mayShow.test(what))).toEqual([]);
      const forced = changed.filter((what) => {
        const [type, argument] = what.split(' ');
        return forcesReplacement(type as AwsType, argument);
      });
      expect(forced).toEqual([]);
      // What refers to what, policies and user data are told by ids of for ever.
      expect(after.synthesized.variable).toEqual(before.synthesized.variable);

      const kinds = resourceChanges(before.plan, after.plan).map((c) => c.kind);
      expect(kinds.length).toBeGreaterThan(0);
      expect(kinds.filter((kind) => kind !== 'changed')).toEqual([]);

      // Once the lock file knows, the description need not say it any more.
      if (name.startsWith('region') && name !== 'region dublin') return;
      const later = make(withoutWas(edit()), after);
      expect(resourcesOf(later.synthesized)).toEqual(resourcesOf(after.synthesized));
      expect(later.plan.digest).toBe(after.plan.digest);
    },
  );

  it('leaves a region in its stack, where each has one', () => {
    const lockFile = path.join(folder, 'parted.json');
    const parted = (description: NetworkDescription) => {
      const made = synthesizePerRegion(description, { lockFile, keysFile: false });
      if (!made.plan) throw new Error(JSON.stringify(made.diagnostics));
      return made.stacks;
    };
    const [before, after] = [parted(six), parted(withRegion('dublin', 'ireland'))];
    expect([...after.keys()].sort()).toEqual([...before.keys()].sort());
    for (const [stack, was] of before) {
      const is = after.get(stack)!;
      expect([stack, [...resourcesOf(is).keys()]]).toEqual([stack, [...resourcesOf(was).keys()]]);
      expect([stack, differing(was, is).filter((what) => !mayShow.test(what))]).toEqual([stack, []]);
    }
  });

  it('gives the inventory the ids that are synthesized', () => {
    const lockFile = path.join(folder, 'inventory.json');
    copyFileSync(first().lockFile, lockFile);
    const made = synthesize(withRegion('dublin', 'ireland'), { lockFile, keysFile: false });
    const ids = [...synthesizedResources(made.network, made.synthesized).keys()];
    expect(cloudResources(made.plan!).map((r) => r.id)).toEqual(ids.sort());
    expect(ids.filter((id) => id.includes(' dublin/')).length).toBeGreaterThan(50);
    expect(ids.filter((id) => id.includes('ireland'))).toEqual([]);
    expect(made.network.resources.regions.has('ireland')).toBe(true);
  });

  it('is refused where a construct stands at the place of before', () => {
    const files = { lockFile: path.join(folder, 'taken.json'), keysFile: false } as const;
    expect(synthesize({ ...line, network: 'old-name' }, files).plan).toBeDefined();
    const stack = newStack();
    new Construct(stack, 'old-name');
    const renamed = { ...line, network: 'new-name', was: 'old-name' };
    const network = GlobalNetwork.fromDescription(stack, 'new-name', renamed, files);
    expect(() => network.plan()).toThrow(
      /construct of yours stands at 'old-name', the place of the resources/,
    );
  });
});
