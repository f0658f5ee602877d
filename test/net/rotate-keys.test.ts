import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { manifestText, readManifest } from '../../lib/gateway';
import {
  addMissing,
  beginRotation,
  createKeyFile,
  endorses,
  finishRotation,
  openAsGateway,
  openKeyFile,
  publicKeyOf,
  publicKeysOf,
  removeStale,
  rotateNow,
  rotateSigning,
  sealedPartOf,
  signTexts,
  signingChain,
  unsealText,
  type GatewayKeys,
  type OpenedKeyFile,
  type SealedPart,
} from '../../lib/net/keys';
import { bareSecrets, secretAsOf } from './bare-secrets';
import { seededRandom } from './seeded-random';
import { skipped } from './skipped';

// Fixtures, not secrets of anything.
const secret = { passphrase: 'test fixture passphrase' };
const line = {
  gateways: ['a/1', 'b/1', 'c/1'],
  tunnels: [
    { id: 'tunnel-a-b', ends: ['a/1', 'b/1'] as const },
    { id: 'tunnel-b-c', ends: ['b/1', 'c/1'] as const },
  ],
};

async function make(seed = 'rotation'): Promise<OpenedKeyFile> {
  const cost = { n: 1024, r: 1, p: 1 };
  return (await createKeyFile('demo', line, secret, seededRandom(seed), cost)).opened;
}

function openPart(part: SealedPart, text: string): GatewayKeys {
  const own = openAsGateway(part, text);
  if (!own.ok) throw new Error(own.problem.message);
  return own.value;
}

function keysOf(opened: OpenedKeyFile, id: string): GatewayKeys {
  return openPart(sealedPartOf(opened.file, id), unsealText(opened, id));
}

function codeOf(part: SealedPart, text: string): string {
  const own = openAsGateway(part, text);
  return own.ok ? 'opened' : own.problem.code;
}

/** The change is one that the passphrase opens. */
async function reopened({ text }: OpenedKeyFile): Promise<OpenedKeyFile> {
  const read = await openKeyFile(text, secret, 'demo');
  if (!read.ok) throw new Error(read.problem.message);
  expect(read.value.text).toBe(text);
  return read.value;
}

describe('a rotation at once', () => {
  test('rotating a gateway gives it a new pair, a new unsealing secret and its tunnels new preshared keys', async () => {
    const before = await make();
    const old = unsealText(before, 'a/1');
    const after = rotateNow(before, ['a/1'], seededRandom('rotate'));
    expect(after).toMatchObject({ gateways: ['a/1'], tunnels: ['tunnel-a-b'] });
    expect(unsealText(after.opened, 'a/1')).not.toBe(old);
    expect(codeOf(sealedPartOf(after.opened.file, 'a/1'), old)).toBe('sealed-part-secret');
    expect(after.opened.file.gateways['a/1'].secretVersion).not.toBe(
      before.file.gateways['a/1'].secretVersion,
    );
    expect(after.opened.file.gateways['b/1']).toEqual(before.file.gateways['b/1']);
    expect(after.opened.file.presharedKeys['tunnel-b-c']).toEqual(before.file.presharedKeys['tunnel-b-c']);
    for (const id of line.gateways) {
      expect(codeOf(sealedPartOf(after.opened.file, id), unsealText(after.opened, id))).toBe('opened');
    }
  });

  test('rotating a tunnel changes its preshared key alone, at both ends alike', async () => {
    const before = await make();
    const after = rotateNow(before, ['tunnel-b-c'], seededRandom('rotate')).opened;
    expect(after.file.gateways).toEqual(before.file.gateways);
    const keyAt = (id: string, file: OpenedKeyFile) => keysOf(file, id).presharedKeys.get('tunnel-b-c');
    expect(keyAt('b/1', after)).toBe(keyAt('c/1', after));
    expect(keyAt('b/1', after)).not.toBe(keyAt('b/1', before));
  });

  test('ends a rotation in two phases that had begun, for what it replaces', async () => {
    const begun = beginRotation(await make(), ['a/1', 'c/1'], seededRandom('begin')).opened;
    const after = await reopened(rotateNow(begun, ['a/1'], seededRandom('now')).opened);
    expect(Object.keys(publicKeysOf(after.file).nextGateways)).toEqual(['c/1']);
    expect(publicKeysOf(after.file).nextPresharedKeys).toEqual(['tunnel-b-c']);
    expect(keysOf(after, 'c/1').nextPrivateKey).toBe(keysOf(begun, 'c/1').nextPrivateKey);
  });
});

