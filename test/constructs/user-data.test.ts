import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parse } from 'yaml';
import { fetchService, fetchTimer, packagesService } from '../../constructs/clouds/aws/fetch/units';
import { installedFetchProgram, userData } from '../../constructs/clouds/aws/user-data';
import { skipped } from '../net/skipped';
import { line, ofType, synthesize } from './fixture';

const bootstrap = {
  gateway: 'virginia/1',
  region: 'us-east-1',
  bucket: 'dwcp-line-virginia-123456789012',
  folder: 'gateway-1',
  secret: 'dwcp/line/virginia/1/unseal',
  account: '123456789012',
  network: 'line',
  identity: 'virginia/1',
  key: Buffer.alloc(32, 7).toString('base64'),
};

/** EC2 takes 16 KB. */
const most = 14 * 1024;

describe('the user data of a gateway', () => {
  const policies = { p: { classes: ['bulk'] as const, strategy: 'latency' as const } };
  const texts = (description = line) => {
    const { synthesized } = synthesize(description);
    return {
      synthesized,
      all: ofType(synthesized, 'aws_instance')
        .map((i) => i.user_data as string)
        .sort(),
    };
  };

  it('is below 14 KB and says nothing that follows from the plan', () => {
    const { synthesized, all } = texts();
    for (const text of all) expect(Buffer.byteLength(text)).toBeLessThan(most);
    for (const object of ofType(synthesized, 'aws_s3_object')) {
      if (object.source_hash) expect(all.join()).not.toContain(object.source_hash);
    }
    expect(texts({ ...line, policies }).all).toEqual(all);
  });

  it('holds no template that Terraform would expand, apart from references to resources', () => {
    const reference = /^\$\{(aws_(s3_bucket|secretsmanager_secret)|data\.aws_caller_identity)\.\S+\}$/;
    for (const text of texts().all) {
      expect(text.match(/[$%]\{[^}]*\}/g)?.filter((template) => !reference.test(template))).toEqual([]);
    }
  });

  it('is below 14 KB for the longest names that AWS takes', () => {
    const longest = {
      ...bootstrap,
      gateway: 'g'.repeat(67),
      identity: 'g'.repeat(67),
      network: 'n'.repeat(63),
      bucket: 'b'.repeat(63),
      secret: `dwcp/${'n'.repeat(63)}/${'g'.repeat(67)}/unseal`,
    };
    expect(Buffer.byteLength(userData(longest))).toBeLessThan(most);
  });

  it('is what its names make of it, and nothing else', () => {
    const { synthesized } = texts();
    const named = { aws_s3_bucket: 'bucket', aws_secretsmanager_secret: 'name' } as const;
    for (const instance of ofType(synthesized, 'aws_instance')) {
      const text = (instance.user_data as string).replace(
        /\$\{(aws_s3_bucket|aws_secretsmanager_secret)\.([^.]+)\.\w+\}/g,
        (_, type: keyof typeof named, id: string) => synthesized.resource![type][id][named[type]] as string,
      );
      const [, gateway, region] = /^# dwcp gateway ((\w+)\/1)$/m.exec(text)!;
      const [bucket, account, key] = ['BUCKET', 'ACCOUNT', 'KEY'].map(
        (name) => new RegExp(`^ *${name}=(.*)$`, 'm').exec(text)![1],
      );
      expect(account).toMatch(/^\$\{data\.aws_caller_identity\.\S+\.account_id\}$/);
      expect(bucket).toContain(`dwcp-line--${region}-`);
      const secret = `dwcp/line/${gateway}/unseal`;
      const place = instance.region as string;
      const own = { gateway, identity: gateway, region: place, bucket, secret, account, key };
      expect(text).toBe(userData({ ...bootstrap, ...own }));
    }
  });

  it('is a cloud-config that cloud-init takes', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'dwcp-'));
    const file = path.join(folder, 'user-data');
    writeFileSync(file, userData(bootstrap));
    const { error, status, stdout, stderr } = spawnSync('cloud-init', ['schema', '--config-file', file], {
      encoding: 'utf8',
    });
    rmSync(folder, { recursive: true });
    if (error) return skipped('no cloud-init');
    expect([status, stdout + stderr]).toEqual([0, expect.stringContaining('Valid')]);
  });

  it('writes a program that is valid shell, and units word for word', () => {
    expect(document('/etc/systemd/system/dwcp-fetch.service')).toBe(fetchService);
    expect(document('/etc/systemd/system/dwcp-fetch.timer')).toBe(fetchTimer);
    expect(document('/etc/systemd/system/dwcp-packages.service')).toBe(packagesService);
    const program = document('/usr/local/sbin/dwcp-fetch');
    expect(program).toBe(installedFetchProgram);
    const { status, stderr } = spawnSync('bash', ['-n'], { input: program, encoding: 'utf8' });
    expect([status, stderr]).toEqual([0, '']);
  });
});

/** A file that the user data write. */
function document(name: string): string {
  const config = parse(userData(bootstrap)) as { write_files: { path: string; content: string }[] };
  return config.write_files.find((file) => file.path === name)!.content;
}
