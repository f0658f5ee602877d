import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { allocate, encodeLock, mergeLocks, readLock, type LockFile } from '../../lib/addressing';
import { editWorld, descriptionOf, type Edit, type World } from '../support/edited-world';
import { parseDescription, type Network } from '../../lib/model';
import type { Diagnostic } from '../../lib/diagnostics';
import { overlaps, parsePrefix } from '../../lib/net';
import { runCaptured } from '../golden/captured-io';
import { seeded, type Seeded } from '../support/random-seeded';
import { seeds } from '../support/seeds';

/**
 * Seeded edits. What is the same thing before and after an edit is known by numbers that the
 * test gives, never by ids or by what the lock says: an allocated value of something that stays either stays,
 * or the run ends with an error that names it.
 */
const edits = seeds(2_500, 10_000);
const perWorld = 40;
/** Worlds whose edits go through the program. */
const rounds = seeds(3, 8);

type Allocate = typeof allocate;
type Run =
  | { readonly kind: 'ok'; readonly world: World; readonly values: ReadonlyMap<string, string> }
  | { readonly kind: 'invalid' }
  | { readonly kind: 'refused'; readonly diagnostics: readonly Diagnostic[] };

/** Every allocated value, by what it belongs to. */
function valuesOf(
  world: World,
  network: Network,
  made: NonNullable<ReturnType<Allocate>['allocation']>,
): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  const put = (of: string, entry: object) => {
    for (const [field, value] of Object.entries(entry)) values.set(`${of} ${field}`, String(value));
  };
  const uid = new Map(world.regions.map((r) => [r.id, r.uid]));
  const gateway = (id: string) => `${uid.get(id.split('/')[0])!}/${id.split('/')[1]}`;
  for (const [id, blocks] of made.regions) put(`region ${uid.get(id)!}`, blocks);
  for (const [id, addresses] of made.gateways) put(`gateway ${gateway(id)}`, addresses);
  for (const link of world.links) {
    const [a, b] = [link.a, link.b].map((u) => world.regions.find((r) => r.uid === u)!);
    const id = link.id ?? `link-${a.id}-${b.id}`;
    const base = link.id === undefined ? `tunnel-${a.id}-${b.id}` : `tunnel-${id}`;
    const planes = Math.max(a.gateways, b.gateways);
    for (let plane = 1; plane <= planes; plane++) {
      const tunnel = made.tunnels.get(plane === 1 ? base : `${base}.${plane}`)!;
      const of = `tunnel ${link.uid}.${plane}`;
      values.set(`${of} identity`, tunnel.identity);
      [a, b].forEach((region, side) => {
        const number = ((plane - 1) % region.gateways) + 1;
        put(`${of} at ${gateway(`${region.id}/${number}`)}`, tunnel.ends[side]);
      });
    }
  }
  expect(made.regions.size).toBe(network.regions.length);
  return values;
}

function run(world: World, allocating: Allocate, lock: LockFile | null = lockOf(world)): Run {
  const { network } = parseDescription(descriptionOf(world));
  if (!network) return { kind: 'invalid' };
  const { allocation, lock: after, diagnostics } = allocating(network, lock);
  if (!allocation || !after) return { kind: 'refused', diagnostics };
  return {
    kind: 'ok',
    world: { ...world, lock: encodeLock(after) },
    values: valuesOf(world, network, allocation),
  };
}

function lockOf({ lock, network, was }: World): LockFile | null {
  if (lock === null) return null;
  const read = readLock(lock, 'lock', network, was);
  if (!read.lock) throw new Error(read.diagnostics.map((d) => d.message).join());
  return read.lock;
}

/** Does an error name something of this network? */
function names(world: World, { path, message }: Diagnostic): boolean {
  const ids = [...world.regions, ...world.links].flatMap(({ id, was }) => [id, was]);
  const words = new Set(`${path} ${message}`.split(/[^a-z0-9-]+/));
  const known = ids.some((id) => id !== undefined && (words.has(id) || words.has(`tunnel-${id}`)));
  return known || /^(addressing\.|renumber$|was$)/.test(path) || /tunnel-[a-z0-9-]+/.test(message);
}

