import type { QosClass } from '../model';
import type { PlanDocument, PlannedGateway } from '../plan';
import { windowIntervals } from '../reservation';
import { near, pathPinner } from './pin-path';

/** A reservation that starts at a gateway. */
export interface GatewayReservation {
  readonly id: string;
  readonly to: string;
  readonly class: QosClass;
  /** This gateway's part: with two gateways each holds half. */
  readonly bandwidthMbps: number;
  /** The variants of its path. */
  readonly paths: readonly string[];
  readonly windows: readonly ReservedWindow[];
}

/** From `startMs` until before `endMs`, ms since 1970 in UTC; null: always on that side. */
export interface ReservedWindow {
  readonly startMs: number | null;
  readonly endMs: number | null;
}

/** What a reservation holds of one tunnel. */
export interface TunnelGuarantee {
  readonly reservation: string;
  readonly class: QosClass;
  readonly bandwidthMbps: number;
  /** Bytes of an inner packet of its path: what segments add to it counts on the tunnel. */
  readonly pathMtu: number;
  readonly windows: readonly ReservedWindow[];
}

/**
 * The admitted reservations that concern a gateway: its own, and what each holds of its tunnels, as the
 * first gateway or on the way.
 */
export function gatewayReservations(
  plan: PlanDocument,
  gateway: PlannedGateway,
): {
  readonly own: readonly GatewayReservation[];
  readonly guarantees: ReadonlyMap<string, readonly TunnelGuarantee[]>;
} {
  const pinner = pathPinner(plan);
  const own: GatewayReservation[] = [];
  const guarantees = new Map<string, TunnelGuarantee[]>();
  const mtus = new Map(plan.paths.map((path) => [path.id, path.mtu]));
  for (const reservation of plan.reservations) {
    const { id, from, to, class: qos, path } = reservation;
    if (!reservation.admitted || path === null) continue;
    const sources = plan.gateways.filter((g) => g.region === from);
    const bandwidthMbps = reservation.bandwidthMbps / sources.length;
    const windows = windowIntervals(reservation.window).map(({ startMs, endMs }) => ({
      startMs: Number.isFinite(startMs) ? startMs : null,
      endMs: Number.isFinite(endMs) ? endMs : null,
    }));
    for (const source of sources) {
      const variants = pinner.variants(path, source.id);
      if (source.id === gateway.id && variants.length > 0) {
        const paths = variants.map((variant) => variant.id);
        own.push({ id, to, class: qos, bandwidthMbps, paths, windows });
      }
      for (const hop of variants.flatMap((variant) => variant.hops)) {
        if (near(hop).gateway !== gateway.id) continue;
        // Packets of one flow stay on one plane, so each plane holds what the gateway may send.
        const held = { reservation: id, class: qos, bandwidthMbps, pathMtu: mtus.get(path)!, windows };
        hold(guarantees, hop.tunnel.id, held);
      }
    }
  }
  return { own, guarantees };
}

function hold(guarantees: Map<string, TunnelGuarantee[]>, tunnel: string, more: TunnelGuarantee): void {
  const held = guarantees.get(tunnel) ?? [];
  const same = held.findIndex((g) => g.reservation === more.reservation);
  if (same === -1) held.push(more);
  else held[same] = { ...more, bandwidthMbps: held[same].bandwidthMbps + more.bandwidthMbps };
  guarantees.set(tunnel, held);
}
