import type { LiveMetric, Reading } from './live-metric';
import type { TelemetrySource } from './telemetry-source';

/** Interfaces that the agent made are not the machine's own: what they carry passes the machine's too. */
function machineBytes({ host, gateway }: TelemetrySource, field: 'receivedBytes' | 'sentBytes'): number {
  if (host === undefined) return NaN;
  const ours = new Set(['lo', 'dwcp0', ...gateway.tunnels.map((t) => t.interfaceName)]);
  let bytes = 0;
  for (const [name, counters] of host.interfaces) if (!ours.has(name)) bytes += counters[field];
  return bytes;
}

/** The region metrics of the project's origin, names and units kept (DESIGN section 10). */
export const regionMetrics: readonly LiveMetric[] = [
  {
    name: 'dwcp_region_active_instances',
    help: 'Gateways of a region that are alive: this one, and peers of which any session answers.',
    type: 'gauge',
    *read({ gateway, state }): Iterable<Reading> {
      const alive = new Map<string, Set<string>>([[gateway.region, new Set([gateway.gateway])]]);
      const note = (peer: string, session: string) => {
        const region = peer.split('/')[0];
        const found = alive.get(region) ?? new Set();
        const health = state.sessions.get(session)?.health;
        if (health === 'up' || health === 'degraded') found.add(peer);
        alive.set(region, found);
      };
      for (const { id, peer } of gateway.tunnels) note(peer.gateway, `tunnel:${id}`);
      for (const { id, farGateway, probe } of gateway.paths) if (probe) note(farGateway, `path:${id}`);
      for (const [region, found] of alive) yield [{ region_id: region }, found.size];
    },
  },
  {
    name: 'dwcp_region_cpu_utilization',
    help: "Busy processor time of this region's gateway over the last period, percent.",
    type: 'gauge',
    *read({ gateway, cpuRatio }): Iterable<Reading> {
      yield [{ region_id: gateway.region }, cpuRatio * 100];
    },
  },
  {
    name: 'dwcp_region_network_in_bytes',
    help: "Received by the machine's own interfaces since boot, bytes.",
    type: 'gauge',
    *read(source): Iterable<Reading> {
      yield [{ region_id: source.gateway.region }, machineBytes(source, 'receivedBytes')];
    },
  },
  {
    name: 'dwcp_region_network_out_bytes',
    help: "Sent by the machine's own interfaces since boot, bytes.",
    type: 'gauge',
    *read(source): Iterable<Reading> {
      yield [{ region_id: source.gateway.region }, machineBytes(source, 'sentBytes')];
    },
  },
];
