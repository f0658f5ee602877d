import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { keysCommand } from '../../lib/cli/keys-command';
import {
  unsealText,
  openAsGateway,
  openKeyFile,
  sealedPartOf,
  signingChain,
  type OpenedKeyFile,
} from '../../lib/net/keys';
import { keysProgram, start } from './keys-process';
import { line, pair, runKeys, type Run, type Surroundings } from './run-keys';
import { bareSecrets } from '../net/bare-secrets';
import { seededRandom } from '../net/seeded-random';
import { skipped } from '../net/skipped';

// Fixtures, not secrets of anything.
const passphrase = 'fixture: correct horse battery';
const wrong = 'fixture: another passphrase';
let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'keys-'))));
afterEach(() => rmSync(folder, { recursive: true }));

const keys = (args: readonly string[], around: Surroundings = {}, make?: Parameters<typeof runKeys>[3]) =>
  runKeys(folder, args, around, make);

const withPassphrase = { env: { DWCP_PASSPHRASE: passphrase } };

function path(name = 'demo.keys.json'): string {
  return join(folder, name);
}

function text(): string {
  return readFileSync(path(), 'utf8');
}

async function opened(): Promise<OpenedKeyFile> {
  const result = await openKeyFile(text(), { passphrase });
  if (!result.ok) throw new Error(result.problem.message);
  return result.value;
}

/** Every secret that the key file stands for, as it could show: base64, hex, raw. */
function secretsOf(file: OpenedKeyFile): string[] {
  const base64 = Object.keys(file.file.gateways).flatMap((id) => {
    const own = openAsGateway(sealedPartOf(file.file, id), unsealText(file, id));
    if (!own.ok) throw new Error(own.problem.message);
    const { privateKey, presharedKeys, nextPrivateKey, nextPresharedKeys } = own.value;
    const next = [...(nextPrivateKey === undefined ? [] : [nextPrivateKey]), ...nextPresharedKeys.values()];
    return [...bareSecrets(file, id), privateKey, ...presharedKeys.values(), ...next];
  });
  const bytes = base64.map((key) => Buffer.from(key, 'base64'));
  const shapes = bytes.flatMap((b) => [
    b.toString('hex'),
    b.toString('latin1'),
    b.toString('base64url'),
    b.toString('utf8'),
  ]);
  return [...base64, ...shapes, passphrase, wrong];
}

