import { contains, parsePrefix, tryParseAddress } from '../../lib/net';
import { layOut } from '../../lib/lab/layout';
import { relayFlows } from '../../lib/lab/relay/relay-plan';
import { namespacesOf, wiring } from '../../lib/lab/wiring';
import { fourRegions } from '../support/four-regions';

const plan = fourRegions();
const layout = layOut(plan, 'four');

describe('the layout of a lab', () => {
  it('gives every gateway, every region and the underlay a namespace of its own', () => {
    expect(namespacesOf(layout)).toEqual([
      'four.underlay',
      'four.dublin.1',
      'four.dublin.2',
      'four.frankfurt.1',
      'four.london.1',
      'four.paris.1',
      'four.dublin.workloads',
      'four.frankfurt.workloads',
      'four.london.workloads',
      'four.paris.workloads',
    ]);
  });

  it('gives workloads an address of both families behind each gateway, inside their region', () => {
    for (const region of layout.regions) {
      expect(region.hosts).toHaveLength(region.id === 'dublin' ? 2 : 1);
      for (const host of region.hosts) {
        expect(contains(parsePrefix(region.ipv4Block), tryParseAddress(host.ipv4)!)).toBe(true);
        expect(contains(parsePrefix(region.ipv6Block), tryParseAddress(host.ipv6)!)).toBe(true);
      }
    }
    expect(layout.regions[0].hosts.map((h) => h.ipv4)).toEqual(['10.0.128.10', '10.0.192.10']);
  });

  it('uses no address twice, also in the smallest block that a region may have', () => {
    const regions = plan.regions.map((r) => (r.id === 'dublin' ? { ...r, ipv4Block: '192.0.2.16/28' } : r));
    const small = layOut({ ...plan, regions }, 'small');
    const dublin = small.regions[0];
    const taken = [
      ...dublin.hosts.map((h) => h.ipv4),
      ...small.gateways.filter((g) => g.region === 'dublin').map((g) => g.ipv4),
    ];
    expect(taken).toEqual(['192.0.2.25', '192.0.2.29', '192.0.2.17', '192.0.2.18']);
    const wires = small.gateways.flatMap((g) => [g.address, g.underlayAddress]);
    expect(new Set(wires).size).toBe(wires.length);
  });

  it('gives workloads an address in each prefix, which every gateway of the region reaches', () => {
    const prefixes = ['172.16.0.0/12', '192.168.7.4/30', '192.168.7.9/32', 'fd00:7::/48'];
    const regions = plan.regions.map((r) => (r.id === 'dublin' ? { ...r, prefixes } : r));
    const wide = layOut({ ...plan, regions }, 'wide');
    expect(wide.regions[0].prefixes.map((p) => p.address)).toEqual([
      '172.16.0.10',
      '192.168.7.5',
      '192.168.7.9',
      'fd00:7::a',
    ]);
    expect(wide.regions[1].prefixes).toEqual([]);
    const { inside } = wiring(wide);
    const [first, second] = wide.regions[0].hosts;
    const routes = (namespace: string) =>
      inside.get(namespace)!.filter((line) => prefixes.some((p) => line.startsWith(`route add ${p} `)));
    for (const [namespace, host] of [
      ['wide.dublin.1', first],
      ['wide.dublin.2', second],
    ] as const)
      expect(routes(namespace)).toEqual(
        prefixes.map((p) => `route add ${p} via ${p.includes(':') ? host.ipv6 : host.ipv4} dev region0`),
      );
    expect(routes('wide.london.1')).toEqual([]);
    expect(inside.get('wide.dublin.workloads')!.slice(-4)).toEqual([
      'address add 172.16.0.10/32 dev lo',
      'address add 192.168.7.5/32 dev lo',
      'address add 192.168.7.9/32 dev lo',
      'address add fd00:7::a/128 dev lo nodad',
    ]);
  });

  it('keeps device names within the 15 characters that Linux has room for', () => {
    const names = wiring(layout).outside.flatMap((line) => line.match(/(?<=add |peer name )\S+/g) ?? []);
    expect(names.filter((name) => name.includes('.'))).toEqual(namespacesOf(layout));
    expect(names.filter((name) => !name.includes('.') && name.length > 15)).toEqual([]);
  });

  it.each(['', 'Lab', 'a/b', '../x', 'a.b', '-a', 'a'.repeat(64)])('refuses %j as a name', (name) => {
    expect(() => layOut(plan, name)).toThrow(RangeError);
  });
});

describe('the relay', () => {
  it('shows each end of a tunnel one peer address, whichever way packets go', () => {
    const flows = relayFlows(layout);
    const by = new Map(flows.map((f) => [f.id, f]));
    expect(flows).toHaveLength(2 * plan.tunnels.length);
    const sockets = flows.map((f) => `${f.address}:${f.port}`);
    expect(new Set(sockets).size).toBe(sockets.length);
    for (const flow of flows) {
      const reverse = by.get(flow.reverse)!;
      expect(by.get(reverse.reverse)).toBe(flow);
      // What this flow carries leaves by the other's socket, for whoever sends into that.
      expect(reverse.fromPort).toBe(flow.port);
      expect(reverse.port).toBe(flow.fromPort);
    }
  });

  it('takes the latency of each direction from the plan', () => {
    const latency = new Map(relayFlows(layout).map((f) => [f.id, f.latencyMs]));
    expect(latency.get('tunnel-dublin-london from dublin/1')).toBe(5);
    expect(latency.get('tunnel-link-dublin-london-2.2 from london/1')).toBe(7);
  });
});
