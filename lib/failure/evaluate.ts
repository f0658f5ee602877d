import type { BaseState } from './base-state';
import { newCongestion } from './congestion';
import { newConnection } from './connection';
import { newInterruption } from './interruption';
import { MovingState } from './moving-state';
import type { Outcome } from './outcome';
import type { Scenario } from './scenario';

/** Evaluates one scenario after the other; each answer is of its scenario alone. */
export interface Evaluator {
  readonly base: BaseState;
  /** O(affected flows x their path lengths + n + m). Throws RangeError on scenarios of another topology. */
  evaluate(scenario: Scenario): Outcome;
  /** Units by arc under a scenario; dead arcs have 0. */
  loads(scenario: Scenario): Float64Array;
}

/** An evaluator with its working memory. An index by arc finds the flows that a scenario concerns. */
export function newEvaluator(base: BaseState): Evaluator {
  const { table } = base;
  const { units, leads, demandFirst } = table;
  const connect = newConnection(table.topology);
  const congestion = newCongestion(base);
  const interruption = newInterruption(table);
  const state = new MovingState(base);

  function evaluate(scenario: Scenario): Outcome {
    const ended: number[] = [];
    const lost: number[] = [];
    let [routesAffected, demandsAffected, movedUnits, lostUnits, endedUnits] = [0, 0, 0, 0, 0];
    let [slowest, beforeMs, afterMs] = [-1, 0, 0];
    const list = state.apply(scenario, (f, before, after) => {
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
    const connected = lost.length > 0 ? connect(state.dead, scenario.arcs) : () => true;
    const reaches = lost.map((f) => connected(table.source[f], table.target[f]));
    const { fullest, overloaded } = state.fullest();
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
        affected: state.affected,
        list: list.filter((f) => !state.ends(f, scenario.region)),
        capacity: state.capacity,
        place: (f) => state.place(f),
      }),
      slowest: slowest === -1 ? null : { flow: slowest, beforeMs, afterMs },
      interrupted: interruption(scenario.outage),
    };
    state.restore(scenario, list);
    return outcome;
  }

  return {
    base,
    evaluate,
    loads(scenario) {
      const list = state.apply(scenario, () => undefined);
      const loads = state.load.slice();
      state.restore(scenario, list);
      return loads;
    },
  };
}
