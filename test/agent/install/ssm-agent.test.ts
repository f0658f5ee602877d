import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { followOptionalUnits } from '../../../lib/agent/install/optional-units';
import { installSsmAgent, readSsmFault } from '../../../lib/agent/install/ssm-agent';
import { agentFiles, gatewayState } from '../../../lib/gateway';
import type { NetworkDescription } from '../../../lib/model';
import { encodeCanonical } from '../../../lib/plan';
import { skipped } from '../../net/skipped';
import { planOf } from '../../support/plan-of';
import { catchOutput } from '../../support/catch-output';

// A real package, made by dpkg-deb, fetched from a real server, and installed by dpkg into a root of its own.
const why =
  spawnSync('sh', ['-c', 'dpkg-deb --version && dpkg --version && test "$(id -u)" = 0']).status === 0
    ? undefined
    : 'no dpkg, or no root';

let folder: string;
let server: Server;
let served: Buffer;
let asked: string[];
let said: string[];
const at = (...parts: string[]) => path.join(folder, ...parts);

/** The bytes of a package with one file, which says its version. */
function made(name: string, version: string): Buffer {
  const tree = at('made', name, version);
  mkdirSync(path.join(tree, 'DEBIAN'), { recursive: true });
  mkdirSync(path.join(tree, 'opt'), { recursive: true });
  const control = { Package: name, Version: version, Architecture: 'all', Maintainer: 'a@example.com' };
  const lines = Object.entries({ ...control, Description: 'a test' }).map(
    ([key, value]) => `${key}: ${value}\n`,
  );
  writeFileSync(path.join(tree, 'DEBIAN/control'), lines.join(''));
  writeFileSync(path.join(tree, 'opt/ssm'), version);
  const { status, stderr } = spawnSync('dpkg-deb', ['--build', '-Znone', tree, at('made.deb')], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
  return readFileSync(at('made.deb'));
}

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

/** Writes the gateway's part of a plan that names a package by its digest. */
function plan(digest: string, url?: string): void {
  const description: NetworkDescription = {
    network: 'demo',
    regions: { a: { place: 'us-east-1' }, b: { place: 'eu-west-1' } },
    links: [{ between: ['a', 'b'], bandwidth: '1 Gbps' }],
    operations: {
      ssmAgent: {
        version: '3.3.1.0',
        sha256: { arm64: digest, amd64: digest },
        url:
          url ?? `http://127.0.0.1:${(server.address() as AddressInfo).port}/{region}/{version}/{arch}.deb`,
      },
    },
  };
  writeFileSync(at('bundle/gateway.json'), encodeCanonical(gatewayState(planOf(description), 'b/1')));
}

const run = () =>
  installSsmAgent({
    bundle: at('bundle'),
    source: at('source'),
    ssmDir: at('kept'),
    systemctl: at('systemctl'),
    dpkg: ['dpkg', `--root=${at('root')}`],
  });
const installed = () => (existsSync(at('root/opt/ssm')) ? readFileSync(at('root/opt/ssm'), 'utf8') : null);
const calls = () => readFileSync(at('calls'), 'utf8');

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'dwcp-ssm-agent-'));
  for (const name of ['bundle', 'root/var/lib/dpkg/info', 'root/var/lib/dpkg/updates']) {
    mkdirSync(at(name), { recursive: true });
  }
  for (const name of ['status', 'available']) writeFileSync(at('root/var/lib/dpkg', name), '');
  writeFileSync(at('systemctl'), `#!/bin/sh\necho "$*" >>${at('calls')}\n`);
  chmodSync(at('systemctl'), 0o755);
  writeFileSync(at('calls'), '');
  writeFileSync(at('source'), 'AWS_DEFAULT_REGION=eu-west-1\nBUCKET=b\nACCOUNT=1\nFOLDER=f\n');
  asked = [];
  server = createServer((request, response) => {
    asked.push(request.url!);
    response.end(served);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  said = catchOutput();
});

afterEach(async () => {
  jest.restoreAllMocks();
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true, force: true });
});

