import { sharedTables } from '../gateway';
import { addressAt, addressBits, parsePrefix } from '../net';
import type { PlanDocument } from '../plan';

/**
 * Where everything of a lab stands: namespaces, devices, addresses. Follows from the plan and the lab's name
 * alone; lists are sorted by id.
 */
export interface LabLayout {
  /** Name of the lab, `[a-z0-9-]`, at most 63 characters. */
  readonly lab: string;
  /** Namespace that joins the gateways: the wide area network. */
  readonly underlay: string;
  readonly gateways: readonly LabGateway[];
  /** One namespace a region for its workloads. */
  readonly regions: readonly LabRegion[];
  readonly tunnels: readonly LabTunnel[];
}

/** A gateway's namespace and its two wires: `underlay0` to the underlay, `region0` to its region. */
export interface LabGateway {
  /** `<region>/<number>`. */
  readonly id: string;
  readonly region: string;
  readonly namespace: string;
  /** Its public address, of a /31 with `underlayAddress`. */
  readonly address: string;
  /** The underlay's end of the wire. */
  readonly underlayAddress: string;
  /** Name of that end in the underlay namespace. */
  readonly underlayDevice: string;
  /** Its addresses on the wire to its region. */
  readonly ipv4: string;
  readonly ipv6: string;
}

/** A region's workloads: one host with an address behind each gateway. */
export interface LabRegion {
  readonly id: string;
  readonly namespace: string;
  readonly ipv4Block: string;
  readonly ipv6Block: string;
  /** The k-th leaves by gateway k, over device `gateway<k>`. */
  readonly hosts: readonly LabHost[];
  /** Further networks, each with an address on the workloads' loopback. */
  readonly prefixes: readonly LabPrefix[];
  /** Its gateways stand in for each other in route tables, and its router joins them. Absent: no. */
  readonly shared?: true;
}

/** A network behind a region: every gateway reaches it through its host. */
export interface LabPrefix {
  /** In canonical text. */
  readonly prefix: string;
  /** The tenth address; the first of a network of fewer than sixteen, itself where it is one. */
  readonly address: string;
}

export interface LabHost {
  /** Gateway id. */
  readonly gateway: string;
  /** The gateway's address in the overlay: its region leads there over this device. */
  readonly gatewayOverlay: string;
  readonly device: string;
  readonly ipv4: string;
  readonly ipv6: string;
}

/** A tunnel as the underlay sees it: two flows of UDP packets. */
export interface LabTunnel {
  readonly id: string;
  readonly link: string;
  readonly ends: readonly [LabEnd, LabEnd];
}

export interface LabEnd {
  readonly gateway: string;
  readonly region: string;
  readonly listenPort: number;
  /** Planned latency from this end to the other, one way, ms. */
  readonly latencyMs: number;
  /** Address in the underlay by which this end reaches the other when a relay stands between. */
  readonly peerAddress: string;
}

/**
 * Benchmark addresses (RFC 2544, 198.18.0.0/15), seen inside the lab's namespaces alone: the first /16 for
 * wires, the second for what the relay listens on.
 */
export const underlayPool = parsePrefix('198.18.0.0/15');
const wirePool = parsePrefix('198.18.0.0/16');
export const relayPool = parsePrefix('198.19.0.0/16');

const longestName = 63;

/**
 * Lays out a plan. Gateways and regions outside AWS stand in the lab like all others.
 *
 * @throws RangeError for a lab name of other characters or more than 63.
 */
export function layOut(
  plan: Pick<PlanDocument, 'regions' | 'gateways' | 'links' | 'tunnels'>,
  lab: string,
): LabLayout {
  if (!/^[a-z0-9][a-z0-9-]*$/.test(lab) || lab.length > longestName) {
    throw new RangeError(`'${lab}' is no name for a lab: up to ${longestName} of a to z, 0 to 9 and -`);
  }
  const gateways = plan.gateways.map(({ id, region, number }, i): LabGateway => {
    const { ipv4Block, ipv6Block } = plan.regions.find((r) => r.id === region)!;
    return {
      id,
      region,
      namespace: `${lab}.${region}.${number}`,
      address: addressAt(wirePool, 2 * i + 1),
      underlayAddress: addressAt(wirePool, 2 * i),
      underlayDevice: `gateway${i + 1}`,
      ipv4: addressAt(parsePrefix(ipv4Block), number),
      ipv6: addressAt(parsePrefix(ipv6Block), number),
    };
  });
  return {
    lab,
    // No dot stands in an id: two parts are the underlay, three a gateway or the workloads of a region.
    underlay: `${lab}.underlay`,
    gateways,
    regions: plan.regions.map((region) => ({
      ...wiresOf(plan, region, lab),
      ...(sharedTables(plan, region).length > 0 && { shared: true }),
    })),
    tunnels: labTunnels(plan),
  };
}

function wiresOf(
  { gateways }: Pick<PlanDocument, 'gateways'>,
  { id, ipv4Block, ipv6Block, prefixes = [] }: PlanDocument['regions'][number],
  lab: string,
): Omit<LabRegion, 'shared'> {
  return {
    id,
    namespace: `${lab}.${id}.workloads`,
    ipv4Block,
    ipv6Block,
    hosts: gateways
      .filter((g) => g.region === id)
      .map(({ id: gateway, number, ipv4 }) => ({
        gateway,
        gatewayOverlay: ipv4,
        device: `gateway${number}`,
        ipv4: hostAddress(ipv4Block, 32, number),
        ipv6: hostAddress(ipv6Block, 128, number),
      })),
    prefixes: prefixes.map((prefix) => ({ prefix, address: addressIn(prefix) })),
  };
}

/** In the third quarter of the block, or the fourth: where the subnets of workloads are in AWS. */
function hostAddress(block: string, bits: number, number: number): string {
  const prefix = parsePrefix(block);
  const quarter = 2n ** BigInt(bits - prefix.length - 2);
  const offset = quarter > 10n ? 10n : 1n;
  return addressAt(prefix, quarter * BigInt(number + 1) + offset);
}

function addressIn(text: string): string {
  const prefix = parsePrefix(text);
  const bits = addressBits(prefix.family) - prefix.length;
  return addressAt(prefix, bits >= 4 ? 10 : bits > 0 ? 1 : 0);
}

function labTunnels(plan: Pick<PlanDocument, 'gateways' | 'links' | 'tunnels'>): LabTunnel[] {
  const region = new Map(plan.gateways.map((g) => [g.id, g.region]));
  const links = new Map(plan.links.map((link) => [link.id, link]));
  const pairs = new Map<string, string>();
  const peerAddress = (from: string, to: string) => {
    const pair = `${from} ${to}`;
    if (!pairs.has(pair)) pairs.set(pair, addressAt(relayPool, pairs.size + 1));
    return pairs.get(pair)!;
  };
  return plan.tunnels.map(({ id, link, ends }) => {
    const { directions } = links.get(link)!;
    const end = (side: 0 | 1): LabEnd => {
      const { gateway, listenPort } = ends[side];
      const from = region.get(gateway)!;
      // A one-way link's answers take as long as its traffic.
      const direction = directions.find((d) => d.from === from) ?? directions[0];
      return {
        gateway,
        region: from,
        listenPort,
        latencyMs: direction.latencyMs,
        peerAddress: peerAddress(gateway, ends[1 - side].gateway),
      };
    };
    return { id, link, ends: [end(0), end(1)] };
  });
}
