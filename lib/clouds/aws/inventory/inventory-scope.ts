import type { PlanDocument, PlannedRegion } from '../../../plan';
import type { CloudResource, GatewayAddress } from '../../deployment';
import { regionFolder } from '../../region-folder';
import type { AwsType } from '../arguments';
import { resourceTags } from '../names';

/** An AWS resource that a plan leads to. */
export interface AwsResource extends CloudResource {
  readonly type: AwsType;
}

type Values = Readonly<Record<string, unknown>>;
type References = Readonly<Record<string, string | readonly string[]>>;

/** The arguments that agents own of a resource, and the resources that it is replaced with. */
type Lifecycle = Pick<AwsResource, 'ignored' | 'replacedWith'>;

/** Adds a resource: type, path below its region, what is decided, what it refers to. @returns its id. */
type Add = (
  type: AwsType,
  path: string,
  values?: Values,
  references?: References,
  lifecycle?: Lifecycle,
) => string;

/** The region whose resources are listed. */
export interface InventoryScope {
  readonly plan: PlanDocument;
  readonly region: PlannedRegion;
  readonly add: Add;
  /** Where gateways are reached, by id. */
  readonly addresses: ReadonlyMap<string, GatewayAddress>;
  /** Yours and our own, with this name. */
  readonly tags: (name: string) => Readonly<Record<string, string>>;
}

/** @param resources takes the resources that are added. */
export function inventoryScope(
  plan: PlanDocument,
  region: PlannedRegion,
  addresses: ReadonlyMap<string, GatewayAddress>,
  resources: AwsResource[],
): InventoryScope {
  const add: Add = (type, path, values = {}, references = {}, lifecycle = {}) => {
    const full = `${regionFolder(region)}/${path}`;
    const id = `${type} ${full}`;
    const global = type.startsWith('aws_iam_');
    const lists = Object.entries(references).map(([name, of]) => [name, [of].flat()] as const);
    resources.push({
      ...{ id, type, path: full, region: global ? null : region.place, values },
      references: Object.fromEntries(lists),
      ...lifecycle,
    });
    return id;
  };
  return { plan, region, add, addresses, tags: (name) => resourceTags(plan, region, name) };
}
