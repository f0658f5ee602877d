import type { Solver } from '../../lib/traffic';

/** Demands with every path that each may take, as arc numbers. */
export interface PathLpInput {
  readonly capacity: readonly number[];
  readonly demands: readonly { readonly mbps: number; readonly paths: readonly (readonly number[])[] }[];
}

/** A row: sum of value x column between two bounds. */
interface Row {
  readonly entries: readonly (readonly [column: number, value: number])[];
  readonly lower: number;
  readonly upper: number;
}

/** min cost x, x >= 0 and, if so wanted, whole; or undefined when nothing fits. */
function solve(
  solver: Solver,
  cost: readonly number[],
  rows: readonly Row[],
  whole = false,
): number | undefined {
  const [starts, indices, values]: number[][] = [[0], [], []];
  for (const { entries } of rows) {
    for (const [column, value] of entries) {
      indices.push(column);
      values.push(value);
    }
    starts.push(indices.length);
  }
  const [numCols, numRows] = [cost.length, rows.length];
  return solver.withModel(
    {
      numCols,
      numRows,
      colCost: Float64Array.from(cost),
      colLower: new Float64Array(numCols),
      colUpper: new Float64Array(numCols).fill(solver.infinity),
      rowLower: Float64Array.from(rows, (r) => Math.max(r.lower, -solver.infinity)),
      rowUpper: Float64Array.from(rows, (r) => Math.min(r.upper, solver.infinity)),
      ...(whole ? { integrality: new Int32Array(numCols).fill(1) } : {}),
      matrix: { format: 'csr', numRows, numCols, starts, indices, values },
    },
    (model) => {
      model.options.set({ output_flag: false });
      model.run();
      const optimal = model.getModelStatus() === solver.constants.modelStatus.optimal;
      return optimal ? model.getObjectiveValue() : undefined;
    },
  );
}

/** Columns: one figure first, then by demand and path the Mbps on it, then by arc what is added. */
function layout({ demands }: PathLpInput) {
  let next = 1;
  const columns = demands.map(({ paths }) => paths.map(() => next++));
  return { columns, first: next };
}

function arcEntries({ demands }: PathLpInput, columns: readonly (readonly number[])[], a: number) {
  return demands.flatMap(({ paths }, d) =>
    paths.flatMap((path, p) => (path.includes(a) ? [[columns[d][p], 1] as const] : [])),
  );
}

/** The least maximum utilisation over all the paths. */
export function pathLpUtilisation(solver: Solver, input: PathLpInput): number {
  const { columns, first } = layout(input);
  const rows: Row[] = [
    ...input.demands.map(({ mbps }, d) => ({
      entries: columns[d].map((c) => [c, 1] as const),
      lower: mbps,
      upper: mbps,
    })),
    ...input.capacity.map((capacity, a) => ({
      entries: [[0, -capacity] as const, ...arcEntries(input, columns, a)],
      lower: -Infinity,
      upper: 0,
    })),
  ];
  const cost = Array.from({ length: first }, (_, j) => (j === 0 ? 1 : 0));
  return solve(solver, cost, rows)!;
}

/**
 * Max-min fair fractions by the textbook: raise all together; then fix each one that cannot be above the
 * level while the others keep at least it, which one LP each decides; repeat.
 */
