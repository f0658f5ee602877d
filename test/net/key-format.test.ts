import { readFileSync } from 'node:fs';
import path from 'node:path';
import nacl from 'tweetnacl';
import {
  addMissing,
  createKeyFile,
  endorsementText,
  openAsGateway,
  openKeyFile,
  readKeyFile,
  removeStale,
  sealedPartOf,
  signTexts,
  signingChain,
  unsealText,
  type OpenedKeyFile,
} from '../../lib/net/keys';
import { bareSecrets } from './bare-secrets';
import { seededRandom } from './seeded-random';

// Fixtures, not secrets of anything. The file of format 1 was written by the program before format 2.
const secret = { passphrase: 'test fixture passphrase' };
const format1 = readFileSync(path.join(__dirname, 'format-1.keys.json'), 'utf8');
const secretOfA1 = 'QGGm9jfy/Hq/bWD7t1KnRh0qQQYngvWY6Ehr0i2gHVk=';
const wanted = { gateways: ['a/1', 'b/1'], tunnels: [{ id: 'tunnel-a-b', ends: ['a/1', 'b/1'] as const }] };

async function open(text: string): Promise<OpenedKeyFile> {
  const read = await openKeyFile(text, secret, 'demo');
  if (!read.ok) throw new Error(read.problem.message);
  return read.value;
}

describe('a key file of format 1', () => {
  test('opens, and its text stays until the first change', async () => {
    expect((await open(format1)).text).toBe(format1);
    expect(readKeyFile(format1)).toMatchObject({ ok: true, value: { formatVersion: 1 } });
    const wrong = await openKeyFile(format1, { passphrase: 'another fixture passphrase' });
    expect(wrong).toMatchObject({ problem: { code: 'key-file-secret' } });
    const swapped = format1.replace(/"mac": "./, (m) =>
      m.endsWith('A') ? `${m.slice(0, -1)}B` : `${m.slice(0, -1)}A`,
    );
    expect(await openKeyFile(swapped, secret)).toMatchObject({ problem: { code: 'key-file-tampered' } });
  });

  test('is written as format 2 at the first change, with every secret as it was', async () => {
    const before = await open(format1);
    expect(bareSecrets(before, 'a/1')).toEqual([secretOfA1]);
    const change = addMissing(before, wanted, seededRandom('upgrade'));
    expect(change).toMatchObject({ gateways: [], tunnels: [], signing: true });
    const after = await open(change.opened.text);
    expect(JSON.parse(after.text)).toMatchObject({ formatVersion: 2, recipients: [{ type: 'scrypt' }] });
    expect(after.file.gateways).toEqual(before.file.gateways);
    expect(after.file.presharedKeys).toEqual(before.file.presharedKeys);
    for (const id of wanted.gateways) {
      expect(unsealText(after, id)).toBe(unsealText(before, id));
      expect(openAsGateway(sealedPartOf(after.file, id), unsealText(after, id)).ok).toBe(true);
    }
    const removed = removeStale(before, { gateways: ['a/1'], tunnels: [] }).opened;
    expect((await open(removed.text)).file.formatVersion).toBe(2);
  });

  test('is never taken for one of format 2: its MAC and verifier have a name of their own', async () => {
    const { file, text } = addMissing(await open(format1), wanted, seededRandom('upgrade')).opened;
    const { mac, verifier } = JSON.parse(format1) as { mac: string; verifier: string };
    const old = text.replace(file.mac, mac).replace(file.verifier, verifier);
    expect(await openKeyFile(old, secret)).toMatchObject({ problem: { code: 'key-file-secret' } });
    expect(await openKeyFile(text.replace(file.mac, mac), secret)).toMatchObject({
      problem: { code: 'key-file-tampered' },
    });
  });
});

describe('the signing key', () => {
  test('signs what its public key verifies, and is made once', async () => {
    const made = await createKeyFile('demo', wanted, secret, seededRandom('sign'), { n: 1024, r: 1, p: 1 });
    expect(made.signing).toBe(true);
    const chain = signingChain(made.opened.file);
    expect(chain).toEqual([{ publicKey: expect.any(String) as string }]);
    const texts = ['a\n', 'naïve → text', ''];
    const key = new Uint8Array(Buffer.from(chain[0].publicKey, 'base64'));
    for (const [i, signature] of signTexts(made.opened, texts).entries()) {
      const bytes = new Uint8Array(Buffer.from(signature, 'base64'));
      expect(bytes).toHaveLength(64);
      const right = texts.map((text) =>
        nacl.sign.detached.verify(new Uint8Array(Buffer.from(text, 'utf8')), bytes, key),
      );
      expect(right).toEqual(texts.map((_, n) => n === i));
    }
    expect(addMissing(made.opened, wanted, seededRandom('again'))).toMatchObject({ signing: false });
    expect(() =>
      signTexts({ ...made.opened, file: { ...made.opened.file, signing: undefined } }, []),
    ).toThrow('no signing key');
    expect(signingChain((await open(format1)).file)).toEqual([]);
  });

  test('endorses by a text of three lines', () => {
    expect(endorsementText('demo', 2, 'AAAA')).toBe('dwcp-signing-key 1\nnetwork demo\nkey 2 AAAA\n');
  });
});
