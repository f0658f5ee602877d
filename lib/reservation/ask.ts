import type { QosClass, Reservation } from '../model';
import type { Request } from '../routing';
import type { Interval } from './interval';
import { promisedKbps } from './kbps';
import { windowIntervals } from './window-intervals';

/** What is asked of the admission authority: bandwidth on one path for some stretches of time. */
export interface Ask {
  readonly id: string;
  /** Region ids. */
  readonly from: string;
  readonly to: string;
  /** Whole kbps, above 0. */
  readonly kbps: number;
  readonly class: QosClass;
  /** 0 strongest to 7 (RFC 3209 section 4.7.3); holding is not weaker than setup. */
  readonly setupPriority: number;
  readonly holdingPriority: number;
  /** Sorted, neither overlapping nor touching; see `windowIntervals`. */
  readonly intervals: readonly Interval[];
  /** The policy that a path must keep to and is chosen by. */
  readonly request: Request;
  /** Planned paths as arcs, best first: they are tried before any other path is searched. */
  readonly candidates: readonly (readonly number[])[];
}

/** The ask of a reservation in the description, under the policy that applies to it. */
export function askOf(
  reservation: Reservation,
  request: Request,
  candidates: readonly (readonly number[])[] = [],
  options: { readonly horizonMs?: number } = {},
): Ask {
  const { id, from, to, bandwidthMbps, setupPriority, holdingPriority, window } = reservation;
  const intervals = windowIntervals(window, options);
  const kbps = promisedKbps(bandwidthMbps);
  return {
    id,
    from,
    to,
    kbps,
    class: reservation.class,
    setupPriority,
    holdingPriority,
    intervals,
    request,
    candidates,
  };
}
