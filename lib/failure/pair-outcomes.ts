/**
 * The outcome of every pair of link failures, as columns. Row r is of links first[r] and second[r] (numbers,
 * first less than second), in order. Figures mean what they do in `Outcome`.
 */
export interface PairOutcomes {
  readonly first: Int32Array;
  readonly second: Int32Array;
  readonly routesAffected: Int32Array;
  /** Routes without a living planned path. */
  readonly routesLost: Int32Array;
  /** Those of them that nothing leads to any more. */
  readonly routesCut: Int32Array;
  readonly lostUnits: Float64Array;
  /** Arc number, -1 without living arcs, and its load over capacity. */
  readonly fullestArc: Int32Array;
  readonly fullestRatio: Float64Array;
  /**
   * Flows that lose their last planned path only by both links of row r: newly[newlyFirst[r]] to
   * newly[newlyFirst[r + 1] - 1]. Those that one link takes are not in it.
   */
  readonly newlyFirst: Int32Array;
  readonly newly: Int32Array;
}

/** The rows of ranges one after the other. */
export function joinPairs(ranges: readonly PairOutcomes[]): PairOutcomes {
  const out = emptyRows(ranges.reduce((s, r) => s + r.first.length, 0));
  const newly = new Int32Array(ranges.reduce((s, r) => s + r.newly.length, 0));
  let [row, at] = [0, 0];
  for (const range of ranges) {
    for (const name of columns) out[name].set(range[name], row);
    newly.set(range.newly, at);
    range.newlyFirst.forEach((first, r) => (out.newlyFirst[row + r] = at + first));
    row += range.first.length;
    at += range.newly.length;
  }
  return { ...out, newly };
}

const columns = [
  'first',
  'second',
  'routesAffected',
  'routesLost',
  'routesCut',
  'lostUnits',
  'fullestArc',
  'fullestRatio',
] as const;

/** So many rows, all zero. */
export function emptyRows(rows: number): PairOutcomes {
  return {
    first: new Int32Array(rows),
    second: new Int32Array(rows),
    routesAffected: new Int32Array(rows),
    routesLost: new Int32Array(rows),
    routesCut: new Int32Array(rows),
    lostUnits: new Float64Array(rows),
    fullestArc: new Int32Array(rows),
    fullestRatio: new Float64Array(rows),
    newlyFirst: new Int32Array(rows + 1),
    newly: new Int32Array(0),
  };
}
