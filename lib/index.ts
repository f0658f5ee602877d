/**
 * Planning without cdktf: description in, plan out. The constructs are the package's main entry.
 *
 * @module dwcp-multiregion/plan
 */
export * from './units';
export * from './net';
export * from './diagnostics';
export * from './catalog';
export * from './model';
export * from './addressing';
export * from './tunnels';
export * from './plan';
export * from './gateway';
export * from './clouds';
// Not the whole room: who plans loads no parser and no writer of files.
export { topologyGraph } from './exchange/topology-graph';
export type {
  AttributeValue,
  DirectionAttributes,
  PlanAttributes,
  RegionAttributes,
  TopologyGraph,
} from './exchange/topology-graph';
export * from './report';
