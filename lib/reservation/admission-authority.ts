import type { Topology } from '../graph';
import type { QosClass } from '../model';
import { qosClasses } from '../model';
import type { Admission, AdmissionRefusal, Admitted } from './admission';
import { refused } from './admission';
import type { Ask } from './ask';
import type { BandwidthModel } from './bandwidth-model';
import { poolsOfLink, unreservedKbps } from './bandwidth-model';
import type { CalendarOptions } from './calendar';
import { Calendar } from './calendar';
import { checkAsk, checkIntervals } from './check-ask';
import { choosePreemption } from './choose-preemption';
import { defaultCascadeLimit, displace, takePlace } from './displace';
import { explainRefusal, shortagesOn } from './explain-refusal';
import { feasiblePath } from './feasible-path';
import type { Interval } from './interval';
import { always } from './interval';
import { isAmount } from './kbps';
import type { Holding } from './ledger';
import { Ledger } from './ledger';

const yearMs = 365 * 86_400_000;

export interface AuthorityOptions extends CalendarOptions {
  /** How much later another window that is offered may start; at most, and by default, 365 days. */
  readonly horizonMs?: number;
  /** See `displace`. Default 64. */
  readonly cascadeLimit?: number;
}

export interface AdmitOptions {
  /** No other window is offered before this. Default: the beginning of time. */
  readonly nowMs?: number;
  /** Look for what would fit. Default true. */
  readonly explain?: boolean;
  /** Find new paths at once for those displaced; else they hold nothing. Default true. */
  readonly replace?: boolean;
}

/** How much of an arc traffic placement wants. */
export interface ArcAmount {
  readonly arc: number;
  /** Whole kbps, above 0. */
  readonly kbps: number;
}

/**
 * The one place where bandwidth is given out: to reservations, in time, and to traffic placement. What one
 * has the other does not get, nothing is counted twice, no arc ever holds more than it carries at any
 * instant, and everything comes back when it is released. The answers depend on the order of calls alone;
 * see `admitAll` for an order that does not depend on the order of declaration.
 */
export class AdmissionAuthority {
  private readonly ledger: Ledger;
  private readonly model: BandwidthModel;
  private readonly horizonMs: number;
  private readonly cascadeLimit: number;

  constructor(
    readonly topology: Topology,
    options: AuthorityOptions = {},
  ) {
    this.ledger = new Ledger(new Calendar(topology, options));
    this.model = options.model ?? { kind: 'shared' };
    this.horizonMs = Math.min(options.horizonMs ?? yearMs, yearMs);
    this.cascadeLimit = options.cascadeLimit ?? defaultCascadeLimit;
  }

  /**
   * Admits an ask on one path for its whole window, or not at all. First where room is free: on a planned
   * candidate, then on the best path with room. Else by preemption of weaker reservations, which are then
   * re-placed where possible (see `replace`). Throws RangeError on misuse (`checkAsk`) and on an id that is
   * in use.
   */
  admit(ask: Ask, options: AdmitOptions = {}): Admission {
    const { nowMs = -Infinity, explain = true, replace = true } = options;
    const { calendar } = this.ledger;
    this.checkNew(ask.id);
    const bad = checkAsk(this.topology, ask);
    if (bad !== null) return bad;
    const path = feasiblePath(calendar, ask);
    if (path.arcs !== null) {
      this.ledger.place(ask, path.arcs);
      return { admitted: true, arcs: path.arcs, displaced: [], victimKbps: 0, victimsProven: true };
    }
    const preemption = ask.setupPriority < 7 ? choosePreemption(this.ledger, ask) : undefined;
    if (preemption !== undefined) {
      const { arcs, victims, totalKbps, proven } = preemption;
      const displaced = replace
        ? displace(this.ledger, ask, arcs, victims, this.cascadeLimit)
        : takePlace(this.ledger, ask, arcs, victims);
      return { admitted: true, arcs, displaced, victimKbps: totalKbps, victimsProven: proven };
    }
    return explainRefusal(calendar, ask, path.limited, nowMs, this.horizonMs, explain);
  }

  /**
   * Admits an ask on this very path, where room is free; undefined: not so. Throws RangeError as `admit`.
   */
  tryAdmitOn(ask: Ask, arcs: readonly number[]): Admitted | undefined {
    const { calendar } = this.ledger;
    this.checkNew(ask.id);
    if (arcs.length === 0 || checkAsk(this.topology, { ...ask, candidates: [arcs] }) !== null)
      return undefined;
    if (!arcs.every((arc) => calendar.has(arc, ask.class, ask.intervals, ask.kbps))) return undefined;
    this.ledger.place(ask, arcs);
    return { admitted: true, arcs, displaced: [], victimKbps: 0, victimsProven: true };
  }

