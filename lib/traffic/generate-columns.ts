import type { Floats } from '../graph';
import type { FlowProblem } from './flow-problem';
import type { Master, MasterAnswer, MasterForm } from './master';
import { newMaster } from './master';
import type { Column } from './price-column';
import { priceColumns } from './price-column';
import type { Solver } from './solver';

/** Columns with their shares, and the lengths under which nothing cheaper is left. */
export interface Generated {
  readonly columns: readonly Column[];
  readonly answer: MasterAnswer;
  readonly rounds: number;
}

/**
 * Solves a master by column generation (Dantzig and Wolfe 1960; Ford and Fulkerson 1958 for flows): until
 * pricing finds no column that lowers the objective by more than `toleranceRatio` of it. `first` must make it
 * feasible. The LP is sized before it is made and as it grows. undefined: it could outgrow the solver's heap,
 * the solver gave up, or `mostRounds` passed.
 */
export function tryGenerateColumns(
  solver: Solver,
  problem: FlowProblem,
  form: MasterForm,
  first: readonly Column[],
  tieLength: Floats,
  toleranceRatio: number,
): Generated | undefined {
  let bytes = bytesOf(first) + 400 * (form.scale.length + problem.commodities.length);
  // A column in use and its siblings from later rounds: few problems need more than 30 a commodity.
  if (bytes * 10 > mostBytes) return undefined;
  const master: Master = newMaster(solver, form);
  try {
    const columns = [...first];
    master.add(first);
    for (let rounds = 1; rounds <= mostRounds; rounds++) {
      const answer = master.trySolve();
      if (answer === undefined) return undefined;
      const length = answer.length.map((l, a) => l + tieLength[a]);
      const priced = priceColumns(problem, length);
      let left = 0;
      const better = priced.columns.filter((column, c) => {
        let reduced = -answer.worth[c];
        column.arcs.forEach((a, i) => (reduced += column.mbps[i] * answer.length[a]));
        if (reduced < 0) left -= reduced;
        return reduced < -1e-9;
      });
      if (left <= toleranceRatio * Math.max(Math.abs(answer.objective), 1e-9) || better.length === 0) {
        return { columns, answer, rounds };
      }
      bytes += bytesOf(better);
      if (bytes > mostBytes) return undefined;
      master.add(better);
      columns.push(...better);
    }
    return undefined;
  } finally {
    master.dispose();
  }
}

const mostRounds = 500;

/** Half of the solver's heap, which cannot grow beyond 2 GiB and aborts when it would. */
const mostBytes = 2 ** 30;

/** What columns take in the solver: the matrix by column and by row, its working copies, and the bounds. */
function bytesOf(columns: readonly Column[]): number {
  return columns.reduce((sum, { arcs }) => sum + 200 + 60 * (arcs.length + 1), 0);
}
