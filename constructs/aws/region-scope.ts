import type { Construct } from 'constructs';
import type { PlanDocument, PlannedGateway, PlannedRegion } from '../../lib/plan';
import type { RegionExtra } from './extra';

/** What every resource of one AWS region is made with. */
export interface RegionScope {
  readonly construct: Construct;
  readonly plan: PlanDocument;
  readonly region: PlannedRegion;
  /** AWS region code: stated by every regional resource. */
  readonly place: string;
  /** Sorted by number. */
  readonly gateways: readonly PlannedGateway[];
  readonly extras: readonly RegionExtra[];
  /**
   * `dwcp-<network>--<region>`, at most 47 characters. No id holds two hyphens in a row, so no two networks
   * and regions come to one name.
   */
  readonly prefix: string;
}

/** The construct id of a gateway below its region. */
export function gatewayFolder(gateway: PlannedGateway): string {
  return `gateway-${gateway.number}`;
}

/** The tags of a resource: yours (the region's win), then `Name` and `dwcp:network`. */
export function tagsOf(scope: RegionScope, name: string): Record<string, string> {
  const { plan, region, prefix } = scope;
  return { ...plan.tags, ...region.tags, Name: `${prefix}-${name}`, 'dwcp:network': plan.network };
}
