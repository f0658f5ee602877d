import { wantedHost } from '../../../lib/agent/apply/wanted/wanted-host';
import { type HostSettings } from '../../../lib/agent/apply';
import { wireguardDriver } from '../../../lib/agent/apply/tunnels/wireguard/driver';
import { parseDump } from '../../../lib/agent/apply/tunnels/wireguard/dump';
import { configuration, configurationOf } from '../../../lib/agent/apply/tunnels/wireguard/setconf';
import { gatewayState } from '../../../lib/gateway';
import type { PlanDocument } from '../../../lib/plan';
import { linePlan, parallelPlan } from '../../gateway/plan-fixture';

const bare: HostSettings = { endpoints: new Map(), keys: null, selections: [], openReservations: [] };

function deviceOf(plan: PlanDocument, gateway: string, name: string, endpoints: [string, string][] = []) {
  const settings = { ...bare, endpoints: new Map(endpoints) };
  return wantedHost(gatewayState(plan, gateway), settings).objects.find((o) => o.key === name)!.tunnel!;
}

describe('a WireGuard interface', () => {
  it('is configured with its peer, which may send and be sent every address', async () => {
    const { plan, keys } = await linePlan();
    expect(configuration(deviceOf(plan, 'a/1', 'wg-b', [['b/1', '192.0.2.7']]))).toBe(
      [
        '[Interface]',
        'ListenPort = 51820',
        '[Peer]',
        `PublicKey = ${keys.file.gateways['b/1'].publicKey}`,
        'Endpoint = 192.0.2.7:51820',
        'PersistentKeepalive = 25',
        'AllowedIPs = 0.0.0.0/0,::/0',
        '',
      ].join('\n'),
    );
  });

  it('takes the endpoint of a site outside from the plan, IPv6 in brackets; another is waited for', async () => {
    const { plan } = await linePlan();
    expect(deviceOf(plan, 'c/2', 'wg-d').peer!.endpoint).toBe('[2001:db8::d]:51821');
    expect(deviceOf(plan, 'd/1', 'wg-c').peer!.endpoint).toBeNull();
  });

  it('has keepalives of whole seconds, rounded up, and no peer while that has no key', async () => {
    const { plan } = await parallelPlan();
    const tunnel = plan.tunnels.find((t) => t.id === 'tunnel-link-a-b-2')!;
    expect(deviceOf(plan, 'a/1', tunnel.ends[0].interfaceName).peer!.keepaliveSeconds).toBe(1);
    const line = (await linePlan()).plan;
    const keyless = { ...line, gateways: line.gateways.map((g) => ({ ...g, publicKey: null })) };
    expect(configuration(deviceOf(keyless, 'a/1', 'wg-b'))).toBe('[Interface]\nListenPort = 51820\n');
  });

  it('is changed by the lines that differ alone', async () => {
    const { plan } = await linePlan();
    const before = deviceOf(plan, 'a/1', 'wg-b', [['b/1', '192.0.2.7']]);
    const moved = deviceOf(plan, 'a/1', 'wg-b', [['b/1', '192.0.2.8']]);
    expect(configurationOf(before, before)).toBe('');
    expect(configurationOf(moved, before).split('\n').slice(2)).toEqual([
      'Endpoint = 192.0.2.8:51820',
      'AllowedIPs = 0.0.0.0/0,::/0',
      '',
    ]);
    expect(wireguardDriver.isAsWanted(before, before)).toBe(true);
    expect(wireguardDriver.isAsWanted(before, moved)).toBe(false);
  });
});

describe('what wg shows', () => {
  const own = ['wg-b', 'cHJpdmF0ZQ==', 'cHVibGlj', '51820', 'off'].join('\t');
  const peer = (key: string, networks: string, handshake: number, keepalive = '25') =>
    ['wg-b', key, '(none)', '192.0.2.7:51820', networks, handshake, 1000, 200, keepalive].join('\t');
  const dump = `${own}\n${peer('b2xk', '0.0.0.0/0,::/0', 1_000)}\n${peer('bmV3', '(none)', 0, 'off')}\n`;

  it('is read by interface and peer', () => {
    const device = parseDump(dump).get('wg-b')!;
    expect(device).toMatchObject({ publicKey: 'cHVibGlj', listenPort: 51820 });
    expect(device.peers.map((p) => [p.publicKey, p.allowedIps, p.keepaliveSeconds])).toEqual([
      ['b2xk', '0.0.0.0/0,::/0', 25],
      ['bmV3', '', 0],
    ]);
    expect(parseDump('').size).toBe(0);
  });

  it('is counted over the peers of an interface; a tool that fails gives nothing', async () => {
    const run = (code: number, stdout: string) => () => Promise.resolve({ code, stdout, stderr: '' });
    const counted = await wireguardDriver.sample(run(0, dump), 1_060_000);
    expect([...counted]).toEqual([
      ['wg-b', { peers: 2, handshakeAgeSeconds: 60, receivedBytes: 2000, sentBytes: 400 }],
    ]);
    expect((await wireguardDriver.sample(run(1, ''), 0)).size).toBe(0);
  });
});
