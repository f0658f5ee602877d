/** When the prices below held. */
export const pricesAsOf = '2024-2026';

/** List prices of AWS in us-east-1, USD. */
export const prices = {
  publicIpv4AddressPerHour: 0.005,
  secretPerMonth: 0.4,
  /** Standard resolution, one metric. */
  metricAlarmPerMonth: 0.1,
  gp3VolumePerGibAndMonth: 0.08,
  /** Between zones of a region, each way. */
  crossZonePerGb: 0.01,
} as const;
