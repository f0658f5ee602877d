import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import type { Manifest } from '../../lib/gateway';
import { seededRandom } from '../net/seeded-random';
import { skipped } from '../net/skipped';
import { FakeGateway } from '../support/fake-gateway';
import { SigningKeys } from '../support/signing-keys';

const tools = spawnSync('bash', ['-c', 'type flock sha256sum tar openssl'], { encoding: 'utf8' });

function onLinux(name: string, run: (gateway: FakeGateway) => void): void {
  it(name, () => {
    if (tools.status !== 0) return skipped('no flock, sha256sum, tar or openssl');
    const gateway = new FakeGateway();
    try {
      run(gateway);
    } finally {
      gateway.remove();
    }
  });
}

const asked = (gateway: FakeGateway, digest: string) => `install ${gateway.at('opt/dwcp/releases', digest)}`;
/** As the agent does it. */
function install(gateway: FakeGateway, digest: string): void {
  rmSync(gateway.at('opt/dwcp/current'), { force: true });
  symlinkSync(`releases/${digest}`, gateway.at('opt/dwcp/current'));
  writeFileSync(gateway.at('run/dwcp/unseal'), readFileSync(gateway.at('AWSCURRENT')));
}
const asInstalled = ['systemctl -q is-active dwcp-agent', 'systemctl start dwcp-agent'];
const installedReport = (digest: string, health = 'good') => ({
  'dwcp-report': '1',
  gateway: 'dublin/1',
  bundle: digest,
  generation: '7',
  result: 'installed',
  health,
  reason: 'runs generation 7',
});

