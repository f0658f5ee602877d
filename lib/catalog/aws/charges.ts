import type { Charge, ChargedRegion } from '../cloud';
import { gatewayAlarms } from './gateway-alarms';
import { gatewayTypes, rootVolumeGib } from './gateway-types';
import { prices } from './prices';

/** Hours of an average month, as AWS counts them. */
const monthHours = 730;
/** The region of the instance and volume prices; elsewhere they are more or less. */
export const priceRegion = 'us-east-1';

/**
 * All that AWS charges a region for, traffic apart. Resources without an item are free of charge: a test
 * holds the items against the resources.
 */
export function awsCharges(region: ChargedRegion): readonly Charge[] {
  const { gatewayCount: gateways, instanceType } = region;
  const hourly = gatewayTypes.get(instanceType!)?.usdPerHour;
  // A plan of another program may name a type that this one does not know.
  const gateway = hourly === undefined ? null : hourly * monthHours;
  const byRegion = region.place === priceRegion ? 'measured' : 'estimated';
  const known = (
    item: string,
    quantity: number,
    usdPerMonth: number | null,
    origin: Charge['origin'],
  ): Charge => ({
    ...{ item, quantity, usdPerMonth, origin },
  });
  const unknown = (item: string): Charge => ({ item, quantity: 1, usdPerMonth: null, origin: 'unknown' });
  return [
    known(`gateway ${instanceType}`, gateways, gateway, byRegion),
    known('public IPv4 address', gateways, prices.publicIpv4AddressPerHour * monthHours, 'measured'),
    known('root volumes', gateways, prices.gp3VolumePerGibAndMonth * rootVolumeGib, byRegion),
    known('secrets', gateways, prices.secretPerMonth, 'measured'),
    known('alarms', gateways * gatewayAlarms.length, prices.metricAlarmPerMonth, byRegion),
    ...(region.vpc === null ? [unknown('flow logs')] : []),
    unknown('bundle storage'),
  ];
}
