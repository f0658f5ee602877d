import type { Diagnostic } from '../diagnostics';
import type { PlanDocument, PlannedGateway, PlannedRegion } from '../plan';

/** How Terraform answers a change of a resource's arguments. Nested arguments have dots: `rule.id`. */
export interface ArgumentKinds {
  /** The provider replaces the resource for a change of these (force-new), whether we set them or not. */
  readonly replaces: readonly string[];
  /** Those that we set and that the provider changes in place. */
  readonly updates: readonly string[];
}

/** A cloud resource that a plan leads to. */
export interface CloudResource {
  /**
   * Terraform type and construct path: `aws_vpc dublin/vpc`. Made of identities: what is renamed keeps its
   * resources.
   */
  readonly id: string;
  /** Terraform type. */
  readonly type: string;
  /** Construct path below the network's regions: `dublin/gateway-1/eip`. */
  readonly path: string;
  /** Code of its place; null for global resources (IAM). */
  readonly region: string | null;
  /**
   * The arguments that the plan decides, by the provider's name for them. An argument that only the
   * deployment knows has a stand-in: `<account>` in names, the plan's digest for the content of a bundle, the
   * epoch for the version of an unsealing secret.
   */
  readonly values: Readonly<Record<string, unknown>>;
  /** Arguments that take what the cloud made up for other resources (ids, addresses): the ids of these. */
  readonly references: Readonly<Record<string, readonly string[]>>;
  /** Arguments that Terraform leaves as it finds them once the resource is there. Absent: none. */
  readonly ignored?: readonly string[];
  /** Ids of resources that it is replaced with, beside those it refers to. Absent: none. */
  readonly replacedWith?: readonly string[];
}

/** Where a gateway is reached: the resource that holds its address, or the endpoint of a site outside. */
export interface GatewayAddress {
  /** The gateway's. */
  readonly identity: string;
  /** Resource id. */
  readonly resource?: string;
  readonly endpoint?: string;
}

/** How a plan is deployed to a cloud, as far as it can be said without the framework of constructs. */
export interface CloudDeployment {
  /** Every resource of the cloud's regions, in any order, with the decisions of the plan. */
  resources(plan: PlanDocument, addresses: ReadonlyMap<string, GatewayAddress>): readonly CloudResource[];
  /** Id of the resource that holds a gateway's public address. */
  addressResource(region: PlannedRegion, gateway: PlannedGateway): string;
  /** The arguments of every resource type that the constructs make. */
  readonly arguments: Readonly<Record<string, ArgumentKinds>>;
  /** The parts of a plan that the cloud does not take, or not as we build it. */
  checkDeployable(plan: PlanDocument): Diagnostic[];
}
