export { startTrafficProber, type TrafficProber } from './traffic-prober';
export { defaultTrafficSettings, restoringAfter } from './traffic-target';
export type { TrafficFigures, TrafficListener } from './traffic-sender';
export type { FlowCarriage, PathCarriage, TrafficEnd, TrafficTarget } from './traffic-target';
