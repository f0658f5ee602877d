import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateAliasCommand, CreateKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { awsKms } from '../../lib/cli/aws/aws-kms';
import { openKeyFile, type KeyFile2 } from '../../lib/net/keys';
import { motoHint, motoProgram, startMoto, type Moto } from '../support/moto';
import { runKeys, type Surroundings } from './run-keys';

const program = motoProgram();
if (!program && process.env.CI) throw new Error(`moto_server is not installed: ${motoHint}`);
const passphrase = 'fixture: correct horse battery';
const region = 'eu-west-1';

(program ? describe : describe.skip)('a key of AWS KMS as recipient', () => {
  const before = { ...process.env };
  const folder = mkdtempSync(join(tmpdir(), 'kms-'));
  let moto: Moto;
  let client: KMSClient;
  /** ARN of a key in Ireland. */
  let key: string;

  beforeAll(async () => {
    moto = await startMoto(program!, folder);
    // As a shell would set it: the SDK finds endpoint and credentials in the environment.
    Object.assign(process.env, moto.env);
    client = new KMSClient({ region });
    key = await makeKey();
  }, 90_000);

  afterAll(async () => {
    for (const name of Object.keys(process.env))
      if (!(name in before)) Reflect.deleteProperty(process.env, name);
    Object.assign(process.env, before);
    await moto.stop();
    rmSync(folder, { recursive: true });
  });

  const keys = (args: readonly string[], around: Surroundings = {}) => runKeys(folder, args, around);
  const text = (name: string) => readFileSync(join(folder, name), 'utf8');

  async function makeKey(): Promise<string> {
    return (await client.send(new CreateKeyCommand({}))).KeyMetadata!.Arn!;
  }

  test('opens the file where nothing else is given, and alone', async () => {
    const made = await keys(['init', 'n.yaml', '--out', 'kms.json', '--recipient', key]);
    expect(made).toMatchObject({ code: 0, stderr: '' });
    const rotated = await keys(['rotate', 'kms.json', 'a/1']);
    expect(rotated.stdout).toBe('made 1 next key pair and 1 next preshared key: kms.json\n');
    expect((await keys(['show', 'kms.json'])).stdout).toContain('demo: not verified: no secret given');
    const shown = await keys(['show', 'kms.json', '--kms']);
    expect(shown.stdout).toContain('demo: verified');
    expect(shown.stdout).toContain(`sealed for ${key}\n`);
    const refused = await keys(['rotate', 'kms.json', 'a/1'], { env: { DWCP_PASSPHRASE: passphrase } });
    expect(refused.stderr).toContain(`next: they are sealed for ${key}`);
  });

  test('stands beside a passphrase, by an alias that is pinned to its key', async () => {
    const alias = key.replace(/key\/.*/, 'alias/dwcp');
    await client.send(new CreateAliasCommand({ AliasName: 'alias/dwcp', TargetKeyId: key }));
    const env = { DWCP_PASSPHRASE: passphrase };
    expect((await keys(['init', 'n.yaml', '--out', 'both.json', '--recipient', alias], { env })).code).toBe(
      0,
    );
    const { recipients } = JSON.parse(text('both.json')) as KeyFile2;
    expect(recipients).toMatchObject([{ type: 'scrypt' }, { type: 'aws-kms', key }]);
    for (const [args, around] of [
      [[], { env }],
      [['--kms'], {}],
    ] as const)
      expect((await keys(['show', 'both.json', ...args], around)).stdout).toContain('demo: verified');
  });

  test('is asked with the network in the encryption context', async () => {
    const plain = new Uint8Array(32).fill(7);
    const { wrapped } = await awsKms.encrypt(key, plain, 'demo');
    expect(await awsKms.decrypt(key, wrapped, 'demo')).toEqual(plain);
    await expect(awsKms.decrypt(key, wrapped, 'other')).rejects.toMatchObject({
      name: 'KmsFailure',
      message: expect.stringMatching(/^AWS KMS did not Decrypt with arn:aws:kms:/) as string,
    });
  });

  test('with another ciphertext, or that of another key, opens nothing', async () => {
    await keys(['init', 'n.yaml', '--out', 'tampered.json', '--recipient', key]);
    const file = text('tampered.json');
    const { recipients, network } = JSON.parse(file) as KeyFile2;
    const { wrapped } = recipients[0] as { wrapped: string };
    const bits = Buffer.from(wrapped, 'base64');
    bits[bits.length - 1] ^= 1;
    const foreign = await awsKms.encrypt(await makeKey(), new Uint8Array(32), network);
    const mine = await awsKms.encrypt(key, new Uint8Array(32), network);
    const codes: string[] = [];
    for (const other of [bits, foreign.wrapped, mine.wrapped]) {
      const changed = file.replace(wrapped, Buffer.from(other).toString('base64'));
      const read = await openKeyFile(changed, { kms: awsKms });
      codes.push(read.ok ? 'opened' : read.problem.code);
    }
    expect(codes).toEqual(['key-file-kms', 'key-file-kms', 'key-file-secret']);
  });

  test('that refuses, or is not reached, is told with what KMS said', async () => {
    const missing = key.replace(/.{4}$/, '0000');
    const made = await keys(['init', 'n.yaml', '--out', 'none.json', '--recipient', missing]);
    expect(made).toMatchObject({ code: 1, stdout: '' });
    expect(made.stderr).toContain(
      `error[key-file-kms] none.json: AWS KMS did not Encrypt with ${missing}: NotFound`,
    );
    expect(made.stderr).toContain('next: look at your AWS credentials');
    expect(existsSync(join(folder, 'none.json'))).toBe(false);
    await keys(['init', 'n.yaml', '--out', 'off.json', '--recipient', key]);
    process.env.AWS_ENDPOINT_URL = 'http://127.0.0.1:1';
    const run = await keys(['rotate', 'off.json', 'a/1']);
    process.env.AWS_ENDPOINT_URL = moto.endpoint;
    expect(run).toMatchObject({ code: 1, stdout: '' });
    expect(run.stderr).toContain(`error[key-file-kms] off.json: AWS KMS did not Decrypt with ${key}: `);
    expect(run.stderr).toContain('ECONNREFUSED');
  }, 30_000);

  test('takes the place of a passphrase that has leaked', async () => {
    const env = { DWCP_PASSPHRASE: passphrase };
    await keys(['init', 'n.yaml', '--out', 'leaked.json'], { env });
    const run = await keys(['reseal', 'leaked.json', '--recipient', key], { env });
    expect(run.stdout).toBe(`sealed anew for ${key}: leaked.json\n`);
    expect(await openKeyFile(text('leaked.json'), { passphrase })).toMatchObject({ ok: false });
    expect((await openKeyFile(text('leaked.json'), { kms: awsKms })).ok).toBe(true);
    expect((await keys(['exec', 'leaked.json', '--', 'true'])).code).toBe(0);
  });
});
