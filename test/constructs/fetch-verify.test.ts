import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { installedFetchProgram } from '../../constructs/clouds/aws/user-data';
import { seededRandom } from '../net/seeded-random';
import { skipped } from '../net/skipped';
import { seeded } from '../support/random-seeded';
import { SigningKeys } from '../support/signing-keys';

// The program that judges on a gateway, run as it is written there, but for the folders that it looks into.

const random = seededRandom('fetch-verify');
const keys = SigningKeys.create('net', random);
const rotated = [keys];
for (let i = 0; i < 3; i++) rotated.push(rotated[i].rotated(random));
const stranger = SigningKeys.create('net', random);
const bundle = 'ab'.repeat(32);
const now = Math.floor(Date.now() / 1000);
const wanted = {
  gateway: 'dublin/1',
  bundle,
  generation: 7,
  secretEpoch: 12,
  validity: { notBefore: now - 3600, latest: now + 3600 },
  canary: null,
};
const canary = { gateway: 'virginia/1', bundle: 'cd'.repeat(32), waitSeconds: 600 };
const good = keys.manifest(wanted);

let root: string;
const kept = (name: string) => path.join(root, 'var/lib/dwcp-fetch', name);
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'dwcp-verify-'));
  for (const folder of ['opt/dwcp/current', 'etc/dwcp', 'var/lib/dwcp-fetch', 'm']) {
    mkdirSync(path.join(root, folder), { recursive: true });
  }
  const program = installedFetchProgram.replace(/\/(opt|etc|run)\/dwcp|\/var\/lib\/dwcp-fetch/g, `${root}$&`);
  writeFileSync(path.join(root, 'dwcp-fetch'), program);
  chmodSync(path.join(root, 'dwcp-fetch'), 0o755);
  const source = `AWS_DEFAULT_REGION=eu-west-1\nNETWORK=net\nGATEWAY=dublin/1\nKEY=${keys.first}\n`;
  writeFileSync(path.join(root, 'etc/dwcp/source'), source);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** What the program says of each: `fine`, or why not. */
function verdicts(manifests: readonly (string | Uint8Array)[]): string[] {
  const files = manifests.map((content, i) => {
    const file = path.join(root, 'm', String(i));
    writeFileSync(file, content);
    return file;
  });
  const ran = spawnSync(path.join(root, 'dwcp-fetch'), ['verify', ...files], { encoding: 'utf8' });
  expect(ran.stderr).toBe('');
  const lines = ran.stdout.trimEnd().split('\n');
  expect(lines.length).toBe(files.length);
  const said = lines.map((line, i) => line.slice(files[i].length + 2));
  expect(ran.status).toBe(said.every((verdict) => verdict === 'fine') ? 0 : 1);
  return said;
}
const verdict = (manifest: string | Uint8Array) => verdicts([manifest])[0];

const tools = spawnSync('bash', ['-c', 'type openssl base64 cmp tr grep sed && openssl pkeyutl -help']);
function onLinux(name: string, run: () => void): void {
  test(name, () => (tools.status === 0 ? run() : skipped('no openssl')), 120_000);
}

onLinux('takes what the network signed for this gateway', () => {
  const all = [
    good,
    keys.manifest({ ...wanted, validity: { notBefore: 0, latest: 0 } }),
    keys.manifest({ ...wanted, canary }),
    keys.manifest({ ...wanted, secretEpoch: 0, generation: 2 ** 53 }),
    ...rotated.map((chain) => chain.manifest(wanted)),
  ];
  expect(verdicts(all)).toEqual(all.map(() => 'fine'));
});

onLinux('judges what lies where it is called', () => {
  writeFileSync(path.join(root, 'm', 'here'), good);
  const options = { cwd: path.join(root, 'm'), encoding: 'utf8' } as const;
  const [ran, missing] = ['here', 'nowhere'].map((file) =>
    spawnSync(path.join(root, 'dwcp-fetch'), ['verify', file], options),
  );
  expect([ran.status, ran.stdout]).toEqual([0, 'here: fine\n']);
  expect([missing.status, missing.stdout]).toEqual([1, '']);
  expect(spawnSync(path.join(root, 'dwcp-fetch'), ['install', 'here'], options).status).toBe(2);
});

