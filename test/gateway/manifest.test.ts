import nacl from 'tweetnacl';
import { manifestDigest, manifestText, readManifest, signedManifest, type Manifest } from '../../lib/gateway';

const key = (byte: number) => Buffer.alloc(32, byte).toString('base64');
const signature = (byte: number) => Buffer.alloc(64, byte).toString('base64');
const digest = (digit: string) => digit.repeat(64);

const manifest: Manifest = {
  network: 'backbone',
  gateway: 'dublin/1',
  bundle: digest('a'),
  generation: 12,
  secretEpoch: 1403948211,
  validity: { notBefore: 1796065200, latest: 1827601200 },
  canary: { gateway: 'virginia/1', bundle: digest('b'), waitSeconds: 900 },
  chain: [{ publicKey: key(1) }, { publicKey: key(2), endorsement: signature(3) }],
};

test('a manifest is one field a line, in one order', () => {
  expect(manifestText(manifest)).toBe(`dwcp-manifest 1
network backbone
gateway dublin/1
bundle ${digest('a')}
generation 12
secret 1403948211
not-before 1796065200
latest 1827601200
canary virginia/1 ${digest('b')} 900
key 1 ${key(1)}
key 2 ${key(2)} ${signature(3)}
`);
});

test('it reads as what it was written from', () => {
  for (const wanted of [manifest, { ...manifest, canary: null }, { ...manifest, chain: [manifest.chain[0]] }])
    expect(readManifest(manifestText(wanted))).toEqual(wanted);
});

describe('what no manifest can say is not written', () => {
  const other: [string, Partial<Manifest>][] = [
    ['a name with a line end', { network: 'back\nbone' }],
    ['a gateway without a number', { gateway: 'dublin' }],
    ['half a digest', { bundle: 'abc' }],
    ['a generation with a fraction', { generation: 1.5 }],
    ['no key', { chain: [] }],
    ['a key that nobody endorsed', { chain: [{ publicKey: key(1) }, { publicKey: key(2) }] }],
    ['a first key with an endorsement', { chain: [{ publicKey: key(1), endorsement: signature(1) }] }],
  ];
  test.each(other)('%s', (_what, wrong) => {
    expect(() => manifestText({ ...manifest, ...wrong })).toThrow(RangeError);
  });
});

describe('what differs from what is written is not read', () => {
  const text = manifestText(manifest);
  const changes: [string, string][] = [
    ['another first line', text.replace('dwcp-manifest 1', 'dwcp-manifest 2')],
    ['carriage returns', text.replaceAll('\n', '\r\n')],
    ['a line twice', text.replace('generation 12\n', 'generation 12\ngeneration 12\n')],
    ['two lines the other way round', text.replace(/(latest.*\n)(canary.*\n)/, '$2$1')],
    ['a leading zero', text.replace('generation 12', 'generation 012')],
    ['a chain that skips', text.replace('key 2', 'key 3')],
    ['no end of line', text.trimEnd()],
    ['something behind', `${text}\n`],
    ['its signature', signedManifest(text, signature(4))],
  ];
  test.each(changes)('%s', (_what, changed) => {
    expect([changed === text, readManifest(changed)]).toEqual([false, undefined]);
  });
});

test('the object ends with the signature over all before it', () => {
  const text = manifestText(manifest);
  const pair = nacl.sign.keyPair.fromSeed(Buffer.alloc(32, 7));
  const signed = signedManifest(
    text,
    Buffer.from(nacl.sign.detached(Buffer.from(text), pair.secretKey)).toString('base64'),
  );
  const [, before, last] = /^([^]*)signature (.*)\n$/.exec(signed)!;
  expect(nacl.sign.detached.verify(Buffer.from(before), Buffer.from(last, 'base64'), pair.publicKey)).toBe(
    true,
  );
  expect(manifestDigest(before)).toMatch(/^[0-9a-f]{64}$/);
});
