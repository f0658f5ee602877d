import type { ArcInput } from '../../lib/graph';
import type { Ask, Interval } from '../../lib/reservation';
import type { ListedPath, Question } from './routing-enumeration';
import { listPaths } from './routing-enumeration';

/** An ask that holds bandwidth on a path; the plain twin keeps a list of these and nothing else. */
export interface Booking {
  readonly id: string;
  readonly arcs: readonly ArcInput[];
  readonly kbps: number;
  readonly critical: boolean;
  readonly holdingPriority: number;
  readonly intervals: readonly Interval[];
}

export type PlainAsk = Pick<
  Ask,
  'id' | 'from' | 'to' | 'kbps' | 'class' | 'setupPriority' | 'holdingPriority' | 'intervals'
>;

const covers = (intervals: readonly Interval[], t: number) =>
  intervals.some((i) => i.startMs <= t && t < i.endMs);

/** Every time within the ask's window at which something could change. */
function times(bookings: readonly Booking[], ask: PlainAsk): number[] {
  const all = [...ask.intervals, ...bookings.flatMap((b) => b.intervals)].map((i) => i.startMs);
  return [...new Set(all)].filter((t) => covers(ask.intervals, t));
}

/** How much more than the arc may hold there would be, by instant and with who is there. */
function excesses(
  instants: readonly number[],
  bookings: readonly Booking[],
  ask: PlainAsk,
  arc: ArcInput,
  headroom: number,
) {
  const users = bookings.filter((b) => b.arcs.includes(arc));
  const limit = arc.availableMbps * 1000 * (ask.class === 'critical' ? 1 : 1 - headroom);
  return instants.map((t) => {
    const there = users.filter((b) => covers(b.intervals, t));
    return { there, excess: there.reduce((sum, b) => sum + b.kbps, 0) + ask.kbps - Math.floor(limit + 1e-6) };
  });
}

/** What all simple paths answer to an ask. */
export interface PlainAnswer {
  /** The first of all simple paths with room in the whole window; undefined: there is none. */
  readonly free: ListedPath | undefined;
  /**
   * Where there is no room: the least bandwidth that must be preempted, over all paths and all sets of weaker
   * bookings; undefined: no set is enough. Only for a dozen bookings.
   */
  readonly leastKbps: number | undefined;
}

export function plainAnswer(
  q: Question,
  bookings: readonly Booking[],
  ask: PlainAsk,
  headroom = 0.2,
): PlainAnswer {
  const instants = times(bookings, ask);
  const needsOf = new Map(
    q.input.arcs.map((arc) => [
      arc,
      excesses(instants, bookings, ask, arc, headroom).filter((x) => x.excess > 0),
    ]),
  );
  const paths = listPaths(q, ask.from, ask.to);
  const free = paths.find((path) => path.arcs.every((arc) => needsOf.get(arc)!.length === 0));
  if (free !== undefined) return { free, leastKbps: undefined };

  const weaker = bookings.filter((b) => b.holdingPriority > ask.setupPriority);
  const totals = Array.from({ length: 2 ** weaker.length }, (_, set) =>
    weaker.reduce((sum, b, i) => sum + ((set >> i) & 1) * b.kbps, 0),
  );
  const sets = totals.map((_, set) => set).sort((a, b) => totals[a] - totals[b]);
  let leastKbps: number | undefined;
  for (const path of paths) {
    const needs = path.arcs.flatMap((arc) =>
      needsOf.get(arc)!.map(({ there, excess }) => ({
        amounts: weaker.map((b) => (there.includes(b) ? b.kbps : 0)),
        excess,
      })),
    );
    const enough = (set: number) =>
      needs.every(
        ({ amounts, excess }) => amounts.reduce((sum, kbps, i) => sum + ((set >> i) & 1) * kbps, 0) >= excess,
      );
    const found = sets.find((set) => (leastKbps !== undefined && totals[set] >= leastKbps) || enough(set));
    if (found !== undefined && (leastKbps === undefined || totals[found] < leastKbps))
      leastKbps = totals[found];
  }
  return { free: undefined, leastKbps };
}
