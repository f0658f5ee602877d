import type { GatewayState, GatewayTunnel } from '../../gateway';

/** Where the plan, or else the deployment, says that a tunnel's peer is; null: neither does. */
export function announcedEndpoint(
  gateway: GatewayState,
  { peer }: GatewayTunnel,
  endpoints: ReadonlyMap<string, string>,
): string | null {
  const identity = gateway.peers.find((p) => p.gateway === peer.gateway)?.identity ?? peer.gateway;
  const address = endpoints.get(identity) ?? peer.endpoint;
  return address === null ? null : hostPort(address, peer.listenPort);
}

function hostPort(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