export function pathLpMaxMin(solver: Solver, input: PathLpInput): number[] {
  const { columns, first } = layout(input);
  const capacityRows = input.capacity.map((capacity, a) => ({
    entries: arcEntries(input, columns, a),
    lower: -Infinity,
    upper: capacity,
  }));
  const fixed: (number | null)[] = input.demands.map(() => null);
  const carried = (d: number) => columns[d].map((c) => [c, 1 / input.demands[d].mbps] as const);
  for (;;) {
    const open = fixed.flatMap((f, d) => (f === null ? [d] : []));
    if (open.length === 0) return fixed as number[];
    const held = fixed.flatMap((f, d) =>
      f === null ? [] : [{ entries: carried(d), lower: f - 1e-9, upper: Infinity }],
    );
    const level = -solve(
      solver,
      Array.from({ length: first }, (_, j) => (j === 0 ? -1 : 0)),
      [
        ...capacityRows,
        ...held,
        { entries: [[0, 1]], lower: 0, upper: 1 },
        ...open.map((d) => ({ entries: [[0, -1] as const, ...carried(d)], lower: 0, upper: Infinity })),
      ],
    )!;
    if (level >= 1 - 1e-9) return fixed.map((f) => f ?? 1);
    for (const d of open) {
      const most = -solve(
        solver,
        Array.from({ length: first }, (_, j) => (columns[d].includes(j) ? -1 / input.demands[d].mbps : 0)),
        [
          ...capacityRows,
          ...held,
          ...open.map((e) => ({ entries: carried(e), lower: level - 1e-9, upper: Infinity })),
        ],
      )!;
      if (most <= level + 1e-6) fixed[d] = level;
    }
  }
}

/** The least cost of added Mbps, by arc at a price each, with which all demands fit. */
export function pathLpRepair(solver: Solver, input: PathLpInput, price: readonly number[]): number {
  const { columns, first } = layout(input);
  const rows: Row[] = [
    ...input.demands.map(({ mbps }, d) => ({
      entries: columns[d].map((c) => [c, 1] as const),
      lower: mbps,
      upper: mbps,
    })),
    ...input.capacity.map((capacity, a) => ({
      entries: [[first + a, -1] as const, ...arcEntries(input, columns, a)],
      lower: -Infinity,
      upper: capacity,
    })),
  ];
  const cost = Array.from({ length: first + price.length }, (_, j) => (j < first ? 0 : price[j - first]));
  return solve(solver, cost, rows)!;
}

/**
 * The least Mbps that must run over other paths than before, or in greater parts, so that no link is fuller
 * than `mostRatio`, with weights of whole units on at most `mostPaths` paths: an integer program. `had` is
 * the weight that each path had. undefined: no such weights.
 */
export function pathMipMoved(
  solver: Solver,
  input: PathLpInput,
  had: readonly (readonly number[])[],
  mostRatio: number,
  units: number,
  mostPaths: number,
): number | undefined {
  // By demand and path: its weight, how much of it stays, and whether it is used.
  let next = 0;
  const columns = input.demands.map(({ paths }) =>
    paths.map(() => ({ weight: next++, stays: next++, used: next++ })),
  );
  const unit = input.demands.map(({ mbps }) => mbps / units);
  const row = (lower: number, upper: number, ...entries: (readonly [number, number])[]): Row => ({
    entries,
    lower,
    upper,
  });
  const rows = [
    ...columns.flatMap((list) => [
      row(units, units, ...list.map((c) => [c.weight, 1] as const)),
      row(0, mostPaths, ...list.map((c) => [c.used, 1] as const)),
    ]),
    ...columns.flatMap((list, d) =>
      list.flatMap((c, p) => [
        row(0, had[d][p], [c.stays, 1]),
        row(-Infinity, 0, [c.stays, 1], [c.weight, -1]),
        row(-Infinity, 0, [c.weight, 1], [c.used, -units]),
        row(0, 1, [c.used, 1]),
      ]),
    ),
    ...input.capacity.map((capacity, a) =>
      row(
        -Infinity,
        capacity * mostRatio,
        ...columns.flatMap((list, d) =>
          list.flatMap((c, p) =>
            input.demands[d].paths[p].includes(a) ? [[c.weight, unit[d]] as const] : [],
          ),
        ),
      ),
    ),
  ];
  const cost = new Array<number>(next).fill(0);
  columns.forEach((list, d) => list.forEach((c) => (cost[c.stays] = -unit[d])));
  const kept = solve(solver, cost, rows, true);
  return kept === undefined ? undefined : input.demands.reduce((sum, d) => sum + d.mbps, 0) + kept;
}
