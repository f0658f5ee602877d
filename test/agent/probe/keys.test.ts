import { createHmac } from 'node:crypto';
import { defaultProbeSettings, peersOf, sessionKeys, sessionsOf } from '../../../lib/agent/probe';
import { gatewayState } from '../../../lib/gateway';
import { unsealText, openAsGateway, sealedPartOf, sharedSecret } from '../../../lib/net/keys';
import { linePlan, parallelPlan, type PlannedFixture } from '../../gateway/plan-fixture';

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

function privateKey({ keys }: PlannedFixture, gateway: string): string {
  const opened = openAsGateway(sealedPartOf(keys.file, gateway), unsealText(keys, gateway));
  if (!opened.ok) throw new Error(opened.problem.message);
  return opened.value.privateKey;
}

describe('the keys of probes', () => {
  test('are HKDF-SHA256 (RFC 5869) with the network, both gateways and the use in the info', () => {
    const hmac = (key: Uint8Array | string, ...text: (string | Uint8Array)[]) => {
      const mac = createHmac('sha256', key);
      for (const part of text) mac.update(part);
      return mac.digest();
    };
    const secret = Buffer.alloc(32, 9);
    const extracted = hmac('dwcp stamp 1', secret);
    const { probe, answer } = sessionKeys(secret, 'net', 'a/1', 'b/2');
    expect(hex(probe)).toBe(hex(hmac(extracted, 'net\0a/1\0b/2\0probe', Uint8Array.of(1))));
    expect(hex(answer)).toBe(hex(hmac(extracted, 'net\0a/1\0b/2\0answer', Uint8Array.of(1))));
  });

  test('are equal at both ends, and another for each direction, use, pair and network', async () => {
    const fixture = await linePlan();
    const all = new Map<string, string>();
    for (const { id } of fixture.plan.gateways) {
      for (const peer of peersOf(gatewayState(fixture.plan, id), privateKey(fixture, id))) {
        for (const use of ['probe', 'answer'] as const) {
          for (const [pair, keys] of [
            [`${id} ${peer.gateway} ${use}`, peer.answering!],
            [`${peer.gateway} ${id} ${use}`, peer.sending!],
          ] as const) {
            expect(all.get(pair) ?? hex(keys[use])).toBe(hex(keys[use]));
            all.set(pair, hex(keys[use]));
          }
        }
      }
    }
    expect(all.size).toBeGreaterThan(20);
    expect(new Set(all.values()).size).toBe(all.size);
    const secret = sharedSecret(privateKey(fixture, 'a/1'), fixture.keys.file.gateways['b/1'].publicKey);
    expect([...all.values()]).toContain(hex(sessionKeys(secret, 'demo', 'a/1', 'b/1').probe));
    expect([...all.values()]).not.toContain(hex(sessionKeys(secret, 'other', 'a/1', 'b/1').probe));
  });
});

describe('the sessions of a gateway', () => {
  test('are its tunnels and its paths of several hops, with the planned round trip', async () => {
    const { plan } = await linePlan();
    const gateway = gatewayState(plan, 'a/1');
    const sessions = sessionsOf(gateway, defaultProbeSettings);
    // Two gateways in b and in c: a path has a variant through each plane, probed by itself.
    expect(sessions.map((s) => [s.id, s.peer, s.pace, s.plannedRttMs])).toEqual([
      ['path:a>b>c', 'c/1', 'standby', 40],
      ['path:a>b>c.2', 'c/2', 'standby', 40],
      ['path:a>b>c>d', 'd/1', 'standby', 60],
      ['path:a>b>c>d.2', 'd/1', 'standby', 60],
      ['tunnel:tunnel-a-b', 'b/1', 'active', 20],
      ['tunnel:tunnel-a-b.2', 'b/2', 'active', 20],
    ]);
    expect(sessions.map((s) => s.destination)).toEqual([
      ...gateway.paths.filter((p) => p.probe !== null).map((p) => p.probe!.destination),
      ...gateway.tunnels.map((t) => t.peer.ipv6),
    ]);
    // encap.red: one segment goes into the outer header, more into a routing header of 8 octets and 16 each.
    // Behind the 160 octets of a probe with its headers: a report of 4 + 44, and the HMAC TLV of 4 + 16.
    const one = 160 + 68;
    const [two, three] = [one + 40 + 24, one + 40 + 40];
    expect(sessions.map((s) => s.probeBytes)).toEqual([two, two, three, three, one, one]);
  });

  test('come from addresses that the other end knows as theirs, for every pair of gateways', async () => {
    for (const fixture of [await linePlan(), await parallelPlan()]) {
      const { plan } = fixture;
      for (const { id } of plan.gateways) {
        const gateway = gatewayState(plan, id);
        for (const session of sessionsOf(gateway, defaultProbeSettings)) {
          const far = peersOf(gatewayState(plan, session.peer), privateKey(fixture, session.peer));
          const source =
            session.kind === 'tunnel'
              ? gateway.tunnels.find((t) => `tunnel:${t.id}` === session.id)!.ipv6
              : gateway.paths.find((p) => `path:${p.id}` === session.id)!.probe!.source;
          expect(far.find((p) => p.gateway === id)!.sources).toContain(source);
        }
      }
    }
  });

  test('leave out peers without a public key, whom nothing could authenticate', async () => {
    const fixture = await linePlan();
    const gateway = gatewayState(fixture.plan, 'a/1');
    const bare = {
      ...gateway,
      peers: gateway.peers.map((p) => (p.gateway === 'c/1' ? { ...p, publicKey: null } : p)),
    };
    expect(sessionsOf(bare, defaultProbeSettings).map((s) => s.peer)).not.toContain('c/1');
    expect(peersOf(bare, privateKey(fixture, 'a/1')).map((p) => p.gateway)).not.toContain('c/1');
  });

  test("take the timing of a link, and of the quickest class among a path's routes", async () => {
    const { plan } = await linePlan();
    const gateway = gatewayState(plan, 'a/1');
    const slow = { intervalMs: 100, multiplier: 3 };
    const quick = { intervalMs: 10, multiplier: 4 };
    const settings = {
      ...defaultProbeSettings,
      active: slow,
      links: { 'link-a-b': { intervalMs: 50, multiplier: 3 } },
      classes: { realtime: quick },
    };
    const timings = new Map(sessionsOf(gateway, settings).map((s) => [s.id, s.timing]));
    expect(timings.get('tunnel:tunnel-a-b')).toEqual({ intervalMs: 50, multiplier: 3 });
    expect(timings.get('path:a>b>c')).toEqual(quick);
    const bulk = {
      ...gateway,
      routes: gateway.routes.map((route) => ({ ...route, classes: ['bulk' as const] })),
    };
    const other = new Map(sessionsOf(bulk, settings).map((s) => [s.id, s.timing]));
    expect(other.get('path:a>b>c')).toEqual(slow);
  });
});
