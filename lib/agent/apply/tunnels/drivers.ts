import type { GatewayState, GatewayTunnel } from '../../../gateway';
import { interfaceStarts, tunnelTypes, type TunnelType } from '../../../tunnels';
import type { HostSettings } from '../host-settings';
import type { TunnelDriver } from './driver';
import type { WireguardDevice } from './wireguard/device';
import { wireguardDriver } from './wireguard/driver';

/** What an interface says, by the type of its tunnel. */
interface Devices {
  readonly wireguard: WireguardDevice;
}

/** An interface of a tunnel, as wanted or as it is there. */
export type TunnelDevice = Devices[TunnelType];

/** A driver for each type of tunnel. */
const drivers: { readonly [T in TunnelType]: TunnelDriver<Devices[T]> } = { wireguard: wireguardDriver };

/** The driver of a type, for devices of that type alone: `TunnelDevice.type` says which it is. */
export function driverOf(type: TunnelType): TunnelDriver<TunnelDevice> {
  return drivers[type];
}

/** The type of the tunnel whose interface has this name; the default's where no prefix is known. */
export function typeOfInterface(name: string): TunnelType {
  return tunnelTypes.find((_, i) => name.startsWith(interfaceStarts[i])) ?? tunnelTypes[0];
}

/** The interface that a gateway wants for one of its tunnels. */
export function wantedTunnel(
  gateway: GatewayState,
  tunnel: GatewayTunnel,
  settings: HostSettings,
): TunnelDevice {
  return driverOf(tunnel.type).wanted(gateway, tunnel, settings);
}

/** The interface in words, without secrets. */
export function tunnelWords(device: TunnelDevice): string {
  return driverOf(device.type).words(device);
}

/** Is the interface that is there as wanted? */
export function isTunnelAsWanted(there: TunnelDevice, wanted: TunnelDevice): boolean {
  const same = (['type', 'tunnel', 'mtu', 'up'] as const).every((part) => there[part] === wanted[part]);
  return same && driverOf(wanted.type).isAsWanted(there, wanted);
}