describe('a rotation in two phases', () => {
  test('begins with next keys beside those in use, sealed under a new epoch', async () => {
    const before = await make();
    const change = beginRotation(before, ['a/1'], seededRandom('begin'));
    expect(change).toMatchObject({ gateways: ['a/1'], tunnels: ['tunnel-a-b'], signing: false });
    const after = await reopened(change.opened);
    const [shown, old] = [publicKeysOf(after.file), publicKeysOf(before.file)];
    expect(shown).toMatchObject({ gateways: old.gateways, presharedKeys: old.presharedKeys });
    expect(Object.keys(shown.nextGateways)).toEqual(['a/1']);
    expect(shown.nextPresharedKeys).toEqual(['tunnel-a-b']);
    expect(after.file.gateways['b/1']).toEqual(before.file.gateways['b/1']);
    expect(after.file.presharedKeys['tunnel-b-c']).toEqual(before.file.presharedKeys['tunnel-b-c']);

    const [a, b, was] = [keysOf(after, 'a/1'), keysOf(after, 'b/1'), keysOf(before, 'a/1')];
    expect(a.privateKey).toBe(was.privateKey);
    expect(a.presharedKeys).toEqual(was.presharedKeys);
    expect(publicKeyOf(a.nextPrivateKey!)).toBe(shown.nextGateways['a/1']);
    expect([...a.nextPresharedKeys]).toEqual([['tunnel-a-b', expect.any(String)]]);
    expect(b.nextPresharedKeys).toEqual(a.nextPresharedKeys);
    expect(b.nextPrivateKey).toBeUndefined();
    expect(a.nextPresharedKeys).not.toEqual(a.presharedKeys);
  });

  test('hands out the secret before as well, for a gateway that has the bundle before', async () => {
    const before = await make();
    const after = beginRotation(before, ['a/1'], seededRandom('begin')).opened;
    const [part, old] = [sealedPartOf(after.file, 'a/1'), sealedPartOf(before.file, 'a/1')];
    const text = unsealText(after, 'a/1');
    expect(text).toMatch(/^\d+ \S{44}\n\d+ \S{44}\n$/);
    expect(text.startsWith(`${part.secretVersion} `)).toBe(true);
    expect(text.endsWith(unsealText(before, 'a/1'))).toBe(true);
    expect([codeOf(part, text), codeOf(old, text)]).toEqual(['opened', 'opened']);
    expect(codeOf(part, unsealText(before, 'a/1'))).toBe('sealed-part-secret');
    expect(codeOf(part, secretAsOf(before, 'a/1', part.secretVersion))).toBe('sealed-part-secret');
  });

  test('ends with the next keys in use, under the same epoch', async () => {
    const begun = beginRotation(await make(), ['a/1', 'tunnel-b-c'], seededRandom('begin')).opened;
    const change = finishRotation(begun, seededRandom('finish'));
    expect(change).toMatchObject({ gateways: ['a/1'], tunnels: ['tunnel-a-b', 'tunnel-b-c'] });
    const after = await reopened(change.opened);
    const shown = publicKeysOf(after.file);
    expect(shown.gateways['a/1']).toBe(publicKeysOf(begun.file).nextGateways['a/1']);
    expect([shown.nextGateways, shown.nextPresharedKeys]).toEqual([{}, []]);
    for (const id of line.gateways) {
      expect(unsealText(after, id)).toBe(unsealText(begun, id));
      const [now, then] = [keysOf(after, id), keysOf(begun, id)];
      expect(now.privateKey).toBe(then.nextPrivateKey ?? then.privateKey);
      expect(now.presharedKeys).toEqual(new Map([...then.presharedKeys, ...then.nextPresharedKeys]));
    }
    expect(finishRotation(after, seededRandom('finish'))).toMatchObject({ gateways: [], tunnels: [] });
  });

  test('of what the file does not hold is refused', async () => {
    const opened = await make();
    for (const begin of [beginRotation, rotateNow])
      expect(() => begin(opened, ['z/9'], seededRandom('misuse'))).toThrow("no 'z/9'");
  });

  test('begun twice keeps the next keys that gateways may have', async () => {
    const first = beginRotation(await make(), ['a/1'], seededRandom('first')).opened;
    const change = beginRotation(first, [...line.gateways], seededRandom('second'));
    expect(change).toMatchObject({ gateways: ['b/1', 'c/1'], tunnels: ['tunnel-b-c'] });
    const after = await reopened(change.opened);
    expect(keysOf(after, 'a/1').nextPrivateKey).toBe(keysOf(first, 'a/1').nextPrivateKey);
    expect(keysOf(after, 'b/1').nextPresharedKeys.get('tunnel-a-b')).toBe(
      keysOf(first, 'a/1').nextPresharedKeys.get('tunnel-a-b'),
    );
  });

  test('keeps the secrets of three epochs before, and no more', async () => {
    const random = seededRandom('many');
    let opened = await make();
    const texts = [unsealText(opened, 'a/1')];
    for (let i = 0; i < 5; i++) {
      opened = await reopened(beginRotation(opened, ['a/1'], random).opened);
      texts.unshift(unsealText(opened, 'a/1'));
      opened = await reopened(finishRotation(opened, random).opened);
    }
    const newest = texts.map((text) => `${text.split('\n')[0]}\n`);
    expect(unsealText(opened, 'a/1')).toBe(newest.slice(0, 4).join(''));
    expect(new Set(bareSecrets(opened, 'a/1')).size).toBe(4);
  });

  test('loses the next keys of what leaves, and of a tunnel that moves', async () => {
    const begun = beginRotation(await make(), [...line.gateways], seededRandom('begin')).opened;
    const less = { gateways: ['a/1', 'b/1'], tunnels: [line.tunnels[0]] };
    const left = await reopened(removeStale(begun, less).opened);
    expect(publicKeysOf(left.file).nextPresharedKeys).toEqual(['tunnel-a-b']);
    const none = await reopened(removeStale(begun, { gateways: ['a/1'], tunnels: [] }).opened);
    expect(none.text).not.toContain('nextPresharedKeys');
    const moved = {
      gateways: ['a/1', 'b/1', 'c/1'],
      tunnels: [{ id: 'tunnel-a-b', ends: ['a/1', 'c/1'] as const }, line.tunnels[1]],
    };
    const after = await reopened(addMissing(begun, moved, seededRandom('moved')).opened);
    expect(publicKeysOf(after.file).nextPresharedKeys).toEqual(['tunnel-b-c']);
  });

  test('a part in which next keys and keys in use change places does not open', async () => {
    const begun = beginRotation(await make(), ['a/1'], seededRandom('begin')).opened;
    const part = sealedPartOf(begun.file, 'a/1');
    const { publicKey, sealedPrivateKey, next, presharedKeys, nextPresharedKeys } = part;
    const changed: SealedPart[] = [
      { ...part, publicKey: next!.publicKey, sealedPrivateKey: next!.sealedPrivateKey },
      { ...part, next: { publicKey, sealedPrivateKey } },
      { ...part, next: { ...next!, publicKey } },
      { ...part, presharedKeys: nextPresharedKeys! },
      { ...part, nextPresharedKeys: presharedKeys },
    ];
    const text = unsealText(begun, 'a/1');
    expect(codeOf(part, text)).toBe('opened');
    expect(changed.map((other) => codeOf(other, text))).toEqual(changed.map(() => 'sealed-part-secret'));
  });
});

