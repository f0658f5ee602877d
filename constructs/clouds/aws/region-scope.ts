import type { Construct } from 'constructs';
import { resourceTags } from '../../../lib/clouds/aws/names';
import type { PlanDocument, PlannedGateway, PlannedRegion } from '../../../lib/plan';
import type { RegionExtra } from './extra';

/** The inputs of every resource of one AWS region. */
export interface RegionScope {
  readonly construct: Construct;
  readonly plan: PlanDocument;
  readonly region: PlannedRegion;
  /** AWS region code: stated by every regional resource. */
  readonly place: string;
  /** Sorted by number. */
  readonly gateways: readonly PlannedGateway[];
  readonly extras: readonly RegionExtra[];
}

/** The tags of a resource: yours (the region's win), then `Name` and `dwcp:network`. */
export function tagsOf(scope: RegionScope, name: string): Record<string, string> {
  return resourceTags(scope.plan, scope.region, name);
}
