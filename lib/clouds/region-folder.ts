import type { PlannedRegion } from '../plan';

/** The construct id of a region below the network's regions, which the addresses of its resources bear. */
export function regionFolder(region: PlannedRegion): string {
  return region.identity;
}