describe('fetching a bundle', () => {
  onLinux('unpacks it, gets the secret, has its agent install it, and reports it once', (gateway) => {
    const digest = gateway.releaseAgent(0);
    expect(gateway.fetch()).toMatchObject({ status: 0 });
    expect(gateway.calls()).toEqual(['secret', asked(gateway, digest)]);
    expect(readFileSync(gateway.at('given'), 'utf8')).toBe('5 c2VjcmV0\n');
    expect(gateway.report()).toEqual(installedReport(digest));
    expect(readdirSync(gateway.at('opt/dwcp')).sort()).toEqual(['releases']);
    expect(readdirSync(gateway.at('run/dwcp')).sort()).toEqual(['fetch.lock']);
    install(gateway, digest);
    for (const gone of ['bundle.tar', '../reports/dublin-1']) rmSync(gateway.at('s3/own/gateway-1', gone));
    gateway.secret('AWSCURRENT', null);
    const stat = gateway.at('bin/systemctl');
    writeFileSync(stat, '#!/bin/bash\n');
    expect(gateway.fetch().status).toBe(0);
    expect(gateway.calls()).toEqual([asked(gateway, digest)]);
    expect(existsSync(gateway.at('s3/own/reports/dublin-1'))).toBe(false);
  });

  onLinux('runs nothing of a bundle that is not the one of the manifest', (gateway) => {
    const wanted = gateway.releaseAgent(0);
    const manifest = readFileSync(gateway.at('s3/own/gateway-1/manifest'));
    for (const change of ['other', 'cut']) {
      gateway.releaseAgent(0, {}, 'other');
      gateway.put('manifest', manifest);
      if (change === 'cut')
        gateway.put('bundle.tar', readFileSync(gateway.at('s3/own/gateway-1/bundle.tar')).subarray(1024));
      expect(gateway.fetch()).toMatchObject({ status: 1 });
      expect(readdirSync(gateway.at('opt/dwcp/releases'))).toEqual([]);
      expect(gateway.calls()).toEqual([]);
      expect(gateway.report()).toMatchObject({
        bundle: wanted,
        result: 'refused',
        reason: 'the bundle is not the one that the manifest names',
      });
    }
  });

  onLinux('unpacks neither links, devices nor what gives rights, even where they are signed', (gateway) => {
    const made = gateway.at('made');
    for (const make of [
      'ln -s /etc/passwd x',
      'mkfifo x',
      'touch x; chmod 4755 x',
      'echo >a; ln a x',
      'chmod 1755 .',
    ]) {
      const script = `rm -rf ${made}; mkdir ${made}; cd ${made}; ${make}; tar -cf ../made.tar .`;
      expect(spawnSync('bash', ['-ec', script], { encoding: 'utf8' }).stderr).toBe('');
      const bytes = readFileSync(gateway.at('made.tar'));
      const bundle = spawnSync('sha256sum', { input: bytes, encoding: 'utf8' }).stdout.slice(0, 64);
      gateway.release({}, { bundle });
      gateway.put('bundle.tar', bytes);
      expect(gateway.fetch().status).toBe(1);
      expect([make, gateway.report().reason]).toEqual([
        make,
        'the bundle holds what is no plain file or folder',
      ]);
      expect(readdirSync(gateway.at('opt/dwcp/releases'))).toEqual([]);
    }
  });

  onLinux('follows no other manifest, and says so without a word of it', (gateway) => {
    const stranger = SigningKeys.create('net', seededRandom('stranger'));
    const first = gateway.releaseAgent(0);
    gateway.fetch();
    install(gateway, first);
    gateway.calls();
    gateway.releaseAgent(0, { generation: 99 }, 'evil', stranger);
    expect(gateway.fetch()).toMatchObject({ status: 1 });
    expect(gateway.calls()).toEqual(['systemctl -q is-active dwcp-agent', 'secret', asInstalled[1]]);
    expect(gateway.report()).toMatchObject({
      bundle: '0'.repeat(64),
      generation: '0',
      result: 'refused',
      reason: "the manifest: its first key is not this network's",
    });
    gateway.releaseAgent(0, { generation: 6 }, 'older');
    expect(gateway.fetch().stderr).toContain('it is older: generation 6, and generation 7 was accepted');
    expect(readdirSync(gateway.at('opt/dwcp/releases'))).toEqual([first]);
    gateway.releaseAgent(0);
    expect(gateway.fetch().status).toBe(0);
    expect(gateway.report()).toEqual(installedReport(first));
  });

  onLinux("takes nothing from another account's bucket", (gateway) => {
    gateway.releaseAgent(0);
    writeFileSync(gateway.at('s3/own/.owner'), '999999999999\n');
    expect(gateway.fetch()).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('AccessDenied') as string,
    });
    expect(gateway.calls()).toEqual([]);
  });

  onLinux('takes no manifest that another one of the same generation has replaced', (gateway) => {
    const first = gateway.releaseAgent(0);
    const manifest = readFileSync(gateway.at('s3/own/gateway-1/manifest'));
    gateway.fetch();
    install(gateway, first);
    const second = gateway.releaseAgent(0, {}, 'another agent');
    expect(gateway.fetch().status).toBe(0);
    install(gateway, second);
    gateway.put('manifest', manifest);
    expect(gateway.fetch().stderr).toContain('another manifest of generation 7 has replaced it');
  });

  onLinux('keeps the newest key, and takes nothing by the one before', (gateway) => {
    const random = seededRandom('rotations');
    const [second, third] = [gateway.keys.rotated(random), gateway.keys.rotated(random).rotated(random)];
    const { chain } = third;
    gateway.releaseAgent(0, {}, '', third);
    expect(gateway.fetch().status).toBe(0);
    expect(readFileSync(gateway.at('var/lib/dwcp-fetch/key'), 'utf8')).toBe(`3 ${chain[2].publicKey}\n`);
    gateway.releaseAgent(0, {}, '', second);
    expect(gateway.fetch().stderr).toContain('it is signed by key 2, which key 3 has replaced');
  });

  onLinux('says what the agent refuses, and what it could not install', (gateway) => {
    const digest = gateway.releaseAgent(1, {}, 'refused (older): not this');
    expect(gateway.fetch().status).toBe(1);
    const common = { bundle: digest, reason: 'dwcp-agent: refused (older): not this' };
    expect(gateway.report()).toMatchObject({ ...common, result: 'refused', health: 'unknown' });
    gateway.releaseAgent(1, {}, 'not installed: it did not come up');
    expect(gateway.fetch().status).toBe(1);
    expect(gateway.report()).toMatchObject({ result: 'failed', health: 'bad' });
  });

  onLinux('after `latest` keeps what runs and says so; before `not-before` waits', (gateway) => {
    const [past, future] = [-3600, 3600].map((s) => Math.floor(Date.now() / 1000) + s);
    gateway.releaseAgent(0, { validity: { notBefore: 0, latest: past } });
    expect(gateway.fetch().status).toBe(1);
    expect(gateway.report()).toMatchObject({
      result: 'refused',
      reason: expect.stringMatching(/^the manifest expired at 20.*; deploy again$/) as string,
    });
    gateway.releaseAgent(0, { validity: { notBefore: future, latest: 0 } });
    expect(gateway.fetch().status).toBe(0);
    expect(gateway.report()).toMatchObject({
      result: 'waiting',
      reason: expect.stringMatching(/^not before/) as string,
    });
    expect(gateway.calls()).toEqual([]);
  });
});

