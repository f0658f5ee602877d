import { gatewayTypesAsOf } from './gateway-types';
import { prices, pricesAsOf } from './prices';
import { awsRegions } from './regions';

/**
 * Of when the prices are that a plan's costs are made of: instances; public IPv4 addresses, volumes and
 * secrets; traffic between regions.
 */
export const awsPricesAsOf =
  `${gatewayTypesAsOf} (gateways), ${pricesAsOf} (addresses, volumes, secrets), ` + '2023-2024 (traffic)';

/** The two regions that pay a price of their own to each other, USD per GB. */
const exceptionPair = new Set(['us-east-1', 'us-east-2']);
const exceptionUsdPerGb = 0.01;

/**
 * List price in USD per GB of traffic from one AWS region to another; null when not known. The sender's
 * region pays. Within a region traffic between public addresses costs as between zones, and both ends pay.
 */
export function transferPriceUsdPerGb(from: string, to: string): number | null {
  if (from === to && awsRegions.has(from)) return 2 * prices.crossZonePerGb;
  if (from !== to && exceptionPair.has(from) && exceptionPair.has(to)) return exceptionUsdPerGb;
  return awsRegions.get(from)?.transferOutUsdPerGb ?? null;
}
