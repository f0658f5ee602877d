import type { GatewayState } from '../../../gateway';
import type { HostObject } from '../host-object';
import { injectTable, loopbackDevice, returnDevice, returnTable, rulePriority } from '../numbers';
import { pathTraffic, regionTraffic, trafficPrefixes, trafficSender } from '../traffic-addresses';
import { pathBook } from './wanted-paths';
import { routeKey } from './wanted-segments';

const families = [4, 6] as const;
/** All addresses, in halves: a default route is listed by another name. */
const halves = { 4: ['0.0.0.0/1', '128.0.0.0/1'], 6: ['::/1', '8000::/1'] } as const;

/**
 * What probes need that go the way traffic goes. This host sends them out of one end of its veth pair, and
 * they come in by the other as packets of a workload do: marked by their code point, led by the rules and
 * the table of their class, forwarded. Where they end they are forwarded once more, out of the far gateway's
 * pair, and delivered when they come back in. So each rule and each filter that stands in traffic's way
 * stands in theirs.
 *
 * What is sent to a region's own address takes the routes of its traffic. A path's address has a route of its
 * own, pinned to the path, so that paths without traffic are tried too.
 */
export function trafficObjects(gateway: GatewayState): HostObject[] {
  const sender = trafficSender(gateway);
  const own = trafficPrefixes(gateway);
  const region = regionTraffic(gateway.ipv4Block, gateway.ipv6Block);
  const rule = (family: 4 | 6, priority: number, words: string): HostObject => ({
    kind: family === 4 ? 'rule4' : 'rule6',
    key: `priority ${priority} ${words}`,
    value: '',
  });
  const of = (family: 4 | 6) => (family === 4 ? 'ipv4' : 'ipv6');
  const { inject, deliver, accept } = rulePriority.traffic;
  const rules = families.flatMap((family) => {
    const to = [own[of(family)], region[of(family)]].filter((address) => address !== '');
    return [
      rule(family, inject, `from ${sender[of(family)]} iif lo lookup ${injectTable}`),
      rule(family, deliver, `iif ${returnDevice} lookup ${returnTable}`),
      ...to.map((address) => rule(family, accept, `to ${address} lookup ${injectTable}`)),
    ];
  });
  const injected = families.flatMap((family) =>
    halves[family].map((half): HostObject => {
      return { kind: 'route', key: routeKey(half, injectTable), value: `dev ${loopbackDevice}` };
    }),
  );
  const delivered = [
    own.ipv4,
    own.ipv6,
    ...(region.ipv4 === '' ? [] : [`${region.ipv4}/32`]),
    ...(region.ipv6 === '' ? [] : [`${region.ipv6}/128`]),
  ].map((prefix): HostObject => {
    const key = `local ${routeKey(prefix, returnTable)}`;
    return { kind: 'route', key, value: `dev ${loopbackDevice}` };
  });
  return [
    ...(['ipv4', 'ipv6'] as const).map((family): HostObject => {
      const key = `${sender[family]}/${family === 'ipv4' ? 32 : 128} dev ${loopbackDevice}`;
      return { kind: 'address', key, value: family === 'ipv4' ? '' : 'preferred_lft 0' };
    }),
    ...pinned(gateway),
    ...injected,
    ...delivered,
    ...rules,
  ];
}

function pinned(gateway: GatewayState): HostObject[] {
  const addresses = pathTraffic(gateway);
  return gateway.paths.flatMap((path) => {
    const { ipv4, ipv6 } = addresses.get(path.id)!;
    return ([4, 6] as const).flatMap((family): HostObject[] => {
      const nexthop = pathBook(gateway).ofPath(path, family);
      const key = routeKey(family === 4 ? `${ipv4}/32` : `${ipv6}/128`, returnTable);
      return [nexthop, { kind: 'route', key, value: nexthop.key.replace('id', 'nhid') }];
    });
  });
}
