import { inspect } from 'node:util';
import {
  addMissing,
  createKeyFile,
  defaultScryptCost,
  unsealText,
  openAsGateway,
  openKeyFile,
  publicKeyOf,
  readPublicKeys,
  readSealedPart,
  removeStale,
  sealedPartOf,
  type KeyResult,
  type OpenedKeyFile,
  type WantedKeys,
} from '../../lib/net/keys';
import { bareSecrets, secretAsOf } from './bare-secrets';
import { seededRandom } from './seeded-random';

// Fixtures, not secrets of anything.
const secret = { passphrase: 'test fixture passphrase' };
const cost = { n: 1024, r: 1, p: 1 };
const pair: WantedKeys = { gateways: ['a/1', 'b/1'], tunnels: [{ id: 'tunnel-a-b', ends: ['a/1', 'b/1'] }] };
const line: WantedKeys = {
  gateways: ['a/1', 'b/1', 'c/1'],
  tunnels: [...pair.tunnels, { id: 'tunnel-b-c', ends: ['b/1', 'c/1'] }],
};

async function make(wanted: WantedKeys, seed = 'file', network = 'demo'): Promise<OpenedKeyFile> {
  return (await createKeyFile(network, wanted, secret, seededRandom(seed), cost)).opened;
}

function codeOf(result: KeyResult<unknown>): string {
  return result.ok ? 'opened' : result.problem.code;
}

async function openCode(text: string, passphrase = secret.passphrase, network?: string): Promise<string> {
  return codeOf(await openKeyFile(text, { passphrase }, network));
}

