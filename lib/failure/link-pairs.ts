import { utilisation } from './base-state';
import { newConnection } from './connection';
import type { Evaluator } from './evaluate';
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
}

/** Pairs whose first link is `from` to `to` - 1: what one worker does. */
export interface PairRange {
  readonly from: number;
  readonly to: number;
}

/** A row while it is made, for sums over rows that need to know whom it concerns. */
export interface PairRow {
  readonly first: number;
  readonly second: number;
  readonly fullestRatio: number;
  /** Flows that lose their last planned path only by both; those that one link takes are not in it. */
  readonly newlyLost: readonly number[];
}

/** Most entries of the pair index at a time; four bytes each, and the work is the same whatever it is. */
const blockEntries = 8e6;

/**
 * Every pair of link failures. The loads of a pair are base + what each failure alone changes + corrections
 * for the flows that meet both links: on both before, or moved by one onto the other. Whole units make the
 * sum exact, so a row equals the evaluation of its two links. O(sum of path lengths of all flows moved by
 * single failures + pairs x m) time; a `range` gives the same rows as the whole. `visit` sees
 * each row in order.
 */
export function linkPairs(
  evaluator: Evaluator,
  range?: PairRange,
  visit?: (row: PairRow) => void,
): PairOutcomes {
  const { base } = evaluator;
  const { table, flowFirst, flow } = base;
  const { topology, paths, partFirst, partPath, partUnits, units, leads, source, target, capacity } = table;
  const { first: pathFirst, arc: pathArc } = paths;
  const { link } = topology;
  const n = topology.links.length;
  const m = topology.arcCount;
  const [from, to] = [Math.max(0, range?.from ?? 0), Math.min(n, range?.to ?? n)];
  const arcsOf = topology.links.map((_, l) => linkArcs(topology, l));

  // Single failures: who is on the link, where each goes, what it changes.
  const onFirst = new Int32Array(n + 1);
  const on: number[] = [];
  for (let l = 0; l < n; l++) {
    const list = new Set<number>();
    for (const a of arcsOf[l]) for (let i = flowFirst[a]; i < flowFirst[a + 1]; i++) list.add(flow[i]);
    for (const f of list) on.push(f);
    onFirst[l + 1] = on.length;
  }
  const single = linkFailures(topology).map((s) => evaluator.evaluate(s));
  const change = linkFailures(topology).map((s) => evaluator.loads(s).map((u, a) => u - base.load[a]));

  const dead = new Uint8Array(m);
  const fail = (l: number, value: 0 | 1) => {
    for (const a of arcsOf[l]) dead[a] = value;
  };
  /** Path of flow on[k] when its link alone fails; -1 lost, -2 several. */
  const alone = new Int32Array(on.length);
  const placed: Placement = { count: 0, path: [], units: [] };
  for (let l = 0; l < n; l++) {
    fail(l, 1);
    for (let k = onFirst[l]; k < onFirst[l + 1]; k++) {
      placeFlow(table, dead, on[k], placed);
      alone[k] = placed.count === 1 ? placed.path[0] : placed.count === 0 ? -1 : -2;
    }
    fail(l, 0);
  }

  /** Other links that flow on[k] meets, before or after its own link l fails; each once. */
  const met = new Int32Array(n).fill(-1);
  const meet = (k: number, l: number, visit: (other: number) => void) => {
    const f = on[k];
    met[l] = k;
    const see = (path: number) => {
      for (let i = pathFirst[path], end = pathFirst[path + 1]; i < end; i++) {
        const other = link[pathArc[i]];
        if (met[other] === k) continue;
        met[other] = k;
        visit(other);
      }
    };
    for (let p = partFirst[f]; p < partFirst[f + 1]; p++) see(partPath[p]);
    // The living parts of a flow with several are among its parts.
    if (alone[k] >= 0) see(alone[k]);
  };
  const entriesOf = new Float64Array(n);
  for (let l = 0; l < n; l++) {
    for (let k = onFirst[l]; k < onFirst[l + 1]; k++) meet(k, l, (other) => entriesOf[Math.min(l, other)]++);
  }
  met.fill(-1);

  let rows = 0;
  for (let i = from; i < to; i++) rows += n - 1 - i;
  const out: PairOutcomes = {
    first: new Int32Array(rows),
    second: new Int32Array(rows),
    routesAffected: new Int32Array(rows),
    routesLost: new Int32Array(rows),
    routesCut: new Int32Array(rows),
    lostUnits: new Float64Array(rows),
    fullestArc: new Int32Array(rows),
    fullestRatio: new Float64Array(rows),
  };
  const lead = (flows: readonly number[]) => flows.reduce((s, f) => s + leads[f], 0);
  const lostRoutes = single.map((o) => lead(o.stranded) + lead(o.cut));
  const connect = newConnection(topology);
  const load = new Float64Array(m);
  const slot = new Int32Array(table.count).fill(-1);
  const cutByFirst = new Int32Array(table.count).fill(-1);
  const seen = new Int32Array(table.count).fill(-1);
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

  let row = 0;
  for (let low = from; low < to;) {
    let high = low + 1;
    let size = entriesOf[low];
    while (high < to && size + entriesOf[high] <= blockEntries) size += entriesOf[high++];
    // Entries by pair: those of the first link stand before those of the second, as links are walked rising.
    const pair = (i: number, j: number) => (i - low) * n + j;
    const start = new Int32Array((high - low) * n + 1);
    const walk = (visit: (p: number, k: number) => void) => {
      for (let l = low; l < n; l++) {
        for (let k = onFirst[l]; k < onFirst[l + 1]; k++) {
          meet(k, l, (other) => {
            const i = Math.min(l, other);
            if (i >= low && i < high) visit(pair(i, Math.max(l, other)), k);
          });
        }
      }
      met.fill(-1);
    };
    walk((p) => start[p + 1]++);
    for (let p = 0; p < start.length - 1; p++) start[p + 1] += start[p];
    const entry = new Int32Array(start[start.length - 1]);
    const next = start.slice();
    walk((p, k) => (entry[next[p]++] = k));

    for (let i = low; i < high; i++) {
      fail(i, 1);
      for (const f of single[i].cut) cutByFirst[f] = i;
      for (let j = i + 1; j < n; j++, row++) {
        fail(j, 1);
        const [ci, cj] = [change[i], change[j]];
        for (let a = 0; a < m; a++) load[a] = base.load[a] + ci[a] + cj[a];
        let affected = single[i].routesAffected + single[j].routesAffected;
        let lost = lostRoutes[i] + lostRoutes[j];
        let lostUnits = single[i].lostUnits + single[j].lostUnits;
        const newly: number[] = [];
        const settle = (f: number) => {
          placeFlow(table, dead, f, placed);
          for (let p = 0; p < placed.count; p++) addPath(placed.path[p], placed.units[p]);
          return placed.count === 0;
        };
        const [begin, end] = [start[pair(i, j)], start[pair(i, j) + 1]];
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
          if (settle(f) && !lostAlone) {
            newly.push(f);
            lost += leads[f];
            lostUnits += units[f];
          } else if (lostBoth) {
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
          if (settle(f) && alone[ki] !== -1) {
            newly.push(f);
            lost += leads[f];
            lostUnits += units[f];
          }
        }

        let cut = lead(single[i].cut);
        for (const f of single[j].cut) {
          seen[f] = row;
          if (cutByFirst[f] !== i) cut += leads[f];
        }
        const open = single[i].stranded.length + single[j].stranded.length + newly.length;
        if (open > 0) {
          const connected = connect(dead, [...arcsOf[i], ...arcsOf[j]]);
          for (const list of [single[i].stranded, single[j].stranded, newly]) {
            for (const f of list) {
              if (seen[f] === row || cutByFirst[f] === i) continue;
              seen[f] = row;
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
        visit?.({ first: i, second: j, fullestRatio: most, newlyLost: newly });
        fail(j, 0);
      }
      fail(i, 0);
    }
    low = high;
  }
  return out;
}