/** The values that moved although their owners stayed, and nobody wanted it. */
function moved(
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
  mayMove: (key: string) => boolean,
): string[] {
  return [...before].flatMap(([key, value]) => {
    const now = after.get(key);
    return now === undefined || now === value || mayMove(key) ? [] : [`${key}: ${value} became ${now}`];
  });
}

/** Addresses, ports, names and segments are given once. */
function doubled(values: ReadonlyMap<string, string>): string[] {
  const seen = new Map<string, string>();
  return [...values].flatMap(([key, value]) => {
    const field = key.slice(key.lastIndexOf(' ') + 1);
    const local = ['listenPort', 'interfaceName'].includes(field) ? key.split(' ')[3] : '';
    const kind = ['ipv4', 'ipv6', 'segment', 'segmentDx4', 'segmentDx6'].includes(field) ? 'address' : field;
    const of = field === 'identity' ? key.split(' ')[0] : '';
    const mark = `${kind} ${local} ${of} ${value}`;
    const other = seen.get(mark);
    seen.set(mark, key);
    return other === undefined ? [] : [`${value} of ${other} and ${key}`];
  });
}

/** Prefixes that share addresses with what is allocated, by a look at every pair. */
function entangled(world: World, values: ReadonlyMap<string, string>): string[] {
  const blocks = [...values].filter(([key]) => /ipv[46]Block$/.test(key));
  return world.regions.flatMap(({ id, prefixes = [] }) =>
    prefixes.flatMap((prefix) =>
      blocks
        .filter(([, block]) => overlaps(parsePrefix(prefix), parsePrefix(block)))
        .map(([key, block]) => `${prefix} leads to ${id}, and ${key} is ${block}`),
    ),
  );
}

interface Tally {
  edits: number;
  kept: number;
  /** Of these, networks in which prefixes lead somewhere. */
  withPrefixes: number;
  refused: number;
  merges: number;
  refusedMerges: number;
  readonly faults: string[];
}

/** One edit; the world after it, or the one before where it is refused. */
function step(
  world: World,
  values: ReadonlyMap<string, string>,
  edit: Edit,
  at: string,
  tally: Tally,
  by: Allocate,
) {
  const edited = edit.apply(world);
  const result = edited ? run(edited, by) : undefined;
  if (!edited || !result || result.kind === 'invalid') return undefined;
  tally.edits++;
  if (result.kind === 'refused') {
    tally.refused++;
    const silent = result.diagnostics.filter((d) => !names(edited, d) && !names(world, d));
    if (silent.length > 0 || result.diagnostics.length === 0)
      tally.faults.push(`${at} ${edit.what}: names nothing: ${silent.map((d) => d.message).join()}`);
    if (edit.harmless)
      tally.faults.push(`${at} ${edit.what}: refused: ${result.diagnostics.map((d) => d.message).join()}`);
    return { world, values };
  }
  tally.kept++;
  const found = [
    ...moved(values, result.values, (key) => edit.mayMove(world, key)),
    ...doubled(result.values),
    ...entangled(result.world, result.values),
  ];
  if (result.world.regions.some((r) => r.prefixes)) tally.withPrefixes++;
  tally.faults.push(...found.map((what) => `${at} ${edit.what}: ${what}`));
  return { world: result.world, values: result.values };
}

