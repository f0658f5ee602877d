import { once } from 'node:events';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import {
  createKeyFile,
  openAsGateway,
  openKeyFile,
  sealedPartOf,
  signTexts,
  unsealText,
  type OpenedKeyFile,
} from '../../lib/net/keys';
import { bareSecrets, secretAsOf } from '../net/bare-secrets';
import { seededRandom } from '../net/seeded-random';
import { keysProgram, start } from './keys-process';
import { line, runKeys, type Surroundings } from './run-keys';

// Fixtures, not secrets of anything.
const leaked = 'fixture: correct horse battery';
const fresh = 'fixture: another passphrase';
const ageFixture = resolve(__dirname, '../net/age/identity.txt');
const recipient = 'age1fu2trutckdjr49fm0e7d44k5s86hrdjd766cql6vrtxky0m82fmse4axrw';

let folder: string;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'reseal-'));
  await keys(['init', 'n.yaml'], { env: { DWCP_PASSPHRASE: leaked }, wanted: line });
});
afterEach(() => rmSync(folder, { recursive: true }));

const keys = (args: readonly string[], around: Surroundings = {}) => runKeys(folder, args, around);
const text = () => readFileSync(join(folder, 'demo.keys.json'), 'utf8');
const environment = { DWCP_PASSPHRASE: leaked, DWCP_NEW_PASSPHRASE: fresh };

async function openWith(passphrase: string, of = text()): Promise<OpenedKeyFile> {
  const read = await openKeyFile(of, { passphrase }, 'demo');
  if (!read.ok) throw new Error(read.problem.message);
  return read.value;
}