describe('secrets by their epochs', () => {
  onLinux('come from the version before where the newest has none of the epoch', (gateway) => {
    gateway.releaseAgent(0, { secretEpoch: 4 });
    expect(gateway.fetch().status).toBe(1);
    expect(gateway.report()).toMatchObject({ result: 'failed', reason: 'the secret store has no secret 4' });
    gateway.secret('AWSPREVIOUS', '4 b2xk\n');
    expect(gateway.fetch().status).toBe(0);
    expect(readFileSync(gateway.at('given'), 'utf8')).toBe('4 b2xk\n');
    gateway.secret('AWSCURRENT', '6 bmV3\n5 c2VjcmV0\n4 b2xk\n');
    expect(gateway.fetch().status).toBe(0);
    expect(readFileSync(gateway.at('given'), 'utf8')).toContain('6 bmV3\n');
  });

  onLinux('after a boot open what is installed, whatever the bucket holds', (gateway) => {
    const digest = gateway.releaseAgent(0);
    gateway.fetch();
    install(gateway, digest);
    rmSync(gateway.at('run/dwcp/unseal'));
    rmSync(gateway.at('s3/own/gateway-1/manifest'));
    gateway.secret('AWSCURRENT', '6 bmV3\n');
    gateway.secret('AWSPREVIOUS', '5 c2VjcmV0\n');
    gateway.calls();
    expect(gateway.fetch().status).toBe(1);
    expect(gateway.calls()).toEqual([asInstalled[0], 'secret', 'secret', asInstalled[1]]);
    expect(readFileSync(gateway.at('run/dwcp/unseal'), 'utf8')).toBe('5 c2VjcmV0\n');
    expect(gateway.report()).toMatchObject({ result: 'failed', reason: 'the manifest cannot be had' });
  });
});

describe('waiting for the first gateway', () => {
  const firstBundle = 'cd'.repeat(32);
  const canary = { gateway: 'virginia/1', bundle: firstBundle, waitSeconds: 600 };
  const said = (health: string, bundle = firstBundle, gateway = 'virginia/1') =>
    `dwcp-report 1\ngateway ${gateway}\nbundle ${bundle}\ngeneration 8\nresult installed\nhealth ${health}\nat 1\nreason x\n`;
  /** Runs generation 7; 8 is there, and waits. */
  function waiting(gateway: FakeGateway, of: Manifest['canary'] = canary): string {
    const before = gateway.releaseAgent(0);
    gateway.fetch();
    install(gateway, before);
    mkdirSync(gateway.at('s3/first/reports'), { recursive: true });
    gateway.put('canary', `us-east-1 first 123456789012\n`);
    return gateway.releaseAgent(0, { generation: 8, canary: of }, 'next');
  }
  const reported = (gateway: FakeGateway, text: string) =>
    writeFileSync(gateway.at('s3/first/reports/virginia-1'), text);
  const installs = (gateway: FakeGateway) => {
    gateway.calls();
    const { status } = gateway.fetch();
    return [status, gateway.calls().some((call) => call.startsWith('install'))];
  };

  onLinux('it goes on with a good report of this bundle, and with none but that', (gateway) => {
    waiting(gateway);
    expect(installs(gateway)).toEqual([0, false]);
    expect(gateway.report()).toMatchObject({
      result: 'waiting',
      reason: expect.stringMatching(/^for a report of virginia\/1, until 20/) as string,
    });
    for (const other of [
      said('good', 'ab'.repeat(32)),
      said('good', firstBundle, 'paris/1'),
      said('unknown'),
      'x',
    ]) {
      reported(gateway, other);
      expect(installs(gateway)).toEqual([0, false]);
    }
    reported(gateway, said('good'));
    expect(installs(gateway)).toEqual([0, true]);
  });

  onLinux('what it reported bad is never taken, whatever it says later', (gateway) => {
    waiting(gateway);
    reported(gateway, said('bad'));
    expect(installs(gateway)).toEqual([1, false]);
    expect(gateway.report()).toMatchObject({
      result: 'refused',
      reason: 'virginia/1 reported this deployment bad; deploy another',
    });
    reported(gateway, said('good'));
    expect(installs(gateway)).toEqual([1, false]);
  });

  onLinux('without a report it goes on after the wait, which no other bundle begins anew', (gateway) => {
    const next = waiting(gateway);
    installs(gateway);
    const since = path.join('var/lib/dwcp-fetch', 'first-seen');
    const [digest, seconds] = readFileSync(gateway.at(since), 'utf8').split(' ');
    expect(digest).toBe(next);
    writeFileSync(gateway.at(since), `${next} ${Number(seconds) - 590}\n`);
    expect(installs(gateway)).toEqual([0, false]);
    writeFileSync(gateway.at(since), `${next} ${Number(seconds) - 601}\n`);
    expect(installs(gateway)).toEqual([0, true]);
  });

  onLinux('neither the first itself waits, nor one that runs nothing, nor for another account', (gateway) => {
    gateway.releaseAgent(0, { canary });
    expect(installs(gateway)).toEqual([0, true]);
    waiting(gateway, { ...canary, gateway: 'dublin/1' });
    expect(installs(gateway)).toEqual([0, true]);
    waiting(gateway);
    reported(gateway, said('good'));
    writeFileSync(gateway.at('s3/first/.owner'), '999999999999\n');
    expect(installs(gateway)).toEqual([0, false]);
  });
});
