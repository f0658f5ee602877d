import type { Solver } from '../../lib/traffic';
import type { FixedFlow } from '../../lib/traffic/fill-fairly';

/** What two fractions of the solver may differ by and still be one: ten times its own tolerance. */
const tolerance = 1e-6;

interface Program {
  /** By demand, then the level: what is minimised. */
  readonly cost: readonly number[];
  /** By demand; the level is between 0 and 1. */
  readonly least: readonly number[];
  readonly most: readonly number[];
  /** Demands with at least the level. */
  readonly above: readonly number[];
}

/**
 * The lexicographic max-min of fractions on fixed splits, by linear programs. One gives the greatest level
 * that all who still rise can have. Others give the greatest sum of what they can have above it: whoever has
 * a surplus there can rise, and is left out of the next sum. Where a sum is 0 nobody in it can rise (the mean
 * of what each could have alone would be a surplus for all that can): these stop at the level.
 */
export function fixedLpMaxMin(
  solver: Solver,
  capacity: readonly number[],
  flows: readonly FixedFlow[],
): number[] {
  const arcs = capacity.map((mbps, a) => {
    const use = flows.map((f) =>
      f.paths.reduce((u, p) => u + (p.arcs.includes(a) ? f.mbps * p.share : 0), 0),
    );
    return { mbps, use };
  });
  const most = flows.map((f) => f.mostRatio ?? 1);
  const ratio: (number | undefined)[] = flows.map(() => undefined);
  for (;;) {
    const rising = [...flows.keys()].filter((i) => ratio[i] === undefined);
    if (rising.length === 0) return ratio.map((r) => r!);
    const bounds = (least: number) => ({
      least: ratio.map((r, i) => r ?? Math.max(0, Math.min(least, most[i]))),
      most: ratio.map((r, i) => r ?? most[i]),
    });
    const raised = solve(solver, arcs, { cost: [...flows.map(() => 0), -1], ...bounds(0), above: rising });
    const level = raised[flows.length];
    let doubted = rising.filter((i) => most[i] > level + tolerance);
    for (let all = false; doubted.length > 0 && !all;) {
      const cost = [...flows.map((_, i) => (doubted.includes(i) ? -1 : 0)), 0];
      const x = solve(solver, arcs, { cost, ...bounds(level - tolerance / 10), above: [] });
      const left = doubted.filter((i) => x[i] <= level + tolerance);
      all = left.length === doubted.length;
      doubted = left;
    }
    for (const i of rising) {
      if (most[i] <= level + tolerance || doubted.includes(i)) ratio[i] = Math.min(level, most[i]);
    }
  }
}

function solve(
  solver: Solver,
  arcs: readonly { readonly mbps: number; readonly use: readonly number[] }[],
  { cost, least, most, above }: Program,
): ArrayLike<number> {
  const rows = [
    ...arcs.map(({ mbps, use }) => {
      const unit = Math.max(mbps, 1);
      return { values: [...use.map((u) => u / unit), 0], lower: -solver.infinity, upper: mbps / unit };
    }),
    ...above.map((d) => ({
      values: cost.map((_, i) => (i === d ? 1 : i === cost.length - 1 ? -1 : 0)),
      lower: 0,
      upper: solver.infinity,
    })),
  ];
  const [starts, indices, values]: number[][] = [[0], [], []];
  for (const row of rows) {
    row.values.forEach((v, i) => v !== 0 && (indices.push(i), values.push(v)));
    starts.push(indices.length);
  }
  const [numCols, numRows] = [cost.length, rows.length];
  return solver.withModel(
    {
      numCols,
      numRows,
      colCost: Float64Array.from(cost),
      colLower: Float64Array.from([...least, 0]),
      colUpper: Float64Array.from([...most, 1]),
      rowLower: Float64Array.from(rows, (r) => r.lower),
      rowUpper: Float64Array.from(rows, (r) => r.upper),
      matrix: { format: 'csr', numRows, numCols, starts, indices, values },
    },
    (model) => {
      model.options.set({ output_flag: false, presolve: 'off' });
      model.run();
      if (model.getModelStatus() !== solver.constants.modelStatus.optimal)
        throw new Error(`a fixed-split program ended with status ${model.getModelStatus()}`);
      return model.getSolution().colValue;
    },
  );
}
