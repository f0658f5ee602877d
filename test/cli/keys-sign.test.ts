import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import nacl from 'tweetnacl';
import { manifestDigest, readManifest } from '../../lib/gateway';
import { keysProgram, source } from './keys-process';

// The way of a signature: from a key file that only the deploying run opens to the folder of the stack.

const description = `network: net
regions:
  virginia: { place: us-east-1 }
  dublin: { place: eu-west-1 }
links:
  - { between: [virginia, dublin], bandwidth: 1 Gbps }
rollout: { canary: dublin }
`;
const secret = { DWCP_PASSPHRASE: 'a test fixture, not a secret' };
const wanted = {
  network: 'net',
  names: ['net'],
  gateways: ['virginia/1', 'dublin/1'],
  tunnels: [{ id: 'tunnel-virginia-dublin', ends: ['virginia/1', 'dublin/1'] }],
};

/** An app as `dwcp init` writes it, from these sources. */
const app = `const root = [${JSON.stringify(path.join(__dirname, '..', '..'))}];
const from = (name) => require(require.resolve(name, { paths: root }));
const { App, TerraformStack } = from('cdktf');
const { AwsProvider } = from('@cdktf/provider-aws/lib/provider');
const { GlobalNetwork } = ${source('constructs/index.ts')};
const made = new App();
const stack = new TerraformStack(made, 'net');
new AwsProvider(stack, 'aws', { region: 'us-east-1' });
const { diagnostics } = GlobalNetwork.fromFile(stack, 'net', 'net.yaml').plan();
if (diagnostics.some((d) => d.severity === 'error')) throw new Error(JSON.stringify(diagnostics));
made.synth();`;

let cwd: string;
let keys: string;
let appFile: string;

beforeAll(() => {
  cwd = realpathSync(mkdtempSync(path.join(tmpdir(), 'dwcp-sign-test-')));
  keys = keysProgram(cwd);
  const hook = readFileSync(keys, 'utf8').split('\n').slice(0, 2).join('\n');
  appFile = path.join(cwd, 'app.cjs');
  writeFileSync(appFile, `${hook}\n${app}`);
  writeFileSync(path.join(cwd, 'net.yaml'), description);
  writeFileSync(path.join(cwd, 'network.json'), JSON.stringify(wanted));
  expect(run(secret, keys, 'init', 'network.json').status).toBe(0);
  expect(run({}, appFile)).toMatchObject({ status: 0, stderr: '' });
}, 60_000);
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

function run(env: NodeJS.ProcessEnv, ...args: string[]) {
  const full = { ...process.env, CDKTF_DISABLE_PLUGIN_CACHE_ENV: '1', ...env };
  return spawnSync(process.execPath, args, { cwd, env: full, encoding: 'utf8' });
}

const stack = (...names: string[]) => path.join(cwd, 'cdktf.out', 'stacks', 'net', ...names);
const signaturesFile = () => stack('dwcp-signatures.auto.tfvars.json');
const manifests = () =>
  readdirSync(stack('gateways'))
    .filter((name) => name.endsWith('.manifest'))
    .map((name) => readFileSync(stack('gateways', name), 'utf8'));
const signatures = () =>
  (JSON.parse(readFileSync(signaturesFile(), 'utf8')) as { dwcp_signatures: Record<string, string> })
    .dwcp_signatures;

/** Signature files are written by the step under test alone. */
beforeEach(() => rmSync(signaturesFile(), { force: true }));

test('synthesis alone needs no secret, and signs nothing', () => {
  expect(existsSync(signaturesFile())).toBe(false);
  const found = manifests().map((text) => readManifest(text)!);
  expect(found.map(({ gateway, canary }) => [gateway, canary!.gateway])).toEqual([
    ['dublin/1', 'dublin/1'],
    ['virginia/1', 'dublin/1'],
  ]);
  const [dublin, virginia] = found;
  expect([virginia.canary!.bundle, virginia.canary!.waitSeconds]).toEqual([dublin.bundle, 900]);
  expect(dublin.validity.latest - dublin.validity.notBefore).toBe(365 * 86_400);
  const configuration = readFileSync(stack('cdk.tf.json'), 'utf8');
  for (const text of manifests()) expect(configuration).toContain(manifestDigest(text));
});

