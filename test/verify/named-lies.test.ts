import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { LockFile } from '../../lib/addressing';
import type { PublicKeys } from '../../lib/net/keys';
import type { PlanDocument } from '../../lib/plan';
import { verifyPlan } from '../../lib/verify';
import { counting, make, planned, sealed, type Made } from './made-plans';
import { descriptions } from './plans';

/*
 * The lies that the verifier accepted, each planned again from a changed source, so that the plan is sound by
 * itself wherever that can be. The golden file says what each is refused for, by itself and beside what the
 * true plan was made from. `UPDATE_GOLDEN=1` rewrites it.
 */
const golden = path.join(__dirname, '..', 'golden', 'lies.txt');
const m: Made = make('six-regions', descriptions().find(([name]) => name === 'six-regions')![1]);

type Raw = Record<string, unknown>;

/** Planned from another description. */
function described(change: (text: string) => string): PlanDocument {
  const raw = JSON.parse(change(JSON.stringify(m.raw))) as Raw;
  return sealed(planned(raw, m.lock, m.keys)!.plan, m.plan.generation);
}

/** Planned from another lock file. */
function locked(change: Partial<LockFile>): PlanDocument {
  return sealed(planned(m.raw, { ...m.lock, ...change }, m.keys)!.plan, m.plan.generation);
}

/** Planned with other keys. */
function keyed(gateways: PublicKeys['gateways']): PlanDocument {
  const keys = { ...m.keys, gateways: { ...m.keys.gateways, ...gateways } };
  return sealed(planned(m.raw, m.lock, keys)!.plan, m.plan.generation);
}

/** Put into the plan as it is. */
function written(change: Partial<PlanDocument>): PlanDocument {
  return sealed({ ...m.plan, ...change }, change.generation ?? m.plan.generation);
}

const { regions, tunnels } = m.lock;
const { 'dublin/1': ofDublin, 'sydney/1': ofSydney } = m.keys.gateways;
const [one, two] = ['tunnel-dublin-capetown', 'tunnel-dublin-saopaulo'];
const withSegment = (id: string, segment: number) => {
  const { ends, ...rest } = tunnels[id];
  const changed = ends.map((e) => (e.gateway === 'dublin/1' ? { ...e, segment } : e));
  return { ...rest, ends: changed as unknown as typeof ends };
};
const segmentOf = (id: string) => tunnels[id].ends.find((e) => e.gateway === 'dublin/1')!.segment;
const blockFor = (ipv4Block: string) => ({
  regions: { ...regions, dublin: { ...regions.dublin, ipv4Block } },
});

const leading = (region: string, prefixes: readonly string[]) => (text: string) =>
  text.replace(`"${region}":{`, `"${region}":{"prefixes":${JSON.stringify(prefixes)},`);
const withPrefixes = (...prefixes: readonly string[]) => ({
  regions: m.plan.regions.map((r) => (r.id === 'dublin' ? { ...r, prefixes } : r)),
});

