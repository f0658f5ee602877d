import { connect, type EventView } from '../agent/client';
import { monotonicMs } from './clock';
import type { RouteWatch, WatchedEvent } from './drill';
import { LabFault, type Lab } from './record';
import { agentSocket } from './start-agent';

/**
 * Watches the agents of a lab through their local APIs.
 *
 * @throws LabFault if one does not answer.
 */
export async function watchAgents(lab: Lab): Promise<RouteWatch> {
  const gateways = lab.layout.gateways.map(({ id }) => ({
    id,
    client: connect({ socket: agentSocket(lab, id) }),
  }));
  for (const { id, client } of gateways) {
    try {
      await client.state();
    } catch (error) {
      throw new LabFault(`the agent of ${id} does not answer: ${(error as Error).message}`);
    }
  }
  // Agents tell UTC in whole ms; here everything is held against CLOCK_MONOTONIC.
  const offsetMs = performance.timeOrigin + performance.now() - monotonicMs();
  const stop = new AbortController();
  let events: WatchedEvent[] = [];
  const watching = gateways.map(async ({ id, client }) => {
    for await (const event of client.events({ signal: stop.signal }))
      events.push(watched(id, event, offsetMs));
  });
  for (const one of watching) one.catch(() => undefined);
  return {
    async inUse() {
      const found = new Map<string, readonly string[]>();
      const all = await Promise.all(gateways.map(({ client }) => patiently(() => client.routes())));
      all.forEach((routes, i) => {
        for (const { to, class: qos, paths } of routes) {
          found.set(`${gateways[i].id} ${to} ${qos}`, paths.map((p) => p.path).sort());
        }
      });
      return found;
    },
    async ailing() {
      const all = await Promise.all(
        gateways.map(async ({ id, client }) => {
          const both = await Promise.all([
            patiently(() => client.tunnels()),
            patiently(() => client.paths()),
          ]);
          return both
            .flat()
            .filter((each) => each.health !== 'up' || each.waiting)
            .map((each) => `${id} ${each.id}`);
        }),
      );
      return all.flat().sort();
    },
    async takeEvents() {
      const taken = events;
      events = [];
      return taken.sort((a, b) => a.atMs - b.atMs);
    },
    close: () => stop.abort(),
  };
}

/** A connection that is kept may be closed just when it is used: asks again, twice. */
async function patiently<T>(ask: () => Promise<T>): Promise<T> {
  for (let left = 2; ; left--) {
    try {
      return await ask();
    } catch (error) {
      if (left === 0) throw error;
    }
  }
}

function watched(
  gateway: string,
  { kind, what, to, cause, utcMs }: EventView,
  offsetMs: number,
): WatchedEvent {
  return { gateway, kind, what, to, cause, atMs: utcMs - offsetMs };
}