describe('the key file', () => {
  test('is canonical text that opens with the secret it was made with', async () => {
    const { text } = await make(line);
    expect(text).toBe((await make(line)).text);
    expect(text.endsWith('}\n')).toBe(true);
    const keys = Object.keys(JSON.parse(text) as object);
    expect(keys).toEqual([...keys].sort());
    expect(await openCode(text)).toBe('opened');
    expect(await openCode(text, secret.passphrase, 'demo')).toBe('opened');
  });

  test('shows public keys and preshared key ids without a secret', async () => {
    const opened = await make(line);
    const read = readPublicKeys(opened.text);
    if (!read.ok) throw new Error(read.problem.message);
    expect(read.value.network).toBe('demo');
    expect(Object.keys(read.value.gateways)).toEqual(['a/1', 'b/1', 'c/1']);
    expect(read.value.presharedKeys).toEqual(['tunnel-a-b', 'tunnel-b-c']);
    for (const id of line.gateways) {
      const keys = openAsGateway(sealedPartOf(opened.file, id), unsealText(opened, id));
      expect(keys.ok && publicKeyOf(keys.value.privateKey)).toBe(read.value.gateways[id]);
    }
  });

  test('opens with a key file of raw bytes, and not with a shorter one', async () => {
    const keyFile = seededRandom('key file')(48);
    const { opened } = await createKeyFile('demo', pair, { keyFile }, seededRandom('raw'), cost);
    expect(codeOf(await openKeyFile(opened.text, { keyFile }))).toBe('opened');
    expect(codeOf(await openKeyFile(opened.text, { keyFile: keyFile.slice(0, 40) }))).toBe('key-file-secret');
    await expect(openKeyFile(opened.text, { keyFile: keyFile.slice(0, 31) })).rejects.toThrow(
      'fewer than 32',
    );
  });

  test('tells a wrong passphrase from a changed file', async () => {
    const { text } = await make(pair);
    expect(await openCode(text, 'another fixture passphrase')).toBe('key-file-secret');
    const key = sealedPartOf((await make(pair)).file, 'a/1').publicKey;
    const changed = text.replace(key, sealedPartOf((await make(pair, 'other')).file, 'a/1').publicKey);
    expect(await openCode(changed)).toBe('key-file-tampered');
  });

  test('a passphrase is the same composed and decomposed (RFC 8265)', async () => {
    const passphrase = 'pa\u00dfwort m\u00fcnchen';
    const { opened } = await createKeyFile('demo', pair, { passphrase }, seededRandom('nfc'), cost);
    expect(await openCode(opened.text, passphrase.normalize('NFD'))).toBe('opened');
  });

  test('a change of any single byte is refused on opening', async () => {
    const { text } = await make(pair);
    const bytes = Buffer.from(text, 'utf8');
    const codes = new Map<string, number>();
    const seed = 'flip';
    const flips = seededRandom(seed)(bytes.length);
    for (let i = 0; i < bytes.length; i++) {
      const changed = Buffer.from(bytes);
      // Lowest bit (a neighbouring letter or digit) for every second byte, any bit pattern for the others.
      changed[i] ^= i % 2 === 0 ? 1 : flips[i] || 255;
      const code = await openCode(changed.toString('utf8'));
      if (code === 'opened') throw new Error(`seed ${seed}: byte ${i} of ${bytes.length} was changed unseen`);
      codes.set(code, (codes.get(code) ?? 0) + 1);
    }
    expect(codes.get('key-file-tampered')).toBeGreaterThan(100);
  });

  test('an inserted or deleted byte is refused wherever it stands', async () => {
    const { text } = await make(pair);
    for (let i = 0; i < text.length; i += 7) {
      expect(await openCode(`${text.slice(0, i)} ${text.slice(i)}`)).not.toBe('opened');
      expect(await openCode(text.slice(0, i) + text.slice(i + 1))).not.toBe('opened');
    }
    for (const more of ['\n', ' ', '{}', '\0']) expect(await openCode(text + more)).not.toBe('opened');
  });

  test('a file cut short anywhere is called incomplete', async () => {
    const { text } = await make(pair);
    for (let i = 0; i < text.length - 2; i += 11) {
      expect(codeOf(readPublicKeys(text.slice(0, i)))).toBe('key-file-incomplete');
    }
  });

  test.each([
    [
      'merge conflict markers',
      (t: string) => t.replace('  "mac"', '<<<<<<< HEAD\n  "mac"'),
      'key-file-conflict',
    ],
    ['merge conflict markers of diff3', (t: string) => `||||||| base\n${t}`, 'key-file-conflict'],
    [
      'another version',
      (t: string) => t.replace('"formatVersion": 2', '"formatVersion": 3'),
      'key-file-version',
    ],
    ['another indent', (t: string) => `${JSON.stringify(JSON.parse(t))}\n`, 'key-file-reformatted'],
    ['a repeated key', (t: string) => t.replace('"r": 1,', '"r": 1,\n    "r": 1,'), 'key-file-reformatted'],
    ['an unknown field', (t: string) => t.replace('"mac"', '"extra": 1,\n  "mac"'), 'key-file-shape'],
    ['no JSON at all', () => 'keys {}\n', 'key-file-not-json'],
    ['nothing', () => '', 'key-file-incomplete'],
    ['a list', () => '[]\n', 'key-file-shape'],
    ['a prototype for a gateway', (t: string) => t.replace('"a/1": {', '"__proto__": {'), 'key-file-shape'],
  ])('with %s is refused as what it is', async (_what, change, code) => {
    const text = change((await make(pair)).text);
    expect(codeOf(readPublicKeys(text))).toBe(code);
    expect(await openCode(text)).toBe(code);
  });

  test('with the line ends of Windows is the same file', async () => {
    const { text } = await make(pair);
    const read = await openKeyFile(text.replaceAll('\n', '\r\n'), secret);
    expect(read.ok && read.value.text).toBe(text);
  });

  test("of another network is refused, and so is one whose network's name was changed", async () => {
    const { text } = await make(pair);
    expect(await openCode(text, secret.passphrase, 'other')).toBe('key-file-network');
    expect(codeOf(readPublicKeys(text, 'other'))).toBe('key-file-network');
    expect(await openCode(text.replace('"network": "demo"', '"network": "other"'))).toBe('key-file-secret');
  });

  test.each([
    ['n', 2 ** 21],
    ['n', 2 ** 40],
    ['n', 1025],
    ['n', 512],
    ['n', 0],
    ['r', 100000],
    ['p', 100000],
    ['p', 0],
    ['n', 1.5],
  ])('that asks for scrypt with %s = %d is refused before any memory is taken', async (name, value) => {
    const { text } = await make(pair);
    const changed = text.replace(new RegExp(`"${name}": \\d+`), `"${name}": ${value}`);
    expect(await openCode(changed)).toBe('key-file-shape');
  });

  test('is made with 128 MiB of scrypt unless told otherwise', async () => {
    expect(128 * defaultScryptCost.n * defaultScryptCost.r).toBe(128 * 2 ** 20);
    const { opened } = await createKeyFile('demo', pair, secret, seededRandom('real cost'));
    expect(JSON.parse(opened.text)).toMatchObject({ recipients: [{ n: 131072, r: 8, p: 1 }] });
    expect(await openCode(opened.text)).toBe('opened');
  });
});

