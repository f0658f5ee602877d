import type { Floats } from '../graph';
import type { Column } from './price-column';
import type { Solver } from './solver';

/**
 * What the restricted master minimises, over columns x and a level z:
 *
 *     levelCost z + sum extraCost_a y_a
 *     load_a - levelCapacity_a z - y_a <= capacity_a     for every arc a
 *     sum of x over a commodity - levelShare_c z = fixedShare_c
 *     0 <= z <= mostLevel, 0 <= x, 0 <= y
 */
export interface MasterForm {
  readonly levelCost: number;
  readonly mostLevel: number;
  readonly levelCapacity: Floats | null;
  readonly capacity: Floats | null;
  /** By commodity; 1 or 0. */
  readonly levelShare: Floats;
  readonly fixedShare: Floats;
  /** Price of a Mbps more by arc; null: nothing can be added. */
  readonly extraCost: Floats | null;
  /** What each arc's row is divided by: its size, so that figures are near 1. */
  readonly scale: Floats;
}

export interface MasterAnswer {
  readonly objective: number;
  readonly level: number;
  /** By column in order of addition. */
  readonly share: Float64Array;
  /** Mbps added by arc; empty unless the form has prices. */
  readonly extra: Float64Array;
  /** Price of a Mbps by arc, 0 or more. */
  readonly length: Float64Array;
  /** Price of one share by commodity. */
  readonly worth: Float64Array;
}

/** A restricted master problem that grows; `dispose` frees its native memory. */
export interface Master {
  add(columns: readonly Column[]): void;
  /** undefined: the solver found no optimum. */
  trySolve(): MasterAnswer | undefined;
  dispose(): void;
}

/** Makes a master without columns. Rows: the arcs, then the commodities. */
export function newMaster(solver: Solver, form: MasterForm): Master {
  const [arcs, commodities] = [form.scale.length, form.levelShare.length];
  const model = solver.createModel();
  const inf = solver.infinity;
  model.options.set({ output_flag: false, presolve: 'off', solver: 'simplex', simplex_strategy: 4 });
  const level = entries(
    form.scale,
    (a) => (form.levelCapacity === null ? 0 : -form.levelCapacity[a] / form.scale[a]),
    form.levelShare,
  );
  const upper = new Float64Array(arcs + commodities);
  const lower = new Float64Array(arcs + commodities).fill(-inf);
  for (let a = 0; a < arcs; a++) upper[a] = form.capacity === null ? 0 : form.capacity[a] / form.scale[a];
  for (let c = 0; c < commodities; c++) upper[arcs + c] = lower[arcs + c] = form.fixedShare[c];
  const extras = form.extraCost === null ? 0 : arcs;
  const values = [...level.values, ...Array.from({ length: extras }, () => -1)];
  const starts = Int32Array.from({ length: extras + 2 }, (_, i) =>
    i === 0 ? 0 : level.values.length + i - 1,
  );
  model.passModel({
    numCols: 1 + extras,
    numRows: arcs + commodities,
    colCost: [
      form.levelCost,
      ...Array.from({ length: extras }, (_, a) => form.extraCost![a] * form.scale[a]),
    ],
    colLower: new Float64Array(1 + extras),
    colUpper: [Math.min(form.mostLevel, inf), ...Array.from({ length: extras }, () => inf)],
    rowLower: lower,
    rowUpper: upper,
    matrix: {
      format: 'csc',
      numRows: arcs + commodities,
      numCols: 1 + extras,
      starts,
      indices: Int32Array.from([...level.rows, ...Array.from({ length: extras }, (_, a) => a)]),
      values: Float64Array.from(values),
    },
  });
  let count = 0;
  return {
    add(columns) {
      const size = columns.reduce((sum, c) => sum + c.arcs.length + 1, 0);
      const begin = new Int32Array(columns.length + 1);
      const index = new Int32Array(size);
      const value = new Float64Array(size);
      let at = 0;
      columns.forEach((column, j) => {
        begin[j] = at;
        column.arcs.forEach((a, i) => {
          index[at] = a;
          value[at++] = column.mbps[i] / form.scale[a];
        });
        index[at] = arcs + column.commodity;
        value[at++] = 1;
      });
      begin[columns.length] = at;
      model.addCols({
        cost: new Float64Array(columns.length),
        lower: new Float64Array(columns.length),
        upper: new Float64Array(columns.length).fill(inf),
        matrix: {
          format: 'csc',
          numRows: arcs + commodities,
          numCols: columns.length,
          starts: begin,
          indices: index,
          values: value,
        },
      });
      count += columns.length;
    },
    trySolve() {
      const { optimal } = solver.constants.modelStatus;
      model.run();
      if (model.getModelStatus() !== optimal) {
        // A basis can go bad after many additions: once more from nothing, by the dual simplex.
        model.clearSolver();
        model.options.set({ simplex_strategy: 1 });
        model.run();
        model.options.set({ simplex_strategy: 4 });
        if (model.getModelStatus() !== optimal) return undefined;
      }
      const { colValue, rowDual } = model.getSolution();
      const length = new Float64Array(arcs);
      for (let a = 0; a < arcs; a++) length[a] = Math.max(0, -rowDual[a]) / form.scale[a];
      return {
        objective: model.getObjectiveValue(),
        level: colValue[0],
        share: colValue.slice(1 + extras, 1 + extras + count),
        extra: Float64Array.from({ length: extras }, (_, a) => colValue[1 + a] * form.scale[a]),
        length,
        worth: rowDual.slice(arcs),
      };
    },
    dispose: () => model.dispose(),
  };
}

function entries(
  scale: Floats,
  arcValue: (a: number) => number,
  levelShare: Floats,
): { rows: number[]; values: number[] } {
  const rows: number[] = [];
  const values: number[] = [];
  for (let a = 0; a < scale.length; a++) {
    const value = arcValue(a);
    if (value !== 0) rows.push(a);
    if (value !== 0) values.push(value);
  }
  for (let c = 0; c < levelShare.length; c++) {
    if (levelShare[c] !== 0) rows.push(scale.length + c);
    if (levelShare[c] !== 0) values.push(-levelShare[c]);
  }
  return { rows, values };
}
