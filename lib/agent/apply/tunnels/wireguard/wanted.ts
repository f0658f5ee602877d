import type { GatewayState, GatewayTunnel } from '../../../../gateway';
import { announcedEndpoint } from '../../announced-endpoint';
import { farKeys } from '../../far-keys';
import type { HostSettings } from '../../host-settings';
import { Secret } from '../../secret';
import type { WireguardDevice, WireguardPeer } from './device';

/** The device that a gateway wants for a tunnel: one peer, under one key or, while keys rotate, under two. */
export function wantedDevice(
  gateway: GatewayState,
  tunnel: GatewayTunnel,
  settings: HostSettings,
): WireguardDevice {
  const { id, interfaceName: name, mtu, listenPort } = tunnel;
  const { keys, endpoints, tunnelEndpoints } = settings;
  const chosen = tunnelEndpoints?.get(id);
  const endpoint = chosen === undefined ? announcedEndpoint(gateway, tunnel, endpoints) : chosen;
  const keepaliveSeconds = Math.min(65535, Math.ceil(Math.max(0, tunnel.keepaliveSeconds)));
  const [first, second] = farKeys(gateway, tunnel, keys, settings.earlier).map(
    ({ publicKey, presharedKey }): WireguardPeer => ({
      publicKey,
      endpoint,
      presharedKey: presharedKey === null ? null : new Secret(presharedKey),
      keepaliveSeconds,
    }),
  );
  return {
    type: 'wireguard',
    name,
    tunnel: id,
    mtu,
    up: true,
    listenPort,
    publicKey: keys ? gateway.publicKey : null,
    privateKey: keys ? new Secret(keys.privateKey) : null,
    peer: first ?? null,
    ...(second && { other: second }),
  };
}
