import { isIpv4Prefix } from '../../net';
import type { PlanDocument, PlannedGateway, PlannedRegion } from '../../plan';

/**
 * The beginning of a resource's name: `dwcp-<network>--<region>`, at most 47 characters. No id holds two
 * hyphens in a row, so no two networks and regions come to one name. Names are once and for ever: they are
 * made of identities, which a renaming leaves.
 */
export function namePrefix(plan: PlanDocument, region: PlannedRegion): string {
  return `dwcp-${plan.identity}--${region.identity}`;
}

/** The name of a gateway's role, instance profile and first security group. */
export function gatewayName(plan: PlanDocument, region: PlannedRegion, gateway: PlannedGateway): string {
  return `${namePrefix(plan, region)}-${gateway.number}`;
}

/**
 * The name of a gateway's security group of this number. A full stop before the number, for region a-1 may
 * have a gateway 2 in the same VPC.
 */
export function groupName(
  plan: PlanDocument,
  region: PlannedRegion,
  gateway: PlannedGateway,
  number: number,
): string {
  return `${gatewayName(plan, region, gateway)}${number === 1 ? '' : `.${number}`}`;
}

/** The name of what brings a gateway back when a status check of this kind fails. */
export function alarmName(
  plan: PlanDocument,
  region: PlannedRegion,
  gateway: PlannedGateway,
  check: string,
): string {
  return `${gatewayName(plan, region, gateway)}-${check}`;
}

/** The name of a gateway's unsealing secret. */
export function secretName(plan: PlanDocument, gateway: PlannedGateway): string {
  return `dwcp/${plan.identity}/${gateway.identity}/unseal`;
}

/** The name of a region's group of flow logs, and of the role that writes to it. */
export function flowLogNames(plan: PlanDocument, region: PlannedRegion): { group: string; role: string } {
  const group = `/dwcp/${plan.identity}/${region.identity}/flow`;
  return { group, role: `${namePrefix(plan, region)}-flow` };
}

/** The name of a region's bucket; bucket names are shared by all accounts, so it ends with the account. */
export function bucketName(plan: PlanDocument, region: PlannedRegion, account: string): string {
  return `${namePrefix(plan, region)}-${account}`;
}

/** The name of a gateway's report below `reports/` in its region's bucket. */
export function reportName({ identity }: PlannedGateway): string {
  return identity.replace('/', '-');
}

/** The gateway whose report this one waits for, with its region; undefined: it waits for nobody. */
export function canaryBefore(
  plan: PlanDocument,
  { id: own }: PlannedGateway,
): { readonly gateway: PlannedGateway; readonly region: PlannedRegion } | undefined {
  const gateway = plan.gateways.find(({ id }) => id === plan.rollout?.canary && id !== own);
  return gateway && { gateway, region: plan.regions.find(({ id }) => id === gateway.region)! };
}

/** A security group's description, which Terraform replaces it for: made of the identity, as its name. */
export function groupDescription(gateway: PlannedGateway): string {
  return `dwcp gateway ${gateway.identity}`;
}

/** The tags that are not yours: `Name` and `dwcp:network`. They change in place, so they have today's ids. */
export function ownTags(plan: PlanDocument, region: PlannedRegion, name: string): Record<string, string> {
  return { Name: `dwcp-${plan.network}--${region.id}-${name}`, 'dwcp:network': plan.network };
}

/** The tags of a resource: yours (the region's win), then our own. */
export function resourceTags(
  plan: PlanDocument,
  region: PlannedRegion,
  name: string,
): Record<string, string> {
  return { ...plan.tags, ...region.tags, ...ownTags(plan, region, name) };
}

/** The form of a prefix in the construct ids of its routes and rules: `10-5-0-0-16`. */
export function prefixName(prefix: string): string {
  return prefix.replace(/[.:/]/g, '-');
}

/**
 * The IPv4 prefixes of a region: what stands in route tables and security groups beside its block. Workload
 * VPCs are IPv4.
 */
export function vpcPrefixes({ prefixes = [] }: PlannedRegion): readonly string[] {
  return prefixes.filter(isIpv4Prefix);
}
