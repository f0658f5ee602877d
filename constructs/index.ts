/**
 * The constructs that describe a network and deploy it. With CDK Terrain they are the same, and come from
 * `dwcp-multiregion/cdktn`.
 *
 * @module dwcp-multiregion
 */
export { Demand, type DemandProps } from './describe/demand';
export type { DeployedRegion, DeploymentProps, RegionDeployment } from './deploy/deployment';
export { GlobalNetwork, type GlobalNetworkProps, type PlanResult } from './describe/global-network';
export { Link, type LinkProps } from './describe/link';
export { Mesh, type MeshFigures } from './describe/mesh';
export { Objective, type ObjectiveProps } from './describe/objective';
export type { PlanFileProps } from './deploy/plan-files';
export { Policy, type PolicyProps } from './describe/policy';
export type { LinkRef, RegionRef, ScopeRefs, SelectionRefs } from './describe/refs';
export { Region, type RegionProps } from './describe/region';
export { Reservation, type ReservationProps } from './describe/reservation';
export type {
  BucketResources,
  GatewayResources,
  MadeVpc,
  RegionExtra,
  RegionProvider,
  RegionResources,
} from './clouds/cloud';
export type { LinkResources, NetworkResources } from './deploy/network-resources';

export type { Diagnostic, Severity, SourcePosition } from '../lib/diagnostics';
export type * from '../lib/model/description';
export type { PlanDocument } from '../lib/plan';
export type * from '../lib/units/quantity';
