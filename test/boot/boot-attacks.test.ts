import { bundle, gatewayFiles, agentFiles } from '../../lib/gateway';
import { sealedPartOf, signingChain } from '../../lib/net/keys';
import { seededRandom } from '../net/seeded-random';
import { SigningKeys } from '../support/signing-keys';
import { withBootedPair, type BootedPair } from './booted-pair';
import { Deployment, type Deployed, type Otherwise } from './deployment';

// Whoever writes the bucket against a gateway that runs generation 2: nothing of his runs, whatever he puts
// there, all of it is told, and what was there carries on. What he would have run makes /run/owned.

const onPair = withBootedPair('attacked');
const fewPackets = 25;

const evilAgent = `require('node:fs').writeFileSync('/run/owned', 'agent');\n`;
const evilUnit = `[Unit]\n[Service]\nExecStartPre=/bin/touch /run/owned\nExecStart=/bin/sleep infinity\n`;

/** The gateway's bundle with some files changed. */
function changed(pair: BootedPair, deployed: Deployed, files: Record<string, string>) {
  const sealed = sealedPartOf(pair.deployment.keys.file, 'dublin/1');
  const all = [...gatewayFiles(deployed.plan, 'dublin/1', sealed), ...agentFiles(pair.agent)];
  return bundle(new Map([...all, ...Object.entries(files)]));
}

const standing = (pair: BootedPair) =>
  pair.dublin.sh(`readlink /opt/dwcp/current; ip -o link | cut -d: -f1,2
    systemctl show -P MainPID dwcp-agent
    cd /etc/systemd/system; sha256sum dwcp-*.service dwcp-*.timer /usr/local/sbin/dwcp-fetch /opt/dwcp/current/*.*`);

type Attack = (pair: BootedPair, next: Deployed) => Otherwise | Promise<Otherwise>;
const stranger = SigningKeys.create('attacked', seededRandom('stranger'));

const attacks: readonly (readonly [what: string, attack: Attack, told: RegExp])[] = [
  [
    'all of it by another key',
    (pair, next) => {
      const evil = changed(pair, next, { 'dwcp-agent.cjs': evilAgent });
      const manifest = pair.deployment.forgedBy(stranger).manifest('dublin', next, { bundle: evil.sha256 });
      return { bytes: evil.bytes, text: manifest };
    },
    /the manifest: its first key is not this network's/,
  ],
  [
    "another key's signature below our chain",
    (pair, next) => {
      const evil = changed(pair, next, { 'dwcp-agent.cjs': evilAgent });
      const ours = pair.deployment.manifest('dublin', next, { bundle: evil.sha256 });
      const text = ours.replace(/signature .*\n/, '');
      return { bytes: evil.bytes, text: `${text}signature ${stranger.sign(text)}\n` };
    },
    /the manifest: its signature is not by key 1/,
  ],
  [
    'a key of his own behind ours',
    (pair, next) => {
      const evil = changed(pair, next, { 'dwcp-agent.cjs': evilAgent });
      const chain = signingChain(pair.deployment.keys.file);
      const forger = SigningKeys.behind('attacked', chain, seededRandom('his'));
      return {
        bytes: evil.bytes,
        text: pair.deployment.forgedBy(forger).manifest('dublin', next, { bundle: evil.sha256 }),
      };
    },
    /the manifest: key 2 is not signed by key 1/,
  ],
  [
    'the right manifest with a replaced agent',
    (pair, next) => ({ bytes: changed(pair, next, { 'dwcp-agent.cjs': evilAgent }).bytes }),
    /the bundle is not the one that the manifest names/,
  ],
  [
    'the right manifest with a replaced unit',
    (pair, next) => ({ bytes: changed(pair, next, { 'dwcp-agent.service': evilUnit }).bytes }),
    /the bundle is not the one that the manifest names/,
  ],
  [
    "a manifest that names the replaced agent's digest",
    (pair, next) => {
      const evil = changed(pair, next, { 'dwcp-agent.cjs': evilAgent });
      const text = pair.deployment.manifest('dublin', next).replace(/^bundle .*$/m, `bundle ${evil.sha256}`);
      return { bytes: evil.bytes, text };
    },
    /the manifest: its signature is not by key 1/,
  ],
  [
    'an older plan, signed long ago',
    (pair) => {
      const old = pair.deployment.plan('1 Gbps', null);
      return { bytes: old.bundle('dublin').bytes, text: pair.deployment.manifest('dublin', old) };
    },
    /the manifest: it is older: generation 1, and generation 2 was accepted/,
  ],
  [
    "another network's bundle and manifest",
    async (pair) => {
      const foreign = await Deployment.create('other', pair.agent);
      const deployed = foreign.plan('1 Gbps', null);
      return { bytes: deployed.bundle('dublin').bytes, text: foreign.manifest('dublin', deployed) };
    },
    /the manifest: it is for network other, not attacked/,
  ],
  [
    "another gateway's bundle and manifest",
    (pair, next) => ({
      bytes: next.bundle('virginia').bytes,
      text: pair.deployment.manifest('virginia', next),
    }),
    /the manifest: it is for gateway virginia\/1, not dublin\/1/,
  ],
  [
    "the older plan's bundle below the new manifest",
    (pair) => ({ bytes: pair.current.bundle('dublin').bytes }),
    /the bundle is not the one that the manifest names/,
  ],
  [
    'a bundle cut short',
    (_, next) => ({ bytes: next.bundle('dublin').bytes.subarray(0, 100_000) }),
    /the bundle is not the one that the manifest names/,
  ],
  [
    'a manifest cut short',
    (pair, next) => ({ text: pair.deployment.manifest('dublin', next).slice(0, -30) }),
    /the manifest: it is malformed, or cut short/,
  ],
  [
    'a manifest without end',
    (pair, next) => ({ text: pair.deployment.manifest('dublin', next).padEnd(20_000_000, '\n') }),
    /the manifest: it is longer than 64 KiB/,
  ],
  [
    'a manifest that has expired',
    (pair, next) => ({
      text: pair.deployment.manifest('dublin', next, { validity: { notBefore: 0, latest: 1_700_000_000 } }),
    }),
    /the manifest expired at 2023-11-14T22:13:20Z/,
  ],
  [
    'plain files in the place of all of it',
    () => ({ text: '#!/bin/sh\ntouch /run/owned\n', bytes: Buffer.from('#!/bin/sh\ntouch /run/owned\n') }),
    /the manifest: it is malformed/,
  ],
];

