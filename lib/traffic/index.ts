export { placeTraffic } from './place-traffic';
export type { Traffic, TrafficInput } from './place-traffic';
export type {
  ClassPlacement,
  Conflict,
  FullLink,
  LoadedPath,
  PlacedDemand,
  SplitMode,
} from './class-placement';
export type { ConflictOthers, ConflictRule } from './conflict-others';
export type { PreviousSplit, PreviousSplits, SplitFault } from './judge-split';
export type { ClassStanding } from './keep-split';
export type { TrafficDemand } from './traffic-demand';
export { boundedRequest } from './traffic-demand';
export type { Solver } from './solver';
export { boundOf } from './bound-of';
export type { Certificate } from './certificate';
export { gbPerMbpsMonth } from './cheapest-repair';
export type { Repair, Upgrade } from './cheapest-repair';
export { defaultLimits } from './deployable-split';
export type { SplitLimits } from './deployable-split';