/** Two branches of a few edits each, merged. */
function merge(
  world: World,
  values: ReadonlyMap<string, string>,
  random: Seeded,
  at: string,
  tally: Tally,
  by: Allocate,
) {
  const branch = (name: string) => {
    let now: { world: World; values: ReadonlyMap<string, string> } = { world, values };
    const done: Edit[] = [];
    const plans = random.whole(1, 4);
    for (let i = 0; i < plans; i++) {
      const edit = editWorld(now.world, random, `${tally.edits}${name}${i}`);
      const next = edit && step(now.world, now.values, edit, `${at} ${name}${i}`, tally, by);
      if (edit && next && next.world !== now.world) done.push(edit);
      if (next) now = next;
    }
    const counted = JSON.stringify({ generation: 1 + done.length, digest: `sha256:${name.repeat(64)}` });
    const lock = now.world.lock!.replace(/"plan": .*/, `"plan": ${counted},`);
    return { ...now, world: { ...now.world, lock }, done };
  };
  const [a, b] = [branch('a'), branch('b')];
  const merged = mergeLocks(lockOf(world), lockOf(a.world)!, lockOf(b.world)!);
  tally.merges++;
  if (!merged.lock) {
    tally.refusedMerges++;
    if (merged.diagnostics.length === 0) tally.faults.push(`${at}: a merge fails without a word`);
    return undefined;
  }
  const both = b.done.reduce<World | null>((w, edit) => (w ? edit.apply(w) : null), a.world);
  if (!both) return undefined;
  const text = encodeLock(merged.lock);
  const { lock } = readLock(text, 'merged', both.network, both.was);
  if (!lock) {
    tally.faults.push(
      `${at}: the merged lock cannot be read: ${readLock(text, 'merged').diagnostics[0].message}`,
    );
    return undefined;
  }
  const result = run(both, by, lock);
  if (result.kind === 'invalid') return undefined;
  tally.edits++;
  if (result.kind === 'refused') {
    tally.refusedMerges++;
    if (!result.diagnostics.some((d) => names(both, d)))
      tally.faults.push(`${at}: a refused merge names nothing`);
    return undefined;
  }
  const wanted = new Map<string, string>();
  const onPurpose = [...a.done, ...b.done].some((edit) => edit.onPurpose);
  const [won, lost] = merged.first === 'ours' ? [a, b] : [b, a];
  for (const key of result.values.keys()) {
    const [old, x, y] = [values.get(key), won.values.get(key), lost.values.get(key)];
    const [byWon, byLost] = [x !== undefined && x !== old, y !== undefined && y !== old];
    // Both moved it on purpose, one by its number and one by its pool: it goes where both lead.
    if (old !== undefined && byWon && byLost) continue;
    if (old !== undefined) wanted.set(key, byWon ? x! : byLost ? y! : old);
    else if (x !== undefined && !onPurpose) wanted.set(key, x);
  }
  const found = [
    ...moved(wanted, result.values, () => false),
    ...doubled(result.values),
    ...entangled(result.world, result.values),
  ];
  const what = [...a.done, ...b.done].map((e) => e.what).join(', ');
  tally.faults.push(...found.map((fault) => `${at} merge of ${what}: ${fault}`));
  return { world: result.world, values: result.values };
}

/** Three regions in a row. */
function startOf(round: number, random: Seeded): World {
  return {
    network: 'net',
    regions: ['dublin', 'virginia', 'tokyo'].map((id, i) => ({
      uid: `${round}-${i}`,
      id,
      place: ['eu-west-1', 'us-east-1', 'ap-northeast-1'][i],
      gateways: random.whole(1, 2),
    })),
    links: [0, 1].map((i) => ({ uid: `${round}-l${i}`, a: `${round}-${i}`, b: `${round}-${i + 1}` })),
    pools: {},
    renumber: [],
    lock: null,
  };
}

function edit(seed: number, most: number, by: Allocate): Tally {
  const random = seeded(seed);
  const tally: Tally = {
    edits: 0,
    kept: 0,
    withPrefixes: 0,
    refused: 0,
    merges: 0,
    refusedMerges: 0,
    faults: [],
  };
  for (let round = 0; tally.edits < most; round++) {
    const start = startOf(round, random);
    const first = run(start, by);
    if (first.kind !== 'ok') throw new Error('the first network does not plan');
    let now: { world: World; values: ReadonlyMap<string, string> } = first;
    for (let i = 0; i < perWorld && tally.edits < most; i++) {
      const at = `seed ${seed} world ${round} edit ${i}`;
      const one = random.chance(0.08) ? undefined : editWorld(now.world, random, `${round}-${i}`);
      const next = one
        ? step(now.world, now.values, one, at, tally, by)
        : merge(now.world, now.values, random, at, tally, by);
      if (next) now = next;
    }
  }
  return tally;
}

