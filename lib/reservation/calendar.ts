import type { Topology } from '../graph';
import type { QosClass } from '../model';
import { qosClasses } from '../model';
import type { BandwidthModel } from './bandwidth-model';
import { poolKbps, poolsOf, poolsOfLink } from './bandwidth-model';
import type { Interval } from './interval';
import { carriedKbps } from './kbps';
import { StepFunction } from './step-function';

export interface CalendarOptions {
  /** Share of every link that classes other than critical leave free. 0 to 1, default 0.2. */
  readonly headroomRatio?: number;
  /** The same for class critical. 0 to 1, default 0. */
  readonly criticalHeadroomRatio?: number;
  /** Default `shared`. */
  readonly model?: BandwidthModel;
}

/**
 * What is reserved of every arc at every time, and what may still be: one step function for each arc, with a
 * component for each pool of the bandwidth model. An arc carries its available bandwidth, in whole kbps;
 * classes other than critical may fill it up to the headroom only, counting what critical has taken. Knows
 * amounts, not who has them.
 */
export class Calendar {
  /** By arc. */
  readonly linkKbps: Float64Array;
  /** By pool: is class number c in it? */
  readonly poolHolds: readonly (readonly boolean[])[];
  private readonly poolsByClass: readonly (readonly number[])[];
  /** By class: what a pool may hold once a newcomer of the class is in it; [arc x pools + pool]. */
  private readonly limits: readonly Float64Array[];
  private readonly held: (StepFunction | undefined)[] = [];

  /** Throws RangeError on a headroom or class shares outside 0 to 1. */
  constructor(
    readonly topology: Topology,
    { headroomRatio = 0.2, criticalHeadroomRatio = 0, model = { kind: 'shared' } }: CalendarOptions = {},
  ) {
    if (![headroomRatio, criticalHeadroomRatio].every((r) => r >= 0 && r <= 1))
      throw new RangeError('headroom is a ratio from 0 to 1');
    const pools = poolsOf(model);
    const poolsOn = topology.links.map((id) => poolsOfLink(model, id));
    this.linkKbps = Float64Array.from(topology.availableMbps as Float64Array, carriedKbps);
    this.poolHolds = pools.map((p) => p.holds);
    this.poolsByClass = qosClasses.map((_, c) => pools.flatMap((p, i) => (p.holds[c] ? [i] : [])));
    this.limits = qosClasses.map((name) => {
      const limits = new Float64Array(topology.arcCount * pools.length);
      const free = name === 'critical' ? criticalHeadroomRatio : headroomRatio;
      for (let a = 0; a < topology.arcCount; a++) {
        const usable = Math.floor(this.linkKbps[a] * (1 - free) + 1e-6);
        poolsOn[topology.link[a]].forEach((pool, i) => {
          const most = poolKbps(pool, this.linkKbps[a]);
          limits[a * pools.length + i] = i === 0 ? Math.min(most, usable) : most;
        });
      }
      return limits;
    });
  }

  /** Could a class take this much of an arc in all the intervals? */
  has(arc: number, name: QosClass, intervals: readonly Interval[], kbps: number): boolean {
    const c = qosClasses.indexOf(name);
    const from = arc * this.poolHolds.length;
    const limits = this.limits[c];
    const pools = this.poolsByClass[c];
    for (let k = 0; k < pools.length; k++) if (limits[from + pools[k]] < kbps) return false;
    const held = this.held[arc];
    if (held === undefined) return true;
    for (const { startMs, endMs } of intervals)
      if (held.exceeds(startMs, endMs, limits, from, kbps, pools)) return false;
    return true;
  }

  /** The most that a class could take of an arc in all the intervals; kbps, 0 or more. */
  freeKbps(arc: number, name: QosClass, intervals: readonly Interval[]): number {
    const c = qosClasses.indexOf(name);
    const width = this.poolHolds.length;
    let free = Infinity;
    for (const pool of this.poolsByClass[c]) {
      const limit = this.limits[c][arc * width + pool];
      let most = 0;
      const held = this.held[arc];
      if (held !== undefined)
        for (const { startMs, endMs } of intervals) most = held.maxOver(startMs, endMs, most, pool);
      free = Math.min(free, limit - most);
    }
    return Math.max(0, free);
  }

  /** Books an amount, or with a negative one takes it back. Not checked: that is the authority's part. */
  add(arc: number, name: QosClass, intervals: readonly Interval[], kbps: number): void {
    const pools = this.poolsByClass[qosClasses.indexOf(name)];
    const held = (this.held[arc] ??= new StepFunction(this.poolHolds.length));
    for (const { startMs, endMs } of intervals) held.add(startMs, endMs, kbps, pools);
  }

  /**
   * Calls back with every stretch of the intervals in which this much would pass a pool's limit, and by how
   * much. A pool too small for the amount is above its limit everywhere.
   */
  forEachExcess(
    arc: number,
    name: QosClass,
    intervals: readonly Interval[],
    kbps: number,
    visit: (pool: number, from: number, to: number, excessKbps: number) => void,
  ): void {
    const c = qosClasses.indexOf(name);
    const width = this.poolHolds.length;
    for (const pool of this.poolsByClass[c]) {
      const limit = this.limits[c][arc * width + pool] - kbps;
      const held = this.held[arc];
      for (const { startMs, endMs } of intervals) {
        const over = (from: number, to: number, value: number) => visit(pool, from, to, value - limit);
        if (held !== undefined) held.forEachAbove(startMs, endMs, limit, over, pool);
        else if (limit < 0) over(startMs, endMs, 0);
      }
    }
  }

  /**
   * When the last stretch of the interval in which this much would not fit is over; null if it fits, Infinity
   * if it never will.
   */
  endOfLastExcess(arc: number, name: QosClass, { startMs, endMs }: Interval, kbps: number): number | null {
    const c = qosClasses.indexOf(name);
    const width = this.poolHolds.length;
    let last: number | null = null;
    for (const pool of this.poolsByClass[c]) {
      const limit = this.limits[c][arc * width + pool] - kbps;
      if (limit < 0) return Infinity;
      const end = this.held[arc]?.endOfLastAbove(startMs, endMs, limit, pool) ?? null;
      if (end !== null) last = Math.max(last ?? -Infinity, end);
    }
    return last;
  }

  /**
   * All that is reserved of an arc, whatever the class: time and kbps from there on, the first at -Infinity.
   */
  reserved(arc: number): [number, number][] {
    return this.held[arc]?.steps() ?? [[-Infinity, 0]];
  }
}