onPair('the gateways run generation 2', async (pair) => {
  pair.current = pair.deployment.plan('2 Gbps', pair.current.lock);
  await pair.deployment.upload(pair.cloud, 'dublin', pair.current);
  expect(pair.fetch().ok).toBe(true);
  await pair.upWith('dublin', 2);
  await pair.carries();
  expect(await pair.report()).toMatchObject({ generation: '2', result: 'installed', health: 'good' });
});

for (const [what, attack, told] of attacks) {
  onPair(`nothing runs, and all is told: ${what}`, async (pair) => {
    const before = standing(pair);
    const traffic = pair.traffic();
    const next = pair.deployment.plan('3 Gbps', pair.current.lock);
    await pair.deployment.upload(pair.cloud, 'dublin', next, await attack(pair, next));
    expect(pair.fetch()).toEqual({ ok: false, said: expect.stringMatching(told) as string });
    expect(pair.dublin.run('ls', '/run/owned').code).not.toBe(0);
    expect(standing(pair)).toBe(before);
    expect(pair.state('dublin')?.generation).toBe(2);
    expect(await traffic.lost()).toBeLessThan(fewPackets);
    expect(await pair.report()).toMatchObject({
      'dwcp-report': '1',
      gateway: 'dublin/1',
      result: 'refused',
      reason: expect.stringMatching(told) as string,
    });
  });
}

onPair("nothing is taken from another account's bucket of the same name", async (pair) => {
  const { bucket } = pair.deployment.bootstrap('dublin');
  const next = pair.deployment.plan('3 Gbps', pair.current.lock);
  await pair.deployment.upload(pair.cloud, 'dublin', next);
  await pair.cloud.own(bucket, '999999999999');
  const before = standing(pair);
  const { ok, said } = pair.fetch();
  expect([ok, said]).toEqual([false, expect.stringContaining('AccessDenied') as string]);
  expect(said).toContain('failed: the manifest cannot be had');
  expect(standing(pair)).toBe(before);
  // Even its report is not given away.
  expect(await pair.report()).not.toMatchObject({ reason: 'the manifest cannot be had' });
  await pair.cloud.own(bucket, null);
});

onPair('endpoints that were swapped move no tunnel', async (pair) => {
  const { bucket } = pair.deployment.bootstrap('dublin');
  const endpoint = () => pair.dublin.sh('wg show all endpoints');
  const before = endpoint();
  for (const address of ['44.0.2.254', '10.0.0.1', '169.254.169.254', 'nonsense']) {
    const endpoints = `${JSON.stringify({ 'virginia/1': address })}\n`;
    await pair.deployment.upload(pair.cloud, 'dublin', pair.current, { endpoints });
    pair.fetch();
    await pair.carries();
  }
  expect(endpoint()).toBe(before);
  expect(await pair.cloud.get(bucket, 'gateway-1/manifest')).not.toBeNull();
  await pair.deployment.upload(pair.cloud, 'dublin', pair.current);
  expect(pair.fetch().ok).toBe(true);
});

for (const at of [0, 3, 6]) {
  onPair(`a gateway that boots with it in its bucket runs what it had: ${attacks[at][0]}`, async (pair) => {
    const next = pair.deployment.plan('3 Gbps', pair.current.lock);
    await pair.deployment.upload(pair.cloud, 'dublin', next, await attacks[at][1](pair, next));
    await pair.dublin.reboot();
    await pair.upWith('dublin', 2);
    await pair.carries();
    expect(pair.fetch()).toEqual({ ok: false, said: expect.stringMatching(attacks[at][2]) as string });
    expect(pair.dublin.run('ls', '/run/owned').code).not.toBe(0);
  });
}

onPair('with the right key everything installs', async (pair) => {
  const next = pair.deployment.plan('3 Gbps', pair.current.lock);
  await pair.deployment.upload(pair.cloud, 'dublin', next);
  expect(pair.fetch()).toEqual({
    ok: true,
    said: expect.stringContaining('installed generation 3\n') as string,
  });
  pair.current = next;
  await pair.carries();
  expect(await pair.report()).toMatchObject({
    bundle: next.bundle('dublin').sha256,
    generation: '3',
    result: 'installed',
    health: 'good',
  });
});
