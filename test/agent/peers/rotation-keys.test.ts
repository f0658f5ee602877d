import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { farKeys, type EarlierKeys, type SeenPeer } from '../../../lib/agent/apply';
import {
  beginWatch,
  earlierKeys,
  isDone,
  quietMs,
  readRotation,
  rotationOf,
  watchKeys,
  writeRotation,
  type KeyWatch,
} from '../../../lib/agent/peers';
import { peersOf, type SessionKeys } from '../../../lib/agent/probe';
import { gatewayState, type GatewayState } from '../../../lib/gateway';
import {
  beginRotation,
  finishRotation,
  openAsGateway,
  publicKeysOf,
  sealedPartOf,
  unsealText,
  type GatewayKeys,
  type OpenedKeyFile,
  type SealedPart,
} from '../../../lib/net/keys';
import type { PlanDocument } from '../../../lib/plan';
import { seededRandom } from '../../net/seeded-random';
import { linePlan, type PlannedFixture } from '../../gateway/plan-fixture';

let fixture: PlannedFixture;
beforeAll(async () => {
  fixture = await linePlan();
});

/** What one gateway has after it took a bundle. */
interface Side {
  readonly gateway: GatewayState;
  readonly keys: GatewayKeys;
  readonly sealed: SealedPart;
  readonly earlier?: EarlierKeys;
}

function side(id: string, opened: OpenedKeyFile, before?: Side): Side {
  const { gateways, nextGateways } = publicKeysOf(opened.file);
  const plan: PlanDocument = {
    ...fixture.plan,
    gateways: fixture.plan.gateways.map((g) => ({
      ...g,
      publicKey: gateways[g.identity],
      ...(nextGateways[g.identity] && { nextPublicKey: nextGateways[g.identity] }),
    })),
  };
  const gateway = gatewayState(plan, id);
  const sealed = sealedPartOf(opened.file, id);
  const keys = openAsGateway(sealed, unsealText(opened, id));
  if (!keys.ok) throw new Error(keys.problem.message);
  const memory = before ? rotationOf(before.gateway, before.sealed) : null;
  return { gateway, sealed, keys: keys.value, earlier: earlierKeys(memory, gateway, unsealText(opened, id)) };
}

/** The preshared key that one end has for the key that the other end uses; undefined: it does not know it. */
function pairKey(own: Side, far: Side): string | null | undefined {
  const tunnel = own.gateway.tunnels.find((t) => t.peer.gateway === far.gateway.gateway)!;
  const all = farKeys(own.gateway, tunnel, own.keys, own.earlier);
  return all.find(({ publicKey }) => publicKey === far.gateway.publicKey)?.presharedKey;
}

function probeKeys({ gateway, keys, earlier }: Side, peer: string) {
  const more = [keys.nextPrivateKey, earlier?.privateKey ?? undefined];
  const own = [keys.privateKey, ...more.filter((key) => key !== undefined)];
  return peersOf(gateway, { own, before: earlier?.peers ?? new Map() }).find((p) => p.gateway === peer)!;
}
const hex = (keys: SessionKeys | null) => Buffer.from(keys!.probe).toString('hex');

describe('both ends of a tunnel', () => {
  it.each([
    ['one end rotates', ['a/1']],
    ['the other end rotates', ['b/1']],
    ['both rotate', ['a/1', 'b/1']],
  ])('agree on the preshared key and take probes, whichever is in which phase: %s', (_name, ids) => {
    const random = seededRandom('rotation');
    const begun = beginRotation(fixture.keys, ids, random).opened;
    const finished = finishRotation(begun, random).opened;
    const phases = (id: string) => {
      const [zero, one] = [side(id, fixture.keys), side(id, begun)];
      return [zero, one, side(id, finished, one)];
    };
    const [a, b] = [phases('a/1'), phases('b/1')];
    for (const [i, left] of a.entries())
      for (const [j, right] of b.entries()) {
        // Two phases apart nothing is promised.
        if (Math.abs(i - j) > 1) continue;
        const where = `a in phase ${i}, b in phase ${j}`;
        const key = pairKey(left, right);
        expect([where, key]).toEqual([where, expect.stringMatching(/=$/)]);
        expect([where, pairKey(right, left)]).toEqual([where, key]);
        for (const [from, to] of [
          [left, right],
          [right, left],
        ]) {
          const signed = hex(probeKeys(from, to.gateway.gateway).answering);
          const peer = probeKeys(to, from.gateway.gateway);
          const taken = [peer.sending, ...(peer.others ?? []).map((other) => other.sending)].map(hex);
          expect([where, taken.includes(signed)]).toEqual([where, true]);
        }
      }
    // All new at the end, and nothing of before under the new keys.
    expect(pairKey(a[2], b[2])).not.toBe(pairKey(a[0], b[0]));
  });

  it('keep no key of before where nobody announced the next one', () => {
    const random = seededRandom('rotation');
    const begun = side('b/1', beginRotation(fixture.keys, ['a/1'], random).opened);
    const other = beginRotation(fixture.keys, ['a/1'], seededRandom('another')).opened;
    expect(side('b/1', finishRotation(other, random).opened, begun).earlier).toBeUndefined();
    expect(side('b/1', fixture.keys, begun).earlier).toBeUndefined();
  });
});

