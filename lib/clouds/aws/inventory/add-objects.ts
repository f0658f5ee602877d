import { routeTablesName, sharedTables } from '../../../gateway';
import { gatewayFolder } from '../../../gateway/bucket-places';
import type { PlannedGateway } from '../../../plan';
import { regionFolder } from '../../region-folder';
import { bucketName, canaryBefore, ownTags } from '../names';
import { tunnelsOf } from '../rules';
import type { InventoryVpc } from './add-vpc';
import type { InventoryScope } from './inventory-scope';

/** The tables that two gateways of a region share. */
export interface SharedTables {
  /** Their names in the plan. */
  readonly names: readonly string[];
  /** Ids of the tables that are made. */
  readonly tables: readonly string[];
}

/** undefined: the region has one gateway, or names no tables. */
export function sharedOf(
  { plan, region }: InventoryScope,
  made: InventoryVpc | undefined,
): SharedTables | undefined {
  const tables = sharedTables(plan, region).map(({ name }) => name);
  if (tables.length === 0) return undefined;
  return { names: tables, tables: made ? tables.map((name) => made.tables[name]) : [] };
}

export function addRouteTablesObject(
  { plan, region, add }: InventoryScope,
  gateway: PlannedGateway,
  bucket: string,
  shared: SharedTables,
): void {
  const at = gatewayFolder(gateway);
  const both = plan.gateways.filter((g) => g.region === region.id).sort((x, y) => x.number - y.number);
  const interfaces = both.map(
    (g) => `aws_network_interface ${regionFolder(region)}/${gatewayFolder(g)}/network-interface`,
  );
  add(
    'aws_s3_object',
    `${at}/route-tables`,
    {
      content: [...shared.names, ...(region.vpc?.routeTables ?? []), ...both.map((g) => g.identity)],
      key: `${at}/${routeTablesName}`,
      tags: ownTags(plan, region, String(gateway.number)),
    },
    { bucket, content: [...shared.tables, ...interfaces] },
  );
}

export function addObjects(
  { plan, region, add, addresses }: InventoryScope,
  gateway: PlannedGateway,
  bucket: string,
): void {
  const at = gatewayFolder(gateway);
  const tags = ownTags(plan, region, String(gateway.number));
  // `gateway.json` names the plan's digest: bundles of two plans differ, of one they do not.
  const content = `of plan ${plan.digest.slice(0, 'sha256:'.length + 12)}`;
  add('aws_s3_object', `${at}/bundle`, { source_hash: content, key: `${at}/bundle.tar`, tags }, { bucket });
  add('aws_s3_object', `${at}/manifest`, { content, key: `${at}/manifest`, tags }, { bucket });
  const first = canaryBefore(plan, gateway);
  if (first) {
    const where = `${first.region.place} ${bucketName(plan, first.region, '<account>')} <account>`;
    add('aws_s3_object', `${at}/canary`, { content: where, key: `${at}/canary`, tags }, { bucket });
  }
  const ids = tunnelsOf(plan.tunnels, gateway.id).map(({ peer }) => peer.gateway);
  const peers = [...new Set(ids)]
    .map((id) => addresses.get(id)!)
    .sort((x, y) => (x.identity < y.identity ? -1 : 1));
  const eips = peers.flatMap(({ resource }) => resource ?? []);
  add(
    'aws_s3_object',
    `${at}/endpoints`,
    {
      content: peers.map((peer) => [peer.identity, peer.endpoint ?? []].flat().join(' ')),
      key: `${at}/endpoints.json`,
      tags,
    },
    { bucket, ...(eips.length > 0 && { content: eips }) },
  );
}
