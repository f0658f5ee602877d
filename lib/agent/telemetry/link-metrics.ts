import type { GatewayTunnel } from '../../gateway';
import type { SessionRecord } from '../decide/session-record';
import type { LiveMetric, Reading } from './live-metric';
import type { TelemetrySource } from './telemetry-source';

/** The links of this gateway, each with its tunnels: one a plane. */
function* links({ gateway }: TelemetrySource): Iterable<[string, readonly GatewayTunnel[]]> {
  const found = new Map<string, GatewayTunnel[]>();
  for (const tunnel of gateway.tunnels) found.set(tunnel.link, [...(found.get(tunnel.link) ?? []), tunnel]);
  yield* found;
}

function perLink(
  read: (tunnels: readonly GatewayTunnel[], source: TelemetrySource) => number,
): LiveMetric['read'] {
  return function* (source): Iterable<Reading> {
    for (const [link, tunnels] of links(source)) yield [{ link_id: link }, read(tunnels, source)];
  };
}

const greatest = (values: readonly number[]) => Math.max(...values.filter(Number.isFinite));
const sum = (values: readonly number[]) => values.reduce((total, v) => total + v, 0);

function sentMbps(tunnels: readonly GatewayTunnel[], { rates }: TelemetrySource): number {
  const known = tunnels.flatMap((t) => rates.get(t.interfaceName) ?? []);
  return known.length === 0 ? NaN : sum(known.map((r) => r.sentMbps));
}

/** 2 up, 1 degraded, 0 down or unknown. */
export function healthValue(record: SessionRecord | undefined): number {
  if (record === undefined) return 0;
  return record.health === 'up' ? 2 : record.health === 'degraded' ? 1 : 0;
}

/** The link metrics of the project's origin, names and units kept (DESIGN section 10). */
export const linkMetrics: readonly LiveMetric[] = [
  {
    name: 'dwcp_link_latency_milliseconds',
    help: 'One-way latency of a link: half the smoothed round trip of its probes; of two tunnels the greater.',
    type: 'gauge',
    read: perLink((tunnels, { statistics }) =>
      greatest(tunnels.map((t) => (statistics(`tunnel:${t.id}`)?.smoothedRtt ?? NaN) * 500)),
    ),
  },
  {
    name: 'dwcp_link_throughput_mbps',
    help: 'Sent into the tunnels of a link over the last period, megabits a second, from interface counters.',
    type: 'gauge',
    read: perLink(sentMbps),
  },
  {
    name: 'dwcp_link_packet_loss_percent',
    help: 'Probes lost of the last 128, both ways, percent; of two tunnels the greater.',
    type: 'gauge',
    read: perLink((tunnels, { statistics }) =>
      greatest(tunnels.map((t) => (statistics(`tunnel:${t.id}`)?.lossRatio ?? NaN) * 100)),
    ),
  },
  {
    name: 'dwcp_link_utilization_percent',
    help: 'Throughput of a link as a share of its planned bandwidth, percent.',
    type: 'gauge',
    read: perLink(
      (tunnels, source) => (100 * sentMbps(tunnels, source)) / sum(tunnels.map((t) => t.bandwidthMbps)),
    ),
  },
  {
    name: 'dwcp_link_health',
    help: '2 up, 1 degraded or one of two tunnels down, 0 down or unknown.',
    type: 'gauge',
    read: perLink((tunnels, { state }) => {
      const values = tunnels.map((t) => healthValue(state.sessions.get(`tunnel:${t.id}`)));
      const [least, most] = [Math.min(...values), Math.max(...values)];
      return least === most ? least : 1;
    }),
  },
];
