import type { PathCarriage } from '../decide';
import { healthValue } from './link-metrics';
import type { LiveMetric, Reading } from './live-metric';
import type { TelemetrySource } from './telemetry-source';

/** The session that answers for a path: its own, or its tunnel's on one hop. */
function* paths({ gateway }: TelemetrySource): Iterable<[id: string, session: string]> {
  for (const { id, tunnel, probe } of gateway.paths) {
    yield [id, probe === null ? `tunnel:${tunnel}` : `path:${id}`];
  }
}

/** As `healthValue`; a path of which nothing is known fares as its session does. */
function carriedValue(carriage: PathCarriage | undefined): number {
  return carriage === undefined ? 2 : { up: 2, degraded: 1, down: 0 }[carriage.health];
}

/** Planned paths, and what the gateway makes of them. */
export const pathMetrics: readonly LiveMetric[] = [
  {
    name: 'dwcp_path_health',
    help: '2 up, 1 degraded, 0 down or unknown.',
    type: 'gauge',
    *read(source): Iterable<Reading> {
      for (const [id, session] of paths(source)) {
        const carried = carriedValue(source.state.carriage.get(id));
        yield [{ path_id: id }, Math.min(carried, healthValue(source.state.sessions.get(session)))];
      }
    },
  },
  {
    name: 'dwcp_path_active',
    help: 'Destinations and classes whose traffic a path carries now.',
    type: 'gauge',
    *read(source): Iterable<Reading> {
      const uses = new Map<string, number>();
      for (const [flow, { members }] of source.state.selections) {
        if (source.healing.lost.has(flow)) continue;
        for (const { path } of members) uses.set(path, (uses.get(path) ?? 0) + 1);
      }
      for (const [id] of paths(source)) yield [{ path_id: id }, uses.get(id) ?? 0];
    },
  },
  {
    name: 'dwcp_path_outage_seconds_total',
    help: 'Time that a path was down, seconds.',
    type: 'counter',
    *read(source): Iterable<Reading> {
      for (const [id, session] of paths(source)) {
        yield [{ path_id: id }, source.ledger.sessionOutageSeconds(session, source.nowMs)];
      }
    },
  },
  {
    name: 'dwcp_route_switches_total',
    help: 'Changes of path of a destination and class.',
    type: 'counter',
    *read({ state, ledger }): Iterable<Reading> {
      for (const [flow, { to, class: qos }] of state.selections) {
        yield [{ to, class: qos }, ledger.switches(flow)];
      }
    },
  },
  {
    name: 'dwcp_route_outage_seconds_total',
    help: 'Time that a destination and class had no living planned path, or the kernel did not use it, seconds.',
    type: 'counter',
    *read({ state, ledger, nowMs }): Iterable<Reading> {
      for (const [flow, { to, class: qos }] of state.selections) {
        yield [{ to, class: qos }, ledger.flowOutageSeconds(flow, nowMs)];
      }
    },
  },
];