const onDebian = (name: string, work: () => Promise<void>) =>
  it(name, () => (why ? Promise.resolve(skipped(why)) : work()));

describe('the SSM agent that a plan names', () => {
  onDebian('is installed once, started, and replaced where the plan names another', async () => {
    served = made('amazon-ssm-agent', '1');
    plan(sha256(served));
    expect([await run(), said]).toEqual([0, ['installed the SSM agent 3.3.1.0\n']]);
    expect(installed()).toBe('1');
    expect(asked[0]).toMatch(/^\/eu-west-1\/3\.3\.1\.0\/\w+\.deb$/);
    expect(calls()).toBe('enable --quiet --now amazon-ssm-agent.service\n');
    expect([await run(), asked.length]).toEqual([0, 1]);
    served = made('amazon-ssm-agent', '2');
    plan(sha256(served));
    expect([await run(), installed()]).toEqual([0, '2']);
  });

  onDebian('is refused where it is another package, before dpkg sees it', async () => {
    const named = made('amazon-ssm-agent', '1');
    served = made('amazon-ssm-agent', '2');
    plan(sha256(named));
    expect([await run(), installed(), calls()]).toEqual([2, null, '']);
    const text = `has SHA-256 ${sha256(served)}, not ${sha256(named)} as in the plan`;
    expect(said.join('')).toContain(text);
    expect(readSsmFault(at('kept'))).toContain(text);
    // Nor cut short.
    served = named.subarray(0, named.length - 1);
    expect([await run(), installed()]).toEqual([2, null]);
    served = named;
    expect([await run(), installed(), readSsmFault(at('kept'))]).toEqual([0, '1', null]);
    expect(existsSync(at('kept/package.deb'))).toBe(false);
  });

  onDebian('is refused where what the plan names is something else', async () => {
    served = made('rootkit', '1');
    plan(sha256(served));
    expect([await run(), installed()]).toEqual([2, null]);
    expect(said.join('')).toContain('the plan names package rootkit, not amazon-ssm-agent');
  });

  onDebian('is fetched later where nobody answers, or not with the package', async () => {
    served = made('amazon-ssm-agent', '1');
    plan(sha256(served), 'http://127.0.0.1:1/x.deb');
    expect([await run(), installed()]).toEqual([1, null]);
    expect(readSsmFault(at('kept'))).toContain('ECONNREFUSED');
  });
});

describe('the unit that installs it', () => {
  it('comes with a plan that names one, and goes with it', async () => {
    const operations = gatewayState(
      planOf({
        network: 'demo',
        regions: { a: { place: 'us-east-1' }, b: { place: 'eu-west-1' } },
        links: [{ between: ['a', 'b'], bandwidth: '1 Gbps' }],
        operations: { ssmAgent: { version: '3.3.1.0', sha256: { arm64: 'A'.repeat(64) } } },
      }),
      'b/1',
    );
    expect(operations.operations).toMatchObject({
      ssm: true,
      ssmAgent: { sha256: { arm64: 'a'.repeat(64) } },
    });
    mkdirSync(at('units'));
    for (const [name, text] of agentFiles('')) writeFileSync(at('bundle', name), text);
    const done: string[] = [];
    const follow = (state: typeof operations) =>
      followOptionalUnits(at('units'), at('bundle'), state, (...args) => {
        done.push(args.join(' '));
        return Promise.resolve();
      });
    await follow(operations);
    expect(existsSync(at('units/dwcp-ssm.service'))).toBe(true);
    const unit = 'dwcp-ssm.service';
    expect(done.splice(0)).toEqual(['daemon-reload', `enable --quiet ${unit}`, `restart --no-block ${unit}`]);
    await follow({ ...operations, operations: undefined });
    expect(done.splice(0)).toEqual([`disable --quiet --now ${unit}`, 'daemon-reload']);
    expect(existsSync(at('units/dwcp-ssm.service'))).toBe(false);
    await follow({ ...operations, operations: undefined });
    expect(done).toEqual([]);
  });
});