describe('the memory of a rotation', () => {
  it('is read back; a damaged one is none', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'dwcp-rotation-'));
    try {
      const begun = side('b/1', beginRotation(fixture.keys, ['a/1'], seededRandom('rotation')).opened);
      const memory = rotationOf(begun.gateway, begun.sealed)!;
      expect(readRotation(folder)).toBeNull();
      writeRotation(folder, memory);
      expect(readRotation(folder)).toEqual(memory);
      const file = path.join(folder, 'rotation.json');
      for (const text of ['{', '{}', JSON.stringify({ ...memory, peers: { 'a/1': { publicKey: 'x' } } })]) {
        writeFileSync(file, text);
        expect(readRotation(folder)).toBeNull();
      }
      expect(rotationOf(side('b/1', fixture.keys).gateway, side('b/1', fixture.keys).sealed)).toBeNull();
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

describe('who holds a tunnel of two keys', () => {
  const seen = (holds: 'old' | 'new', old: number, next: number, handshakes = [100, 0]): SeenPeer[] => [
    peer('old', holds, old, handshakes[0]),
    peer('new', holds, next, handshakes[1]),
  ];
  const peer = (publicKey: string, holds: string, receivedBytes: number, handshakeSeconds: number) => {
    return { publicKey, endpoint: null, handshakeSeconds, receivedBytes, holds: publicKey === holds };
  };
  const run = (looks: readonly [number, SeenPeer[]][]) => {
    let watch: KeyWatch = beginWatch(0);
    return looks.map(([nowMs, peers]) => {
      const step = watchKeys(watch, peers, nowMs);
      watch = step.watch;
      return step.give && `${step.give.publicKey}${step.give.heard ? '' : '?'}`;
    });
  };

  it('is the one that is heard, at the first look', () => {
    expect(
      run([
        [20, seen('old', 10, 0)],
        [40, seen('old', 10, 148, [100, 200])],
      ]),
    ).toEqual([undefined, 'new']);
    // Late packets under the old key take it back only if nothing comes under the new one.
    const late = seen('new', 20, 300, [100, 200]);
    expect(
      run([
        [20, seen('new', 10, 148, [100, 200])],
        [40, late],
      ]),
    ).toEqual([undefined, undefined]);
    // A gateway that went back to its old key is followed, too.
    expect(
      run([
        [20, seen('new', 10, 148, [100, 200])],
        [40, seen('new', 30, 148, [300, 200])],
      ])[1],
    ).toBe('old');
  });

  it('is each in turn where neither is heard: after 200 ms, then after a second, at last each 5 s', () => {
    let holds: 'old' | 'new' = 'old';
    let watch = beginWatch(0);
    const at: number[] = [];
    for (let nowMs = 20; nowMs < 20_000; nowMs += 20) {
      const step = watchKeys(watch, seen(holds, 0, 0), nowMs);
      watch = step.watch;
      if (!step.give) continue;
      expect(step.give).toEqual({ publicKey: holds === 'old' ? 'new' : 'old', heard: false });
      holds = step.give.publicKey as typeof holds;
      at.push(nowMs);
    }
    expect(at).toEqual([200, 1200, 2200, 3200, 8200, 13200, 18200]);
  });

  it('is done with a key of before when the new one is heard and the old one has been quiet for 180 s', () => {
    let watch = beginWatch(0);
    const look = (nowMs: number, peers: SeenPeer[]) => ({ watch } = watchKeys(watch, peers, nowMs));
    const done = (nowMs: number) => isDone(watch, 'new', 'old', 0, nowMs);
    look(1000, seen('old', 10, 0));
    expect(done(quietMs * 2)).toBe(false);
    look(2000, seen('new', 10, 148));
    expect(done(1000 + quietMs - 1)).toBe(false);
    look(quietMs, seen('new', 10, 300));
    expect(done(1000 + quietMs)).toBe(true);
    // The peer is dead: nobody knows which it will use.
    expect(done(quietMs * 3)).toBe(false);
  });
});
