import { awsRegions } from './aws-regions';

/** The two regions that pay a price of their own to each other, USD per GB. */
const exceptionPair = new Set(['us-east-1', 'us-east-2']);
const exceptionUsdPerGb = 0.01;

/**
 * List price in USD per GB of traffic from one AWS region to another; null when not known. The sender's
 * region pays.
 */
export function transferPriceUsdPerGb(from: string, to: string): number | null {
  if (from !== to && exceptionPair.has(from) && exceptionPair.has(to)) return exceptionUsdPerGb;
  return awsRegions.get(from)?.transferOutUsdPerGb ?? null;
}
