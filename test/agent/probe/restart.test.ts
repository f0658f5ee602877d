import { defaultProbeSettings, startProber, type Health } from '../../../lib/agent/probe';
import { FakeProbeNetwork } from '../../support/fake-probe-network';
import { mirrorPair, type MirrorPair } from '../../support/probe-mirror';
import { peer, session } from '../../support/probe-pair';

const holdMs = 10_000;

/** b says that it restarts, and ends: it is silent from then on. */
async function stopB({ network, b }: MirrorPair): Promise<void> {
  const told = b.prober.announceRestart(holdMs);
  // The notice goes out in virtual time.
  for (let i = 0; i < 5; i++) {
    network.run(network.nowMs + 20);
    await Promise.resolve();
  }
  await told;
  await b.stop();
}

describe('a gateway that says that it restarts', () => {
  it.each([
    ['probes for both', {}],
    ['is probed', { b: { intervalMs: 60, multiplier: 3 } }],
    ['probes faster', { a: { intervalMs: 60, multiplier: 3 } }],
  ])('costs its peer nothing for 3 s, whoever probes: it %s', async (_, timings) => {
    const pair = await mirrorPair(4, timings);
    const { network, a, b } = pair;
    network.run(5_000);
    const before = a.said.length;
    await stopB(pair);
    network.run(network.nowMs + 3_000);
    expect(a.restarts.map(({ news }) => news)).toEqual(['begins']);
    await b.start();
    network.run(network.nowMs + 10_000);
    expect(a.said.slice(before)).toEqual([]);
    expect(a.restarts.map(({ news }) => news)).toEqual(['begins', 'back']);
    expect(a.restarts[1].heldMs).toBeGreaterThan(3_000);
    expect(a.restarts[1].heldMs).toBeLessThan(3_300);
    // What went unanswered is no loss on the way.
    for (let k = 1; k <= 4; k++) expect(a.prober.statistics(`tunnel:${k}`)!.lossRatio).toBe(0);
    expect(b.said.every(({ health }) => health === 'up')).toBe(true);
  });

  it('counts as dead once its time is over, and not before', async () => {
    const pair = await mirrorPair(2);
    const { network, a } = pair;
    network.run(5_000);
    const before = a.said.length;
    await stopB(pair);
    network.run(network.nowMs + 9_800);
    expect(a.said.slice(before)).toEqual([]);
    network.run(network.nowMs + 400);
    expect(a.said.slice(before).map(({ health }) => health)).toEqual(['down', 'down']);
    expect(a.restarts.map(({ news }) => news)).toEqual(['begins', 'expires']);
  });

  it('is watched again as closely as before, once it is back', async () => {
    const pair = await mirrorPair(1);
    const { network, a, b } = pair;
    network.run(5_000);
    await stopB(pair);
    network.run(network.nowMs + 1_000);
    await b.start();
    network.run(network.nowMs + 2_000);
    const before = a.said.length;
    const nothing = () => null;
    pair.fate(0, nothing, nothing);
    network.run(network.nowMs + 150);
    expect(a.said.slice(before).map(({ health }) => health)).toEqual(['down']);
  });

  it('is waited for twenty seconds of a minute at most', async () => {
    const pair = await mirrorPair(1);
    const { network, a, b } = pair;
    network.run(5_000);
    for (let i = 0; i < 3; i++) {
      await stopB(pair);
      network.run(network.nowMs + 8_000);
      await b.start();
      network.run(network.nowMs + 5_000);
    }
    expect(a.restarts.map(({ news }) => news)).toEqual([
      'begins',
      'back',
      'begins',
      'back',
      'begins',
      'expires',
    ]);
    const [down] = a.said.filter(({ health }) => health === 'down');
    expect(down.atMs - a.restarts[4].atMs).toBeGreaterThan(3_000);
    expect(down.atMs - a.restarts[4].atMs).toBeLessThan(4_100);
  });

  it('may restart ten times in a minute, if it is back at once', async () => {
    const pair = await mirrorPair(2);
    const { network, a, b } = pair;
    network.run(5_000);
    for (let i = 0; i < 10; i++) {
      await stopB(pair);
      network.run(network.nowMs + 1_500);
      await b.start();
      network.run(network.nowMs + 4_000);
    }
    expect(a.said.filter(({ health }) => health !== 'up')).toEqual([]);
    expect(a.restarts.filter(({ news }) => news === 'back')).toHaveLength(10);
  });

  it('cannot be spoken for: a notice that is sent again, or changed, holds nothing', async () => {
    const pair = await mirrorPair(1);
    const { network, a, b } = pair;
    network.run(5_000);
    const from = pair.carried.length;
    await stopB(pair);
    network.run(network.nowMs + 500);
    await b.start();
    network.run(network.nowMs + 5_000);
    const notices = pair.carried.slice(from).filter((packet) => packet.from === 'b');
    const attacker = network.host();
    network.way(attacker, 'fd00::b:1', 'fd00::a:1', a.host);
    let changed = 0;
    for (const { bytes } of notices.slice(0, 40)) {
      network.carry(attacker, 862, bytes, 862, 'fd00::a:1');
      // The notice stands in the last two octets of the report; each bit of it is signed.
      const forged = Buffer.from(bytes);
      const at = forged.length - 20 - 2;
      if (forged.length < 180) continue;
      forged.writeUInt16BE(1000, at);
      changed++;
      network.carry(attacker, 862, forged, 862, 'fd00::a:1');
    }
    network.run(network.nowMs + 100);
    expect(changed).toBeGreaterThan(3);
    expect(a.restarts.map(({ news }) => news)).toEqual(['begins', 'back']);
  });

  it('is not taken for back by a report that was sent before its notice', async () => {
    const pair = await mirrorPair(2);
    const { network, a } = pair;
    network.run(5_000);
    // Over the second way everything takes 300 ms longer from now on.
    pair.fate(
      1,
      () => 1,
      () => 301,
    );
    network.run(network.nowMs + 60);
    await stopB(pair);
    network.run(network.nowMs + 2_000);
    expect(a.restarts.map(({ news }) => news)).toEqual(['begins']);
  });
});