describe('one gateway', () => {
  test('opens its own private key and the preshared keys of its own tunnels, and no other', async () => {
    const opened = await make(line);
    const keys = new Map(
      line.gateways.map((id) => {
        const part = sealedPartOf(opened.file, id);
        const own = openAsGateway(part, unsealText(opened, id));
        if (!own.ok) throw new Error(own.problem.message);
        return [id, own.value];
      }),
    );
    expect([...keys.get('a/1')!.presharedKeys.keys()]).toEqual(['tunnel-a-b']);
    expect([...keys.get('b/1')!.presharedKeys.keys()]).toEqual(['tunnel-a-b', 'tunnel-b-c']);
    expect(keys.get('a/1')!.presharedKeys.get('tunnel-a-b')).toBe(
      keys.get('b/1')!.presharedKeys.get('tunnel-a-b'),
    );
    for (const id of line.gateways) {
      for (const other of line.gateways.filter((o) => o !== id)) {
        const part = sealedPartOf(opened.file, id);
        for (const text of [unsealText(opened, other), secretAsOf(opened, other, part.secretVersion)])
          expect(codeOf(openAsGateway(part, text))).toBe('sealed-part-secret');
      }
    }
  });

  test('refuses entries that were swapped between gateways, tunnels or networks', async () => {
    const opened = await make(line);
    const [a, b, c] = line.gateways.map((id) => sealedPartOf(opened.file, id));
    const elsewhere = sealedPartOf((await make(line, 'elsewhere', 'other')).file, 'b/1');
    const [psk, other] = [b.presharedKeys['tunnel-a-b'], b.presharedKeys['tunnel-b-c']];
    const swapped = [
      { ...b, sealedPrivateKey: a.sealedPrivateKey },
      { ...b, sealedPrivateKey: a.sealedPrivateKey, publicKey: a.publicKey },
      { ...b, publicKey: c.publicKey },
      { ...b, presharedKeys: { 'tunnel-a-b': other, 'tunnel-b-c': psk } },
      { ...b, presharedKeys: { ...b.presharedKeys, 'tunnel-a-b': a.presharedKeys['tunnel-a-b'] } },
      { ...b, sealedPrivateKey: psk },
      { ...elsewhere, network: 'demo', secretVersion: b.secretVersion },
    ];
    const secretOfB = unsealText(opened, 'b/1');
    expect(swapped.map((part) => codeOf(openAsGateway(part, secretOfB)))).toEqual(
      swapped.map(() => 'sealed-part-secret'),
    );
  });

  test('swapped entries inside the file are refused on opening it', async () => {
    const { file, text } = await make(line);
    const { 'a/1': a, 'b/1': b } = file.gateways;
    const forged = text
      .replace(JSON.stringify(a.sealedPrivateKey), '"@"')
      .replace(JSON.stringify(b.sealedPrivateKey), JSON.stringify(a.sealedPrivateKey))
      .replace('"@"', JSON.stringify(b.sealedPrivateKey));
    expect(forged).not.toBe(text);
    expect(await openCode(forged)).toBe('key-file-tampered');
  });

  test('reads its sealed part back from JSON and refuses anything else', async () => {
    const part = sealedPartOf((await make(line)).file, 'b/1');
    expect(readSealedPart(JSON.stringify(part))).toEqual({ ok: true, value: part });
    for (const bad of [
      '',
      '{',
      'null',
      JSON.stringify({ ...part, sealedPrivateKey: 'AA==' }),
      JSON.stringify([part]),
    ]) {
      expect(codeOf(readSealedPart(bad))).toBe('sealed-part-shape');
    }
  });
});

