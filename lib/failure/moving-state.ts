import { type BaseState, utilisation } from './base-state';
import { slack } from './congestion';
import type { ArcUse } from './outcome';
import { addToPath } from './path-store';
import { type Placement, placeFlow } from './place-flow';
import type { Scenario } from './scenario';

/** Told of each flow on a dead arc: its slowest path before and after, ms. NaN: it ended; Infinity: lost. */
export type OnMoved = (flow: number, beforeMs: number, afterMs: number) => void;

/**
 * The working memory of an evaluator: loads, capacities and dead arcs of one scenario at a time. Loads are
 * whole units, so `restore` brings back exactly the base state.
 */
export class MovingState {
  readonly load: Float64Array;
  readonly capacity: Float64Array;
  /** 1: the arc is dead. */
  readonly dead: Uint8Array;
  /** 1: the flow was on a dead arc. */
  readonly affected: Uint8Array;
  readonly placed: Placement = { count: 0, path: [], units: [] };

  constructor(private readonly base: BaseState) {
    const { table } = base;
    this.load = base.load.slice();
    this.capacity = table.capacity.slice();
    this.dead = new Uint8Array(table.topology.arcCount);
    this.affected = new Uint8Array(table.count);
  }

  /** Whether the region that fails is an end of the flow. */
  ends(f: number, region: number): boolean {
    const { source, target } = this.base.table;
    return region !== -1 && (source[f] === region || target[f] === region);
  }

  /** Places a flow as the arcs are now; the answer holds until the next one. */
  place(f: number): Placement {
    placeFlow(this.base.table, this.dead, f, this.placed);
    return this.placed;
  }

  /**
   * Applies a scenario; only flows on its dead arcs are placed again.
   *
   * @returns the flows that were on dead arcs.
   * @throws RangeError on a scenario of another topology.
   */
  apply(scenario: Scenario, moved: OnMoved): number[] {
    const { flowFirst, flow } = this.base;
    this.check(scenario);
    for (const a of scenario.arcs) this.dead[a] = 1;
    for (const { arc, lostRatio } of scenario.degraded) this.capacity[arc] *= 1 - lostRatio;
    const list: number[] = [];
    for (const a of scenario.arcs) {
      for (let i = flowFirst[a]; i < flowFirst[a + 1]; i++) {
        const f = flow[i];
        if (this.affected[f] === 1) continue;
        this.affected[f] = 1;
        list.push(f);
        const beforeMs = this.takeAway(f);
        moved(f, beforeMs, this.ends(f, scenario.region) ? NaN : this.putBack(f));
      }
    }
    return list;
  }

  /** Undoes `apply`. */
  restore(scenario: Scenario, list: readonly number[]): void {
    this.load.set(this.base.load);
    for (const { arc } of scenario.degraded) this.capacity[arc] = this.base.table.capacity[arc];
    for (const a of scenario.arcs) this.dead[a] = 0;
    for (const f of list) this.affected[f] = 0;
  }

  /** The fullest living arc (null: none lives), and all that carry more than they can. */
  fullest(): { readonly fullest: ArcUse | null; readonly overloaded: ArcUse[] } {
    let [fullest, most] = [-1, -1];
    const overloaded: ArcUse[] = [];
    for (let arc = 0; arc < this.load.length; arc++) {
      if (this.dead[arc] === 1) continue;
      const ratio = utilisation(this.load[arc], this.capacity[arc]);
      if (ratio > most) [fullest, most] = [arc, ratio];
      if (ratio > 1 + slack) overloaded.push({ arc, ratio });
    }
    return { fullest: fullest === -1 ? null : { arc: fullest, ratio: most }, overloaded };
  }

  private check({ topology, arcs, degraded }: Scenario): void {
    const own = this.base.table.topology;
    if (topology !== null && topology !== own) {
      throw new RangeError('the scenario is of another topology');
    }
    for (const a of [...arcs, ...degraded.map((d) => d.arc)]) {
      if (!(a >= 0 && a < own.arcCount)) throw new RangeError(`no arc ${a} in the topology`);
    }
  }

  /** Takes a flow off its paths of the base state; gives the slowest, ms. */
  private takeAway(f: number): number {
    const { paths, partFirst, partPath, partUnits } = this.base.table;
    let slowest = 0;
    for (let p = partFirst[f]; p < partFirst[f + 1]; p++) {
      this.addPath(partPath[p], -partUnits[p]);
      if (paths.latencyMs[partPath[p]] > slowest) slowest = paths.latencyMs[partPath[p]];
    }
    return slowest;
  }

  /** Puts a flow where it goes now; gives the slowest path, ms, or Infinity without one. */
  private putBack(f: number): number {
    const { latencyMs } = this.base.table.paths;
    const { count, path, units } = this.place(f);
    let slowest = count === 0 ? Infinity : 0;
    for (let p = 0; p < count; p++) {
      this.addPath(path[p], units[p]);
      if (latencyMs[path[p]] > slowest) slowest = latencyMs[path[p]];
    }
    return slowest;
  }

  private addPath(path: number, amount: number): void {
    addToPath(this.base.table.paths, path, amount, this.load);
  }
}