describe('a tunnel to a gateway that restarts', () => {
  it('is dead where all that goes on behind it is', async () => {
    const network = new FakeProbeNetwork();
    const [a, b, c] = [network.host(), network.host(), network.host()];
    const said: { session: string; health: Health; atMs: number }[] = [];
    const open = (host: typeof a, firstSsid: number, own = false) =>
      startProber({
        settings: defaultProbeSettings,
        listener: {
          onHealth: (id, health) => own && said.push({ session: id, health, atMs: network.nowMs }),
        },
        clock: host.clock,
        open: host.open,
        firstSsid,
      });
    const [pa, pb, pc] = [await open(a, 1, true), await open(b, 100), await open(c, 200)];
    network.way(a, 'fd00::a:1', 'fd00::b:1', b);
    network.way(b, 'fd00::b:1', 'fd00::a:1', a);
    network.way(a, 'fd00::a:2', 'fd00::c:1', c);
    network.way(c, 'fd00::c:1', 'fd00::a:2', a);
    const direct = session(1, { tunnel: 'ab' });
    const through = session(2, { id: 'path:a>b>c', kind: 'path', tunnel: 'ab', peer: 'c/1' });
    pa.setSessions(
      [direct, { ...through, destination: 'fd00::c:1' }],
      [peer('a/1', 'b/1', ['fd00::b:1']), peer('a/1', 'c/1', ['fd00::c:1'])],
    );
    pb.setSessions(
      [session(3, { id: 'tunnel:ba', peer: 'a/1', destination: 'fd00::a:1' })],
      [peer('b/1', 'a/1', ['fd00::a:1'])],
    );
    pc.setSessions([], [peer('c/1', 'a/1', ['fd00::a:2'])]);
    network.run(3_000);
    const told = pb.announceRestart(holdMs);
    for (let i = 0; i < 5; i++) {
      network.run(network.nowMs + 20);
      await Promise.resolve();
    }
    await told;
    await pb.close();
    network.run(network.nowMs + 1_000);
    expect(said.filter(({ health }) => health === 'down')).toEqual([]);
    // The wire is cut while b's agent is away.
    const cutMs = network.nowMs;
    network.fate(a, 'fd00::c:1', () => null);
    network.fate(a, 'fd00::b:1', () => null);
    network.run(network.nowMs + 300);
    const down = said.filter(({ health }) => health === 'down');
    expect(down.map((one) => one.session).sort()).toEqual(['path:a>b>c', 'tunnel:1']);
    for (const { atMs } of down) expect(atMs - cutMs).toBeLessThan(200);
  });
});