describe('dwcp keys init', () => {
  test('makes every key, says how many and where, and the file opens', async () => {
    const run = await keys(['init', 'network.yaml'], withPassphrase);
    expect(run).toEqual({
      code: 0,
      stderr: '',
      stdout: 'made 2 key pairs, 1 preshared key and the signing key, kept 0: demo.keys.json\n',
    });
    expect(Object.keys((await opened()).file.gateways)).toEqual(['a/1', 'b/1']);
    expect(statSync(path()).mode & 0o777).toBe(0o644);
    expect(readdirSync(folder)).toEqual(['demo.keys.json']);
  });

  test('stretches the passphrase with 128 MiB where nothing else is said', async () => {
    const run = await keys(['init', 'network.yaml'], withPassphrase, keysCommand);
    expect(run.code).toBe(0);
    expect(JSON.parse(text())).toMatchObject({ recipients: [{ n: 131072, r: 8, p: 1 }] });
  });

  test('run again keeps every byte', async () => {
    await keys(['init', 'network.yaml'], withPassphrase);
    const [before, inode] = [text(), statSync(path()).ino];
    const run = await keys(['init', 'network.yaml'], withPassphrase);
    expect(run.stdout).toBe('made 0 key pairs and 0 preshared keys, kept 4: demo.keys.json\n');
    expect([text(), statSync(path()).ino]).toEqual([before, inode]);
  });

  test('adds what is missing and keeps what is there', async () => {
    await keys(['init', 'network.yaml'], withPassphrase);
    const before = (await opened()).file.gateways;
    const run = await keys(['init', 'network.yaml'], { ...withPassphrase, wanted: line });
    expect(run.stdout).toBe('made 1 key pair and 1 preshared key, kept 4: demo.keys.json\n');
    expect((await opened()).file.gateways).toMatchObject(before);
  });

  test('names stale keys, and drops them when told to', async () => {
    await keys(['init', 'network.yaml'], { ...withPassphrase, wanted: line });
    const told = await keys(['init', 'network.yaml'], withPassphrase);
    expect(told.stderr).toContain('c/1, tunnel-b-c');
    const dropped = await keys(['init', 'network.yaml', '--remove-stale'], withPassphrase);
    expect(dropped).toMatchObject({ code: 0, stderr: '' });
    expect(dropped.stdout).toContain('removed 2');
    expect(Object.keys((await opened()).file.gateways)).toEqual(['a/1', 'b/1']);
  });

  test('writes where --out says, else beside the description', async () => {
    await keys(['init', 'network.yaml', '--out', 'other.json'], withPassphrase);
    expect(existsSync(path('other.json'))).toBe(true);
    expect(existsSync(path())).toBe(false);
  });

  test('takes the passphrase from a file without its line end, and a key file of raw bytes', async () => {
    writeFileSync(path('secret'), `${passphrase}\r\n`);
    expect((await keys(['init', 'n.yaml', '--passphrase-file', 'secret'])).code).toBe(0);
    expect((await keys(['show', path()], withPassphrase)).stdout).toContain('demo: verified');
    writeFileSync(path('raw'), seededRandom('key file')(32));
    expect((await keys(['init', 'n.yaml', '--key-file', 'raw', '--out', 'raw.json'])).code).toBe(0);
    expect((await keys(['show', 'raw.json'], { env: { DWCP_KEY_FILE: 'raw' } })).stdout).toContain(
      'demo: verified',
    );
  });

  test('asks twice on a terminal and hides what is typed', async () => {
    const run = await keys(['init', 'n.yaml'], { typed: `${passphrase}x\u007f\r${passphrase}\r` });
    expect(run).toMatchObject({ code: 0, stderr: 'New passphrase: \nAgain: \n' });
    expect((await opened()).file.network).toBe('demo');
  });

  test.each([
    ['two passphrases that differ', { typed: `${passphrase}\r${wrong}\r` }, 1, 'the two passphrases differ'],
    ['a short passphrase', { typed: 'elevenchars\r' }, 1, 'fewer than 12 characters'],
    ['an empty passphrase', { typed: '\r' }, 1, 'fewer than 12 characters'],
    [
      'a short passphrase in the environment',
      { env: { DWCP_PASSPHRASE: 'elevenchars' } },
      1,
      'fewer than 12',
    ],
    ['no passphrase and no terminal', {}, 1, 'no terminal to ask on'],
    ['Ctrl-C', { typed: 'half\u0003' }, 1, 'cancelled'],
    ['Ctrl-D', { typed: '\u0004' }, 1, 'cancelled'],
    ['two sources', { env: { DWCP_PASSPHRASE: passphrase, DWCP_KEY_FILE: 'k' } }, 2, 'set one of'],
  ])('with %s makes no file', async (_what, around: Surroundings, code, message) => {
    const run = await keys(['init', 'n.yaml'], around);
    expect(run.code).toBe(code);
    expect(run.stderr).toContain(message);
    expect(readdirSync(folder)).toEqual([]);
  });

  test.each([
    ['a missing secret file', ['--passphrase-file', 'nowhere'], 1, 'cannot read nowhere: ENOENT'],
    ['an empty secret file', ['--passphrase-file', 'empty'], 1, 'empty is empty'],
    ['bytes for a passphrase', ['--passphrase-file', 'bytes'], 1, 'not UTF-8'],
    ['a short key file', ['--key-file', 'bytes'], 1, 'holds 4 bytes, 32 are needed'],
    ['an endless key file', ['--key-file', '/dev/zero'], 1, 'holds more than'],
    ['both options', ['--key-file', 'bytes', '--passphrase-file', 'bytes'], 2, 'give one of'],
    ['a passphrase as argument', ['--passphrase', passphrase], 2, 'unknown option'],
  ])('refuses %s', async (_what, args, code, message) => {
    writeFileSync(path('empty'), '\n');
    writeFileSync(path('bytes'), Buffer.from([0xff, 0xfe, 0xff, 0xfe]));
    const run = await keys(['init', 'n.yaml', ...args]);
    expect(run.code).toBe(code);
    expect(run.stderr).toContain(message);
    expect(existsSync(path())).toBe(false);
  });

  test('with a wrong passphrase, another network or conflict markers leaves the file as it is', async () => {
    await keys(['init', 'n.yaml'], withPassphrase);
    const before = text();
    const refused = await keys(['init', 'n.yaml'], { env: { DWCP_PASSPHRASE: wrong }, wanted: line });
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toContain('error[key-file-secret] demo.keys.json: the passphrase does not open');
    const other = { ...withPassphrase, wanted: { ...pair, network: 'other' } };
    const elsewhere = await keys(['init', 'n.yaml', '--out', 'demo.keys.json'], other);
    expect(elsewhere.stderr).toContain("belongs to network 'demo', not to 'other'");
    expect(text()).toBe(before);
    writeFileSync(path(), `<<<<<<< HEAD\n${before}`);
    expect((await keys(['init', 'n.yaml'], withPassphrase)).stderr).toContain('merge conflict markers');
  });
});

