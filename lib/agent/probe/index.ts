export { defaultProbeSettings, type HealthSettings, type ProbeSettings, type ProbeTiming } from './settings';
export type { Health, Pace, ProbePeer, ProbeSession, SessionKeys } from './session';
export type { Histogram, OneWayDelay, SessionStatistics } from './statistics';
export { sessionsOf } from './sessions-of';
export { peersOf, sessionKeys, type ProbeKeys } from './peers-of';
export { probeIntervals, type Paced } from './intervals';
export {
  startProber,
  type ProbeListener,
  type Prober,
  type ProberOptions,
  type ReflectorStatistics,
} from './prober';
export type { Refusals } from './refusals';
export type { HoldNews } from './restart-holds';
export type { OpenPort, ProbeClock, ProbePort, Receive } from './port';
export { openSocket, type UdpPlace } from './udp-port';
