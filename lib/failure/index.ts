export { analyseFailures } from './analyse';
export type { AnalyseOptions, FailureResults } from './analyse';
export { availability, sweepsPairs } from './availability';
export type { Availability, AvailabilityOptions, DemandAvailability } from './availability';
export type { GatewayDeaths } from './gateway-losses';
export { baseState } from './base-state';
export { decide } from './decide';
export type { Decision, DecisionScope } from './decide';
export type {
  EvidenceFailure,
  EvidenceFlow,
  EvidenceUse,
  FailureEvidence,
  FailureKind,
} from './failure-evidence';
export { failureText } from './failure-text';
export { detail } from './detail';
export type { FailureDetail, FlowChange, UsedPath } from './detail';
export { tryLikeliestLoss } from './likeliest-loss';
export type { LikelyLoss } from './likeliest-loss';
export { newEvaluator } from './evaluate';
export type { Evaluator } from './evaluate';
export type { FailureInput, PathInput, PlacedDemand, RouteInput, SplitInput } from './failure-input';
export { compileFlows } from './flow-table';
export type { FlowTable } from './flow-table';
export { linkPairs, newPairSweep } from './link-pairs';
export type { PairRange, PairSweep } from './link-pairs';
export type { ArcUse, Interrupted, Outcome } from './outcome';
export { joinPairs } from './pair-outcomes';
export type { PairOutcomes } from './pair-outcomes';
export { pathForest } from './path-forest';
export type { PathForest } from './path-forest';
export { repairForest } from './repair-forest';
export type { RepairedForest } from './repair-forest';
export { reportFailures } from './report-failures';
export type { FailureReport } from './report-failures';
export {
  failureOf,
  gatewayFailures,
  groupFailures,
  linkFailures,
  linkPairFailure,
  noFailure,
  regionFailures,
} from './scenario';
export type { GatewayOutage, GatewayTunnel, Outage, Scenario, ScenarioKind } from './scenario';
export { summarise } from './summarise';
export type { FailureSummary, Interruption, LinkUse } from './summarise';
