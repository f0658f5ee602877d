import type { QosClass, Window } from '../model';
import type { PlanDocument, PlannedGateway } from '../plan';
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
  /** When it is held; null: always. The rule, not its instants: a recurrence may have no end. */
  readonly window: Window | null;
}

/** What a reservation holds of one tunnel. */
export interface TunnelGuarantee {
  readonly reservation: string;
  readonly class: QosClass;
  readonly bandwidthMbps: number;
  /** Bytes of an inner packet of its path: what segments add to it counts on the tunnel. */
  readonly pathMtu: number;
  readonly window: Window | null;
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
    const { id, from, to, class: qos, path, window } = reservation;
    if (!reservation.admitted || path === null) continue;
    const sources = plan.gateways.filter((g) => g.region === from);
    const bandwidthMbps = reservation.bandwidthMbps / sources.length;
    for (const source of sources) {
      const variants = pinner.variants(path, source.id);
      if (source.id === gateway.id && variants.length > 0) {
        const paths = variants.map((variant) => variant.id);
        own.push({ id, to, class: qos, bandwidthMbps, paths, window });
      }
      for (const hop of variants.flatMap((variant) => variant.hops)) {
        if (near(hop).gateway !== gateway.id) continue;
        // Packets of one flow stay on one plane, so each plane holds what the gateway may send.
        const held = { reservation: id, class: qos, bandwidthMbps, pathMtu: mtus.get(path)!, window };
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
