import { destinations, gatewayTables, sharedTables, type RouteTablesFile } from '../../gateway';
import { servesOverlay } from '../../gateway/operator-access';
import type { PlanDocument } from '../../plan';
import type { LabLayout, LabRegion } from '../layout';

/** Port on which a region's cloud answers, at the address of the region's first host. */
export const cloudPort = 8480;

/** What a cloud of the lab is made of: one region's route tables, bucket and instances. */
export interface LabCloudConfig {
  readonly host: string;
  readonly port: number;
  readonly bucket: string;
  readonly account: string;
  readonly gateways: readonly CloudGateway[];
  readonly tables: readonly CloudTable[];
  /** Prefixes of the other regions, both families, and that of all gateways where operators reach them. */
  readonly destinations: readonly string[];
  /** What the deployment told the gateways: `route-tables.json`. */
  readonly deployed: RouteTablesFile;
}

export interface CloudGateway {
  readonly id: string;
  /** Where its requests come from, which tells who it is. */
  readonly address: string;
  readonly interfaceId: string;
  readonly folder: string;
  /** How workloads reach it. */
  readonly device: string;
  readonly ipv4: string;
  readonly ipv6: string;
}

export interface CloudTable {
  readonly id: string;
  readonly name: string;
  readonly home: string;
  /** The kernel's table, and source addresses of the host that it serves; null: it serves none. */
  readonly kernel: { readonly table: string; readonly ipv4: string; readonly ipv6: string } | null;
}

/** What stands in a gateway's `/etc/dwcp/source`. */
export function sourceText(config: LabCloudConfig, gateway: string): string {
  const { folder } = config.gateways.find(({ id }) => id === gateway)!;
  return `AWS_DEFAULT_REGION=us-east-1
BUCKET=${config.bucket}
ACCOUNT=${config.account}
FOLDER=${folder}
`;
}

/** Where gateways find their cloud. */
export function cloudUrl({ host, port }: LabCloudConfig): string {
  return `http://${host}:${port}`;
}

/** The cloud of a region; undefined: its gateways share no table. */
export function cloudConfig(
  plan: PlanDocument,
  layout: LabLayout,
  region: LabRegion,
): LabCloudConfig | undefined {
  const planned = plan.regions.find(({ id }) => id === region.id)!;
  if (sharedTables(plan, planned).length === 0) return undefined;
  const all = plan.gateways.filter((gateway) => gateway.region === region.id);
  const id = (kind: string, number: number) => `${kind}-${number.toString(16).padStart(17, '0')}`;
  const gateways = all.map((gateway, i): CloudGateway => {
    const { ipv4, ipv6 } = layout.gateways.find((one) => one.id === gateway.id)!;
    const { device } = region.hosts.find((host) => host.gateway === gateway.id)!;
    const folder = `gateway-${gateway.number}`;
    return { id: gateway.id, address: ipv4, interfaceId: id('eni', i + 1), folder, device, ipv4, ipv6 };
  });
  const served = new Set<string>();
  const tables = gatewayTables(planned, all).map(({ name, home }, i): CloudTable => {
    const at = region.hosts.findIndex(({ gateway }) => gateway === home);
    const uses = name !== 'public' && !served.has(home);
    if (uses) served.add(home);
    const { ipv4, ipv6 } = region.hosts[at];
    // As `wiring` lays them: the first host by the main table, the k-th by table k.
    const kernel = uses ? { table: at === 0 ? 'main' : String(at + 1), ipv4, ipv6 } : null;
    return { id: id('rtb', i + 1), name, home, kernel };
  });
  const far = plan.regions.filter((one) => one.id !== region.id).map(destinations);
  return {
    host: region.hosts[0].ipv4,
    port: cloudPort,
    bucket: `lab-${region.id}`,
    account: '123456789012',
    gateways,
    tables,
    destinations: [
      ...far.flatMap(({ ipv4Prefixes, ipv6Prefixes }) => [...ipv4Prefixes, ...ipv6Prefixes]),
      ...(servesOverlay(plan) ? [plan.pools.gateways] : []),
    ],
    deployed: {
      formatVersion: 1,
      tables: Object.fromEntries(tables.map(({ name, id: table }) => [name, table])),
      interfaces: Object.fromEntries(
        gateways.map(({ interfaceId, ipv4, ipv6 }, i) => [all[i].identity, { id: interfaceId, ipv4, ipv6 }]),
      ),
    },
  };
}
