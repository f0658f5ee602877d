import { Registry } from 'prom-client';
import { agentMetrics } from './agent-metrics';
import { linkMetrics } from './link-metrics';
import { register } from './live-metric';
import { pathMetrics } from './path-metrics';
import { probeMetrics } from './probe-metrics';
import { regionMetrics } from './region-metrics';
import { reservationMetrics } from './reservation-metrics';
import type { TelemetrySource } from './telemetry-source';
import { tunnelMetrics } from './tunnel-metrics';

/**
 * Every metric of an agent. Their series follow from the plan: links, tunnels, paths, destinations and
 * classes, reservations; what leaves the plan leaves the metrics.
 *
 * @param source undefined: nothing is applied yet, and every metric is empty.
 */
export function metricsRegistry(source: () => TelemetrySource | undefined): Registry {
  const registry = new Registry();
  const metrics = [
    linkMetrics,
    regionMetrics,
    probeMetrics,
    tunnelMetrics,
    pathMetrics,
    reservationMetrics,
    agentMetrics,
  ];
  for (const metric of metrics.flat()) register(registry, metric, source);
  return registry;
}
