import type { Solver } from '../../lib/traffic';

/** A network and demands as plain lists; nodes are numbers. */
export interface ArcLpInput {
  readonly nodes: number;
  readonly arcs: readonly { readonly tail: number; readonly head: number; readonly capacity: number }[];
  readonly demands: readonly { readonly source: number; readonly target: number; readonly mbps: number }[];
}

/**
 * The least maximum utilisation by the arc formulation, whole: for every destination t and arc a the Mbps
 * x(t, a) bound for t; conservation at every node but t; on every arc the sum at most U x capacity; least U.
 * Bandwidth is divided by the mean capacity. The slow twin of the path formulation.
 */
export function arcLpUtilisation(solver: Solver, { nodes, arcs, demands }: ArcLpInput): number {
  const unit = arcs.reduce((sum, a) => sum + a.capacity, 0) / arcs.length;
  const targets = [...new Set(demands.map((d) => d.target))].sort((x, y) => x - y);
  const rowOf = new Map<string, number>();
  const rhs: number[] = [];
  for (const t of targets) {
    for (let v = 0; v < nodes; v++) {
      if (v === t) continue;
      rowOf.set(`${t} ${v}`, rhs.length);
      rhs.push(0);
    }
  }
  for (const d of demands) rhs[rowOf.get(`${d.target} ${d.source}`)!] += d.mbps / unit;
  const balances = rhs.length;
  const [starts, indices, values]: number[][] = [[0], [], []];
  // Column 0 is U.
  arcs.forEach((arc, a) => {
    indices.push(balances + a);
    values.push(-arc.capacity / unit);
  });
  starts.push(indices.length);
  for (const t of targets) {
    arcs.forEach(({ tail, head }, a) => {
      if (tail !== t) {
        indices.push(rowOf.get(`${t} ${tail}`)!);
        values.push(1);
        if (head !== t) {
          indices.push(rowOf.get(`${t} ${head}`)!);
          values.push(-1);
        }
        indices.push(balances + a);
        values.push(1);
      }
      starts.push(indices.length);
    });
  }
  const numCols = 1 + targets.length * arcs.length;
  const numRows = balances + arcs.length;
  return solver.withModel(
    {
      numCols,
      numRows,
      colCost: Float64Array.from({ length: numCols }, (_, j) => (j === 0 ? 1 : 0)),
      colLower: new Float64Array(numCols),
      colUpper: new Float64Array(numCols).fill(solver.infinity),
      rowLower: Float64Array.from({ length: numRows }, (_, i) => (i < balances ? rhs[i] : -solver.infinity)),
      rowUpper: Float64Array.from({ length: numRows }, (_, i) => (i < balances ? rhs[i] : 0)),
      matrix: { format: 'csc', numRows, numCols, starts, indices, values },
    },
    (model) => {
      model.options.set({ output_flag: false });
      model.run();
      if (model.getModelStatus() !== solver.constants.modelStatus.optimal) {
        throw new Error(`the arc LP ended with status ${model.getModelStatus()}`);
      }
      return model.getObjectiveValue();
    },
  );
}