const named: Readonly<Record<string, () => PlanDocument>> = {
  'the keys of two gateways swapped': () => keyed({ 'dublin/1': ofSydney, 'sydney/1': ofDublin }),
  "a stranger's key": () => keyed({ 'dublin/1': Buffer.alloc(32, 9).toString('base64') }),
  'a key of small order': () => keyed({ 'dublin/1': Buffer.alloc(32).toString('base64') }),
  'a key in a second encoding': () => {
    const bytes = Buffer.from(ofDublin, 'base64');
    bytes[31] |= 128;
    return keyed({ 'dublin/1': bytes.toString('base64') });
  },
  'one key at two gateways': () => keyed({ 'dublin/1': ofSydney }),
  'a block of nobody': () => locked(blockFor('10.77.0.0/16')),
  'a foreign block': () =>
    written({
      regions: m.plan.regions.map((r) => (r.id === 'dublin' ? { ...r, ipv4Block: '8.8.0.0/16' } : r)),
    }),
  'a reserved block': () =>
    written({
      regions: m.plan.regions.map((r) => (r.id === 'dublin' ? { ...r, ipv4Block: '127.0.0.0/16' } : r)),
    }),
  'a prefix that nobody gave': () => described(leading('dublin', ['192.168.9.0/24'])),
  'a prefix over the block of another': () => written(withPrefixes('10.1.128.0/24')),
  'a prefix around the blocks of all': () => written(withPrefixes('10.0.0.0/8')),
  'a prefix over the addresses of gateways': () => written(withPrefixes('100.65.0.0/24')),
  'a prefix over the IPv6 pool': () => written(withPrefixes(m.plan.pools.ipv6.replace('/48', '/64'))),
  'a reserved prefix': () => written(withPrefixes('169.254.0.0/16')),
  'a prefix with host bits': () => written(withPrefixes('192.168.9.1/24')),
  'a prefix in a second spelling': () => written(withPrefixes('fd00:0009::/48')),
  'prefixes out of order': () => written(withPrefixes('192.168.9.0/24', '192.168.8.0/24')),
  'a prefix twice': () => written(withPrefixes('192.168.9.0/24', '192.168.9.0/24')),
  'no prefixes, and a list of them': () => written(withPrefixes()),
  'one prefix in two regions': () =>
    written({ regions: m.plan.regions.map((r) => ({ ...r, prefixes: ['192.168.9.0/24'] })) }),
  'a public prefix without its warning': () => written(withPrefixes('44.0.0.0/16')),
  'the segments of two tunnels swapped': () =>
    locked({
      tunnels: {
        ...tunnels,
        [one]: withSegment(one, segmentOf(two)),
        [two]: withSegment(two, segmentOf(one)),
      },
    }),
  'a window moved by an hour': () => described((text) => text.replace('T22:00', 'T23:00')),
  'a window in another time zone': () => described((text) => text.replace('Europe/Dublin', 'Europe/Paris')),
  'another place': () => described((text) => text.replace('"eu-west-1"', '"eu-west-2"')),
  'a generation that nothing could follow': () => written({ generation: 2 ** 53 - 1 }),
  'a generation that is not the last': () => written({ generation: m.plan.generation + 1 }),
  'another owner': () => described((text) => text.replace('"owner":"network"', '"owner":"me"')),
  'an objective dropped': () =>
    described((text) => text.replace('"any-cable-may-fail":{"survive":"srlg"},', '')),
};

/** The first refusals, in words; the last step in any order of ours. */
function told(found: ReturnType<typeof verifyPlan>): string {
  const lines = found.map((d) => `${d.code} ${d.path}: ${d.message}`);
  const shown = lines
    .slice(0, 3)
    .map((line) => `    ${line.length > 160 ? `${line.slice(0, 160)}...` : line}`);
  return [...shown, ...(lines.length > 3 ? [`    and ${lines.length - 3} more`] : [])].join('\n');
}

describe('the lies that were accepted', () => {
  const text = Object.entries(named)
    .map(([what, lie]) => {
      const plan = lie();
      const alone = verifyPlan(plan);
      // The lock file has counted the lie: its numbers alone must tell, not its digest.
      const lock = plan.generation === m.plan.generation ? counting(m.lock, plan) : m.lock;
      const sources = { description: m.network, lock, keys: m.keys };
      const beside = verifyPlan(plan, undefined, undefined, sources);
      const itself = alone.length === 0 ? '    accepted' : told(alone);
      return {
        what,
        beside,
        text: `${what}\n  by itself\n${itself}\n  beside its sources\n${told(beside)}\n`,
      };
    })
    .map((entry) => ({ ...entry, refused: entry.beside.length > 0 }));

  it.each(text.map(({ what, refused }) => [what, refused] as const))('%s is refused', (_what, refused) => {
    expect(refused).toBe(true);
  });

  it('are refused in these words', () => {
    const found = text.map((entry) => entry.text).join('\n');
    if (process.env.UPDATE_GOLDEN === '1') writeFileSync(golden, found);
    expect(existsSync(golden) ? readFileSync(golden, 'utf8') : '').toBe(found);
  });
});
