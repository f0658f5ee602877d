import { visible } from '../escape';
import type { PlanDocument } from '../plan';

/**
 * One interface's configuration in the grammar of `wg setconf` (wg(8)): one tunnel, one peer, every address
 * allowed, for forwarding decides what goes where.
 *
 * It holds no key but the peer's public one. `wg setconf` replaces the whole device, keys included, so load
 * them after it: `wg set <interface> private-key <file> peer <key> preshared-key <file>`. While the peer
 * has no public key in the plan there is no [Peer] section.
 *
 * @param endpoints public addresses by gateway id, known at apply time only (Elastic IPs); an external
 *   site's address comes from the plan. A peer without one is waited for.
 * @throws RangeError if the gateway has no such WireGuard interface.
 */
export function wireguardConfig(
  plan: Pick<PlanDocument, 'tunnels' | 'gateways' | 'regions'>,
  gatewayId: string,
  interfaceName: string,
  endpoints: ReadonlyMap<string, string> = new Map(),
): string {
  for (const tunnel of plan.tunnels) {
    const side = tunnel.ends.findIndex((end) => end.gateway === gatewayId);
    if (side === -1 || tunnel.ends[side].interfaceName !== interfaceName || tunnel.type !== 'wireguard')
      continue;
    const [own, peer] = [tunnel.ends[side], tunnel.ends[1 - side]];
    const title = `# ${visible(`${tunnel.id}: ${own.gateway} to ${peer.gateway}`)}`;
    const lines = [title, '[Interface]', `ListenPort = ${own.listenPort}`];
    const publicKey = plan.gateways.find((gateway) => gateway.id === peer.gateway)?.publicKey ?? null;
    if (publicKey === null)
      return `${[...lines, '# the peer has no key yet: run `dwcp keys init`'].join('\n')}\n`;
    lines.push('', '[Peer]', `PublicKey = ${publicKey}`, 'AllowedIPs = 0.0.0.0/0, ::/0');
    const address = endpoints.get(peer.gateway) ?? plannedEndpoint(plan, peer.gateway);
    if (address !== null) lines.push(`Endpoint = ${hostPort(address, peer.listenPort)}`);
    lines.push(`PersistentKeepalive = ${keepalive(tunnel.keepaliveSeconds)}`);
    return `${lines.join('\n')}\n`;
  }
  throw new RangeError(`gateway '${gatewayId}' has no WireGuard interface '${interfaceName}'`);
}

/** A gateway's public address as far as the plan knows it: an external site's endpoint, else null. */
export function plannedEndpoint(
  plan: Pick<PlanDocument, 'gateways' | 'regions'>,
  gatewayId: string,
): string | null {
  const region = plan.gateways.find((gateway) => gateway.id === gatewayId)?.region;
  return plan.regions.find(({ id }) => id === region)?.endpoint ?? null;
}

/** `192.0.2.1:51820`, `[2001:db8::1]:51820`. */
function hostPort(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

/** Whole seconds, 1 to 65535, rounded up; `off` for zero. */
function keepalive(seconds: number): string {
  return seconds <= 0 ? 'off' : String(Math.min(65535, Math.ceil(seconds)));
}
