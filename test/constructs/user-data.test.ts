import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
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

  it('is valid shell', () => {
    const { status, stderr } = spawnSync('bash', ['-n'], { input: userData(bootstrap), encoding: 'utf8' });
    expect([status, stderr]).toEqual([0, '']);
  });
});

/** A gateway's folders below one folder, a bucket that is a folder, and AWS and systemd that are scripts. */
class FakeGateway {
  readonly root = mkdtempSync(path.join(tmpdir(), 'dwcp-gateway-'));
  private readonly program = path.join(this.root, 'dwcp-fetch');

  constructor() {
    for (const folder of [
      'bin',
      'bucket/gateway-1',
      'opt/dwcp',
      'run/dwcp',
      'etc/dwcp',
      'etc/systemd/system',
    ]) {
      mkdirSync(path.join(this.root, folder), { recursive: true });
    }
    const text = userData(bootstrap);
    const document = (name: string) => new RegExp(`cat >${name} <<'EOF'\n([\\s\\S]*?)\nEOF\n`).exec(text)![1];
    const program = document('/usr/local/sbin/dwcp-fetch');
    this.script(
      'dwcp-fetch',
      program.replace(/\/(opt|run|etc)\/(dwcp|systemd)/g, `${this.root}/$1/$2`),
      this.root,
    );
    writeFileSync(path.join(this.root, 'etc/dwcp/source'), document('/etc/dwcp/source'));
    this.script(
      'aws',
      `#!/bin/bash
case "$1 $2" in
  's3 cp') from=$(echo "$4" | sed 's#^s3://[^/]*#${this.root}/bucket#'); cp "$from" "$5" ;;
  *) echo secret >>${this.root}/calls; cat ${this.root}/secret ;;
esac`,
    );
    this.script('systemctl', `#!/bin/bash\necho "$*" >>${this.root}/calls`);
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

  /** What AWS and systemd were asked since the last look. */
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

const tools = spawnSync('bash', ['-c', 'command -v flock sha256sum tar readlink'], { encoding: 'utf8' });

describe('fetching a bundle', () => {
  const unit = { 'dwcp-agent.service': '[Service]\nExecStart=/bin/true\n', 'gateway.json': '{}\n' };
  const restarted = ['daemon-reload', 'enable -q dwcp-agent.service', 'reload-or-restart dwcp-agent.service'];

  function onLinux(run: (gateway: FakeGateway) => void): void {
    if (tools.status !== 0) return skipped('no flock, sha256sum or tar');
    const gateway = new FakeGateway();
    try {
      run(gateway);
    } finally {
      rmSync(gateway.root, { recursive: true, force: true });
    }
  }

  it('unpacks it, switches to it, gets the secret and starts the agent; a second time does nothing', () => {
    onLinux((gateway) => {
      const digest = gateway.release(unit);
      expect(gateway.fetch()).toBe(0);
      expect(readlinkSync(gateway.at('opt/dwcp/current'))).toBe(`releases/${digest}`);
      expect(readFileSync(gateway.at('opt/dwcp/current/gateway.json'), 'utf8')).toBe('{}\n');
      expect(readFileSync(gateway.at('opt/dwcp/endpoints.json'), 'utf8')).toContain('192.0.2.1');
      expect(readFileSync(gateway.at('run/dwcp/unseal'), 'utf8')).toBe('c2VjcmV0\n');
      expect(gateway.calls()).toEqual(['secret', ...restarted]);
      expect(gateway.fetch()).toBe(0);
      expect(gateway.calls()).toEqual([]);
      expect(readdirSync(gateway.at('opt/dwcp')).sort()).toEqual(['current', 'endpoints.json', 'releases']);
    });
  });

  it('refuses a bundle whose digest does not match, and leaves everything as it was', () => {
    onLinux((gateway) => {
      const digest = gateway.release(unit);
      gateway.fetch();
      gateway.calls();
      gateway.release(
        { 'gateway.json': '{"changed":true}\n' },
        createHash('sha256').update('other').digest('hex'),
      );
      expect(gateway.fetch()).not.toBe(0);
      expect(readlinkSync(gateway.at('opt/dwcp/current'))).toBe(`releases/${digest}`);
      expect(readdirSync(gateway.at('opt/dwcp/releases'))).toEqual([digest]);
      expect(gateway.calls()).toEqual([]);
    });
  });

  it('refuses a digest that is none', () => {
    onLinux((gateway) => {
      gateway.release(unit, '../../etc');
      expect(gateway.fetch()).not.toBe(0);
      expect(existsSync(gateway.at('opt/dwcp/current'))).toBe(false);
    });
  });

  it('takes a new bundle with its new secret, and keeps the old release for a while', () => {
    onLinux((gateway) => {
      const first = gateway.release(unit);
      gateway.fetch();
      gateway.calls();
      const second = gateway.release({ ...unit, 'gateway.json': '{"second":true}\n' });
      writeFileSync(gateway.at('secret'), 'bmV3\n');
      expect(gateway.fetch()).toBe(0);
      expect(readlinkSync(gateway.at('opt/dwcp/current'))).toBe(`releases/${second}`);
      expect(readFileSync(gateway.at('run/dwcp/unseal'), 'utf8')).toBe('bmV3\n');
      expect(gateway.calls()).toEqual(['secret', ...restarted]);
      expect(readdirSync(gateway.at('opt/dwcp/releases')).sort()).toEqual([first, second].sort());
    });
  });

  it('tells the agent when a peer has another address', () => {
    onLinux((gateway) => {
      gateway.release(unit);
      gateway.fetch();
      gateway.calls();
      gateway.put('endpoints.json', '{"dublin/1":"192.0.2.9"}\n');
      expect(gateway.fetch()).toBe(0);
      expect(readFileSync(gateway.at('opt/dwcp/endpoints.json'), 'utf8')).toContain('192.0.2.9');
      expect(gateway.calls()).toEqual(restarted);
    });
  });

  it('does without an agent, and tries again for a secret that is not there yet', () => {
    onLinux((gateway) => {
      gateway.release({ 'gateway.json': '{}\n' });
      rmSync(gateway.at('secret'));
      expect(gateway.fetch()).toBe(0);
      expect(existsSync(gateway.at('run/dwcp/unseal'))).toBe(false);
      writeFileSync(gateway.at('secret'), 'bGF0ZQ==\n');
      expect(gateway.fetch()).toBe(0);
      expect(readFileSync(gateway.at('run/dwcp/unseal'), 'utf8')).toBe('bGF0ZQ==\n');
      expect(gateway.calls()).toEqual(['secret', 'secret']);
    });
  });
});
