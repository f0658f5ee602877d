/** Bytes that pass between public addresses: jumbo frames stay within a VPC, a peering or private lines. */
export const publicMtu = 1500;

/** Bytes that a tunnel adds to a packet, by the family of its outer addresses. */
export interface TunnelOverhead {
  readonly ipv4: number;
  readonly ipv6: number;
}

/**
 * By tunnel type: outer IP (20 or 40 bytes) and what follows it. WireGuard: UDP 8, type and reserved 4,
 * receiver 4, counter 8, Poly1305 tag 16 (Donenfeld, "WireGuard", NDSS 2017, section 5.4.6). IPsec in tunnel
 * mode behind NAT (RFC 3948) under AES-GCM with 16 bytes of tag (RFC 4106): UDP 8, ESP 8, counter 8, padding
 * at most 3, trailer 2, tag 16. GRE: 4 (RFC 2784). VXLAN: UDP 8, VXLAN 8, inner Ethernet 14 (RFC 7348).
 */
export const tunnelOverhead = {
  wireguard: { ipv4: 60, ipv6: 80 },
  ipsec: { ipv4: 65, ipv6: 85 },
  gre: { ipv4: 24, ipv6: 44 },
  vxlan: { ipv4: 50, ipv6: 70 },
} as const satisfies Record<string, TunnelOverhead>;
