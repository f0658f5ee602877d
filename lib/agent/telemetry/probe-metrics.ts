import type { SessionStatistics } from '../probe';
import type { LiveHistogram, LiveMetric, Reading } from './live-metric';
import type { TelemetrySource } from './telemetry-source';

/** `tunnel:<id>` and `path:<id>` as labels. */
function* sessions(
  source: TelemetrySource,
): Iterable<[labels: { kind: string; id: string }, statistics: SessionStatistics]> {
  for (const session of source.state.sessions.keys()) {
    const statistics = source.statistics(session);
    const colon = session.indexOf(':');
    if (statistics) yield [{ kind: session.slice(0, colon), id: session.slice(colon + 1) }, statistics];
  }
}

function each(name: string, help: string, type: LiveMetric['type'], of: (s: SessionStatistics) => number) {
  return {
    name,
    help,
    type,
    *read(source: TelemetrySource): Iterable<Reading> {
      for (const [labels, statistics] of sessions(source)) yield [labels, of(statistics)];
    },
  };
}

/** Per direction: of the probe there, and of its answer back. */
function bothWays(
  name: string,
  help: string,
  type: LiveMetric['type'],
  of: (s: SessionStatistics) => readonly [forward: number, backward: number],
): LiveMetric {
  return {
    name,
    help,
    type,
    *read(source): Iterable<Reading> {
      for (const [labels, statistics] of sessions(source)) {
        const [forward, backward] = of(statistics);
        yield [{ ...labels, direction: 'forward' }, forward];
        yield [{ ...labels, direction: 'backward' }, backward];
      }
    },
  };
}

/** What STAMP probes (RFC 8762) measure, by tunnel and path. */
export const probeMetrics: readonly (LiveMetric | LiveHistogram)[] = [
  {
    name: 'dwcp_probe_round_trip_seconds',
    help: 'Round-trip time of probes without the time at the reflector, seconds.',
    type: 'histogram',
    *read(source) {
      for (const [labels, { rtt }] of sessions(source)) {
        yield { labels, bounds: rtt.bounds, counts: rtt.counts, sum: rtt.sum, count: rtt.count };
      }
    },
  },
  each('dwcp_probe_sent_total', 'Probes sent.', 'counter', (s) => s.sent),
  each('dwcp_probe_received_total', 'Authentic answers received.', 'counter', (s) => s.received),
  bothWays('dwcp_probe_lost_total', 'Probes lost there, or answers lost on the way back.', 'counter', (s) => [
    s.lostForward,
    s.lostBackward,
  ]),
  bothWays('dwcp_probe_jitter_seconds', 'Interarrival jitter (RFC 3550), seconds.', 'gauge', (s) => [
    s.jitterForward,
    s.jitterBackward,
  ]),
  bothWays(
    'dwcp_probe_one_way_delay_seconds',
    'Last one-way delay, seconds; only while both clocks claim to be synchronised.',
    'gauge',
    (s) => [s.oneWay?.forward ?? NaN, s.oneWay?.backward ?? NaN],
  ),
  each(
    'dwcp_probe_interval_seconds',
    'Time between probes now, seconds.',
    'gauge',
    (s) => s.intervalMs / 1000,
  ),
  each(
    'dwcp_probe_detection_seconds',
    'Silence after which a session counts as down, seconds.',
    'gauge',
    (s) => s.detectionMs / 1000,
  ),
];
