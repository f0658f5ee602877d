/**
 * What was allocated once and is kept: the committed file `<network>.lock.json`. Numbers count within their
 * pool, so that a moved pool moves everything in step. Adding or removing a region renumbers nothing else.
 */
export interface LockFile {
  readonly formatVersion: typeof lockFormatVersion;
  readonly network: string;
  /** The name under which resources and keys were made; absent: the name itself, it was never renamed. */
  readonly identity?: string;
  /** The plan that was made last; null or absent: none yet. */
  readonly plan?: LockedPlan | null;
  /** What the numbers count in; null: the lock was written before it told. */
  readonly pools: LockedPools | null;
  /** What `renumber` of the description was carried out for, by identity, sorted; absent: nothing. */
  readonly renumbered?: readonly string[];
  readonly regions: Readonly<Record<string, LockedRegion>>;
  /** By gateway id, `<region>/<number>`. */
  readonly gateways: Readonly<Record<string, LockedGateway>>;
  readonly tunnels: Readonly<Record<string, LockedTunnel>>;
}

/** Numbers plans, so that a gateway can tell a newer one from an older. */
export interface LockedPlan {
  /** From 1; one more with every plan that differs. */
  readonly generation: number;
  /** Of the plan's content without its generation: `sha256:` and 64 hex digits. */
  readonly digest: string;
  /** First instant at which a gateway may install it, UTC: `2026-11-30T18:00:00Z`; absent: any. */
  readonly notBefore?: string;
  /** The last such instant; absent: there is none. Both are there, or neither. */
  readonly latest?: string;
}

/** Pools in canonical text. */
export interface LockedPools {
  readonly regions: string;
  readonly links: string;
  readonly gateways: string;
  /** /48. */
  readonly ipv6: string;
}

export interface LockedRegion {
  /** The id under which it was made; absent: it was never renamed. */
  readonly identity?: string;
  readonly ipv4Block: string;
  /** Which of the /56 for regions in the IPv6 pool. */
  readonly number: number;
}

export interface LockedGateway {
  /** Which /32 of the gateway pool and which /64 locator. */
  readonly number: number;
}

export interface LockedTunnel {
  /** The id under which it was made; absent: it was never renamed. */
  readonly identity?: string;
  /** Which /31 and /127 of the link pools. */
  readonly number: number;
  /** The first has the even address. The link may name them the other way round. */
  readonly ends: readonly [LockedEnd, LockedEnd];
}

export interface LockedEnd {
  readonly gateway: string;
  readonly interfaceName: string;
  readonly listenPort: number;
  /** Function part of the End.X segment, 256 to 65535. */
  readonly segment: number;
}

/**
 * Version of the lock file's format. A reader takes this one and the first, and refuses every other.
 *
 * 1, 2026-11-23: the first.
 *
 * 2, 2026-11-30: the pools that numbers count in, and the identity of what was renamed.
 */
export const lockFormatVersion = 2;

/** Versions of the format that this program reads. */
export const lockFormatsRead: readonly number[] = [1, lockFormatVersion];
