import { spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { NetworkDescription } from '../../constructs';
import { createKeyFile, rotateNow, type OpenedKeyFile } from '../../lib/net/keys';
import { bareSecrets } from '../net/bare-secrets';
import { seededRandom } from '../net/seeded-random';
import { skipped } from '../net/skipped';
import { line, ofType, synthesize } from './fixture';

const gateways = ['virginia/1', 'dublin/1', 'singapore/1'];
const tunnels = [
  { id: 'tunnel-virginia-dublin', ends: ['virginia/1', 'dublin/1'] as const },
  { id: 'tunnel-dublin-singapore', ends: ['dublin/1', 'singapore/1'] as const },
];

async function makeKeys(ids = gateways): Promise<OpenedKeyFile> {
  const cost = { n: 1024, r: 8, p: 1 };
  const wanted = { gateways: ids, tunnels: ids.length === 3 ? tunnels : [] };
  return (await createKeyFile('line', wanted, { passphrase: 'for a test' }, seededRandom('constructs'), cost))
    .opened;
}

function withKeys(keys: OpenedKeyFile, description: NetworkDescription = line) {
  const keysFile = path.join(mkdtempSync(path.join(tmpdir(), 'dwcp-')), 'line.keys.json');
  writeFileSync(keysFile, keys.text);
  return synthesize(description, { lockFile: false, keysFile });
}

describe('a network with keys', () => {
  it('hands each gateway its own secret through a write-only argument, from an ephemeral, sensitive variable', async () => {
    const keys = await makeKeys();
    const { synthesized, diagnostics, network } = withKeys(keys);
    expect(diagnostics).toEqual([]);
    const versions = ofType(synthesized, 'aws_secretsmanager_secret_version');
    expect(versions.map((v) => v.secret_string_wo as string).sort()).toEqual(
      gateways.map((id) => `\${var.dwcp_unseal_secrets["${id}"]}`).sort(),
    );
    expect(versions.map((v) => v.secret_string_wo_version as number).sort()).toEqual(
      gateways.map((id) => keys.file.gateways[id].secretVersion).sort(),
    );
    for (const version of versions) {
      expect([version.secret_string, version.secret_binary]).toEqual([undefined, undefined]);
    }
    const declared = { type: 'map(string)', sensitive: true, ephemeral: true, nullable: false };
    expect(synthesized.variable).toEqual({
      dwcp_unseal_secrets: expect.objectContaining(declared),
      dwcp_signatures: expect.objectContaining({ type: 'map(string)', default: {}, nullable: false }),
    });
    expect(synthesized.variable!.dwcp_unseal_secrets.default).toBeUndefined();
    expect(network.resources.unsealSecrets).toBeDefined();
  });

  it('synthesizes no secret: no unsealing secret, no sealed or private key, in none of the resources', async () => {
    const keys = await makeKeys();
    const { synthesized } = withKeys(keys);
    const text = JSON.stringify(synthesized);
    for (const id of gateways) {
      expect(text).not.toContain(bareSecrets(keys, id)[0]);
      expect(text).not.toContain(keys.file.gateways[id].sealedPrivateKey);
      // Public keys travel in the bundle, not in the configuration.
      expect(text).not.toContain(keys.file.gateways[id].publicKey);
    }
  });

  it('writes a secret anew exactly when its key is rotated', async () => {
    const before = await makeKeys();
    const after = rotateNow(before, ['dublin/1'], seededRandom('rotated')).opened;
    const versionsOf = (keys: OpenedKeyFile) =>
      Object.fromEntries(
        ofType(withKeys(keys).synthesized, 'aws_secretsmanager_secret_version').map((v) => [
          v.secret_string_wo as string,
          v.secret_string_wo_version as number,
        ]),
      );
    const [old, now] = [versionsOf(before), versionsOf(after)];
    const changed = Object.keys(old).filter((id) => old[id] !== now[id]);
    expect(changed).toEqual(['${var.dwcp_unseal_secrets["dublin/1"]}']);
  });

  it('has no precondition, and the manifest waits for the secret', async () => {
    const { synthesized } = withKeys(await makeKeys());
    for (const object of ofType(synthesized, 'aws_s3_object')) {
      expect(object.lifecycle).toBeUndefined();
      if ((object.key as string).endsWith('/manifest')) {
        expect((object.depends_on as string[]).join(' ')).toContain('aws_secretsmanager_secret_version');
      }
    }
  });

  it("that is another network's is refused", async () => {
    const keysFile = path.join(mkdtempSync(path.join(tmpdir(), 'dwcp-')), 'line.keys.json');
    writeFileSync(keysFile, (await makeKeys()).text);
    const { plan, diagnostics } = synthesize({ ...line, network: 'other' }, { lockFile: false, keysFile });
    expect(plan).toBeUndefined();
    expect(diagnostics.map((d) => d.code)).toContain('key-file-network');
  });
});

describe('a network without keys', () => {
  const { synthesized, diagnostics } = synthesize(line);

  it('synthesizes with a warning, without secrets and without the variable', () => {
    expect(diagnostics.map((d) => `${d.severity} ${d.code}`)).toEqual(['warning keys-missing']);
    expect(synthesized.variable).toBeUndefined();
    expect(ofType(synthesized, 'aws_secretsmanager_secret_version')).toEqual([]);
  });

  it('is refused by terraform plan: the precondition of each bundle fails and says what to do', () => {
    const bundles = ofType(synthesized, 'aws_s3_object').filter((o) =>
      (o.key as string).endsWith('bundle.tar'),
    );
    expect(bundles).toHaveLength(3);
    for (const bundle of bundles) {
      const [precondition] = bundle.lifecycle.precondition as { condition: string; error_message: string }[];
      const never = /^\$\{\(data\.aws_caller_identity\.\S+\.account_id == "none"\)\}$/;
      expect(precondition.condition).toMatch(never);
      expect(precondition.error_message).toMatch(/no key for .*run 'dwcp keys init'/);
    }
  });

  it("stops only the gateways that lack a key, their own or a peer's", async () => {
    const partly = withKeys(await makeKeys(['virginia/1', 'dublin/1']));
    const refused = ofType(partly.synthesized, 'aws_s3_object')
      .filter((o) => o.lifecycle)
      .map((o) => `${o.region as string}: ${o.lifecycle.precondition[0].error_message as string}`);
    expect(refused.sort()).toEqual([
      expect.stringMatching(/^ap-southeast-1: .* no key for singapore\/1:/),
      expect.stringMatching(/^eu-west-1: .* no key for singapore\/1:/),
    ]);
  });
});

describe('what Terraform makes of it', () => {
  const terraform = spawnSync('terraform', ['version', '-json'], { encoding: 'utf8' });
  const available = terraform.status === 0;

  /** Plans a configuration that needs no provider to be downloaded. */
  function plan(configuration: object, secrets?: Record<string, string>) {
    const folder = mkdtempSync(path.join(tmpdir(), 'dwcp-tf-'));
    writeFileSync(path.join(folder, 'main.tf.json'), JSON.stringify(configuration));
    const env = { ...process.env, ...(secrets && { TF_VAR_dwcp_unseal_secrets: JSON.stringify(secrets) }) };
    const run = (...args: string[]) => spawnSync('terraform', args, { cwd: folder, env, encoding: 'utf8' });
    run('init', '-no-color');
    return run('plan', '-no-color', '-input=false');
  }

  it('takes the variable only with an entry for each gateway', async () => {
    if (!available) return skipped('no terraform');
    const { variable } = withKeys(await makeKeys()).synthesized;
    // No resource: the variable's own validation is what is tried.
    const configuration = { variable, output: { o: { value: 1 } } };
    const complete = plan(configuration, { 'virginia/1': 'a', 'dublin/1': 'b', 'singapore/1': 'c' });
    expect(complete.stderr).not.toContain('Error');
    expect(complete.status).toBe(0);
    const incomplete = plan(configuration, { 'virginia/1': 'a' });
    expect(incomplete.status).not.toBe(0);
    expect(incomplete.stderr).toContain("'dwcp keys exec'");
    expect(plan(configuration).status).not.toBe(0);
  });

  it('refuses the precondition while it plans', () => {
    if (!available) return skipped('no terraform');
    const [bundle] = ofType(synthesize(line).synthesized, 'aws_s3_object').filter((o) => o.lifecycle);
    const account = /data\.aws_caller_identity\.[\w-]+\.account_id/;
    const text = JSON.stringify(bundle.lifecycle).replace(account, 'local.account');
    const stand = { terraform_data: { bundle: { lifecycle: JSON.parse(text) as unknown } } };
    const refused = plan({ locals: { account: '123456789012' }, resource: stand });
    expect(refused.status).not.toBe(0);
    expect(refused.stderr.replace(/\s+/g, ' ')).toContain("run 'dwcp keys init'");
  });
});