describe('dwcp keys show', () => {
  beforeEach(() => keys(['init', 'n.yaml'], withPassphrase));

  test('prints ids and public keys, and that it was not verified without a secret', async () => {
    const { file } = await opened();
    expect((await keys(['show', 'demo.keys.json'])).stdout).toBe(
      [
        'demo: not verified: no secret given',
        `a/1  ${file.gateways['a/1'].publicKey}`,
        `b/1  ${file.gateways['b/1'].publicKey}`,
        'tunnel-a-b  (preshared)',
        'sealed for a passphrase or key file',
        `signing key 1  ${signingChain(file)[0].publicKey}`,
        '',
      ].join('\n'),
    );
  });

  test('verifies with a secret, as JSON too', async () => {
    const run = await keys(['show', 'demo.keys.json', '--json'], withPassphrase);
    const printed: unknown = JSON.parse(run.stdout);
    expect(printed).toMatchObject({ network: 'demo', verified: true, presharedKeys: ['tunnel-a-b'] });
  });

  test('ends with 1 for a wrong passphrase, a changed file and none', async () => {
    const refused = await keys(['show', 'demo.keys.json', '--json'], { env: { DWCP_PASSPHRASE: wrong } });
    expect(refused.code).toBe(1);
    expect(JSON.parse(refused.stdout)).toMatchObject({ verified: false });
    const { file } = await opened();
    const { 'a/1': a, 'b/1': b } = file.gateways;
    const swapped = text()
      .replace(a.publicKey, '@')
      .replace(b.publicKey, a.publicKey)
      .replace('@', b.publicKey);
    writeFileSync(path(), swapped);
    const changed = await keys(['show', 'demo.keys.json'], withPassphrase);
    expect(changed).toMatchObject({ code: 1 });
    expect(changed.stdout).toContain('demo: NOT verified');
    expect(changed.stderr).toContain('error[key-file-tampered]');
    expect((await keys(['show', 'nowhere.json'])).stderr).toContain("next: make it with 'dwcp keys init'");
  });
});

