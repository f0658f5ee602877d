import type { TunnelKind } from './kind';

/**
 * WireGuard (Donenfeld, NDSS 2017). Overhead (section 5.4.6): outer IP 20 or 40, UDP 8, type and reserved 4,
 * receiver 4, counter 8, Poly1305 tag 16.
 */
export const wireguard = {
  title: 'WireGuard',
  prefix: 'wg',
  overhead: { ipv4: 60, ipv6: 80 },
  defaultMtu: 1420,
  defaultKeepaliveSeconds: 25,
  packages: { wg: 'wireguard-tools' },
} as const satisfies TunnelKind;
