import type { LiveMetric, Reading } from './live-metric';
import { loweredMtus } from '../decide';
import type { TrafficFigures } from '../probe/traffic';
import type { TelemetrySource } from './telemetry-source';

function* figures({ traffic = [] }: TelemetrySource, of: (one: TrafficFigures) => number): Iterable<Reading> {
  for (const one of traffic) {
    const { kind, of: id, family } = one.target;
    yield [{ kind, id, family: `ipv${family}` }, of(one)];
  }
}

/** Probes that go the way traffic goes, by path and by destination and class. */
export const trafficMetrics: readonly LiveMetric[] = [
  {
    name: 'dwcp_traffic_arrives',
    help: '1 while probes sent as traffic arrive, 0 while they vanish and control probes are answered.',
    type: 'gauge',
    read: (source) => figures(source, ({ lost }) => (lost ? 0 : 1)),
  },
  {
    name: 'dwcp_traffic_probe_rounds_total',
    help: 'Rounds of probes sent as traffic.',
    type: 'counter',
    read: (source) => figures(source, ({ sent }) => sent),
  },
  {
    name: 'dwcp_traffic_probe_arrived_total',
    help: 'Rounds of which a probe arrived at the far end: the direction from this gateway.',
    type: 'counter',
    read: (source) => figures(source, ({ arrived }) => arrived),
  },
  {
    name: 'dwcp_path_mtu_bytes',
    help: 'Largest packet that a path carries as far as is known, bytes.',
    type: 'gauge',
    *read({ gateway, state }): Iterable<Reading> {
      for (const { id, mtu } of gateway.paths) {
        yield [{ path_id: id }, state.carriage.get(id)?.carriesBytes ?? mtu];
      }
    },
  },
  {
    name: 'dwcp_path_mtu_lowered',
    help: '1 while the destinations of a path are told a smaller MTU than planned.',
    type: 'gauge',
    *read({ gateway, state }): Iterable<Reading> {
      const lowered = loweredMtus(state);
      for (const { id } of gateway.paths) yield [{ path_id: id }, lowered.has(id) ? 1 : 0];
    },
  },
  {
    name: 'dwcp_probe_refused_total',
    help: 'Packets of probes that changed nothing, by who refused them and why.',
    type: 'counter',
    *read({ refusals = {} }): Iterable<Reading> {
      for (const [by, reasons] of Object.entries(refusals)) {
        for (const [reason, count] of Object.entries(reasons)) yield [{ by, reason }, count];
      }
    },
  },
];
