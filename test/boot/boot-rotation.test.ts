import { beginRotation, finishRotation, rotateSigning, signingChain } from '../../lib/net/keys';
import { seededRandom } from '../net/seeded-random';
import { SigningKeys } from '../support/signing-keys';
import { places, withBootedPair, type BootedPair } from './booted-pair';
import { account, type Deployed, type Place } from './deployment';

// Power cuts at every point of rotations, of applies that broke off between secret and bundle, and of a first
// gateway that fares badly: the tunnel carries after each.

const onPair = withBootedPair('rotated');
const random = seededRandom('rotations');
/** Of one in 20 ms: an end that has new keys shakes hands anew, which takes up to a second or two. */
const packetsOfHandshake = 150;

async function writeSecret(pair: BootedPair, of: Place, text = pair.deployment.secret(of)): Promise<void> {
  const { region, secret } = pair.deployment.bootstrap(of);
  await pair.cloud.secret(region, secret, text);
}
const installed = (pair: BootedPair, of: Place) =>
  pair.machine(of).output('readlink', '/opt/dwcp/current').trim();
const bundleOf = (deployed: Deployed, of: Place) => `releases/${deployed.bundle(of).sha256}`;

/** A power cut: it comes back with what it had, and the tunnel carries. */
async function carriesAfterReboot(pair: BootedPair, of: Place): Promise<void> {
  const { generation } = pair.state(of)!;
  await pair.machine(of).reboot();
  await pair.upWith(of, generation);
  await pair.carries();
}

onPair('a new secret below the old bundle: both come back', async (pair) => {
  const { opened } = beginRotation(pair.deployment.keys, ['virginia/1', 'dublin/1'], random);
  const before = places.map((of) => installed(pair, of));
  pair.deployment = pair.deployment.withKeys(opened);
  for (const of of places) {
    await writeSecret(pair, of);
    await carriesAfterReboot(pair, of);
  }
  expect(places.map((of) => installed(pair, of))).toEqual(before);
});

onPair('a new bundle without its secret: it is told, not installed, and both come back', async (pair) => {
  const next = pair.deployment.plan('2 Gbps', pair.current.lock);
  // What an apply leaves that wrote bundles and not the secrets.
  const first = pair.dublin.output('cat', '/run/dwcp/unseal').trim().split('\n').at(-1)!;
  for (const of of places) {
    await pair.deployment.upload(pair.cloud, of, next);
    if (of === 'dublin') for (let i = 0; i < 2; i++) await writeSecret(pair, of, `${first}\n`);
  }
  pair.dublin.sh(`echo '${first}' >/run/dwcp/unseal`);
  const before = installed(pair, 'dublin');
  const epoch = next.bundle('dublin').secretVersion;
  expect(pair.fetch()).toEqual({
    ok: false,
    said: expect.stringContaining(`failed: the secret store has no secret ${epoch}`) as string,
  });
  await carriesAfterReboot(pair, 'dublin');
  expect(installed(pair, 'dublin')).toBe(before);
  expect(await pair.report()).toMatchObject({ result: 'failed', health: 'unknown', generation: '2' });
  // The other end takes its own: the keys in use are the same.
  expect(pair.fetch('virginia').ok).toBe(true);
  await pair.carries();
  await carriesAfterReboot(pair, 'virginia');
  await writeSecret(pair, 'dublin');
  expect(pair.fetch().ok).toBe(true);
  pair.current = next;
  expect(installed(pair, 'dublin')).toBe(bundleOf(next, 'dublin'));
  for (const of of places) await carriesAfterReboot(pair, of);
});

onPair('a newest secret without the epoch that is installed: the version before opens it', async (pair) => {
  const text = pair.deployment.secret('dublin');
  await writeSecret(pair, 'dublin', text);
  await writeSecret(pair, 'dublin', `999 ${Buffer.alloc(32, 1).toString('base64')}\n`);
  await carriesAfterReboot(pair, 'dublin');
  await writeSecret(pair, 'dublin', text);
});

