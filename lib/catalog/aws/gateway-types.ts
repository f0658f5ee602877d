/**
 * An EC2 instance type that can be a gateway. Bandwidth is the sustained baseline, not the burst; price on
 * demand.
 */
export interface GatewayType {
  readonly name: string;
  readonly vcpu: number;
  readonly baselineMbps: number;
  /** List price in us-east-1; other regions differ and are estimated from it. */
  readonly usdPerHour: number;
}

/** arm64 instance types, mid-2026, prices in us-east-1. One row: vCPU, baseline Mbps, USD per hour. */
export const gatewayTypesAsOf = 'mid-2026';

/** Size of a gateway's root volume, GiB: that of Debian's images. */
export const rootVolumeGib = 8;

const rows: Readonly<Record<string, readonly [number, number, number]>> = {
  't4g.nano': [2, 32, 0.0042],
  't4g.micro': [2, 64, 0.0084],
  't4g.small': [2, 128, 0.0168],
  't4g.medium': [2, 256, 0.0336],
  't4g.large': [2, 512, 0.0672],
  't4g.xlarge': [4, 1024, 0.1344],
  't4g.2xlarge': [8, 2048, 0.2688],
  'c6gn.medium': [1, 1600, 0.0432],
  'c6gn.large': [2, 3000, 0.0864],
  'c6gn.xlarge': [4, 6300, 0.1728],
  'c6gn.2xlarge': [8, 12500, 0.3456],
  'c6gn.4xlarge': [16, 25000, 0.6912],
  'c6gn.8xlarge': [32, 50000, 1.3824],
  'c6gn.12xlarge': [48, 75000, 2.0736],
  'c6gn.16xlarge': [64, 100000, 2.7648],
  'c7gn.medium': [1, 3125, 0.0624],
  'c7gn.large': [2, 6250, 0.1248],
  'c7gn.xlarge': [4, 12500, 0.2496],
  'c7gn.2xlarge': [8, 25000, 0.4992],
  'c7gn.4xlarge': [16, 50000, 0.9984],
  'c7gn.8xlarge': [32, 100000, 1.9968],
  'c7gn.12xlarge': [48, 150000, 2.9952],
  'c7gn.16xlarge': [64, 200000, 3.9936],
  'c8gn.medium': [1, 3125, 0.0593],
  'c8gn.large': [2, 6250, 0.1185],
  'c8gn.xlarge': [4, 12500, 0.237],
  'c8gn.2xlarge': [8, 25000, 0.474],
  'c8gn.4xlarge': [16, 50000, 0.948],
  'c8gn.8xlarge': [32, 100000, 1.896],
  'c8gn.12xlarge': [48, 150000, 2.844],
  'c8gn.16xlarge': [64, 200000, 3.792],
  'c8gn.24xlarge': [96, 300000, 5.688],
  'c8gn.48xlarge': [192, 600000, 11.376],
  'c7g.medium': [1, 520, 0.0363],
  'c7g.large': [2, 937, 0.0725],
  'c7g.xlarge': [4, 1876, 0.145],
  'c7g.2xlarge': [8, 3750, 0.29],
  'c7g.4xlarge': [16, 7500, 0.58],
  'c7g.8xlarge': [32, 15000, 1.16],
  'c7g.12xlarge': [48, 22500, 1.74],
  'c7g.16xlarge': [64, 30000, 2.32],
  'c8g.medium': [1, 520, 0.03988],
  'c8g.large': [2, 937, 0.07976],
  'c8g.xlarge': [4, 1875, 0.15952],
  'c8g.2xlarge': [8, 3750, 0.31904],
  'c8g.4xlarge': [16, 7500, 0.63808],
  'c8g.8xlarge': [32, 15000, 1.27616],
  'c8g.12xlarge': [48, 22500, 1.91424],
  'c8g.16xlarge': [64, 30000, 2.55232],
  'c8g.24xlarge': [96, 40000, 3.82848],
  'c8g.48xlarge': [192, 50000, 7.65696],
  'm7g.medium': [1, 520, 0.0408],
  'm7g.large': [2, 937, 0.0816],
  'm7g.xlarge': [4, 1876, 0.1632],
  'm7g.2xlarge': [8, 3750, 0.3264],
  'm7g.4xlarge': [16, 7500, 0.6528],
  'm7g.8xlarge': [32, 15000, 1.3056],
  'm7g.12xlarge': [48, 22500, 1.9584],
  'm7g.16xlarge': [64, 30000, 2.6112],
};

/** Gateway type by EC2 name. */
export const gatewayTypes: ReadonlyMap<string, GatewayType> = new Map(
  Object.entries(rows).map(([name, [vcpu, baselineMbps, usdPerHour]]) => [
    name,
    { name, vcpu, baselineMbps, usdPerHour },
  ]),
);

/** Most that an internet gateway passes for an instance with fewer than 32 vCPU (quota table), Mbps. */
const smallInternetMbps = 5000;

/**
 * Mbps that a gateway of this type sustains towards other regions: its baseline, and no more than EC2 lets
 * through an internet gateway, 5 Gbps below 32 vCPU, else the larger of 5 Gbps and half the baseline.
 */
export function gatewayInternetMbps({ vcpu, baselineMbps }: GatewayType): number {
  const limit = vcpu < 32 ? smallInternetMbps : Math.max(smallInternetMbps, baselineMbps / 2);
  return Math.min(baselineMbps, limit);
}