describe('changing the keys', () => {
  test('adding a region leaves every other entry byte for byte', async () => {
    const before = await make(pair);
    const after = addMissing(before, line, seededRandom('more'));
    expect(after).toMatchObject({ gateways: ['c/1'], tunnels: ['tunnel-b-c'] });
    const lines = new Set(after.opened.text.split('\n').map((l) => l.replace(/,$/, '')));
    const lost = before.text.split('\n').filter((l) => !lines.has(l.replace(/,$/, '')));
    expect(lost).toEqual([expect.stringContaining('"mac"')]);
    expect(await openCode(after.opened.text)).toBe('opened');
  });

  test('adding nothing changes no byte', async () => {
    const before = await make(line);
    const after = addMissing(before, line, seededRandom('unused'));
    expect(after.opened.text).toBe(before.text);
    expect([...after.gateways, ...after.tunnels]).toEqual([]);
  });

  test('adding then removing gives the first file again', async () => {
    const before = await make(pair);
    const after = removeStale(addMissing(before, line, seededRandom('more')).opened, pair);
    expect(after.opened.text).toBe(before.text);
    expect(after).toMatchObject({ gateways: ['c/1'], tunnels: ['tunnel-b-c'] });
  });

  test('a tunnel that moved to another gateway gets a new preshared key', async () => {
    const before = await make(pair);
    const moved: WantedKeys = {
      gateways: ['a/1', 'a/2', 'b/1'],
      tunnels: [{ id: 'tunnel-a-b', ends: ['a/2', 'b/1'] }],
    };
    const after = addMissing(before, moved, seededRandom('moved'));
    expect(after).toMatchObject({ gateways: ['a/2'], tunnels: ['tunnel-a-b'] });
    expect(sealedPartOf(after.opened.file, 'a/1').presharedKeys).toEqual({});
    expect(sealedPartOf(after.opened.file, 'b/1').presharedKeys).not.toEqual(
      sealedPartOf(before.file, 'b/1').presharedKeys,
    );
  });

  test('misuse throws and names the id', async () => {
    const opened = await make(pair);
    const random = seededRandom('misuse');
    const make2 = (wanted: WantedKeys) => () => addMissing(opened, wanted, random);
    expect(() => unsealText(opened, 'toString')).toThrow("'toString'");
    expect(() => sealedPartOf(opened.file, 'z/9')).toThrow("'z/9'");
    expect(make2({ gateways: ['a'], tunnels: [] })).toThrow("'a' is not a gateway id");
    expect(make2({ gateways: ['a/1', 'a/1'], tunnels: [] })).toThrow('stands twice');
    expect(make2({ gateways: ['a/1'], tunnels: [{ id: 'tunnel-a-b', ends: ['a/1', 'b/1'] }] })).toThrow(
      'tunnel-a-b',
    );
    await expect(createKeyFile('Demo!', pair, secret, random, cost)).rejects.toThrow('network name');
    await expect(createKeyFile('demo', pair, { passphrase: '' }, random, cost)).rejects.toThrow('empty');
  });

  test('no secret shows when the opened file is printed, inspected or written as JSON', async () => {
    const opened = await make(pair);
    const printed = `${inspect(opened, { depth: 9, showHidden: true })}${JSON.stringify(opened)}${String(opened.master)}`;
    const own = openAsGateway(sealedPartOf(opened.file, 'a/1'), unsealText(opened, 'a/1'));
    if (!own.ok) throw new Error(own.problem.message);
    const secrets = [
      ...bareSecrets(opened, 'a/1'),
      own.value.privateKey,
      ...own.value.presharedKeys.values(),
    ];
    for (const text of [...secrets, ...secrets.map((s) => Buffer.from(s, 'base64').toString('hex'))]) {
      expect(printed.includes(text)).toBe(false);
    }
    expect(printed.includes(secret.passphrase)).toBe(false);
  });
});
