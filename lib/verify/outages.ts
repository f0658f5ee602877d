import { gatewayFailures, tryCloudOf } from '../catalog';
import type { PlannedRegion } from '../plan';
import type { World } from './world';

/** What stands behind a gateway in a cloud and waits when it dies. */
export interface Outage {
  readonly region: string;
  /** Of the region's traffic, both ways. */
  readonly share: number;
  readonly seconds: number;
  /** The gateway is back by itself after so long. */
  readonly backSeconds: number;
}

/**
 * Whether another gateway of the region has routes to take over: a VPC that is made has its own tables, one
 * of yours those that the description names.
 */
export function hasTakeOver({ provider, gatewayCount, vpc }: PlannedRegion): boolean {
  const tables = vpc?.routeTables ?? tryCloudOf({ provider })?.madeTables ?? [];
  return gatewayCount === 2 && tables.length > 0;
}

/** By the regions of the plan; undefined: a site outside the cloud, whose workloads nobody here knows. */
export function outageOf({ plan }: World, gateway: string): Outage | undefined {
  const planned = plan.gateways.find((g) => g.id === gateway);
  const region = plan.regions.find((r) => r.id === planned?.region);
  const cloud = region && tryCloudOf(region);
  if (!planned || !cloud) return undefined;
  const { backSeconds } = cloud;
  const seconds = hasTakeOver(region) ? gatewayFailures.takeOverSeconds : backSeconds;
  return { region: region.id, share: shareOf(region, planned.number), seconds, backSeconds };
}

/** One zone of two, the tables that come to a gateway in turn, or its part of them all. */
function shareOf({ vpc, gatewayCount }: PlannedRegion, number: number): number {
  const tables = vpc?.routeTables.length ?? 0;
  if (tables === 0 || gatewayCount === 1) return 1 / gatewayCount;
  return (number === 1 ? Math.ceil(tables / 2) : Math.floor(tables / 2)) / tables;
}