describe('dwcp keys reseal after a passphrase has leaked', () => {
  test('the old passphrase opens nothing any more, the new one everything', async () => {
    const before = await openWith(leaked);
    const run = await keys(['reseal', 'demo.keys.json'], { env: environment });
    expect(run).toMatchObject({
      code: 0,
      stdout: 'sealed anew for a passphrase or key file: demo.keys.json\n',
      stderr:
        '3 gateways have new unsealing secrets: plan and deploy\n' +
        'whoever had the file and its secret of before knows the keys in it: ' +
        "'dwcp keys rotate demo.keys.json --all' and 'dwcp keys rotate demo.keys.json --signing' replace them\n",
    });
    expect(readdirSync(folder)).toEqual(['demo.keys.json']);

    expect(await openKeyFile(text(), { passphrase: leaked })).toMatchObject({
      problem: { code: 'key-file-secret' },
    });
    const after = await openWith(fresh);
    const unchanged = ({ file }: OpenedKeyFile) => Object.values(file.gateways).map((g) => g.publicKey);
    expect(unchanged(after)).toEqual(unchanged(before));
    expect(signTexts(after, ['a'])).toEqual(signTexts(before, ['a']));
    // Whoever opened the old file derived these; they open no part of the new one.
    for (const id of line.gateways) {
      const part = sealedPartOf(after.file, id);
      expect(openAsGateway(part, unsealText(after, id)).ok).toBe(true);
      expect(openAsGateway(part, secretAsOf(before, id, part.secretVersion)).ok).toBe(false);
      // A gateway that has the bundle of before still opens that.
      expect(openAsGateway(sealedPartOf(before.file, id), unsealText(after, id)).ok).toBe(true);
      expect(bareSecrets(after, id)).toEqual([expect.any(String), bareSecrets(before, id)[0]]);
    }
    for (const [field, was] of Object.entries(JSON.parse(before.text) as Record<string, unknown>)) {
      if (['formatVersion', 'network'].includes(field)) continue;
      expect(JSON.stringify((JSON.parse(text()) as Record<string, unknown>)[field])).not.toBe(
        JSON.stringify(was),
      );
    }
  });

  test('no entry of the old file can be put back', async () => {
    const before = JSON.parse(text()) as Record<string, unknown>;
    await keys(['reseal', 'demo.keys.json'], { env: environment });
    const after = JSON.parse(text()) as Record<string, unknown>;
    for (const field of Object.keys(before)) {
      if (['formatVersion', 'network'].includes(field)) continue;
      const mixed = `${JSON.stringify({ ...after, [field]: before[field] }, null, 2)}\n`;
      for (const passphrase of [leaked, fresh])
        expect((await openKeyFile(mixed, { passphrase })).ok).toBe(false);
    }
  });

  test('keys rotate and exec go on, and a rotation that had begun is kept', async () => {
    await keys(['rotate', 'demo.keys.json', 'a/1'], { env: { DWCP_PASSPHRASE: leaked } });
    const next = (await openWith(leaked)).file.gateways['a/1'].next!.publicKey;
    await keys(['reseal', 'demo.keys.json'], { env: environment });
    const ended = await keys(['rotate', 'demo.keys.json', '--finish'], { env: { DWCP_PASSPHRASE: fresh } });
    expect(ended.code).toBe(0);
    const opened = await openWith(fresh);
    expect(opened.file.gateways['a/1'].publicKey).toBe(next);
    expect(openAsGateway(sealedPartOf(opened.file, 'a/1'), unsealText(opened, 'a/1')).ok).toBe(true);
  });

  test('a file of format 1 is sealed anew too', async () => {
    cpSync(resolve(__dirname, '../net/format-1.keys.json'), join(folder, 'old.keys.json'));
    const env = { DWCP_PASSPHRASE: 'test fixture passphrase', DWCP_NEW_PASSPHRASE: fresh };
    expect((await keys(['reseal', 'old.keys.json'], { env })).code).toBe(0);
    const after = readFileSync(join(folder, 'old.keys.json'), 'utf8');
    expect((await openWith(fresh, after)).file.formatVersion).toBe(2);
    expect((await openKeyFile(after, { passphrase: env.DWCP_PASSPHRASE })).ok).toBe(false);
  });

  test('killed at any moment leaves the file of before or the new one, whole', async () => {
    const before = text();
    const file = join(folder, 'demo.keys.json');
    const run = async (delay?: number) => {
      const began = Date.now();
      const child = start(keysProgram(folder), ['reseal', 'demo.keys.json'], folder, environment);
      const timer = delay === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), delay);
      await once(child, 'close');
      clearTimeout(timer);
      return Date.now() - began;
    };
    const whole = await run();
    await openWith(fresh);
    for (let round = 0; round < 8; round++) {
      writeFileSync(file, before);
      // The last third of its life: there it opens, seals and writes.
      await run(whole * (0.65 + 0.05 * round));
      const opened = await Promise.all(
        [leaked, fresh].map(async (passphrase) => (await openKeyFile(text(), { passphrase })).ok),
      );
      expect(opened.filter((ok) => ok)).toHaveLength(1);
      expect(opened[0]).toBe(text() === before);
    }
    // What a killed process left behind does not stop the next.
    writeFileSync(file, before);
    await run();
    await openWith(fresh);
  }, 120_000);

  test('asks for the new passphrase twice, and for the old one where it is not at hand', async () => {
    const typed = `${leaked}\r${fresh}\r${fresh}\r`;
    const run = await keys(['reseal', 'demo.keys.json'], { typed });
    expect(run.stderr).toContain('Passphrase: \nNew passphrase: \nAgain: \n');
    expect(run.code).toBe(0);
    await openWith(fresh);
  });

  test.each([
    ['the old passphrase again', [], { DWCP_NEW_PASSPHRASE: leaked }, 1, 'the new passphrase is the old one'],
    ['a wrong passphrase', [], { ...environment, DWCP_PASSPHRASE: fresh }, 1, 'error[key-file-secret]'],
    ['no new secret and no terminal', [], {}, 1, 'no terminal to ask on'],
    ['a weak passphrase', [], { DWCP_NEW_PASSPHRASE: 'passwordpassword' }, 1, 'is made of a repetition'],
    [
      'two new secrets',
      ['--new-passphrase', '--new-key-file', 'x'],
      {},
      2,
      'give one of --new-passphrase and',
    ],
    ['no recipient', ['--recipient', 'somebody'], {}, 2, "'somebody' is neither an age recipient"],
    ['an identity', ['--recipient', `AGE-SECRET-KEY-1${'Q'.repeat(58)}`], {}, 2, 'which is a secret'],
    ['a recipient twice', ['--recipient', recipient, '--recipient', recipient], {}, 1, 'stands twice'],
  ])('with %s leaves the file as it is', async (_what, args, env, code, message) => {
    const before = text();
    const run = await keys(['reseal', 'demo.keys.json', ...args], {
      env: { DWCP_PASSPHRASE: leaked, ...env },
    });
    expect(run.stderr).toContain(message);
    expect(run).toMatchObject({ code, stdout: '' });
    expect(text()).toBe(before);
    expect(run.stderr).not.toContain('QQQQ');
  });
});

