import type { QosClass, Reservation } from '../model';
import type { Request } from '../routing';
import type { Interval } from './interval';
import { promisedKbps } from './kbps';
import { timelineOf, type Timeline } from './timeline';

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
  /** Sorted, neither overlapping nor touching; all asks of one authority from one `Timeline`. */
  readonly intervals: readonly Interval[];
  /** The intervals of the same window so much later, up to a year. Absent: they move by elapsed time. */
  readonly later?: (shiftMs: number) => readonly Interval[];
  /** The policy that a path must keep to and is chosen by. */
  readonly request: Request;
  /** Planned paths as arcs, best first: they are tried before any other path is searched. */
  readonly candidates: readonly (readonly number[])[];
}

/**
 * The ask of a reservation in the description, under the policy that applies to it.
 *
 * @param timeline made from the windows of all asks of one authority. Default: of this one alone, which is
 * enough where no other has a window.
 */
export function askOf(
  reservation: Reservation,
  request: Request,
  candidates: readonly (readonly number[])[] = [],
  timeline: Timeline = timelineOf([reservation.window]),
): Ask {
  const { id, from, to, bandwidthMbps, setupPriority, holdingPriority, window } = reservation;
  const intervals = timeline.intervals(window);
  const kbps = promisedKbps(bandwidthMbps);
  const recurs = window !== null && window.recur !== null;
  return {
    id,
    from,
    to,
    kbps,
    class: reservation.class,
    setupPriority,
    holdingPriority,
    intervals,
    ...(recurs && { later: (shiftMs: number) => timeline.intervals(window, shiftMs) }),
    request,
    candidates,
  };
}