describe(`${edits} edits to descriptions and locks (seed 15)`, () => {
  it('move nothing of what stays, or end with an error that names it', () => {
    const tally = edit(15, edits, allocate);
    expect(tally.faults.slice(0, 5)).toEqual([]);
    expect(tally.edits).toBeGreaterThanOrEqual(edits);
    // A test that refuses everything, or never refuses, would show nothing.
    expect(tally.kept).toBeGreaterThan(edits / 2);
    expect(tally.refused).toBeGreaterThan(edits / 20);
    expect(tally.withPrefixes).toBeGreaterThan(edits / 20);
    expect(tally.merges).toBeGreaterThan(edits / 50);
    expect(tally.refusedMerges).toBeLessThan(tally.merges / 2);
  }, 300_000);

  it.each<[string, Allocate]>([
    ['forgets the lock', (network) => allocate(network, null)],
    [
      'gives what is given the first word',
      (network, lock) => allocate(network, lock && withoutClashing(network, lock)),
    ],
    ['forgets who had which address', (network, lock) => allocate(network, lock && { ...lock, tunnels: {} })],
    ['does not see prefixes', (network, lock) => allocate(withoutPrefixes(network), lock)],
    ['counts gateways anew', (network, lock) => allocate(network, lock && { ...lock, gateways: {} })],
  ])('are failed by an allocation that %s', (_, broken) => {
    const tally = edit(15, 400, broken);
    expect(tally.faults.length).toBeGreaterThan(0);
  });
});

/** Runs `dwcp plan` on a world with its lock file in a folder; the exit code, and the lock file after. */
async function planned(world: World, folder: string) {
  writeFileSync(path.join(folder, 'net.json'), JSON.stringify(descriptionOf(world)));
  const lockFile = path.join(folder, 'net.lock.json');
  if (world.lock === null) rmSync(lockFile, { force: true });
  else writeFileSync(lockFile, world.lock);
  const args = ['plan', 'net.json', '--lock', 'net.lock.json', '--json'];
  const { code, stderr } = await runCaptured(args, { cwd: folder });
  return { code, stderr, lock: existsSync(lockFile) ? readFileSync(lockFile, 'utf8') : null };
}

describe('edits through the program (seed 16)', () => {
  it('leave the lock file that the allocation leaves, or refuse and leave it as it was', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'dwcp-edits-'));
    const random = seeded(16);
    const counts = { ok: 0, refused: 0, invalid: 0 };
    const unplanned = (text: string) => text.replace(/^ *"plan":.*\n/m, '');
    try {
      for (let round = 0; round < rounds; round++) {
        const first = run(startOf(round, random), allocate);
        if (first.kind !== 'ok') throw new Error('the first network does not plan');
        let { world } = first;
        for (let i = 0; i < 30; i++) {
          const edited = editWorld(world, random, `${round}-${i}`)?.apply(world);
          if (!edited) continue;
          const result = run(edited, allocate);
          const at = `seed 16 world ${round} edit ${i}`;
          const done = await planned(edited, folder);
          counts[result.kind]++;
          if (result.kind !== 'ok') {
            expect([at, done.code, done.lock]).toEqual([at, 1, edited.lock]);
            if (result.kind === 'refused') expect(done.stderr).toContain(`[${result.diagnostics[0].code}]`);
            continue;
          }
          expect([at, done.stderr.includes('error['), done.code]).toEqual([at, false, 0]);
          expect([at, unplanned(done.lock!)]).toEqual([at, unplanned(result.world.lock!)]);
          world = { ...result.world, lock: done.lock };
        }
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
    process.stderr.write(`edits through the program: ${JSON.stringify(counts)}\n`);
    expect(counts.ok).toBeGreaterThan(18 * rounds);
    expect(counts.refused).toBeGreaterThan(rounds);
  }, 300_000);
});

function withoutPrefixes(network: Network): Network {
  return { ...network, regions: network.regions.map((r) => ({ ...r, prefixes: [] })) };
}

/** As it was before the lock was law: a given block takes what it likes. */
function withoutClashing(network: Network, lock: LockFile): LockFile {
  const given = network.regions.filter((r) => r.block !== null);
  const regions = Object.entries(lock.regions).filter(
    ([id, r]) => !given.some((g) => g.block !== r.ipv4Block && (g.id === id || g.block!.startsWith('10.'))),
  );
  return { ...lock, regions: Object.fromEntries(regions) };
}
