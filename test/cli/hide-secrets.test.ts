import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createKeyFile, type OpenedKeyFile } from '../../lib/net/keys';
import { bareSecrets } from '../net/bare-secrets';
import { seededRandom } from '../net/seeded-random';
import { skipped } from '../net/skipped';
import { keysProgram, source } from './keys-process';
import { pair } from './run-keys';

// A fixture, not a secret of anything.
const passphrase = 'fixture: correct horse battery';
const linux = process.platform === 'linux';

let folder: string;
let made: OpenedKeyFile;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'hide-'));
  const cost = { n: 1024, r: 1, p: 1 };
  made = (await createKeyFile('demo', pair, { passphrase }, seededRandom('hide'), cost)).opened;
  writeFileSync(join(folder, 'demo.keys.json'), made.text);
});
afterEach(() => rmSync(folder, { recursive: true }));

/** `dwcp keys exec` as users start it, on the command; core dumps are allowed. */
function exec(command: string, env: NodeJS.ProcessEnv, body = source('lib/cli/main.ts')) {
  const program = keysProgram(folder, body);
  const line = `ulimit -c unlimited; exec ${process.execPath} ${program} keys exec demo.keys.json -- sh -c '${command}'`;
  return spawnSync('sh', ['-c', line], {
    cwd: folder,
    encoding: 'utf8',
    env: { PATH: process.env.PATH, ...env },
  });
}

describe('the environment of what dwcp starts', () => {
  test('holds none of our secrets, but what it is started for', () => {
    const names = {
      DWCP_KEY_FILE: '',
      DWCP_IDENTITY_FILE: '',
      DWCP_NEW_PASSPHRASE: 'x',
      DWCP_NEW_KEY_FILE: 'y',
    };
    const run = exec('env', { DWCP_PASSPHRASE: passphrase, ...names });
    expect(run.stderr).toBe('');
    const set = run.stdout.split('\n').map((line) => line.split('=')[0]);
    expect(set.filter((name) => name.startsWith('DWCP_'))).toEqual(['DWCP_SIGN_SOCKET']);
    expect(set.filter((name) => name.startsWith('TF_VAR_')).sort()).toEqual([
      'TF_VAR_dwcp_signatures',
      'TF_VAR_dwcp_unseal_secrets',
    ]);
    expect(run.stdout).not.toContain(passphrase);
  });

  test('is that of every child of this process, whoever starts it', () => {
    const child = `require('node:child_process').execFileSync(process.execPath, ['-p', 'process.env.DWCP_PASSPHRASE'])`;
    const program = keysProgram(
      folder,
      `const { hideSecrets } = ${source('lib/cli/hide-secrets.ts')};
       const env = hideSecrets('plan');
       console.log(env.DWCP_PASSPHRASE === process.argv[2], String(${child}).trim());`,
    );
    const env = { ...process.env, DWCP_PASSPHRASE: passphrase };
    const { stdout } = spawnSync(process.execPath, [program, passphrase], { env, encoding: 'utf8' });
    expect(stdout).toBe('true undefined\n');
  });
});

describe('a core dump', () => {
  const pattern = linux ? readFileSync('/proc/sys/kernel/core_pattern', 'utf8').trim() : '';

  /** The dump of dwcp itself and of its command, each ended by SIGABRT; all secrets that stand in them. */
  function secretsInDumps(body?: string): { readonly bytes: number; readonly found: string[] } {
    exec('kill -ABRT $PPID; kill -ABRT $$', { DWCP_PASSPHRASE: passphrase }, body);
    const dumps = readdirSync(folder).filter((name) => name.startsWith('core'));
    const contents = dumps.map((name) => readFileSync(join(folder, name)));
    const texts = [passphrase, ...['a/1', 'b/1'].flatMap((id) => bareSecrets(made, id))];
    const secrets = texts.flatMap((text) => [
      Buffer.from(text, 'utf8'),
      Buffer.from(text, 'utf16le'),
      Buffer.from(text, 'base64'),
    ]);
    const found = secrets.filter((secret) => contents.some((bytes) => bytes.includes(secret)));
    const bytes = dumps.reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
    return { bytes, found: found.map((secret) => secret.toString('latin1')) };
  }

  test('holds no secret, neither of dwcp nor of the command that it runs', () => {
    if (!/^core/.test(pattern)) return skipped(`core dumps go to '${pattern}'`);
    // As a program that hides nothing: else this test would show nothing.
    const open = secretsInDumps(
      `const hide = ${source('lib/cli/hide-secrets.ts')};
       const loaded = Object.keys(require.cache).find((file) => file.endsWith('hide-secrets.ts'));
       require.cache[loaded].exports = { ...hide, hideSecrets: () => ({ ...process.env }) };
       ${source('lib/cli/main.ts')}`,
    );
    expect(open.found).not.toEqual([]);
    for (const name of readdirSync(folder)) if (name.startsWith('core')) rmSync(join(folder, name));
    const closed = secretsInDumps();
    expect(closed.found).toEqual([]);
    // At most what is left without prlimit(1): registers and the kernel's own pages.
    expect(closed.bytes).toBeLessThan(open.bytes / 10);
  }, 120_000);

  test('is not made of what dwcp starts, nor does one hold memory', () => {
    if (!existsSync('/proc/self/coredump_filter')) return skipped('this system has no coredump_filter');
    if (spawnSync('prlimit', ['--version']).status !== 0) return skipped("'prlimit' is not installed");
    const run = exec('cat /proc/self/coredump_filter; ulimit -c; ulimit -Hc', {
      DWCP_PASSPHRASE: passphrase,
    });
    expect(run.stdout).toBe('00000000\n0\n0\n');
  });

  test('holds no memory where there is no prlimit', () => {
    if (!existsSync('/proc/self/coredump_filter')) return skipped('this system has no coredump_filter');
    const programs = join(folder, 'programs');
    mkdirSync(programs);
    for (const name of ['sh', 'cat']) symlinkSync(join('/bin', name), join(programs, name));
    const run = exec('cat /proc/self/coredump_filter', { DWCP_PASSPHRASE: passphrase, PATH: programs });
    expect(run).toMatchObject({ stdout: '00000000\n', stderr: '', status: 0 });
  });
});
