import type { HostCommand } from '../../../lib/agent/apply';
import type { BundleResult } from '../../../lib/agent/bundle/read-bundle';
import { agentBench, bundleOf, decided, forwarded, upAll } from '../../support/agent-bench';
import type { FakeHost } from '../../support/fake-host';
import { plannedGateways, type PlannedGateways } from '../../support/gateway-plan';
import { seeded } from '../../support/random-seeded';
import { grownNetwork, triangleNetwork } from '../../support/small-networks';

let small: PlannedGateways;
let grown: PlannedGateways;
beforeAll(async () => {
  small = await plannedGateways(triangleNetwork);
  grown = await plannedGateways(grownNetwork);
});

const bench = (host?: FakeHost) => agentBench(small, host);

describe("the agent's loop", () => {
  it('moves traffic to a backup with one exchange in place a family and class, and back again', async () => {
    const b = await bench();
    expect((await b.agent.take()).ok).toBe(true);
    upAll(b);
    await b.agent.settled();
    const before = forwarded(b);
    const commands: HostCommand[] = [];
    b.host.onChange = (command) => void commands.push(command);
    const [tunnel] = b.agent.bundle!.gateway.tunnels;
    b.prober.report(`tunnel:${tunnel.id}`, 'down');
    await b.agent.settled();
    expect(forwarded(b)).toEqual(decided(b));
    expect(forwarded(b)).not.toEqual(before);
    // No group is waited for.
    expect(new Set(commands.map((c) => `${c.verb} ${c.object.kind}`))).toEqual(new Set(['change nexthop']));
    expect(b.events.some((e) => e.kind === 'select')).toBe(true);
    b.prober.report(`tunnel:${tunnel.id}`, 'up');
    b.clock.pass(60_000);
    await b.agent.settled();
    expect(forwarded(b)).toEqual(before);
  });

  it('decides once about what is reported together, and before anything else', async () => {
    const b = await bench();
    await b.agent.take();
    upAll(b);
    await b.agent.settled();
    const { tunnels, paths } = b.agent.bundle!.gateway;
    const over = paths.filter((path) => path.links.includes(tunnels[0].link));
    const commands: HostCommand[] = [];
    b.host.onChange = (command) => void commands.push(command);
    b.clock.held = [];
    for (const { id } of over) b.prober.report(`path:${id}`, 'down');
    b.prober.report(`tunnel:${tunnels[0].id}`, 'down');
    await new Promise((done) => setImmediate(done));
    expect(commands).toEqual([]);
    for (const what of b.clock.held.splice(0)) what();
    await b.agent.settled();
    expect(forwarded(b)).toEqual(decided(b));
    // Never to a path that the next report says is dead, too.
    expect(commands.length).toBeGreaterThan(0);
    expect(new Set(commands.map((c) => c.object.key)).size).toBe(commands.length);
    b.prober.report(`tunnel:${tunnels[0].id}`, 'up');
    b.clock.pass(1);
    b.agent.input({ kind: 'tick' });
    expect(b.agent.state.sessions.get(`tunnel:${tunnels[0].id}`)!.health).toBe('up');
  });

  it('takes a new plan whole, and keeps what it knows of sessions that stay', async () => {
    const b = await bench();
    await b.agent.take();
    upAll(b);
    b.next = bundleOf(grown);
    const result = await b.agent.take();
    expect(result.ok).toBe(true);
    expect(b.agent.bundle!.gateway.planDigest).toBe(grown.plan.digest);
    const kept = small.state('a/1').tunnels[0].id;
    expect(b.agent.state.sessions.get(`tunnel:${kept}`)?.health).toBe('up');
    expect(b.recorded).toHaveLength(2);
  });

  it('refuses a bad plan and says so, and changes nothing', async () => {
    const b = await bench();
    await b.agent.take();
    const before = b.host.snapshot();
    b.next = { ok: false, code: 'older', message: 'the plan has generation 1', next: 'fetch the newest' };
    expect(await b.agent.take()).toEqual(b.next);
    expect(b.host.snapshot()).toBe(before);
    expect(b.recorded).toHaveLength(1);
  });

  it('applies a new plan whole or goes back, whichever step of the host fails', async () => {
    const probe = await bench();
    await probe.agent.take();
    const from = probe.host.steps;
    probe.next = bundleOf(grown);
    await probe.agent.take();
    const steps = probe.host.steps - from;
    let rolledBack = 0;
    for (let n = 1; n <= steps; n++) {
      const b = await bench();
      await b.agent.take();
      upAll(b);
      await b.agent.settled();
      const before = b.host.snapshot();
      b.next = bundleOf(grown);
      b.host.failAt = b.host.steps + n;
      const result = await b.agent.take();
      if (!result.ok) {
        rolledBack++;
        expect(b.host.snapshot()).toBe(before);
        expect(b.agent.bundle!.gateway.planDigest).toBe(small.plan.digest);
        expect(b.recorded).toHaveLength(1);
        // It still fails over, on the plan that it has.
        b.prober.report(`tunnel:${b.agent.bundle!.gateway.tunnels[0].id}`, 'down');
        await b.agent.settled();
        expect(forwarded(b)).toEqual(decided(b));
      }
      b.host.failAt = 0;
      expect((await b.agent.take()).ok).toBe(true);
      expect(b.agent.bundle!.gateway.planDigest).toBe(grown.plan.digest);
    }
    expect(rolledBack).toBeGreaterThan(steps / 2);
  });

  it('mends a switch that the host refused by looking at the host', async () => {
    const b = await bench();
    await b.agent.take();
    upAll(b);
    await b.agent.settled();
    b.host.failAt = b.host.steps + 1;
    b.prober.report(`tunnel:${b.agent.bundle!.gateway.tunnels[0].id}`, 'down');
    await b.agent.settled();
    expect(forwarded(b)).toEqual(decided(b));
  });

  it('switches while it looks at the host, which takes long', async () => {
    const b = await bench();
    await b.agent.take();
    upAll(b);
    await b.agent.settled();
    const observe = b.host.observe.bind(b.host);
    let look: () => void = () => undefined;
    const looked = new Promise<void>((done) => (look = done));
    b.host.observe = async () => {
      const seen = await observe();
      await looked;
      return seen;
    };
    const reconciled = b.agent.reconcile();
    const before = forwarded(b);
    b.prober.report(`tunnel:${b.agent.bundle!.gateway.tunnels[0].id}`, 'down');
    await b.agent.settled();
    expect(forwarded(b)).toEqual(decided(b));
    expect(forwarded(b)).not.toEqual(before);
    // What it saw is as it was wanted then; what was decided since stays.
    look();
    await reconciled;
    expect(forwarded(b)).toEqual(decided(b));
  });

  it('adopts what the host forwards over after a kill, without a change to it', async () => {
    const b = await bench();
    await b.agent.take();
    upAll(b);
    b.prober.report(`tunnel:${b.agent.bundle!.gateway.tunnels[0].id}`, 'down');
    await b.agent.settled();
    const before = b.host.snapshot();
    const after = await bench(b.host);
    const commands: HostCommand[] = [];
    b.host.onChange = (command) => void commands.push(command);
    expect((await after.agent.take()).ok).toBe(true);
    expect(b.host.snapshot()).toBe(before);
    expect(commands).toEqual([]);
  });

  it('keeps an endpoint that answers, and takes the announced one when it is silent', async () => {
    const b = await bench();
    const { bundle } = bundleOf(small) as Extract<BundleResult, { ok: true }>;
    const announce = (address: string) => {
      b.next = { ok: true, bundle: { ...bundle, endpoints: new Map([['b/1', address]]) } };
      return b.agent.take();
    };
    await announce('52.0.0.1');
    const tunnel = bundle.gateway.tunnels.find((t) => t.peer.gateway === 'b/1')!;
    const at = (address: string) => `${address}:${tunnel.peer.listenPort}`;
    const set = () => b.host.objects.get(`tunnel ${tunnel.interfaceName}`)!.tunnel!.peer!.endpoint;
    const look = (address: string, receivedBytes: number) => {
      const peer = { publicKey: tunnel.peer.publicKey!, endpoint: at(address), handshakeSeconds: 1 };
      b.host.seen = new Map([[tunnel.interfaceName, [{ ...peer, receivedBytes, holds: true }]]]);
      return b.agent.followPeers();
    };
    await look('52.0.0.1', 100);
    await look('52.0.0.1', 200);
    const before = b.host.steps;
    await announce('52.0.0.66');
    expect(set()).toBe(at('52.0.0.1'));
    expect(b.host.steps - before).toBe(1); // It looked, and changed nothing.
    b.clock.pass(15_000);
    await look('52.0.0.1', 200);
    expect(set()).toBe(at('52.0.0.66'));
    b.clock.pass(15_000);
    await look('52.0.0.66', 200);
    expect(set()).toBe(at('52.0.0.1'));
    await look('52.0.0.1', 300);
    expect(b.agent.endpoints.get(tunnel.id)!.good).toEqual([at('52.0.0.1')]);
    const own = b.events.filter((e) => e.kind === 'endpoint' && e.what === tunnel.id);
    const told = own.map((e) => `${e.from} → ${e.to}`);
    expect(told).toEqual([
      `${at('52.0.0.1')} → ${at('52.0.0.66')}`,
      `${at('52.0.0.1')} → ${at('52.0.0.66')}`,
      ` → ${at('52.0.0.1')}`,
    ]);
    // Nothing of it is looked for in vain afterwards.
    expect(await b.agent.reconcile()).toBeUndefined();
  });

  it('gives a tunnel to the key that its peer speaks under, and tells it', async () => {
    const b = await bench();
    const { bundle } = bundleOf(small) as Extract<BundleResult, { ok: true }>;
    const [first, ...others] = bundle.gateway.tunnels;
    const nextPublicKey = Buffer.from(Uint8Array.of(9, ...new Uint8Array(31))).toString('base64');
    const gateway = {
      ...bundle.gateway,
      tunnels: [{ ...first, peer: { ...first.peer, nextPublicKey } }, ...others],
    };
    b.next = { ok: true, bundle: { ...bundle, gateway } };
    await b.agent.take();
    const device = b.host.objects.get(`tunnel ${first.interfaceName}`)!.tunnel!;
    expect([device.peer!.publicKey, device.other!.publicKey]).toEqual([first.peer.publicKey, nextPublicKey]);
    const look = (old: number, next: number) => {
      const peer = (publicKey: string, receivedBytes: number, holds: boolean) => ({
        ...{ publicKey, endpoint: null, handshakeSeconds: 1, receivedBytes, holds },
      });
      const both = [peer(first.peer.publicKey!, old, true), peer(nextPublicKey, next, false)];
      b.host.seen = new Map([[first.interfaceName, both]]);
      return b.agent.followPeers();
    };
    await look(100, 0);
    expect(b.host.given).toEqual([]);
    await look(100, 148);
    expect(b.host.given).toEqual([`${first.interfaceName} ${nextPublicKey}`]);
    expect(b.events.filter((e) => e.kind === 'key').map((e) => e.to)).toEqual([nextPublicKey]);
  });

  it('keeps the key of before until its peer has left it for 180 s, and then has one peer a tunnel', async () => {
    const b = await bench();
    const { bundle } = bundleOf(small) as Extract<BundleResult, { ok: true }>;
    const before = Buffer.from(Uint8Array.of(9, ...new Uint8Array(31))).toString('base64');
    const presharedKeys = bundle.keys!.presharedKeys;
    const earlier = {
      peers: new Map([['b/1', before]]),
      ownReplaced: false,
      privateKey: null,
      presharedKeys,
    };
    b.next = { ok: true, bundle: { ...bundle, earlier } };
    await b.agent.take();
    const tunnels = bundle.gateway.tunnels.filter((t) => t.peer.gateway === 'b/1');
    const keys = () =>
      tunnels.map(({ interfaceName }) => {
        const { peer, other } = b.host.objects.get(`tunnel ${interfaceName}`)!.tunnel!;
        return [peer!.publicKey, ...(other ? [other.publicKey] : [])];
      });
    const now = tunnels[0].peer.publicKey!;
    expect(keys()).toEqual(tunnels.map(() => [now, before]));
    let bytes = 0;
    const look = (speaks: string) => {
      const peer = (publicKey: string) => ({
        ...{ publicKey, endpoint: null, handshakeSeconds: 1, holds: publicKey === speaks },
        receivedBytes: publicKey === speaks ? (bytes += 100) : 0,
      });
      b.host.seen = new Map(tunnels.map((t) => [t.interfaceName, [peer(now), peer(before)]]));
      return b.agent.followPeers();
    };
    await look(before);
    b.clock.pass(200_000);
    await look(before);
    expect(keys()[0]).toHaveLength(2);
    await look(now);
    b.clock.pass(179_000);
    await look(now);
    expect(keys()[0]).toHaveLength(2);
    b.clock.pass(1_000);
    await look(now);
    expect(keys()).toEqual(tunnels.map(() => [now]));
    expect(await b.agent.reconcile()).toBeUndefined();
  });

  it('leaves forwarding as it is when it stops', async () => {
    const b = await bench();
    await b.agent.take();
    const before = b.host.snapshot();
    await b.agent.stop();
    expect(b.prober.closed).toBe(true);
    expect(b.host.snapshot()).toBe(before);
  });

  it('does on the host what it decided, through 2,000 random changes and failing commands (seed 11)', async () => {
    const random = seeded(11);
    const b = await bench();
    await b.agent.take();
    upAll(b);
    for (let run = 0; run < 2_000; run++) {
      const session = random.pick([...b.agent.state.sessions.keys()]);
      if (random.chance(0.05)) b.host.failAt = b.host.steps + random.whole(1, 4);
      b.prober.report(session, random.pick(['up', 'up', 'degraded', 'down'] as const));
      if (random.chance(0.3)) b.clock.pass(random.whole(1, 20_000));
      if (run % 500 === 250) {
        b.next = bundleOf(run % 1000 === 250 ? grown : small);
        await b.agent.take();
      }
      if (!random.chance(0.5)) continue;
      await b.agent.settled();
      b.host.failAt = 0;
      await b.agent.reconcile();
      expect(forwarded(b)).toEqual(decided(b));
    }
  }, 120_000);
});