describe('recipients of dwcp keys', () => {
  test('an age identity opens what was sealed for its recipient, by option or environment', async () => {
    const sealed = await keys(['reseal', 'demo.keys.json', '--recipient', recipient], {
      env: { DWCP_PASSPHRASE: leaked },
    });
    expect(sealed.stdout).toBe(`sealed anew for ${recipient}: demo.keys.json\n`);
    const shown = await keys(['show', 'demo.keys.json', '--identity', ageFixture]);
    expect(shown.stdout).toContain('demo: verified');
    expect(shown.stdout).toContain(`\nsealed for ${recipient}\n`);
    const rotated = await keys(['rotate', 'demo.keys.json', '--all'], {
      env: { DWCP_IDENTITY_FILE: ageFixture },
    });
    expect(rotated.code).toBe(0);
    const refused = await keys(['rotate', 'demo.keys.json', '--all'], { env: { DWCP_PASSPHRASE: leaked } });
    expect(refused.stderr).toContain(`next: they are sealed for ${recipient}`);
    const none = await keys(['rotate', 'demo.keys.json', '--all']);
    expect(none.stderr).toContain('next: name the file of one with --identity or DWCP_IDENTITY_FILE');
  });

  test('keys are made for recipients, with a passphrase or without', async () => {
    const made = await keys(['init', 'n.yaml', '--out', 'a.json', '--recipient', recipient]);
    expect(made.code).toBe(0);
    expect((await keys(['show', 'a.json', '--identity', ageFixture])).stdout).toContain('demo: verified');
    const both = await keys(['init', 'n.yaml', '--out', 'b.json', '--recipient', recipient], {
      env: { DWCP_PASSPHRASE: fresh },
    });
    expect(both.code).toBe(0);
    const ways: Surroundings['env'][] = [{ DWCP_PASSPHRASE: fresh }, { DWCP_IDENTITY_FILE: ageFixture }];
    for (const env of ways)
      expect((await keys(['show', 'b.json'], { env })).stdout).toContain('demo: verified');
    const again = await keys(['init', 'n.yaml', '--out', 'b.json', '--recipient', recipient]);
    expect(again).toMatchObject({ code: 2, stdout: '' });
    expect(again.stderr).toContain("next: give it to 'dwcp keys reseal b.json' with all the others");
  });

  test('keys are made for a recipient though an identity is at hand, and never for an identity alone', async () => {
    const env = { DWCP_IDENTITY_FILE: ageFixture };
    const made = await keys(['init', 'n.yaml', '--out', 'a.json', '--recipient', recipient], { env });
    expect(made.code).toBe(0);
    expect((await keys(['show', 'a.json'], { env })).stdout).toContain('demo: verified');
    const alone = await keys(['init', 'n.yaml', '--out', 'b.json'], { env });
    expect(alone).toMatchObject({ code: 2, stdout: '' });
    expect(alone.stderr).toContain('next: name for whom to make them with --recipient');
  });

  test.each([
    ['no identity', '# nothing\n', 'holds no age identity'],
    ['another line', '# a\nssh-ed25519 AAAA\n', 'line 2 of other is not an age identity'],
  ])('a file with %s is refused', async (_what, content, message) => {
    writeFileSync(join(folder, 'other'), content);
    const run = await keys(['rotate', 'demo.keys.json', '--all', '--identity', 'other']);
    expect(run.code).toBe(1);
    expect(run.stderr).toContain(message);
  });
});

