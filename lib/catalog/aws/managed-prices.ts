/** How sure a catalog figure is. */
export type Confidence = 'high' | 'medium' | 'low';

/** A list price of an AWS building block. */
export interface ManagedPrice {
  readonly usd: number;
  readonly per: 'hour' | 'GB' | 'hour and zone' | 'month' | 'GiB and month';
  readonly confidence: Confidence;
}

/**
 * Prices of transit gateways, VPN, endpoints, public IPv4, Cloud WAN, secrets, alarms and volumes, us-east-1,
 * 2024 to 2026.
 */
export const managedPricesAsOf = '2024-2026';

const rows = {
  tgw_vpc_attachment: { usd: 0.05, per: 'hour', confidence: 'high' },
  tgw_peering_attachment_each_side: { usd: 0.05, per: 'hour', confidence: 'high' },
  tgw_data_processed: { usd: 0.02, per: 'GB', confidence: 'high' },
  vpn_connection: { usd: 0.05, per: 'hour', confidence: 'high' },
  vpn_on_tgw_extra_attachment: { usd: 0.05, per: 'hour', confidence: 'high' },
  nat_gateway: { usd: 0.045, per: 'hour', confidence: 'high' },
  nat_gateway_data: { usd: 0.045, per: 'GB', confidence: 'high' },
  vpc_endpoint_interface: { usd: 0.01, per: 'hour and zone', confidence: 'high' },
  vpc_endpoint_interface_data_first_1PB: { usd: 0.01, per: 'GB', confidence: 'high' },
  public_ipv4_address: { usd: 0.005, per: 'hour', confidence: 'high' },
  secret: { usd: 0.4, per: 'month', confidence: 'high' },
  // Standard resolution, one metric.
  metric_alarm: { usd: 0.1, per: 'month', confidence: 'high' },
  gp3_volume: { usd: 0.08, per: 'GiB and month', confidence: 'high' },
  cloudwan_core_network_edge: { usd: 0.5, per: 'hour', confidence: 'medium' },
  cloudwan_attachment: { usd: 0.065, per: 'hour', confidence: 'medium' },
  cloudwan_data_processed: { usd: 0.02, per: 'GB', confidence: 'medium' },
  vpc_peering_connection: { usd: 0, per: 'hour', confidence: 'high' },
  intra_region_cross_az_each_way: { usd: 0.01, per: 'GB', confidence: 'high' },
} as const satisfies Readonly<Record<string, ManagedPrice>>;

export type ManagedItem = keyof typeof rows;

/** Price by item. */
export const managedPrices: Readonly<Record<ManagedItem, ManagedPrice>> = rows;
