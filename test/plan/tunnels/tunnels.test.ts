import { allocate } from '../../../lib/addressing';
import { buildTunnels } from '../../../lib/plan';
import { leastMtu, mostHops, pathMtu, publicMtu, segmentOverhead, tunnelKinds } from '../../../lib/tunnels';
import { network, region, link } from './network-fixture';

function build(described: ReturnType<typeof network>, presharedKeys: readonly string[] = []) {
  const { allocation } = allocate(described, null);
  return buildTunnels(described, allocation!, new Set(presharedKeys));
}

describe('tunnels', () => {
  test('a link gets one tunnel, with its own parameters and what was allocated', () => {
    const described = network(
      [region('a'), region('b')],
      [link('a', 'b', { mtu: 1380, keepaliveSeconds: 10 })],
    );
    const [tunnel, ...more] = build(described, ['tunnel-a-b']);
    expect(more).toEqual([]);
    expect(tunnel).toMatchObject({
      id: 'tunnel-a-b',
      link: 'link-a-b',
      plane: 1,
      type: 'wireguard',
      mtu: 1380,
      keepaliveSeconds: 10,
      presharedKey: true,
    });
    expect(tunnel.ends.map((end) => end.gateway)).toEqual(['a/1', 'b/1']);
    expect(tunnel.ends[0]).toMatchObject(
      allocate(described, null).allocation!.tunnels.get('tunnel-a-b')!.ends[0],
    );
  });

  test('two gateways at one end make two tunnels, both to the single gateway of the other', () => {
    const tunnels = build(network([region('a', 2), region('b')], [link('a', 'b')]));
    expect(tunnels.map((t) => [t.id, t.plane, ...t.ends.map((end) => end.gateway)])).toEqual([
      ['tunnel-a-b', 1, 'a/1', 'b/1'],
      ['tunnel-a-b.2', 2, 'a/2', 'b/1'],
    ]);
    const ports = tunnels.map((t) => t.ends[1].listenPort);
    expect(new Set(ports).size).toBe(2);
  });

  test('parallel links get a tunnel each', () => {
    const tunnels = build(
      network([region('a'), region('b')], [link('a', 'b'), link('a', 'b', { id: 'link-a-b-2' })]),
    );
    expect(tunnels.map((t) => t.id)).toEqual(['tunnel-a-b', 'tunnel-link-a-b-2']);
  });

  test('a drained link keeps its tunnel', () => {
    const tunnels = build(network([region('a'), region('b')], [link('a', 'b', { drained: true })]));
    expect(tunnels.map((t) => t.id)).toEqual(['tunnel-a-b']);
  });

  test('a tunnel without addresses is refused by name', () => {
    const described = network([region('a'), region('b')], [link('a', 'b')]);
    expect(() => buildTunnels(described, { tunnels: new Map() }, new Set())).toThrow(
      "'tunnel-a-b' has no addresses",
    );
  });
});

describe('path MTU', () => {
  test('one hop carries no segments', () => {
    expect(segmentOverhead(1)).toBe(0);
    expect(pathMtu([1420])).toBe(1420);
  });

  // RFC 8986 section 5.2: 40 bytes of IPv6, then RFC 8754 section 2: 8 bytes and 16 for each listed segment.
  test.each([
    [2, 64],
    [3, 80],
    [4, 96],
    [6, 128],
  ])('%d hops carry %d bytes', (hops, bytes) => {
    expect(segmentOverhead(hops)).toBe(bytes);
    expect(pathMtu(new Array<number>(hops).fill(1420))).toBe(1420 - bytes);
  });

  test('the narrowest tunnel on the way rules', () => {
    expect(pathMtu([1420, 1380, 8921])).toBe(1380 - 80);
  });

  test('the most hops are those that still leave 1280 bytes, and one more does not', () => {
    for (let mtu = leastMtu; mtu <= 9000; mtu += 1) {
      const hops = mostHops(mtu);
      expect(mtu - segmentOverhead(hops)).toBeGreaterThanOrEqual(leastMtu);
      expect(mtu - segmentOverhead(hops + 1)).toBeLessThan(leastMtu);
    }
    expect([mostHops(1420), mostHops(1343), mostHops(1344), mostHops(1279)]).toEqual([6, 1, 2, 0]);
  });

  test('the default of 1420 bytes fits 1500 under either family', () => {
    expect(publicMtu - Math.max(...Object.values(tunnelKinds.wireguard.overhead))).toBe(1420);
  });
});
