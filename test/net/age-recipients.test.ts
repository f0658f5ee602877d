import { spawnSync } from 'node:child_process';
import { createCipheriv, createHmac, hkdfSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import { inspect } from 'node:util';
import {
  createKeyFile,
  openKeyFile,
  parseIdentity,
  parseIdentityFile,
  recipientPoint,
  type AgeIdentity,
} from '../../lib/net/keys';
import { identityText, recipientText } from '../../lib/net/recipients/age-text';
import { x25519Kind } from '../../lib/net/recipients/x25519';
import nacl from 'tweetnacl';
import { seededRandom } from './seeded-random';
import { skipped } from './skipped';

// Fixtures, not secrets of anything: what Debian's age 1.1.1 made of a new identity and a line of text.
const fixtures = path.join(__dirname, 'age');
const identityFile = path.join(fixtures, 'identity.txt');
const recipient = 'age1fu2trutckdjr49fm0e7d44k5s86hrdjd766cql6vrtxky0m82fmse4axrw';
const identities = parseIdentityFile(readFileSync(identityFile, 'utf8')) as readonly AgeIdentity[];
const cost = { n: 1024, r: 1, p: 1 };
const wanted = { gateways: ['a/1', 'b/1'], tunnels: [{ id: 'tunnel-a-b', ends: ['a/1', 'b/1'] as const }] };

const unpadded = (base64: string) => base64.replace(/=+$/, '');
const hkdf = (secret: Uint8Array, salt: Uint8Array, info: string) =>
  new Uint8Array(hkdfSync('sha256', secret, salt, info, 32));
const macOf = (header: string, fileKey: Uint8Array) =>
  createHmac('sha256', hkdf(fileKey, new Uint8Array(0), 'header'))
    .update(header, 'utf8')
    .digest('base64');

/** A file as the specification of age has it (age-encryption.org/v1), around a stanza that we wrapped. */
async function ageFile(fileKey: Uint8Array, to: string, text: string, seed: string): Promise<Buffer> {
  const random = seededRandom(seed);
  const wrapped = await x25519Kind.wrap(fileKey, { age: to }, { network: '', cost, random });
  const stanza = `-> X25519 ${unpadded(wrapped!.ephemeral)}\n${unpadded(wrapped!.wrapped)}\n`;
  const header = `age-encryption.org/v1\n${stanza}---`;
  const nonce = random(16);
  const last = Buffer.concat([Buffer.alloc(11), Buffer.from([1])]);
  const cipher = createCipheriv('chacha20-poly1305', hkdf(fileKey, nonce, 'payload'), last, {
    authTagLength: 16,
  });
  const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
  return Buffer.concat([Buffer.from(`${header} ${unpadded(macOf(header, fileKey))}\n`), nonce, body]);
}

describe('age recipients', () => {
  test('unwrap what age has wrapped: its file key authenticates the header', async () => {
    const bytes = readFileSync(path.join(fixtures, 'attack.age')).toString('latin1');
    const [, ephemeral, wrapped, mac] = /^age-encryption.org\/v1\n-> X25519 (\S+)\n(\S+)\n--- (\S+)\n/.exec(
      bytes,
    )!;
    const stanza = { type: 'x25519' as const, recipient, ephemeral, wrapped };
    const fileKey = await x25519Kind.unwrap(stanza, { identities }, '');
    expect(fileKey).toHaveLength(16);
    const header = bytes.slice(0, bytes.indexOf('---') + 3);
    expect(unpadded(macOf(header, fileKey!))).toBe(mac);
  });

  test('wrap as age unwraps', async () => {
    const seed = 'wrapped for age';
    const text = 'said with our stanza\n';
    const made = await ageFile(seededRandom('file key')(16), recipient, text, seed);
    const done = spawnSync('age', ['--decrypt', '--identity', identityFile], { input: made });
    if (done.error) return skipped("'age' is not installed");
    expect(done.stderr.toString()).toBe('');
    expect(done.stdout.toString()).toBe(text);
  });

  test("wrap as Python's cryptography computes it from the specification", async () => {
    const cache = process.env.XDG_CACHE_HOME ?? path.join(homedir(), '.cache');
    const program = path.join(cache, 'dwcp-multiregion', 'moto', 'bin', 'python');
    const fileKey = seededRandom('file key')(32);
    const random = seededRandom('wrapped for Python');
    const { ephemeral, wrapped } = (await x25519Kind.wrap(
      fileKey,
      { age: recipient },
      { network: '', cost, random },
    ))!;
    const scalar = identities[0].use((bytes) => Buffer.from(bytes).toString('hex'));
    const input = `${scalar} ${Buffer.from(ephemeral, 'base64').toString('hex')} ${Buffer.from(wrapped, 'base64').toString('hex')}`;
    const done = spawnSync(program, ['-c', unwrapInPython], { input, encoding: 'utf8' });
    if (done.error || done.stderr.includes('ModuleNotFoundError'))
      return skipped('there is no Python with cryptography');
    expect(done.stderr).toBe('');
    expect(done.stdout.trim()).toBe(Buffer.from(fileKey).toString('hex'));
  });

  test('open a key file, each of several alone, and nobody else does', async () => {
    const random = seededRandom('three');
    const scalars = [1, 2, 3].map(() => random(32));
    const to = scalars.slice(0, 2).map((s) => ({ age: recipientText(nacl.scalarMult.base(s)) }));
    const passphrase = 'test fixture passphrase';
    const { opened } = await createKeyFile('demo', wanted, [{ passphrase }, ...to], random, cost);
    const of = (scalar: Uint8Array) => ({ identities: [parseIdentity(identityText(scalar))!] });
    for (const opener of [{ passphrase }, of(scalars[0]), of(scalars[1])]) {
      const read = await openKeyFile(opened.text, opener, 'demo');
      expect(read.ok && read.value.text).toBe(opened.text);
    }
    const refused = await openKeyFile(opened.text, of(scalars[2]), 'demo');
    expect(refused).toMatchObject({
      problem: {
        code: 'key-file-secret',
        next: `they are sealed for a passphrase or key file, ${to[0].age}, ${to[1].age}`,
      },
    });
  });

  test('a stanza with any bit changed opens nothing', async () => {
    const random = seededRandom('bits');
    const { opened } = await createKeyFile('demo', wanted, { age: recipient }, random, cost);
    for (const field of ['ephemeral', 'wrapped', 'recipient'] as const) {
      const value = (opened.file.recipients[0] as unknown as Record<string, string>)[field];
      for (let at = 0; at < value.length - 1; at += 3) {
        const other = value[at] === 'q' ? 'p' : 'q';
        const changed = opened.text.replace(value, value.slice(0, at) + other + value.slice(at + 1));
        const read = await openKeyFile(changed, { identities }, 'demo');
        if (read.ok) throw new Error(`${field} was changed at ${at} unseen`);
      }
    }
    expect((await openKeyFile(opened.text, { identities }, 'demo')).ok).toBe(true);
  });

  test('are refused where they are malformed, of another kind, twice, or of small order', async () => {
    const make = (to: string[]) =>
      createKeyFile(
        'demo',
        wanted,
        to.map((age) => ({ age })),
        seededRandom('bad'),
        cost,
      );
    const changed = `${recipient.slice(0, -1)}q`;
    for (const text of [
      '',
      'age1',
      changed,
      recipient.toUpperCase(),
      `AGE${recipient.slice(3)}`,
      identityText(seededRandom('x')(32)),
    ]) {
      expect(recipientPoint(text)).toBeUndefined();
      await expect(make([text])).rejects.toThrow('is not an age recipient');
    }
    await expect(make([recipient, recipient])).rejects.toThrow('stands twice');
    await expect(make([])).rejects.toThrow('1 to 32 recipients');
    await expect(make(Array.from({ length: 33 }, () => recipient))).rejects.toThrow('1 to 32 recipients');
    await expect(make([recipientText(new Uint8Array(32))])).rejects.toThrow('small order');
  });

  test('identities are read as age-keygen writes them, and shown by nothing', () => {
    expect(identities).toHaveLength(1);
    const text = readFileSync(identityFile, 'utf8')
      .split('\n')
      .find((line) => line.startsWith('AGE'))!;
    expect(identities[0].use((scalar) => identityText(scalar))).toBe(text);
    expect(identities[0].use((scalar) => recipientText(nacl.scalarMult.base(scalar)))).toBe(recipient);
    expect(parseIdentity(text.toLowerCase())).toBeUndefined();
    expect(parseIdentityFile(`# a comment\r\n\n${text}\r\n${text}x\n`)).toBe(4);
    expect(parseIdentityFile('# none\n')).toEqual([]);
    const printed = inspect(identities, { depth: 9, showHidden: true }) + JSON.stringify(identities);
    const hex = identities[0].use((scalar) => Buffer.from(scalar).toString('hex'));
    expect(printed.includes(hex) || /\d{2,3}, \d{2,3}/.test(printed)).toBe(false);
  });

  test('the program age itself opens a key that we made an identity of', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'age-'));
    try {
      const scalar = seededRandom('an identity of ours')(32);
      const file = path.join(folder, 'identity');
      writeFileSync(file, `${identityText(scalar)}\n`);
      const done = spawnSync('age-keygen', ['-y', file], { encoding: 'utf8' });
      if (done.error) return skipped("'age-keygen' is not installed");
      expect(done.stdout.trim()).toBe(recipientText(nacl.scalarMult.base(scalar)));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

const unwrapInPython = `
import sys
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives import hashes, serialization
scalar, share, body = (bytes.fromhex(part) for part in sys.stdin.read().split())
private = X25519PrivateKey.from_private_bytes(scalar)
raw = serialization.Encoding.Raw, serialization.PublicFormat.Raw
salt = share + private.public_key().public_bytes(*raw)
shared = private.exchange(X25519PublicKey.from_public_bytes(share))
key = HKDF(hashes.SHA256(), 32, salt, b"age-encryption.org/v1/X25519").derive(shared)
print(ChaCha20Poly1305(key).decrypt(bytes(12), body, None).hex())
`;