onLinux('says why it takes nothing else', () => {
  const lines = good.split('\n');
  const at = (name: string, text: string) =>
    lines.map((line) => (line.startsWith(`${name} `) ? text : line)).join('\n');
  const forged = stranger.manifest(wanted);
  const cases: [string | Uint8Array, RegExp][] = [
    [forged, /its first key is not this network's/],
    [forged.replace(stranger.first, keys.first), /its signature is not by key 1/],
    [keys.manifest({ ...wanted, network: 'other' }), /for network other, not net/],
    [keys.manifest({ ...wanted, gateway: 'dublin/2' }), /for gateway dublin\/2, not dublin\/1/],
    [keys.manifest({ ...wanted, validity: { notBefore: 0, latest: now - 60 } }), /^expired at 20\d\d-/],
    [keys.manifest({ ...wanted, validity: { notBefore: now + 600, latest: 0 } }), /^not before 20\d\d-/],
    [at('bundle', `bundle ${'cd'.repeat(32)}`), /signature/],
    [at('generation', 'generation 8'), /signature/],
    [at('latest', 'latest 0'), /signature/],
    [at('generation', 'generation 07'), /malformed/],
    [at('network', 'network net '), /malformed/],
    [good.replace(/\n/g, '\r\n'), /no ASCII/],
    [good.replace('\n', '\0\n'), /no ASCII/],
    [`${good}\0`, /no ASCII/],
    [good.replace('dublin', 'düblin'), /no ASCII/],
    [`${good}\n`, /malformed/],
    [good.trimEnd(), /malformed/],
    [`${good}${good}`, /malformed/],
    [`x\n${good}`, /malformed/],
    [good.replace(/\n/g, '|'), /no ASCII/],
    ['', /malformed/],
    [good.slice(0, 100), /malformed/],
    [good.replace(/signature .*\n/, ''), /malformed/],
    [good.replace('signature ', 'signature AAAA'), /malformed/],
    [`${good}${'# '.repeat(40_000)}\n`, /longer than 64 KiB/],
    [Uint8Array.from(randomBytes(500)), /malformed|no ASCII/],
  ];
  const said = verdicts(cases.map(([manifest]) => manifest));
  cases.forEach(([, why], i) => expect([i, said[i]]).toEqual([i, expect.stringMatching(why)]));
});

onLinux('goes back to no generation, no key and no manifest that another replaced', () => {
  writeFileSync(kept('generation'), '8\n');
  expect(verdict(good)).toMatch(/older: generation 7, and generation 8 was accepted/);
  // What is installed may stay.
  writeFileSync(path.join(root, 'opt/dwcp/current/manifest'), good);
  expect(verdict(good)).toBe('fine');
  writeFileSync(path.join(root, 'opt/dwcp/current/manifest'), 'another');
  writeFileSync(kept('generation'), '7\n');
  expect(verdict(good)).toBe('fine');
  const sum = spawnSync('sha256sum', { input: good, encoding: 'utf8' }).stdout;
  writeFileSync(kept('replaced'), `${'00'.repeat(32)}  -\n${sum}`);
  expect(verdict(good)).toMatch(/another manifest of generation 7 has replaced it/);
  writeFileSync(kept('replaced'), '');
  for (const damaged of ['', 'x\n', '-1 -gt 0\n']) {
    writeFileSync(kept('generation'), damaged);
    const ran = spawnSync(path.join(root, 'dwcp-fetch'), ['verify', path.join(root, 'm/0')]);
    expect([damaged, ran.status]).toEqual([damaged, 1]);
  }
});

onLinux('follows the chain from the key that it accepted last, over any number of rotations', () => {
  const all = rotated.map((chain) => chain.manifest(wanted));
  const forgedEnd = rotated[1].rotated(random, stranger);
  const skipping = good.replace(/^key 1 .*\n/m, (first) => {
    const third = rotated[2].chain[2];
    return `${first}key 3 ${third.publicKey} ${third.endorsement}\n`;
  });
  for (let at = 1; at <= 4; at++) {
    writeFileSync(kept('key'), `${at} ${rotated[3].chain[at - 1].publicKey}\n`);
    expect(verdicts(all)).toEqual(
      all.map((_, i) =>
        i + 1 >= at ? 'fine' : `it is signed by key ${i + 1}, which key ${at} has replaced`,
      ),
    );
    const [forged, skipped] = verdicts([forgedEnd.manifest(wanted), skipping]);
    expect(forged).toMatch(at <= 2 ? /key 3 is not signed by key 2/ : /key 3 is not the one|signed by key 3/);
    expect(skipped).toBe('its keys are out of order');
  }
  // A chain that is whole in itself and leaves the accepted one behind.
  writeFileSync(kept('key'), `2 ${rotated[1].chain[1].publicKey}\n`);
  const otherWay = keys.rotated(random).rotated(random);
  expect(verdict(otherWay.manifest(wanted))).toBe('key 2 is not the one that was accepted');
  for (const damaged of ['', '\n', 'x y\n', `0 ${stranger.first}\n`, `-1 ${stranger.first}\n`]) {
    writeFileSync(kept('key'), damaged);
    const file = path.join(root, 'm/0');
    writeFileSync(file, stranger.manifest(wanted));
    expect(spawnSync(path.join(root, 'dwcp-fetch'), ['verify', file]).status).toBe(1);
  }
});

onLinux('a thousand mutations of signed manifests: none is taken', () => {
  const seed = Number(process.env.SEED ?? 17);
  const drawn = seeded(seed);
  const whole = (below: number) => drawn.whole(0, below - 1);
  const sources = [good, keys.manifest({ ...wanted, canary }), rotated[3].manifest(wanted)];
  const mutate = (text: string): string | Uint8Array => {
    const lines = text.split('\n').slice(0, -1);
    const [i, j] = [whole(lines.length), whole(lines.length)];
    const end = (all: string[]) => `${all.join('\n')}\n`;
    switch (whole(8)) {
      case 0: {
        const bytes = Uint8Array.from(Buffer.from(text));
        bytes[whole(bytes.length)] ^= 1 << whole(8);
        return bytes;
      }
      case 1:
        return end(lines.map((line, k) => (k === i ? lines[j] : k === j ? lines[i] : line)));
      case 2:
        return end(lines.filter((_, k) => k !== i));
      case 3:
        return end(lines.flatMap((line, k) => (k === i ? [line, line] : [line])));
      case 4:
        return `${text}${lines[i]}\n`;
      case 5: {
        const at = whole(text.length);
        return text.slice(0, at) + text.slice(at + 1 + whole(5));
      }
      case 6: {
        const at = whole(text.length);
        return text.slice(0, at) + String.fromCharCode(whole(128)) + text.slice(at);
      }
      default: {
        const other = sources[whole(sources.length)].split('\n').slice(0, -1);
        return end(lines.map((line, k) => (k === i ? other[whole(other.length)] : line)));
      }
    }
  };
  const mutated: (string | Uint8Array)[] = [];
  while (mutated.length < 1000) {
    const made = mutate(sources[whole(sources.length)]);
    if (!sources.some((source) => Buffer.from(source).equals(Buffer.from(made)))) mutated.push(made);
  }
  const said = verdicts([...mutated, ...sources]);
  const taken = mutated.filter((_, i) => said[i] === 'fine' || said[i] === '');
  expect({ seed, taken }).toEqual({ seed, taken: [] });
  expect(said.slice(1000)).toEqual(['fine', 'fine', 'fine']);
});

test('the tests run the program that user data write', () => {
  expect(readFileSync(path.join(root, 'dwcp-fetch'), 'utf8')).toContain('openssl pkeyutl -verify -rawin');
  expect(existsSync(kept('key'))).toBe(false);
});