onPair('the next keys come into use at one end after the other', async (pair) => {
  const key = () => pair.dublin.output('wg', 'show', 'wg-virginia', 'public-key').trim();
  const before = key();
  const { opened } = finishRotation(pair.deployment.keys, random);
  pair.deployment = pair.deployment.withKeys(opened);
  const next = pair.deployment.plan('2 Gbps', pair.current.lock);
  for (const end of ['dublin', 'virginia'] as const) {
    await pair.deployment.upload(pair.cloud, end, next);
    const traffic = pair.traffic();
    expect(pair.fetch(end).ok).toBe(true);
    expect(await traffic.lost()).toBeLessThan(packetsOfHandshake);
    for (const cut of places) await carriesAfterReboot(pair, cut);
  }
  pair.current = next;
  expect(places.map((of) => installed(pair, of))).toEqual(places.map((of) => bundleOf(next, of)));
  expect(key()).not.toBe(before);
});

describe('the first gateway', () => {
  const canaryPlace = () => `us-east-1 dwcp-rotated-virginia-${account} ${account}\n`;
  async function deploy(
    pair: BootedPair,
    next: Deployed,
    waitSeconds: number,
    deployment = pair.deployment,
  ): Promise<void> {
    const canary = { gateway: 'virginia/1', bundle: next.bundle('virginia').sha256, waitSeconds };
    for (const of of places) {
      await deployment.upload(pair.cloud, of, next, { manifest: { canary }, canary: canaryPlace() });
    }
  }

  onPair('reports bad: the second never takes it, whatever boots', async (pair) => {
    const before = installed(pair, 'dublin');
    // An agent that cannot run.
    const ends = "\nif (process.argv[2] === 'run') process.exit(1);\n";
    const broken = pair.deployment.withAgent(pair.agent.replace('\n', ends));
    const next = broken.plan('3 Gbps', pair.current.lock);
    await deploy(pair, next, 3600, broken);
    expect(pair.fetch()).toEqual({
      ok: true,
      said: expect.stringContaining('waiting: for a report of virginia/1, until ') as string,
    });
    await carriesAfterReboot(pair, 'dublin');
    expect(pair.fetch('virginia')).toEqual({
      ok: false,
      said: expect.stringContaining('what was there before is back') as string,
    });
    expect(await pair.report('virginia')).toMatchObject({ result: 'failed', health: 'bad' });
    await pair.carries();
    const why = 'refused: virginia/1 reported this deployment bad; deploy another';
    expect(pair.fetch()).toEqual({ ok: false, said: expect.stringContaining(why) as string });
    await carriesAfterReboot(pair, 'dublin');
    expect(pair.fetch()).toEqual({ ok: false, said: expect.stringContaining(why) as string });
    const { generation } = pair.current.plan;
    expect([installed(pair, 'dublin'), pair.state('dublin')?.generation]).toEqual([before, generation]);
    expect(await pair.report()).toMatchObject({
      result: 'refused',
      generation: String(next.plan.generation),
    });
    pair.current = { ...pair.current, lock: next.lock };
  });

  onPair('reports good: the second takes it', async (pair) => {
    const next = pair.deployment.plan('4 Gbps', pair.current.lock);
    await deploy(pair, next, 3600);
    expect(pair.fetch().said).toContain('waiting: for a report of virginia/1');
    expect(installed(pair, 'dublin')).not.toBe(bundleOf(next, 'dublin'));
    expect(pair.fetch('virginia').ok).toBe(true);
    expect(await pair.report('virginia')).toMatchObject({ result: 'installed', health: 'good' });
    expect(pair.fetch().ok).toBe(true);
    pair.current = next;
    for (const of of places) expect(installed(pair, of)).toBe(bundleOf(next, of));
    await pair.carries();
  });

  onPair('reports nothing: the second takes it after the wait', async (pair) => {
    const next = pair.deployment.plan('5 Gbps', pair.current.lock);
    await deploy(pair, next, 8);
    const start = Date.now();
    expect(pair.fetch().said).toContain('waiting: for a report of virginia/1');
    const status = pair.dublin.output('dwcp-agent', 'status');
    expect(status).toMatch(/^bundle: waiting since .* \(for a report of virginia\/1, until /m);
    while (installed(pair, 'dublin') !== bundleOf(next, 'dublin')) {
      expect(Date.now() - start).toBeLessThan(60_000);
      expect(pair.fetch().ok).toBe(true);
    }
    expect(Date.now() - start).toBeGreaterThan(7_000);
    pair.current = next;
    expect(pair.fetch('virginia').ok).toBe(true);
    await pair.carries();
  });
});

describe('the signing key', () => {
  const keyOf = (pair: BootedPair, of: Place) =>
    pair.machine(of).output('cat', '/var/lib/dwcp-fetch/key').trim();
  const newest = (pair: BootedPair) => {
    const chain = signingChain(pair.deployment.keys.file);
    return `${chain.length} ${chain.at(-1)!.publicKey}`;
  };
  async function rotate(pair: BootedPair): Promise<void> {
    const { opened } = rotateSigning(pair.deployment.keys, random);
    pair.deployment = pair.deployment.withKeys(opened);
    for (const of of places) await pair.deployment.upload(pair.cloud, of, pair.current);
  }

  onPair('is followed through three rotations, two of which a gateway slept through', async (pair) => {
    expect(keyOf(pair, 'dublin')).toBe(newest(pair));
    await rotate(pair);
    for (const of of places) {
      expect(pair.fetch(of)).toMatchObject({ ok: true });
      expect(keyOf(pair, of)).toBe(newest(pair));
    }
    const old = pair.deployment.manifest('dublin', pair.current);
    pair.dublin.powerOff();
    for (let i = 0; i < 2; i++) {
      await rotate(pair);
      expect(pair.fetch('virginia').ok).toBe(true);
      expect(keyOf(pair, 'virginia')).toBe(newest(pair));
    }
    await pair.dublin.boot();
    await pair.upWith('dublin', pair.current.plan.generation);
    expect(pair.fetch().ok).toBe(true);
    expect(keyOf(pair, 'dublin')).toBe(newest(pair));
    expect(keyOf(pair, 'dublin')).toMatch(/^4 /);
    await pair.carries();
    // What the second key signed is behind it.
    await pair.deployment.upload(pair.cloud, 'dublin', pair.current, { text: old });
    expect(pair.fetch()).toEqual({
      ok: false,
      said: expect.stringContaining('it is signed by key 2, which key 4 has replaced') as string,
    });
    expect(await pair.report()).toMatchObject({ result: 'refused' });
  });

  onPair('a forged chain is refused, before and after a boot', async (pair) => {
    const chain = signingChain(pair.deployment.keys.file);
    const next = pair.deployment.plan('6 Gbps', pair.current.lock);
    const [before, key] = [installed(pair, 'dublin'), keyOf(pair, 'dublin')];
    for (const [forger, told] of [
      [SigningKeys.behind('rotated', chain, random), 'key 5 is not signed by key 4'],
      [SigningKeys.behind('rotated', chain.slice(0, 3), random), 'key 4 is not the one that was accepted'],
      [SigningKeys.create('rotated', random), "its first key is not this network's"],
    ] as const) {
      await pair.deployment.forgedBy(forger).upload(pair.cloud, 'dublin', next);
      expect(pair.fetch()).toEqual({ ok: false, said: expect.stringContaining(told) as string });
      expect([installed(pair, 'dublin'), keyOf(pair, 'dublin')]).toEqual([before, key]);
    }
    await carriesAfterReboot(pair, 'dublin');
    expect([installed(pair, 'dublin'), keyOf(pair, 'dublin')]).toEqual([before, key]);
    for (const of of places) {
      await pair.deployment.upload(pair.cloud, of, next);
      expect(pair.fetch(of).ok).toBe(true);
    }
    pair.current = next;
    await pair.carries();
  });
});
