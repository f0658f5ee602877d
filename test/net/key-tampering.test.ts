import {
  beginRotation,
  createKeyFile,
  openKeyFile,
  readKeyFile,
  rotateNow,
  rotateSigning,
  type KeyFile2,
  type OpenedKeyFile,
} from '../../lib/net/keys';
import { keyFileText } from '../../lib/net/key-file';
import { seededRandom } from './seeded-random';

// Fixtures, not secrets of anything.
const secret = { passphrase: 'test fixture passphrase' };
const wanted = { gateways: ['a/1', 'b/1'], tunnels: [{ id: 'tunnel-a-b', ends: ['a/1', 'b/1'] as const }] };

/** A file with everything that one can hold: a rotation that has begun, earlier epochs, two signing keys. */
async function full(seed: string): Promise<OpenedKeyFile> {
  const random = seededRandom(seed);
  const { opened } = await createKeyFile('demo', wanted, secret, random, { n: 1024, r: 1, p: 1 });
  const rotated = rotateNow(opened, ['a/1'], random).opened;
  const begun = beginRotation(rotated, ['a/1', 'b/1'], random).opened;
  return rotateSigning(begun, random).opened;
}

async function codeOf(text: string): Promise<string> {
  const opened = await openKeyFile(text, secret, 'demo');
  return opened.ok ? 'opened' : opened.problem.code;
}

type Draft = { -readonly [K in keyof KeyFile2]: KeyFile2[K] };

/** Changes by somebody who writes our form but has no secret, with what each is called. */
const changes: readonly [string, (file: Draft, other: KeyFile2) => void, string][] = [
  ['a recipient of another file', (f, o) => (f.recipients = [...o.recipients]), 'key-file-secret'],
  [
    "a recipient's wrapped key of another file",
    (f, o) => (f.recipients[0] = { ...f.recipients[0], wrapped: o.recipients[0].wrapped } as never),
    'key-file-secret',
  ],
  ['no recipient', (f) => (f.recipients = []), 'key-file-shape'],
  ['two recipients of scrypt', (f, o) => f.recipients.push(o.recipients[0]), 'key-file-shape'],
  ['no signing keys', (f) => delete (f as { signing?: unknown }).signing, 'key-file-tampered'],
  ['the signing keys of another file', (f, o) => (f.signing = o.signing), 'key-file-tampered'],
  ['one signing key fewer', (f) => f.signing!.keys.pop(), 'key-file-tampered'],
  [
    "another file's signing key behind ours",
    (f, o) => (f.signing!.keys[1] = o.signing!.keys[1]),
    'key-file-shape',
  ],
  ['a signing key without endorsement', (f) => delete f.signing!.keys[1].endorsement, 'key-file-shape'],
  ['a first signing key with endorsement', (f) => f.signing!.keys.shift(), 'key-file-shape'],
  [
    "another file's signing seed",
    (f, o) => (f.signing!.sealedSeed = o.signing!.sealedSeed),
    'key-file-tampered',
  ],
  ['no next pair', (f) => delete f.gateways['a/1'].next, 'key-file-tampered'],
  [
    "another file's next pair",
    (f, o) => (f.gateways['a/1'].next = o.gateways['a/1'].next),
    'key-file-tampered',
  ],
  ['next pairs swapped', (f) => swap(f.gateways, 'next'), 'key-file-tampered'],
  [
    'the next key of another gateway',
    (f) => (f.gateways['a/1'].next = { ...f.gateways['b/1'].next! }),
    'key-file-shape',
  ],
  ['no earlier secrets', (f) => delete f.gateways['a/1'].earlier, 'key-file-tampered'],
  ['one earlier secret fewer', (f) => f.gateways['a/1'].earlier!.pop(), 'key-file-tampered'],
  ['earlier secrets in another order', (f) => f.gateways['a/1'].earlier!.reverse(), 'key-file-tampered'],
  ['earlier secrets of another gateway', (f) => swap(f.gateways, 'earlier'), 'key-file-tampered'],
  [
    'an epoch that stands twice',
    (f) => (f.gateways['a/1'].earlier![1].secretVersion = f.gateways['a/1'].secretVersion),
    'key-file-shape',
  ],
  [
    'more earlier secrets than are kept',
    (f) =>
      f.gateways['a/1'].earlier!.push(
        ...[1, 2].map((secretVersion) => ({ ...f.gateways['a/1'].earlier![0], secretVersion })),
      ),
    'key-file-shape',
  ],
  [
    'no next preshared keys',
    (f) => delete (f as { nextPresharedKeys?: unknown }).nextPresharedKeys,
    'key-file-tampered',
  ],
  ['next preshared keys in use', (f) => (f.presharedKeys = f.nextPresharedKeys!), 'key-file-tampered'],
  [
    'next preshared keys of no tunnel',
    (f) => (f.nextPresharedKeys!['tunnel-a-c'] = f.nextPresharedKeys!['tunnel-a-b']),
    'key-file-shape',
  ],
  ['the MAC of another file', (f, o) => (f.mac = o.mac), 'key-file-tampered'],
  ['the verifier of another file', (f, o) => (f.verifier = o.verifier), 'key-file-secret'],
];

function swap<K extends 'next' | 'earlier'>(gateways: KeyFile2['gateways'], part: K): void {
  const { 'a/1': a, 'b/1': b } = gateways;
  [a[part], b[part]] = [b[part], a[part]];
}

describe('a full key file of format 2', () => {
  let [ours, other]: OpenedKeyFile[] = [];
  beforeAll(async () => ([ours, other] = [await full('tampered'), await full('other')]));

  test.each(changes)('with %s is refused', async (_what, change, code) => {
    const { file, text } = ours;
    expect(await codeOf(text)).toBe('opened');
    const draft = structuredClone(file) as Draft;
    change(draft, structuredClone(other.file));
    const changed = keyFileText(draft);
    expect(changed).not.toBe(text);
    expect(await codeOf(changed)).toBe(code);
  });

  test('with any single byte changed is refused', async () => {
    const { text } = ours;
    const seed = 'flips';
    const flips = seededRandom(seed)(text.length);
    const codes = new Map<string, number>();
    for (let i = 0; i < text.length; i += 11) {
      const bytes = Buffer.from(text, 'utf8');
      bytes[i] ^= i % 2 === 0 ? 1 : flips[i] || 255;
      const changed = bytes.toString('utf8');
      const code = await codeOf(changed);
      if (code === 'opened') throw new Error(`seed ${seed}: byte ${i} was changed unseen`);
      codes.set(code, (codes.get(code) ?? 0) + 1);
    }
    expect(codes.get('key-file-tampered')).toBeGreaterThan(50);
  });

  test('shows who has no secret that a signing key is not endorsed', async () => {
    const { file } = ours;
    const draft = structuredClone(file) as Draft;
    draft.signing!.keys[1].endorsement = Buffer.alloc(64, 1).toString('base64');
    expect(readKeyFile(keyFileText(draft))).toMatchObject({
      problem: {
        message: expect.stringContaining("'signing.keys.1': is not endorsed by the key before it") as string,
      },
    });
  });
});