describe('a rotation of the signing key', () => {
  test('makes a key that the one before endorses, and signs with the new one', async () => {
    const first = await make();
    let opened = first;
    for (let i = 0; i < 3; i++)
      opened = await reopened(rotateSigning(opened, seededRandom(`signing ${i}`)).opened);
    const chain = signingChain(opened.file);
    expect(chain).toHaveLength(4);
    expect(chain[0]).toEqual(signingChain(first.file)[0]);
    for (const [i, { publicKey, endorsement }] of chain.entries()) {
      if (i === 0) continue;
      const by = chain[i - 1].publicKey;
      expect(endorses(by, 'demo', i + 1, publicKey, endorsement!)).toBe(true);
      expect(endorses(by, 'demo', i + 2, publicKey, endorsement!)).toBe(false);
      expect(endorses(by, 'other', i + 1, publicKey, endorsement!)).toBe(false);
      expect(endorses(publicKey, 'demo', i + 1, publicKey, endorsement!)).toBe(false);
    }
    expect(signTexts(opened, ['a'])).not.toEqual(signTexts(first, ['a']));
    expect(opened.file.gateways).toEqual(first.file.gateways);
  });

  test('makes chains that manifests carry, and signatures that openssl verifies', async () => {
    let opened = await make();
    const folder = mkdtempSync(path.join(tmpdir(), 'signed-'));
    try {
      for (let rotations = 0; rotations < 3; rotations++) {
        const chain = signingChain(opened.file);
        const bundle = 'ab'.repeat(32);
        const of = { network: 'demo', gateway: 'a/1', bundle, generation: 1, secretEpoch: 1, canary: null };
        const text = manifestText({ ...of, validity: { notBefore: 0, latest: 0 }, chain });
        expect(readManifest(text)?.chain).toEqual(chain);
        const at = (name: string) => path.join(folder, name);
        writeFileSync(at('text'), text);
        writeFileSync(at('signature'), Buffer.from(signTexts(opened, [text])[0], 'base64'));
        const { publicKey } = chain[chain.length - 1];
        const der = Buffer.concat([
          Buffer.from('302a300506032b6570032100', 'hex'),
          Buffer.from(publicKey, 'base64'),
        ]);
        writeFileSync(at('key'), der);
        const words = ['pkeyutl', '-verify', '-rawin', '-pubin', '-keyform', 'DER', '-inkey', at('key')];
        const done = spawnSync('openssl', [...words, '-in', at('text'), '-sigfile', at('signature')], {
          encoding: 'utf8',
        });
        if (done.error) return skipped("'openssl' is not installed");
        expect(done.stdout).toContain('Signature Verified Successfully');
        opened = rotateSigning(opened, seededRandom(`rotation ${rotations}`)).opened;
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('ends where the chain is as long as gateways take it', async () => {
    const { file, master, text } = await make();
    const chain = (length: number) => {
      const keys = Array.from({ length }, () => file.signing!.keys[0]);
      return { master, text, file: { ...file, signing: { ...file.signing!, keys } } };
    };
    expect(signingChain(rotateSigning(chain(63), seededRandom('last')).opened.file)).toHaveLength(64);
    expect(() => rotateSigning(chain(64), seededRandom('one more'))).toThrow('takes no more');
  });
});