describe('dwcp keys rotate', () => {
  beforeEach(() => keys(['init', 'n.yaml'], { ...withPassphrase, wanted: line }));

  test('makes next keys, and takes them into use when told that every gateway has them', async () => {
    const before = (await opened()).file;
    const begun = await keys(['rotate', 'demo.keys.json', 'a/1'], withPassphrase);
    expect(begun.stdout).toBe('made 1 next key pair and 1 next preshared key: demo.keys.json\n');
    expect(begun.stderr).toContain("'dwcp keys rotate demo.keys.json --finish'");
    const { gateways } = (await opened()).file;
    expect(gateways['a/1'].publicKey).toBe(before.gateways['a/1'].publicKey);
    const next = gateways['a/1'].next!.publicKey;
    const shown = (await keys(['show', 'demo.keys.json'])).stdout;
    expect(shown).toContain(`\na/1  ${gateways['a/1'].publicKey}\na/1  ${next}  (next)\nb/1  `);
    expect(shown).toContain('\ntunnel-a-b  (preshared, and next)\ntunnel-b-c  (preshared)\n');
    const ended = await keys(['rotate', 'demo.keys.json', '--finish'], withPassphrase);
    expect(ended.stdout).toBe('took 1 next key pair and 1 next preshared key into use: demo.keys.json\n');
    expect((await opened()).file.gateways['a/1'].publicKey).toBe(next);
    const again = await keys(['rotate', 'demo.keys.json', '--finish'], withPassphrase);
    expect(again).toMatchObject({ code: 1, stdout: '' });
    expect(again.stderr).toContain('no rotation has begun in demo.keys.json');
  });

  test('says which tunnels a rotation cuts, because no gateway of theirs rotates', async () => {
    const alone = await keys(['rotate', 'demo.keys.json', 'tunnel-b-c', 'a/1'], withPassphrase);
    expect(alone.stdout).toBe('made 1 next key pair and 2 next preshared keys: demo.keys.json\n');
    expect(alone.stderr).toMatch(
      /^tunnel-b-c: carries nothing after --finish until both ends have fetched; /,
    );
    const all = await keys(['rotate', 'demo.keys.json', '--all'], withPassphrase);
    expect(all.stderr).toMatch(/^the keys in use stay; /);
  });

  test('makes a signing key that the one before endorses', async () => {
    const before = signingChain((await opened()).file);
    const run = await keys(['rotate', 'demo.keys.json', '--signing'], withPassphrase);
    expect(run.stdout).toBe('made signing key 2: demo.keys.json\n');
    const chain = signingChain((await opened()).file);
    expect(chain).toEqual([before[0], { publicKey: expect.any(String), endorsement: expect.any(String) }]);
    const shown = (await keys(['show', 'demo.keys.json'])).stdout;
    expect(shown).toContain(`signing key 1  ${chain[0].publicKey}\nsigning key 2  ${chain[1].publicKey}\n`);
  });

  test('replaces the named gateway and its tunnels at once and leaves the rest', async () => {
    const before = (await opened()).file;
    const run = await keys(['rotate', 'demo.keys.json', '--now', 'a/1'], withPassphrase);
    expect(run.stdout).toBe('replaced 1 key pair and 1 preshared key: demo.keys.json\n');
    const after = (await opened()).file;
    expect(after.gateways['a/1'].publicKey).not.toBe(before.gateways['a/1'].publicKey);
    expect(after.gateways['b/1']).toEqual(before.gateways['b/1']);
    expect(after.presharedKeys['tunnel-b-c']).toEqual(before.presharedKeys['tunnel-b-c']);
  });

  test('replaces everything with --all', async () => {
    const run = await keys(['rotate', 'demo.keys.json', '--all', '--now'], withPassphrase);
    expect(run.stdout).toContain('replaced 3 key pairs and 2 preshared keys');
  });

  test.each([
    ['no id', [], 2, 'name ids, or give one of'],
    ['ids and --all', ['a/1', '--all'], 2, 'name ids, or give one of'],
    ['ids and --finish', ['a/1', '--finish'], 2, 'name ids, or give one of'],
    ['--signing at once', ['--signing', '--now'], 2, '--now goes with ids or --all'],
    ['an unknown id', ['tunel-a-b'], 1, "did you mean 'tunnel-a-b'?"],
  ])('refuses %s', async (_what, args, code, message) => {
    const before = text();
    const run = await keys(['rotate', 'demo.keys.json', ...args], withPassphrase);
    expect(run.code).toBe(code);
    expect(run.stderr).toContain(message);
    expect(text()).toBe(before);
  });
});

describe('dwcp keys exec', () => {
  beforeEach(() => keys(['init', 'n.yaml'], withPassphrase));
  const print = ['--', process.execPath, '-e'];

  test('hands the unsealing secrets to the command in its environment alone', async () => {
    const script =
      'process.stdout.write(process.env.TF_VAR_dwcp_unseal_secrets + String(process.env.DWCP_PASSPHRASE))';
    const run = await keys(['exec', 'demo.keys.json', ...print, script], withPassphrase);
    const file = await opened();
    const secrets = { 'a/1': unsealText(file, 'a/1'), 'b/1': unsealText(file, 'b/1') };
    expect(run.stdout).toBe(`${JSON.stringify(secrets)}undefined`);
    expect(process.env.TF_VAR_dwcp_unseal_secrets).toBeUndefined();
  });

  test('gives the command its options, its input and its exit code back', async () => {
    const stdin = new PassThrough();
    stdin.end('typed');
    const script =
      'process.stdin.on("data", (d) => { console.log(`${d} ${process.argv.slice(1)}`); process.exit(7) })';
    const args = ['exec', 'demo.keys.json', ...print, script, '--', '--json', '--all'];
    const run = await keys(args, { ...withPassphrase, stdin });
    expect(run).toMatchObject({ code: 7, stdout: 'typed --json,--all\n', stderr: '' });
  });

  test('runs nothing with a wrong passphrase, and says so where the command is missing', async () => {
    const run = await keys(['exec', 'demo.keys.json', '--', 'touch', path('ran')], {
      env: { DWCP_PASSPHRASE: wrong },
    });
    expect(run.code).toBe(1);
    expect(existsSync(path('ran'))).toBe(false);
    const missing = await keys(['exec', 'demo.keys.json', '--', './no-such-command'], withPassphrase);
    expect(missing).toMatchObject({ code: 1, stderr: "error: cannot run './no-such-command': ENOENT\n" });
    expect((await keys(['exec', 'demo.keys.json'], withPassphrase)).code).toBe(2);
  });
});

