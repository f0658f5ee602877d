import type { TunnelKind } from './kind';
import { wireguard } from './wireguard';

/** Every type of tunnel that there is; types, schemas and messages derive from it. */
export const tunnelKinds = { wireguard } as const satisfies Readonly<Record<string, TunnelKind>>;

export type TunnelType = keyof typeof tunnelKinds;

/** The types, the default first. */
export const tunnelTypes = Object.keys(tunnelKinds) as [TunnelType, ...TunnelType[]];

/** How names of tunnels' interfaces begin, a word for each type: `wg-`. */
export const interfaceStarts = tunnelTypes.map((type) => `${tunnelKinds[type].prefix}-`);

/** The facts of a type. */
export function tunnelKind(type: TunnelType): TunnelKind {
  return tunnelKinds[type];
}
