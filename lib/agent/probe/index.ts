export { defaultProbeSettings, type HealthSettings, type ProbeSettings, type ProbeTiming } from './settings';
export type { Health, Pace, ProbePeer, ProbeSession, SessionKeys } from './session';
export type { Histogram, OneWayDelay, SessionStatistics } from './statistics';
export type { ProbeListener, Prober } from './prober';
