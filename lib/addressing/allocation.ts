/** The address blocks of a region. */
export interface RegionBlocks {
  /** The id under which its resources and keys were made; its id unless it was renamed. */
  readonly identity: string;
  /** IPv4 prefix of the region's workloads. */
  readonly ipv4Block: string;
  /** IPv6 /56 of the region's workloads (RFC 4193 unless the pool is another). */
  readonly ipv6Block: string;
}

/** Addresses of one gateway. */
export interface GatewayAddresses {
  /** `<region's identity>/<number>`: by it its resources and keys are named. */
  readonly identity: string;
  /** Address without length, on the gateway's loopback. */
  readonly ipv4: string;
  readonly ipv6: string;
  /** SRv6 locator, a /64 (RFC 8986 section 3.1). */
  readonly locator: string;
  /** Decapsulation segments: End.DX4 and End.DX6 (RFC 8986 sections 4.5 and 4.4). */
  readonly segmentDx4: string;
  readonly segmentDx6: string;
}

/** What one end of a tunnel got. */
export interface TunnelEndAddresses {
  /** Kernel interface name, at most 15 characters, unique on the gateway. */
  readonly interfaceName: string;
  /** UDP port the end listens on, unique on the gateway. */
  readonly listenPort: number;
  /** Address of a /31, without length (RFC 3021). */
  readonly ipv4: string;
  /** Address of a /127, without length (RFC 6164). */
  readonly ipv6: string;
  /** End.X segment of this gateway towards the other end (RFC 8986 section 4.2). */
  readonly segment: string;
}

/** What a tunnel got; its ends in the link's order. */
export interface TunnelAddresses {
  /** The id under which its rules and preshared key were made; its id unless it was renamed. */
  readonly identity: string;
  readonly ends: readonly [TunnelEndAddresses, TunnelEndAddresses];
}
