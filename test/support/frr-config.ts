import { visible } from '../../lib/escape';
import { addressAt, parsePrefix, tryParseAddress } from '../../lib/net';
import { destinations, type GatewayState, type GatewayTunnel } from '../../lib/gateway';

/** How fast BFD (RFC 5880) looks at a tunnel. */
export interface BfdTiming {
  /** Desired transmit and required receive interval, ms, 10 to 60000. */
  readonly intervalMs: number;
  /** Missing packets that mean down, 2 to 255. */
  readonly multiplier: number;
}

/** That of the agent's own probes. */
export const defaultBfdTiming: BfdTiming = { intervalMs: 20, multiplier: 3 };

/** OSPF's cost of a ms: an interface's cost is a whole number up to 65535 (RFC 2328 appendix C.3). */
const costPerMs = 10;
const mostCost = 65535;

/**
 * A gateway's part of the fallback plane in the grammar of FRRouting's integrated configuration (frr.conf;
 * load it with `vtysh -f`): OSPFv2 and OSPFv3 on every tunnel, point to point, watched by BFD. Latency is
 * the cost, a tenth of a ms each; what is drained gets the greatest, so that it is used last (RFC 6987).
 *
 * A gateway announces its loopback addresses and its region's prefixes; the latter as far as its kernel has
 * routes to them that are not FRR's. OSPFv3 needs link-local addresses, which WireGuard gives no tunnel:
 * they are made of the tunnel's own.
 *
 * @throws RangeError for a timing outside its range.
 */
export function frrConfig(gateway: GatewayState, timing: BfdTiming = defaultBfdTiming): string {
  check(timing);
  const { ipv4, drained } = gateway;
  const { ipv4Prefixes, ipv6Prefixes } = destinations(gateway);
  const lines = [
    '! Fallback plane: used where no planned path is left.',
    'frr defaults traditional',
    `hostname ${visible(gateway.gateway.replace('/', '-'))}`,
    'service integrated-vtysh-config',
    '!',
    'bfd',
    ' profile dwcp',
    `  detect-multiplier ${timing.multiplier}`,
    `  transmit-interval ${timing.intervalMs}`,
    `  receive-interval ${timing.intervalMs}`,
    ' exit',
    'exit',
    '!',
    ...ipv4Prefixes.map((prefix, i) => `ip prefix-list own seq ${5 * (i + 1)} permit ${prefix}`),
    ...ipv6Prefixes.map((prefix, i) => `ipv6 prefix-list own seq ${5 * (i + 1)} permit ${prefix}`),
    '!',
    'route-map own-ipv4 permit 10',
    ' match ip address prefix-list own',
    'exit',
    '!',
    'route-map own-ipv6 permit 10',
    ' match ipv6 address prefix-list own',
    'exit',
    '!',
    // Before any interface: a router that spoke under another id first would be remembered under both.
    'router ospf',
    ` ospf router-id ${ipv4}`,
    ...(drained ? [' max-metric router-lsa administrative'] : []),
    ' redistribute kernel metric-type 1 route-map own-ipv4',
    'exit',
    '!',
    'router ospf6',
    ` ospf6 router-id ${ipv4}`,
    ...(drained ? [' stub-router administrative'] : []),
    ' redistribute kernel metric-type 1 route-map own-ipv6',
    'exit',
    '!',
    'interface dwcp0',
    ' ip ospf area 0.0.0.0',
    ' ip ospf passive',
    ' ipv6 ospf6 area 0.0.0.0',
    ' ipv6 ospf6 passive',
    'exit',
    '!',
    ...gateway.tunnels.flatMap(interfaceLines),
  ];
  return `${lines.join('\n')}\n`;
}

function interfaceLines(tunnel: GatewayTunnel): string[] {
  const cost = tunnel.drained ? mostCost : costOf(tunnel.latencyMs);
  return [
    `interface ${tunnel.interfaceName}`,
    ` description ${visible(tunnel.id)}`,
    ` ipv6 address ${linkLocal(tunnel.ipv6)}/64`,
    ' ip ospf area 0.0.0.0',
    ' ip ospf network point-to-point',
    ` ip ospf cost ${cost}`,
    ' ip ospf bfd',
    ' ip ospf bfd profile dwcp',
    ' ipv6 ospf6 area 0.0.0.0',
    ' ipv6 ospf6 network point-to-point',
    ` ipv6 ospf6 cost ${cost}`,
    ' ipv6 ospf6 bfd',
    ' ipv6 ospf6 bfd profile dwcp',
    'exit',
    '!',
  ];
}

function costOf(latencyMs: number): number {
  return Math.min(mostCost - 1, Math.max(1, Math.round(latencyMs * costPerMs)));
}

/** `fe80::1:` and the last 32 bits of an address: never the all-zero one, which means any router. */
function linkLocal(ipv6: string): string {
  const low = tryParseAddress(ipv6)!.value & 0xffffffffn;
  return addressAt(parsePrefix('fe80::1:0:0/96'), low);
}

function check({ intervalMs, multiplier }: BfdTiming): void {
  if (!(Number.isInteger(intervalMs) && intervalMs >= 10 && intervalMs <= 60_000)) {
    throw new RangeError(`BFD sends every 10 to 60000 whole ms, not ${intervalMs}`);
  }
  if (!(Number.isInteger(multiplier) && multiplier >= 2 && multiplier <= 255)) {
    throw new RangeError(`BFD multiplies by 2 to 255, not ${multiplier}`);
  }
}