describe('the strength of a new secret', () => {
  const make = (args: readonly string[], env = {}) =>
    keys(['init', 'n.yaml', '--out', 'new.json', ...args], { env });

  test.each([
    ['passwordpassword', 'a repetition'],
    ['qwertyuiop1234', 'a common password'],
    ['abcdefghijklmnop', 'a sequence'],
    ['Summer2026!Summer', 'a common password'],
    ['demo-demo-demo-demo', 'repetition'],
    ['network password 1', 'a common password'],
  ])('the passphrase %s is refused with the reason, which does not repeat it', async (passphrase, reason) => {
    const run = await make([], { DWCP_PASSPHRASE: passphrase });
    expect(run.code).toBe(1);
    expect(run.stderr).toMatch(
      /^error: the passphrase is weak: about 10\^\d+ guesses find it, 10\^12 should be needed; /,
    );
    expect(run.stderr).toContain(reason);
    expect(run.stderr).not.toContain(passphrase);
    expect(readdirSync(folder)).toEqual(['demo.keys.json']);
  });

  const random = seededRandom('strength');
  const description =
    'network: net\nregions:\n  virginia: { place: us-east-1 }\n  dublin: { place: eu-west-1 }\n';
  test.each([
    ['32 bytes of zero', Buffer.alloc(32), 'it is the byte 0 over and over'],
    ['few different bytes', Buffer.concat([random(8), Buffer.alloc(40)]), 'different bytes are in it'],
    ['bytes that count', Buffer.from(Array.from({ length: 64 }, (_, i) => i)), 'its bytes follow a rule'],
    [
      'a repetition',
      Buffer.concat([0, 1, 2, 3].map(() => Buffer.from('9f1e7a60c3b58d24'.repeat(2), 'hex'))),
      'different bytes',
    ],
    ['the description', Buffer.from(description), 'it is text that others may know'],
    [
      'an encoded description',
      Buffer.from(Buffer.from(description).toString('base64')),
      'it is text, encoded',
    ],
    ['an age identity', readFileSync(ageFixture), 'it holds an age identity'],
    [
      'hex of too few bytes',
      Buffer.from('9f1e7a60c3b58d24'.repeat(2)),
      'it stands for 16 bytes, 32 are needed',
    ],
    ['hex of zeros', Buffer.from('00'.repeat(32)), 'it is the byte 0 over and over'],
    ['a sentence', Buffer.from('The quick brown fox jumps over the lazy dog and the dog'), 'it is text'],
    ['a picture', Buffer.concat([Buffer.from('\u0089PNG\r\n', 'latin1'), random(64)]), 'it is a file of PNG'],
  ])('a key file of %s is refused with the reason', async (_what, bytes, reason) => {
    writeFileSync(join(folder, 'key'), bytes);
    const run = await make(['--key-file', 'key']);
    expect(run.code).toBe(1);
    expect(run.stderr).toContain(`error: key is not a secret to seal keys with: `);
    expect(run.stderr).toContain(reason);
  });

  test('an age identity as key file is told where it belongs', async () => {
    const run = await make(['--key-file', ageFixture]);
    expect(run.stderr).toContain(
      "next: seal for it with --recipient and what 'age-keygen -y' prints, and open with --identity",
    );
  });

  test('random bytes pass, raw, in hex and in base64, in lines as well', async () => {
    const bytes = random(48);
    const base64 = Buffer.from(bytes).toString('base64');
    const shapes = [
      bytes,
      Buffer.from(bytes).toString('hex'),
      `${base64}\n`,
      base64.replace(/(.{24})/g, '$1\n'),
    ];
    for (const [i, shape] of shapes.entries()) {
      writeFileSync(join(folder, 'key'), shape);
      const run = await keys(['init', 'n.yaml', '--out', `new-${i}.json`, '--key-file', 'key']);
      expect(run.stderr).toBe('');
      expect((await keys(['show', `new-${i}.json`, '--key-file', 'key'])).stdout).toContain('demo: verified');
    }
  });

  test('is not asked of what opens an existing file', async () => {
    const cost = { n: 1024, r: 1, p: 1 };
    const weak = { keyFile: new Uint8Array(32) };
    const { opened } = await createKeyFile('demo', line, weak, seededRandom('weak'), cost);
    writeFileSync(join(folder, 'weak.json'), opened.text);
    writeFileSync(join(folder, 'zeros'), weak.keyFile);
    const run = await keys(['rotate', 'weak.json', '--all', '--key-file', 'zeros']);
    expect(run).toMatchObject({ code: 0 });
  });
});