describe('as a process', () => {
  test('wrong usage ends with 2 and help with 0', async () => {
    for (const [args, code] of [
      [[], 2],
      [['nonsense'], 2],
      [['init'], 2],
      [['show', 'a', 'b'], 2],
      [['--help'], 0],
    ] as const) {
      expect((await keys(args)).code).toBe(code);
    }
  });

  test('a signal goes on to the command, whose end is the exit code', async () => {
    await keys(['init', 'n.yaml'], withPassphrase);
    const script =
      'process.on("SIGTERM", () => process.exit(42)); setInterval(() => 0, 1000); console.log("up")';
    const args = ['exec', 'demo.keys.json', '--', process.execPath, '-e', script];
    const child = start(keysProgram(folder), args, folder, { DWCP_PASSPHRASE: passphrase });
    await once(child.stdout!, 'data');
    child.kill('SIGTERM');
    expect(await once(child, 'close')).toEqual([42, null]);
    const killed = ['exec', 'demo.keys.json', '--', 'sh', '-c', 'kill -9 $$'];
    const second = start(keysProgram(folder), killed, folder, { DWCP_PASSPHRASE: passphrase });
    expect(await once(second, 'close')).toEqual([137, null]);
  });

  test('a real terminal shows nothing of a typed passphrase and echoes again afterwards', () => {
    if (spawnSync('script', ['--version']).status !== 0) return skipped("'script' is not installed");
    writeFileSync(path('network.json'), JSON.stringify(pair));
    const command = `${process.execPath} ${keysProgram(folder)} init network.json; stty -a`;
    const until = (said: string) => `until grep -q '${said}' said; do sleep 0.1; done`;
    const type = `printf '${passphrase}\\r'`;
    const input = `${until('New passphrase: ')}; ${type}; ${until('Again: ')}; ${type}; ${until('iexten')}`;
    const typed = `: > said; (${input}) | script -qfec ${JSON.stringify(command)} said`;
    const run = spawnSync('sh', ['-c', typed], { cwd: folder, encoding: 'utf8' });
    // What arrives before the prompt is echoed by any terminal; the prompt stands before the first key here.
    expect(run.stdout).toContain('New passphrase: ');
    expect(run.stdout).toContain('made 2 key pairs');
    expect(run.stdout).not.toContain(passphrase);
    expect(run.stdout).toMatch(/[^-]echo /);
  });
});

describe('secrets', () => {
  test('stand in no output and no error text of any command, in no encoding', async () => {
    const runs: Run[] = [];
    const secrets: string[] = [];
    const step = async (args: readonly string[], around: Surroundings) => {
      runs.push(await keys(args, around));
      secrets.push(...secretsOf(await opened()));
    };
    await step(['init', 'n.yaml'], withPassphrase);
    await step(['init', 'n.yaml'], { ...withPassphrase, wanted: line });
    await step(['init', 'n.yaml'], { env: { DWCP_PASSPHRASE: wrong } });
    await step(['init', 'n.yaml'], { typed: `${wrong}\r` });
    await step(['show', 'demo.keys.json'], withPassphrase);
    await step(['show', 'demo.keys.json', '--json'], withPassphrase);
    await step(['show', 'demo.keys.json'], { env: { DWCP_PASSPHRASE: wrong } });
    await step(['rotate', 'demo.keys.json', '--all'], withPassphrase);
    await step(['show', 'demo.keys.json'], withPassphrase);
    await step(['rotate', 'demo.keys.json', '--finish'], withPassphrase);
    await step(['rotate', 'demo.keys.json', '--all', '--now'], withPassphrase);
    await step(['rotate', 'demo.keys.json', '--signing'], withPassphrase);
    await step(['rotate', 'demo.keys.json', 'nothing'], withPassphrase);
    await step(['exec', 'demo.keys.json', '--', 'true'], withPassphrase);
    await step(['exec', 'demo.keys.json', '--', './no-such-command'], withPassphrase);
    await step(
      ['exec', 'demo.keys.json', '--', 'cat', '/proc/self/cmdline', `/proc/${process.pid}/cmdline`],
      withPassphrase,
    );
    const printed = runs.map((run) => run.stdout + run.stderr).join('\n');
    expect(printed).toContain('replaced 3 key pairs');
    expect(secrets.filter((secret) => secret !== '' && printed.includes(secret))).toEqual([]);
    const sealed = text();
    expect(secrets.filter((secret) => sealed.includes(secret))).toEqual([]);
  });
});
