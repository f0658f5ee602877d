import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parse } from 'yaml';
import { fetchProgram, fetchService, fetchTimer } from '../../constructs/aws/fetch-program';
import { userData } from '../../constructs/aws/user-data';
import { bundle } from '../../lib/emit';
import { skipped } from '../net/skipped';
import { line, ofType, synthesize } from './fixture';

const bootstrap = {
  gateway: 'virginia/1',
  region: 'us-east-1',
  bucket: 'dwcp-line-virginia-123456789012',
  folder: 'gateway-1',
  secret: 'dwcp/line/virginia/1/unseal',
};

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

  it('is below 4 KB and says nothing that follows from the plan', () => {
    const { synthesized, all } = texts();
    for (const text of all) expect(Buffer.byteLength(text)).toBeLessThan(4096);
    for (const object of ofType(synthesized, 'aws_s3_object')) {
      if (object.source_hash) expect(all.join()).not.toContain(object.source_hash);
    }
    expect(texts({ ...line, policies }).all).toEqual(all);
  });

  it('holds no template that Terraform would expand, apart from references to resources', () => {
    const reference = /^\$\{aws_(s3_bucket|secretsmanager_secret)\.\S+\}$/;
    for (const text of texts().all) {
      expect(text.match(/[$%]\{[^}]*\}/g)?.filter((template) => !reference.test(template))).toEqual([]);
    }
  });

  it('is below 4 KB for the longest names that AWS takes', () => {
    const longest = {
      ...bootstrap,
      gateway: 'g'.repeat(130),
      bucket: 'b'.repeat(63),
      secret: 's'.repeat(512),
    };
    expect(Buffer.byteLength(userData(longest))).toBeLessThan(4096);
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
      const [, bucket] = /s3:\/\/(.*)\/gateway-1$/m.exec(text)!;
      expect(bucket).toContain(`dwcp-line--${region}-`);
      const secret = `dwcp/line/${gateway}/unseal`;
      const place = instance.region as string;
      expect(text).toBe(userData({ ...bootstrap, gateway, region: place, bucket, secret }));
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
    const program = document('/usr/local/sbin/dwcp-fetch');
    expect(program).toBe(fetchProgram);
    const { status, stderr } = spawnSync('bash', ['-n'], { input: program, encoding: 'utf8' });
    expect([status, stderr]).toEqual([0, '']);
  });
});

/** A file that the user data write. */
function document(name: string): string {
  const config = parse(userData(bootstrap)) as { write_files: { path: string; content: string }[] };
  return config.write_files.find((file) => file.path === name)!.content;
}

/** A gateway's folders below one folder, a bucket that is a folder, and AWS and systemd that are scripts. */
class FakeGateway {
  readonly root = mkdtempSync(path.join(tmpdir(), 'dwcp-gateway-'));
  private readonly program = path.join(this.root, 'dwcp-fetch');

  constructor() {
    for (const folder of ['bin', 'bucket/gateway-1', 'opt/dwcp', 'run/dwcp', 'etc/dwcp']) {
      mkdirSync(path.join(this.root, folder), { recursive: true });
    }
    const program = document('/usr/local/sbin/dwcp-fetch');
    this.script('dwcp-fetch', program.replace(/\/(opt|run|etc)\/dwcp/g, `${this.root}/$1/dwcp`), this.root);
    writeFileSync(path.join(this.root, 'etc/dwcp/source'), document('/etc/dwcp/source'));
    this.script(
      'aws',
      `#!/bin/bash
case "$1 $2" in
  's3 cp') from=$(echo "$4" | sed 's#^s3://[^/]*#${this.root}/bucket#'); cp "$from" "$5" ;;
  *) echo secret >>${this.root}/calls; cat ${this.root}/secret ;;
esac`,
    );
    this.script('systemctl', `#!/bin/bash\necho "systemctl $*" >>${this.root}/calls`);
    for (const tool of ['nft', 'wg']) this.script(tool, '#!/bin/bash');
    writeFileSync(path.join(this.root, 'secret'), 'c2VjcmV0\n');
    this.put('endpoints.json', '{"dublin/1":"192.0.2.1"}\n');
  }

  put(name: string, content: string | Uint8Array): void {
    writeFileSync(path.join(this.root, 'bucket/gateway-1', name), content);
  }

  /** Puts a bundle, and its digest unless another is given. */
  release(files: Record<string, string>, digest?: string): string {
    const { bytes, sha256 } = bundle(new Map(Object.entries(files)));
    this.put('bundle.tar', bytes);
    this.put('bundle.sha256', `${digest ?? sha256}  bundle.tar\n`);
    return sha256;
  }

  fetch(): number | null {
    const env = { ...process.env, PATH: `${path.join(this.root, 'bin')}:${process.env.PATH}` };
    return spawnSync('bash', [this.program], { env, encoding: 'utf8' }).status;
  }

