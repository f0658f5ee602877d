import { type BaseState, utilisation } from './base-state';
import { newCongestion, slack } from './congestion';
import { newConnection } from './connection';
import { newInterruption } from './interruption';
import type { ArcUse, Outcome } from './outcome';
import { type Placement, placeFlow } from './place-flow';
import type { Scenario } from './scenario';

/** Evaluates one scenario after the other; each answer is of its scenario alone. */
export interface Evaluator {
  readonly base: BaseState;
  /** O(affected flows x their path lengths + n + m). Throws RangeError on scenarios of another topology. */
  evaluate(scenario: Scenario): Outcome;
  /** Units by arc under a scenario; dead arcs have 0. */
  loads(scenario: Scenario): Float64Array;
}

/**
 * An evaluator with its working memory. Only flows on dead arcs are placed again (an index by arc finds
 * them), and loads are exact whole numbers, put back to those of the base state afterwards.
 */
export function newEvaluator(base: BaseState): Evaluator {
  const { table, flowFirst, flow } = base;
  const { topology, paths, partFirst, partPath, partUnits, units, leads, demandFirst } = table;
  const m = topology.arcCount;
  const { first: pathFirst, arc: pathArc } = paths;
  const connect = newConnection(topology);
  const congestion = newCongestion(base);
  const interruption = newInterruption(table);
  const load = base.load.slice();
  const capacity = table.capacity.slice();
  const dead = new Uint8Array(m);
  const affected = new Uint8Array(table.count);
  const placed: Placement = { count: 0, path: [], units: [] };

  const addPath = (path: number, amount: number) => {
    for (let i = pathFirst[path], end = pathFirst[path + 1]; i < end; i++) load[pathArc[i]] += amount;
  };
  const ends = (f: number, region: number) =>
    region !== -1 && (table.source[f] === region || table.target[f] === region);

  /** Brings the working memory to the scenario and gives the flows that were on dead arcs. */
  const apply = (scenario: Scenario, moved: (f: number, before: number, after: number) => void): number[] => {
    const list: number[] = [];
    if (scenario.topology !== null && scenario.topology !== topology) {
      throw new RangeError('the scenario is of another topology');
    }
    for (const a of [...scenario.arcs, ...scenario.degraded.map((d) => d.arc)]) {
      if (!(a >= 0 && a < m)) throw new RangeError(`no arc ${a} in the topology`);
    }
    for (const a of scenario.arcs) {
      dead[a] = 1;
    }
    for (const { arc, lostRatio } of scenario.degraded) {
      capacity[arc] *= 1 - lostRatio;
    }
    for (const a of scenario.arcs) {
      for (let i = flowFirst[a]; i < flowFirst[a + 1]; i++) {
        const f = flow[i];
        if (affected[f] === 1) continue;
        affected[f] = 1;
        list.push(f);
        let before = 0;
        for (let p = partFirst[f]; p < partFirst[f + 1]; p++) {
          addPath(partPath[p], -partUnits[p]);
          if (paths.latencyMs[partPath[p]] > before) before = paths.latencyMs[partPath[p]];
        }
        if (ends(f, scenario.region)) moved(f, before, NaN);
        else {
          placeFlow(table, dead, f, placed);
          let after = placed.count === 0 ? Infinity : 0;
          for (let p = 0; p < placed.count; p++) {
            addPath(placed.path[p], placed.units[p]);
            if (paths.latencyMs[placed.path[p]] > after) after = paths.latencyMs[placed.path[p]];
          }
          moved(f, before, after);
        }
      }
    }
    return list;
  };
  const restore = (scenario: Scenario, list: readonly number[]) => {
    load.set(base.load);
    for (const { arc } of scenario.degraded) capacity[arc] = table.capacity[arc];
    for (const a of scenario.arcs) dead[a] = 0;
    for (const f of list) affected[f] = 0;
  };

  const fullestAndOverloaded = () => {
    let [fullest, most] = [-1, -1];
    const overloaded: ArcUse[] = [];
    for (let arc = 0; arc < m; arc++) {
      if (dead[arc] === 1) continue;
      const ratio = utilisation(load[arc], capacity[arc]);
      if (ratio > most) [fullest, most] = [arc, ratio];
      if (ratio > 1 + slack) overloaded.push({ arc, ratio });
    }
    return { fullest: fullest === -1 ? null : { arc: fullest, ratio: most }, overloaded };
  };

  return {
    base,
    evaluate(scenario) {
      const ended: number[] = [];
      const lost: number[] = [];
      let [routesAffected, demandsAffected, movedUnits, lostUnits, endedUnits] = [0, 0, 0, 0, 0];
      let [slowest, beforeMs, afterMs] = [-1, 0, 0];
      const list = apply(scenario, (f, before, after) => {
        routesAffected += leads[f];
        demandsAffected += demandFirst[f + 1] - demandFirst[f];
        if (Number.isNaN(after)) {
          ended.push(f);
          endedUnits += units[f];
        } else if (after === Infinity) {
          lost.push(f);
          lostUnits += units[f];
        } else {
          movedUnits += units[f];
          const grew = after - before - (afterMs - beforeMs);
          if (slowest === -1 || grew > 0 || (grew === 0 && f < slowest)) {
            [slowest, beforeMs, afterMs] = [f, before, after];
          }
        }
      });
      const rising = (numbers: number[]) => numbers.sort((a, b) => a - b);
      rising(lost);
      const connected = lost.length > 0 ? connect(dead, scenario.arcs) : () => true;
      const reaches = lost.map((f) => connected(table.source[f], table.target[f]));
      const { fullest, overloaded } = fullestAndOverloaded();
      const outcome: Outcome = {
        scenario,
        routesAffected,
        demandsAffected,
        movedUnits,
        lostUnits,
        endedUnits,
        stranded: lost.filter((_, i) => reaches[i]),
        cut: lost.filter((_, i) => !reaches[i]),
        ended: rising(ended),
        fullest,
        overloaded,
        congested: congestion(overloaded, {
          affected,
          list: list.filter((f) => !ends(f, scenario.region)),
          capacity,
          place(f) {
            placeFlow(table, dead, f, placed);
            return placed;
          },
        }),
        slowest: slowest === -1 ? null : { flow: slowest, beforeMs, afterMs },
        interrupted: interruption(scenario.outage),
      };
      restore(scenario, list);
      return outcome;
    },
    loads(scenario) {
      const list = apply(scenario, () => undefined);
      const loads = load.slice();
      restore(scenario, list);
      return loads;
    },
  };
}
