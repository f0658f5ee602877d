/**
 * The constructs that describe a network and deploy it. With CDK Terrain they are the same, and come from
 * `dwcp-multiregion/cdktn`.
 *
 * @module dwcp-multiregion
 */
export { Demand, type DemandProps } from './demand';
export type { DeployedRegion, DeploymentProps, RegionDeployment } from './deployment';
export { GlobalNetwork, type GlobalNetworkProps, type PlanResult } from './global-network';
export { Link, type LinkProps } from './link';
export { Mesh, type MeshFigures } from './mesh';
export { Objective, type ObjectiveProps } from './objective';
export type { PlanFileProps } from './plan-files';
export { Policy, type PolicyProps } from './policy';
export type { LinkRef, RegionRef, ScopeRefs, SelectionRefs } from './refs';
export { Region, type RegionProps } from './region';
export { Reservation, type ReservationProps } from './reservation';
export type { RegionExtra } from './aws/extra';
export type { RegionProvider } from './aws/region-provider';
export type {
  BucketResources,
  GatewayResources,
  LinkResources,
  MadeVpc,
  NetworkResources,
  RegionResources,
} from './aws/resources';

export type { Diagnostic, Severity, SourcePosition } from '../lib/diagnostics';
export type * from '../lib/model/description';
export type { PlanDocument } from '../lib/plan';
export type * from '../lib/units/quantity';