  /** Puts a bundle whose agent says what it was asked, and ends with this. */
  releaseAgent(code: number, more = ''): string {
    const told = `${JSON.stringify(`${this.root}/calls`)}, process.argv.slice(2, 4).join(' ') + '\\n'`;
    const kept = `require('fs').copyFileSync(process.argv[7], ${JSON.stringify(this.at('given'))})`;
    const text = `require('fs').appendFileSync(${told});${kept};process.exitCode=${code}//${more}`;
    return this.release({ 'dwcp-agent.cjs': text });
  }

  /** What AWS, systemd and the agent were asked since the last look. */
  calls(): string[] {
    const file = path.join(this.root, 'calls');
    const lines = existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n') : [];
    rmSync(file, { force: true });
    return lines;
  }

  at(...parts: string[]): string {
    return path.join(this.root, ...parts);
  }

  private script(name: string, text: string, folder = path.join(this.root, 'bin')): void {
    writeFileSync(path.join(folder, name), `${text}\n`);
    chmodSync(path.join(folder, name), 0o755);
  }
}

const tools = spawnSync('bash', ['-c', 'type flock sha256sum tar'], { encoding: 'utf8' });

describe('fetching a bundle', () => {
  function onLinux(run: (gateway: FakeGateway) => void): void {
    if (tools.status !== 0) return skipped('no flock, sha256sum or tar');
    const gateway = new FakeGateway();
    try {
      run(gateway);
    } finally {
      rmSync(gateway.root, { recursive: true, force: true });
    }
  }
  const asked = (gateway: FakeGateway, digest: string) =>
    `install ${gateway.at('opt/dwcp/releases', digest)}`;

  it('unpacks it, gets the secret and has its agent install it; then neither comes again', () => {
    onLinux((gateway) => {
      const digest = gateway.releaseAgent(0);
      expect(gateway.fetch()).toBe(0);
      expect(gateway.calls()).toEqual(['secret', asked(gateway, digest)]);
      expect(readFileSync(gateway.at('given'), 'utf8')).toBe('c2VjcmV0\n');
      rmSync(gateway.at('bucket/gateway-1/bundle.tar'));
      expect(gateway.fetch()).toBe(0);
      expect(gateway.calls()).toEqual([asked(gateway, digest)]);
      expect(readdirSync(gateway.at('opt/dwcp'))).toEqual(['releases']);
    });
  });

  it('runs nothing of a bundle whose digest does not match, or is none', () => {
    onLinux((gateway) => {
      for (const digest of [createHash('sha256').update('other').digest('hex'), '../../etc']) {
        gateway.release(
          { 'dwcp-agent.cjs': `require('fs').writeFileSync('${gateway.at('ran')}', '')` },
          digest,
        );
        expect(gateway.fetch()).not.toBe(0);
        expect(readdirSync(gateway.at('opt/dwcp/releases'))).toEqual([]);
        expect([gateway.calls(), existsSync(gateway.at('ran'))]).toEqual([[], false]);
      }
    });
  });

  it('verifies the bundle, whatever file the digest names', () => {
    onLinux((gateway) => {
      gateway.releaseAgent(0);
      const digest = createHash('sha256').update('').digest('hex');
      gateway.put('bundle.sha256', `${digest}  /dev/null\n`);
      expect(gateway.fetch()).not.toBe(0);
      expect(gateway.calls()).toEqual([]);
    });
  });

  it('asks for the secret of a refused bundle again', () => {
    onLinux((gateway) => {
      const digest = gateway.releaseAgent(1);
      for (let i = 0; i < 2; i++) expect(gateway.fetch()).toBe(1);
      expect(gateway.calls()).toEqual(['secret', asked(gateway, digest), 'secret', asked(gateway, digest)]);
    });
  });

  it('waits for a secret that is not there yet', () => {
    onLinux((gateway) => {
      const digest = gateway.releaseAgent(0);
      rmSync(gateway.at('secret'));
      expect(gateway.fetch()).not.toBe(0);
      writeFileSync(gateway.at('secret'), 'bGF0ZQ==\n');
      expect(gateway.fetch()).toBe(0);
      expect(gateway.calls()).toEqual(['secret', 'secret', asked(gateway, digest)]);
    });
  });

  it('starts what is installed after a boot, whatever the bucket holds', () => {
    onLinux((gateway) => {
      const digest = gateway.releaseAgent(0);
      gateway.fetch();
      symlinkSync(`releases/${digest}`, gateway.at('opt/dwcp/current'));
      rmSync(gateway.at('run/dwcp'), { recursive: true });
      rmSync(gateway.at('bucket/gateway-1/bundle.sha256'));
      gateway.calls();
      expect(gateway.fetch()).not.toBe(0);
      expect(gateway.calls()).toEqual(['secret', 'systemctl start dwcp-agent']);
      expect(readFileSync(gateway.at('run/dwcp/unseal'), 'utf8')).toBe('c2VjcmV0\n');
    });
  });
});
