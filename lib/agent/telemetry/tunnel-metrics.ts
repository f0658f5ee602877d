import type { LiveMetric, Reading } from './live-metric';
import type { TunnelSample } from '../apply';
import type { TelemetrySource } from './telemetry-source';

function perTunnel(
  name: string,
  help: string,
  type: LiveMetric['type'],
  of: (sample: TunnelSample) => number,
): LiveMetric {
  return {
    name,
    help,
    type,
    *read({ gateway, tunnels }: TelemetrySource): Iterable<Reading> {
      for (const { id, peer } of gateway.tunnels) {
        const sample = tunnels.get(id);
        if (sample) yield [{ tunnel_id: id, peer: peer.gateway }, of(sample)];
      }
    },
  };
}

/** What WireGuard itself counts. */
export const tunnelMetrics: readonly LiveMetric[] = [
  perTunnel(
    'dwcp_tunnel_handshake_age_seconds',
    'Time since the last handshake, seconds; absent: there was none.',
    'gauge',
    (s) => s.handshakeAgeSeconds ?? NaN,
  ),
  perTunnel('dwcp_tunnel_peers', 'Peers configured on the tunnel.', 'gauge', (s) => s.peers),
  perTunnel('dwcp_tunnel_received_bytes_total', 'Received, bytes.', 'counter', (s) => s.receivedBytes),
  perTunnel('dwcp_tunnel_sent_bytes_total', 'Sent, bytes.', 'counter', (s) => s.sentBytes),
];
