import { utilisation } from './base-state';
import { newConnection } from './connection';
import type { Evaluator } from './evaluate';
import { pairIndex } from './pair-index';
import { type Placement, placeFlow } from './place-flow';
import { linkArcs, linkFailures } from './scenario';

/**
 * What every pair of link failures does, as columns; row r is links first[r] and second[r] (numbers, first
 * less than second), in order. Figures mean what they do in `Outcome`.
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

/** Pairs whose first link is `from` to `to` - 1: what one thread does at a time. */
export interface PairRange {
  readonly from: number;
  readonly to: number;
}

/** Gives the rows of one range after the other. */
export type PairSweep = (range: PairRange) => PairOutcomes;

/** Every pair of link failures; of a range the same rows as of the whole. See `newPairSweep`. */
export function linkPairs(evaluator: Evaluator, range?: PairRange): PairOutcomes {
  const { links } = evaluator.base.table.topology;
  return newPairSweep(evaluator)(range ?? { from: 0, to: links.length });
}

/**
 * A sweep over pairs of link failures, with what all its ranges share. The loads of a pair are base + what
 * each failure alone changes + corrections for the flows that meet both links: on both before, or moved by
 * one onto the other. Whole units make the sum exact, so a row equals the evaluation of its two links. O(sum
 * of path lengths of all flows moved by single failures + pairs x m) time for all rows.
 */
