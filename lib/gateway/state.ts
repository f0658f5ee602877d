import { type Operations, type QosClass, type StrategyName, type TunnelType } from '../model';
import type { RouteRefusal } from '../plan';
import { type GatewayEdge } from './edge';
import { type ReturnPath } from './paths';
import { type GatewayReservation, type TunnelGuarantee } from './reservations';
import type { PinnedPath } from './pin-path';
import { type GatewayTable } from './route-tables';
import { type ClassSpread } from './spreads';

/**
 * Version of `gateway.json`; an agent refuses every other.
 *
 * 1, 2026-11-23: the first.
 */
export const gatewayStateVersion = 1;

/**
 * What one gateway is to be: its part of the plan. Lists are sorted by id; routes by destination, then as
 * in the plan.
 */
export interface GatewayState {
  readonly formatVersion: typeof gatewayStateVersion;
  /** Digest of the plan it was taken from. */
  readonly planDigest: string;
  /** The plan's; an agent refuses one lower than it has applied. */
  readonly generation: number;
  readonly network: string;
  /** The names under which its keys were made: its own unless network or region were renamed. */
  readonly networkIdentity: string;
  readonly identity: string;
  /** Gateway id, `<region>/<number>`. */
  readonly gateway: string;
  readonly region: string;
  readonly number: number;
  /** A drained region takes no transit traffic. */
  readonly drained: boolean;
  readonly publicKey: string | null;
  /** The key that it takes into use when a rotation is finished. Absent: none is under way. */
  readonly nextPublicKey?: string;
  /** Loopback addresses, without length. */
  readonly ipv4: string;
  readonly ipv6: string;
  /** SRv6 locator, a /64, and the segments that end here: End.DX4 and End.DX6. */
  readonly locator: string;
  readonly segmentDx4: string;
  readonly segmentDx6: string;
  /** End.DT6 into the local table: how probes reach this gateway itself (see `localSegment`). */
  readonly segmentLocal: string;
  /** The region's own prefixes: what is delivered here. */
  readonly ipv4Block: string;
  readonly ipv6Block: string;
  /**
   * Its further networks, as in the plan, and where operators get in the overlay addresses of its other
   * gateways: delivered here too. Absent: none.
   */
  readonly prefixes?: readonly string[];
  /** Every QoS class and its code point, most important first. */
  readonly classes: readonly ClassMark[];
  readonly tunnels: readonly GatewayTunnel[];
  /** Every path that a route below names. */
  readonly paths: readonly PinnedPath[];
  /** Paths that end here, turned round: what an end-to-end probe's answer travels. */
  readonly returns: readonly ReturnPath[];
  readonly routes: readonly GatewayRoute[];
  /** Admitted reservations whose path starts here. */
  readonly reservations: readonly GatewayReservation[];
  /** Gateways that probe or are probed by this one, directly or over paths. */
  readonly peers: readonly GatewayPeer[];
  /** What may come to it, and from whom. */
  readonly edge: GatewayEdge;
  /** What it takes over from the other gateway of its region. Absent: it is alone there, or not in AWS. */
  readonly takeover?: GatewayTakeover;
  /** How operators get in, as in the plan. Absent: on this gateway alone. */
  readonly operations?: GatewayOperations;
}

/** A gateway's part in how operators get in. */
export interface GatewayOperations extends Pick<Operations, 'api' | 'metrics' | 'webhooks' | 'ssmAgent'> {
  /** It takes orders by AWS Systems Manager; absent: it does not. */
  readonly ssm?: true;
  /** Where in CloudWatch Logs its journal goes; absent: it stays here. */
  readonly logs?: { readonly group: string; readonly stream: string };
}

/** Two gateways of a region stand in for each other in the route tables of its workloads. */
export interface GatewayTakeover {
  readonly partner: GatewayPeer;
  /** Tables of the region that lead to one of the two, `public` and then by zone, or yours in order. */
  readonly tables: readonly GatewayTable[];
  /** Prefix in these tables by which operators reach gateways elsewhere; absent: they do not. */
  readonly operators?: string;
}

/** A gateway that probes this one or is probed by it. */
export interface GatewayPeer {
  readonly gateway: string;
  /** Under which keys that both derive are made, so that a renaming breaks no session. */
  readonly identity: string;
  readonly publicKey: string | null;
  /** As `GatewayState.nextPublicKey`. */
  readonly nextPublicKey?: string;
}

/** A class on the wire. */
export interface ClassMark {
  readonly class: QosClass;
  /** Differentiated services code point, 0 to 63 (RFC 2474). */
  readonly dscp: number;
}

/** This gateway's end of a tunnel. */
export interface GatewayTunnel {
  readonly id: string;
  /** By which the sealed keys know its preshared key. */
  readonly identity: string;
  readonly link: string;
  readonly plane: number;
  readonly type: TunnelType;
  /** A drained link carries nothing; its tunnel stays up and probed. */
  readonly drained: boolean;
  readonly interfaceName: string;
  readonly listenPort: number;
  /** Addresses of a /31 and a /127, without length. */
  readonly ipv4: string;
  readonly ipv6: string;
  /** This gateway's End.X segment towards the peer. */
  readonly segment: string;
  readonly mtu: number;
  readonly keepaliveSeconds: number;
  readonly presharedKey: boolean;
  /** Towards the peer, this tunnel's part of the link: what the queue discipline shapes to. */
  readonly bandwidthMbps: number;
  /** Towards the peer and back, one way each, ms: what a probe is measured against. */
  readonly latencyMs: number;
  readonly returnLatencyMs: number;
  /** Other tunnels lead to the same gateway: only the source address tells the kernel which one is meant. */
  readonly parallel: boolean;
  /** Bandwidth that reservations hold towards the peer, by window; sorted by reservation. */
  readonly guarantees: readonly TunnelGuarantee[];
  readonly peer: TunnelPeer;
}

export interface TunnelPeer {
  readonly gateway: string;
  readonly region: string;
  readonly publicKey: string | null;
  /** As `GatewayState.nextPublicKey`. */
  readonly nextPublicKey?: string;
  /** Public address where the plan knows it (external sites); null: from `endpoints.json`. */
  readonly endpoint: string | null;
  readonly listenPort: number;
  readonly ipv4: string;
  readonly ipv6: string;
  /** The peer's locator: reached through this tunnel. */
  readonly locator: string;
}

/** How traffic of some classes to one region leaves this gateway. */
export interface GatewayRoute {
  readonly to: string;
  readonly classes: readonly QosClass[];
  readonly policy: string | null;
  readonly strategy: StrategyName;
  /** Destination prefixes: the block, then further networks. */
  readonly ipv4Prefixes: readonly string[];
  readonly ipv6Prefixes: readonly string[];
  /** Path id; null when there is no route, or it runs over tunnels of the region's other gateway. */
  readonly primary: string | null;
  /** Path ids, best first; a second variant of the primary leads them. */
  readonly backups: readonly string[];
  /** Path ids within the tolerance, best first. */
  readonly equalCost: readonly string[];
  /** Classes whose traffic the plan spreads, by rank; the others take the primary. */
  readonly spreads: readonly ClassSpread[];
  readonly refusal: RouteRefusal | null;
}