  /**
   * Holds amounts on arcs for traffic placement, all or none; null when held. Always, unless intervals are
   * given (sorted and apart). Nothing preempts them, and they preempt nothing. Amounts on one arc add up.
   * Throws RangeError on an id in use or an unknown arc.
   */
  hold(
    id: string,
    amounts: readonly ArcAmount[],
    name: QosClass,
    intervals: readonly Interval[] = always,
  ): AdmissionRefusal | null {
    this.checkNew(id);
    checkIntervals(id, intervals);
    const sums = new Map<number, number>();
    for (const { arc, kbps } of amounts) {
      if (!(Number.isInteger(arc) && arc >= 0 && arc < this.topology.arcCount))
        throw new RangeError(`no arc ${arc} in the topology`);
      if (!isAmount(kbps)) {
        const message = `${kbps} kbps is no amount of bandwidth that can be held`;
        return refused('bad-amount', message, 'hold a whole number of kbps above 0').refusal;
      }
      sums.set(arc, (sums.get(arc) ?? 0) + kbps);
    }
    const arcs = [...sums.keys()].sort((a, b) => a - b);
    const shortages = arcs.flatMap((arc) =>
      shortagesOn(this.ledger.calendar, { class: name, intervals, kbps: sums.get(arc)! }, [arc]),
    );
    if (shortages.length > 0) {
      const [{ link, freeKbps }] = shortages;
      const message = `link '${link}' has ${freeKbps} kbps left for class ${name}, less than is asked`;
      return refused('no-bandwidth', message, '', shortages).refusal;
    }
    const kbps = arcs.map((arc) => sums.get(arc)!);
    this.ledger.put({ id, arcs, kbps, class: name, intervals, holdingPriority: -1, ask: null });
    return null;
  }

  /**
   * Gives back what an id holds, on every arc, to the last bit. false: it holds nothing. O(what it holds).
   */
  release(id: string): boolean {
    const holding = this.ledger.get(id);
    if (holding !== undefined) this.ledger.take(holding);
    return holding !== undefined;
  }

  /** Releases what ended before now; the ids, sorted. O(n). */
  releaseEnded(nowMs: number): string[] {
    const ended = this.ledger
      .all()
      .filter(({ intervals }) => intervals.length > 0 && intervals[intervals.length - 1].endMs <= nowMs);
    for (const holding of ended) this.ledger.take(holding);
    return ended.map((h) => h.id);
  }

  /** What an id holds; undefined: nothing. */
  get(id: string): Holding | undefined {
    return this.ledger.get(id);
  }

  /** All that is held, by id. */
  holdings(): Holding[] {
    return this.ledger.all();
  }

  /** What a class could still take of an arc in all the intervals without preemption; kbps, 0 or more. */
  freeKbps(arc: number, name: QosClass, intervals: readonly Interval[] = always): number {
    return this.ledger.calendar.freeKbps(arc, name, intervals);
  }

  /** What is reserved of an arc: time and kbps from there on, the first at -Infinity. */
  reserved(arc: number): [number, number][] {
    return this.ledger.calendar.reserved(arc);
  }

  /**
   * What a class may take of an arc at an instant and at a setup priority, before headroom: `Unreserved
   * TE-Class` of RFC 4125 and RFC 4127. O(holdings on the arc).
   */
  unreservedKbps(arc: number, name: QosClass, setupPriority: number, timeMs: number): number {
    const held = new Float64Array(8 * qosClasses.length);
    for (const holding of this.ledger.on(arc)) {
      if (!holding.intervals.some((i) => i.startMs <= timeMs && timeMs < i.endMs)) continue;
      const slot = 8 * qosClasses.indexOf(holding.class) + Math.max(0, holding.holdingPriority);
      held[slot] += holding.kbps[holding.arcs.indexOf(arc)];
    }
    const { link, links } = this.topology;
    const pools = poolsOfLink(this.model, links[link[arc]]);
    const linkKbps = this.ledger.calendar.linkKbps[arc];
    return unreservedKbps(pools, linkKbps, held, qosClasses.indexOf(name), setupPriority);
  }

  private checkNew(id: string): void {
    if (this.ledger.get(id) !== undefined) throw new RangeError(`'${id}' holds bandwidth already`);
  }
}
