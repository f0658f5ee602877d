export { eventLedger, type EventLedger } from './event-ledger';
export { busyRatio, parseHostSample, type HostSample, type InterfaceCounters } from './kernel-counters';
export { metricsText, metricsType } from './metrics-text';
export { serveMetrics, type MetricsPlace, type MetricsServer, type Readiness } from './metrics-server';
export { applyBounds, type AgentFigures, type InterfaceRate, type TelemetrySource } from './telemetry-source';
