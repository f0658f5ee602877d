import type { LiveMetric, Reading } from './live-metric';

/** Reservations that start at this gateway. */
export const reservationMetrics: readonly LiveMetric[] = [
  {
    name: 'dwcp_reservation_granted_mbps',
    help: "Held for a reservation now, this gateway's part; 0 outside its windows.",
    type: 'gauge',
    *read({ gateway, state }): Iterable<Reading> {
      const open = new Set(state.open);
      for (const { id, bandwidthMbps } of gateway.reservations) {
        yield [{ reservation_id: id }, open.has(id) ? bandwidthMbps : 0];
      }
    },
  },
  {
    name: 'dwcp_reservation_used_mbps',
    help: 'Sent under a reservation over the last period, from the queue discipline; absent: not sampled.',
    type: 'gauge',
    *read({ gateway, reservationMbps }): Iterable<Reading> {
      for (const { id } of gateway.reservations) {
        yield [{ reservation_id: id }, reservationMbps.get(id) ?? NaN];
      }
    },
  },
];
