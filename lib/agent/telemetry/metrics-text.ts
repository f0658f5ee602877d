import { Registry } from 'prom-client';
import { agentMetrics } from './agent-metrics';
import { linkMetrics } from './link-metrics';
import { textOf } from './live-metric';
import { healingMetrics } from './healing-metrics';
import { pathMetrics } from './path-metrics';
import { probeMetrics } from './probe-metrics';
import { regionMetrics } from './region-metrics';
import { edgeMetrics } from './edge-metrics';
import { reservationMetrics } from './reservation-metrics';
import type { TelemetrySource } from './telemetry-source';
import { journalMetrics } from './journal-metrics';
import { takeoverMetrics } from './takeover-metrics';
import { trafficMetrics } from './traffic-metrics';
import { tunnelMetrics } from './tunnel-metrics';

const metrics = [
  linkMetrics,
  regionMetrics,
  probeMetrics,
  tunnelMetrics,
  pathMetrics,
  healingMetrics,
  trafficMetrics,
  reservationMetrics,
  edgeMetrics,
  agentMetrics,
  takeoverMetrics,
  journalMetrics,
].flat();

/** Content type of the text format of Prometheus. */
export const metricsType = Registry.PROMETHEUS_CONTENT_TYPE;

/**
 * Every metric of an agent as text, in pieces. Their series follow from the plan: links, tunnels, paths,
 * destinations and classes, reservations; what leaves the plan leaves the metrics.
 *
 * @param source undefined: nothing is applied yet, and every metric is empty.
 */
export async function* metricsText(source: TelemetrySource | undefined): AsyncIterable<string> {
  for (const metric of metrics) yield* textOf(metric, source);
}
