import type { Health } from '../../lib/agent/decide';
import type { GatewayState } from '../../lib/gateway';

/** What is broken in a network: links and regions by id. */
export interface World {
  readonly dead: ReadonlySet<string>;
  readonly degraded: ReadonlySet<string>;
}

/** What each session of a gateway finds in a world where probes do not lie. */
export function healthIn(gateway: GatewayState, { dead, degraded }: World): Map<string, Health> {
  const of = (links: readonly string[], regions: readonly string[]): Health => {
    const places = [...links, ...regions];
    if (places.some((place) => dead.has(place))) return 'down';
    return places.some((place) => degraded.has(place)) ? 'degraded' : 'up';
  };
  const region = (id: string) => id.split('/')[0];
  const sessions = new Map<string, Health>();
  for (const { id, link, peer } of gateway.tunnels) sessions.set(`tunnel:${id}`, of([link], [peer.region]));
  for (const { id, hops, probe, links, gateways } of gateway.paths) {
    if (hops > 1 && probe !== null) sessions.set(`path:${id}`, of(links, gateways.map(region)));
  }
  return sessions;
}