export function newPairSweep(evaluator: Evaluator): PairSweep {
  const { base } = evaluator;
  const { table } = base;
  const { topology, paths, partFirst, partPath, partUnits, units, leads, source, target, capacity } = table;
  const { first: pathFirst, arc: pathArc } = paths;
  const n = topology.links.length;
  const m = topology.arcCount;
  const arcsOf = topology.links.map((_, l) => linkArcs(topology, l));
  const { onFirst, on, alone, blockOf } = pairIndex(evaluator);
  const single = linkFailures(topology).map((s) => evaluator.evaluate(s));
  const change = linkFailures(topology).map((s) => evaluator.loads(s).map((u, a) => u - base.load[a]));
  const lead = (flows: readonly number[]) => flows.reduce((s, f) => s + leads[f], 0);
  const lostRoutes = single.map((o) => lead(o.stranded) + lead(o.cut));
  const connect = newConnection(topology);

  // Working memory of the pairs.
  const dead = new Uint8Array(m);
  const load = new Float64Array(m);
  const slot = new Int32Array(table.count).fill(-1);
  const cutByFirst = new Int32Array(table.count).fill(-1);
  const seen = new Int32Array(table.count).fill(-1);
  const placed: Placement = { count: 0, path: [], units: [] };
  const fail = (l: number, value: 0 | 1) => {
    for (const a of arcsOf[l]) dead[a] = value;
  };
  const addPath = (path: number, amount: number) => {
    for (let i = pathFirst[path], end = pathFirst[path + 1]; i < end; i++) load[pathArc[i]] += amount;
  };
  const addBase = (f: number) => {
    for (let p = partFirst[f]; p < partFirst[f + 1]; p++) addPath(partPath[p], partUnits[p]);
  };
  /** Takes away where on[k] goes when `l` alone fails; both links are dead when it is called. */
  const takeAlone = (k: number, l: number, other: number) => {
    if (alone[k] >= 0) addPath(alone[k], -units[on[k]]);
    else if (alone[k] === -2) {
      fail(other, 0);
      fail(l, 1);
      placeFlow(table, dead, on[k], placed);
      fail(other, 1);
      fail(l, 1);
      for (let p = 0; p < placed.count; p++) addPath(placed.path[p], -placed.units[p]);
    }
  };
  /** Places a flow while both links are dead: is it lost? */
  const settle = (f: number): boolean => {
    placeFlow(table, dead, f, placed);
    for (let p = 0; p < placed.count; p++) addPath(placed.path[p], placed.units[p]);
    return placed.count === 0;
  };

  /** One row; both links are dead. */
  const pair = (i: number, j: number, out: PairOutcomes, row: number, newly: number[]): void => {
    const { low, start, entry } = blockOf(i);
    const [ci, cj] = [change[i], change[j]];
    for (let a = 0; a < m; a++) load[a] = base.load[a] + ci[a] + cj[a];
    let affected = single[i].routesAffected + single[j].routesAffected;
    let lost = lostRoutes[i] + lostRoutes[j];
    let lostUnits = single[i].lostUnits + single[j].lostUnits;
    const loseToo = (f: number) => {
      newly.push(f);
      lost += leads[f];
      lostUnits += units[f];
    };
    const begin = start[(i - low) * n + j];
    const end = start[(i - low) * n + j + 1];
    const border = onFirst[i + 1];
    let e = begin;
    for (; e < end && entry[e] < border; e++) slot[on[entry[e]]] = entry[e];
    for (let s = e; s < end; s++) {
      const kj = entry[s];
      const f = on[kj];
      const ki = slot[f];
      takeAlone(kj, j, i);
      let [lostAlone, lostBoth] = [alone[kj] === -1, false];
      if (ki >= 0) {
        slot[f] = -1;
        takeAlone(ki, i, j);
        addBase(f);
        affected -= leads[f];
        lostBoth = lostAlone && alone[ki] === -1;
        lostAlone ||= alone[ki] === -1;
      }
      if (settle(f) && !lostAlone) loseToo(f);
      else if (lostBoth) {
        lost -= leads[f];
        lostUnits -= units[f];
      }
    }
    for (let s = begin; s < e; s++) {
      const ki = entry[s];
      const f = on[ki];
      if (slot[f] === -1) continue;
      slot[f] = -1;
      takeAlone(ki, i, j);
      if (settle(f) && alone[ki] !== -1) loseToo(f);
    }

    let cut = lead(single[i].cut);
    const mark = i * n + j;
    for (const f of single[j].cut) {
      seen[f] = mark;
      if (cutByFirst[f] !== i) cut += leads[f];
    }
    if (single[i].stranded.length + single[j].stranded.length + newly.length > 0) {
      const connected = connect(dead, [...arcsOf[i], ...arcsOf[j]]);
      for (const list of [single[i].stranded, single[j].stranded, newly]) {
        for (const f of list) {
          if (seen[f] === mark || cutByFirst[f] === i) continue;
          seen[f] = mark;
          if (!connected(source[f], target[f])) cut += leads[f];
        }
      }
    }
    let [fullest, most] = [-1, -1];
    for (let a = 0; a < m; a++) {
      if (dead[a] === 1) continue;
      const ratio = utilisation(load[a], capacity[a]);
      if (ratio > most) [fullest, most] = [a, ratio];
    }
    out.first[row] = i;
    out.second[row] = j;
    out.routesAffected[row] = affected;
    out.routesLost[row] = lost;
    out.routesCut[row] = cut;
    out.lostUnits[row] = lostUnits;
    out.fullestArc[row] = fullest;
    out.fullestRatio[row] = most;
  };

  return (range) => {
    const [from, to] = [Math.max(0, range.from), Math.min(n, range.to)];
    let rows = 0;
    for (let i = from; i < to; i++) rows += n - 1 - i;
    const out = emptyRows(rows);
    let newly: Int32Array = new Int32Array(1024);
    const list: number[] = [];
    let row = 0;
    for (let i = from; i < to; i++) {
      fail(i, 1);
      for (const f of single[i].cut) cutByFirst[f] = i;
      for (let j = i + 1; j < n; j++, row++) {
        fail(j, 1);
        list.length = 0;
        pair(i, j, out, row, list);
        fail(j, 0);
        const end = out.newlyFirst[row] + list.length;
        if (end > newly.length) newly = grown(newly, Math.max(end, 2 * newly.length));
        newly.set(list, out.newlyFirst[row]);
        out.newlyFirst[row + 1] = end;
      }
      fail(i, 0);
    }
    // A later range must not take this one's marks for its own.
    for (let i = from; i < to; i++) for (const f of single[i].cut) cutByFirst[f] = -1;
    return { ...out, newly: newly.slice(0, out.newlyFirst[rows]) };
  };
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

function emptyRows(rows: number): PairOutcomes {
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

function grown(list: Int32Array, length: number): Int32Array {
  const more = new Int32Array(length);
  more.set(list);
  return more;
}