test('what keys exec runs is signed while it synthesizes; the configuration is the same to the byte', () => {
  const before = readFileSync(stack('cdk.tf.json'), 'utf8');
  const { status, stderr } = run(secret, keys, 'exec', 'net.keys.json', '--', process.execPath, appFile);
  expect([status, stderr]).toEqual([0, '']);
  expect(readFileSync(stack('cdk.tf.json'), 'utf8')).toBe(before);
  expect(Object.keys(signatures()).sort()).toEqual(manifests().map(manifestDigest).sort());
  for (const text of manifests()) {
    const { chain } = readManifest(text)!;
    const publicKey = new Uint8Array(Buffer.from(chain[chain.length - 1].publicKey, 'base64'));
    const signature = new Uint8Array(Buffer.from(signatures()[manifestDigest(text)], 'base64'));
    expect(nacl.sign.detached.verify(new Uint8Array(Buffer.from(text)), signature, publicKey)).toBe(true);
  }
});

test('keys sign signs what was synthesized before, with the same bytes', () => {
  run(secret, keys, 'exec', 'net.keys.json', '--', process.execPath, appFile);
  const signed = readFileSync(signaturesFile(), 'utf8');
  rmSync(signaturesFile());
  const { status, stdout } = run(secret, keys, 'sign', 'net.keys.json');
  expect([status, stdout]).toEqual([
    0,
    'signed 2 manifests of generation 1: cdktf.out/stacks/net/dwcp-signatures.auto.tfvars.json\n',
  ]);
  expect(readFileSync(signaturesFile(), 'utf8')).toBe(signed);
  expect(run(secret, keys, 'sign', 'net.keys.json', stack()).status).toBe(0);
});

test('the command sees a socket, which is gone afterwards, and neither passphrase nor key', () => {
  const show = 'process.stdout.write(JSON.stringify(process.env))';
  const { stdout } = run(secret, keys, 'exec', 'net.keys.json', '--', process.execPath, '-e', show);
  const env = JSON.parse(stdout) as Record<string, string>;
  expect(env.DWCP_PASSPHRASE).toBeUndefined();
  expect(existsSync(path.dirname(env.DWCP_SIGN_SOCKET))).toBe(false);
  // Not empty, and no digest: Terraform refuses a stack that has no signatures in its folder.
  expect(JSON.parse(env.TF_VAR_dwcp_signatures)).toEqual({ 'not signed': '' });
});

describe('nothing else is signed', () => {
  const ask = (request: string) => {
    const client = `const s = require('net').connect({ path: process.env.DWCP_SIGN_SOCKET, allowHalfOpen: true });
      s.end(${JSON.stringify(request)}); s.pipe(process.stdout);`;
    const { stdout } = run(secret, keys, 'exec', 'net.keys.json', '--', process.execPath, '-e', client);
    return JSON.parse(stdout) as { error?: string; signatures?: string[] };
  };
  const requests: [string, () => string, string][] = [
    ['a text', () => JSON.stringify(['dwcp-signing-key 1\nnetwork net\nkey 2 x\n']), 'not a manifest'],
    ["another network's manifest", () => changed('network net', 'network other'), "of network 'other'"],
    ['a manifest with another chain', () => changed(/key 1 ..../, 'key 1 AAAA'), 'other signing keys'],
    ['no list', () => '{}', 'not a list'],
    ['no JSON', () => '[', 'not JSON'],
  ];
  const changed = (from: string | RegExp, to: string) => JSON.stringify([manifests()[0].replace(from, to)]);
  test.each(requests)('%s', (_what, request, why) => {
    const { error, signatures: given } = ask(request());
    expect([error, given]).toEqual([expect.stringContaining(why), undefined]);
  });
});

describe('keys sign says what is wrong', () => {
  test('a folder that is not there, or holds nothing', () => {
    const missing = run(secret, keys, 'sign', 'net.keys.json', 'nowhere');
    expect([missing.status, missing.stderr]).toEqual([
      1,
      expect.stringContaining('nowhere cannot be read: ENOENT'),
    ]);
    const empty = mkdtempSync(path.join(cwd, 'empty-'));
    const { status, stderr } = run(secret, keys, 'sign', 'net.keys.json', empty);
    expect([status, stderr]).toEqual([1, expect.stringContaining("synthesize first ('npx cdktn synth')")]);
  });

  test('a manifest that was changed by hand: nothing is written', () => {
    const file = stack('gateways', 'dublin-1.manifest');
    const before = readFileSync(file, 'utf8');
    writeFileSync(file, before.replace('generation 1', 'generation one'));
    const { status, stderr } = run(secret, keys, 'sign', 'net.keys.json');
    writeFileSync(file, before);
    expect([status, stderr]).toEqual([1, expect.stringContaining('not a manifest')]);
    expect(existsSync(signaturesFile())).toBe(false);
  });
});
