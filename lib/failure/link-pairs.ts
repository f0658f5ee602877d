import { utilisation } from './base-state';
import { newConnection } from './connection';
import type { Evaluator } from './evaluate';
import { pairIndex } from './pair-index';
import { PairLoads } from './pair-loads';
import { emptyRows, type PairOutcomes } from './pair-outcomes';
import { linkFailures } from './scenario';

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
 * A sweep over pairs of link failures, with all that its ranges share. The loads of a pair are the base, the
 * change that each failure makes alone, and corrections for the flows that meet both links: on both before,
 * or moved by one onto the other. Whole units make the sum exact, so a row equals the evaluation of its two
 * links. O(sum of path lengths of all flows moved by single failures + pairs x m) time for all rows.
 */
export function newPairSweep(evaluator: Evaluator): PairSweep {
  const pairs = new Pairs(evaluator);
  return (range) => pairs.sweep(range);
}

class Pairs {
  private readonly table;
  private readonly links: number;
  private readonly index;
  private readonly loads: PairLoads;
  private readonly single;
  /** The change of loads by each link alone. */
  private readonly change: readonly Float64Array[];
  /** Routes lost by each link alone. */
  private readonly lostRoutes: readonly number[];
  private readonly connect;
  /** By flow: its place on the first link of the pair, the first link that cut it, and the pair seen last. */
  private readonly slot: Int32Array;
  private readonly cutByFirst: Int32Array;
  private readonly seen: Int32Array;

  constructor(evaluator: Evaluator) {
    const { base } = evaluator;
    const { table } = base;
    this.table = table;
    this.links = table.topology.links.length;
    this.index = pairIndex(evaluator);
    this.loads = new PairLoads(base, this.index);
    const failures = linkFailures(table.topology);
    this.single = failures.map((s) => evaluator.evaluate(s));
    this.change = failures.map((s) => evaluator.loads(s).map((u, a) => u - base.load[a]));
    this.lostRoutes = this.single.map((o) => this.lead(o.stranded) + this.lead(o.cut));
    this.connect = newConnection(table.topology);
    this.slot = new Int32Array(table.count).fill(-1);
    this.cutByFirst = new Int32Array(table.count).fill(-1);
    this.seen = new Int32Array(table.count).fill(-1);
  }

  sweep(range: PairRange): PairOutcomes {
    const { single, cutByFirst, loads, links } = this;
    const [from, to] = [Math.max(0, range.from), Math.min(links, range.to)];
    let rows = 0;
    for (let i = from; i < to; i++) rows += links - 1 - i;
    const out = emptyRows(rows);
    let newly: Int32Array = new Int32Array(1024);
    const list: number[] = [];
    let row = 0;
    for (let i = from; i < to; i++) {
      loads.fail(i, 1);
      for (const f of single[i].cut) cutByFirst[f] = i;
      for (let j = i + 1; j < links; j++, row++) {
        loads.fail(j, 1);
        list.length = 0;
        out.first[row] = i;
        out.second[row] = j;
        this.flows(i, j, out, row, list);
        out.routesCut[row] = this.cut(i, j, list);
        this.fullest(out, row);
        loads.fail(j, 0);
        const end = out.newlyFirst[row] + list.length;
        if (end > newly.length) newly = grown(newly, Math.max(end, 2 * newly.length));
        newly.set(list, out.newlyFirst[row]);
        out.newlyFirst[row + 1] = end;
      }
      loads.fail(i, 0);
    }
    // A later range must not take this one's marks for its own.
    for (let i = from; i < to; i++) for (const f of single[i].cut) cutByFirst[f] = -1;
    return { ...out, newly: newly.slice(0, out.newlyFirst[rows]) };
  }

  private lead(flows: readonly number[]): number {
    let sum = 0;
    for (const f of flows) sum += this.table.leads[f];
    return sum;
  }

  /** Loads and losses of a pair whose links are both dead; `newly` gets the flows that only both take. */
  private flows(i: number, j: number, out: PairOutcomes, row: number, newly: number[]): void {
    const { single, slot, loads } = this;
    const { leads, units } = this.table;
    const { on, onFirst, alone } = this.index;
    const { low, start, entry } = this.index.blockOf(i);
    loads.start(this.change[i], this.change[j]);
    let affected = single[i].routesAffected + single[j].routesAffected;
    let lost = this.lostRoutes[i] + this.lostRoutes[j];
    let lostUnits = single[i].lostUnits + single[j].lostUnits;
    const loseToo = (f: number) => {
      newly.push(f);
      lost += leads[f];
      lostUnits += units[f];
    };
    const begin = start[(i - low) * this.links + j];
    const end = start[(i - low) * this.links + j + 1];
    const border = onFirst[i + 1];
    let e = begin;
    for (; e < end && entry[e] < border; e++) slot[on[entry[e]]] = entry[e];
    for (let s = e; s < end; s++) {
      const kj = entry[s];
      const f = on[kj];
      const ki = slot[f];
      loads.takeAlone(kj, j, i);
      let [lostAlone, lostBoth] = [alone[kj] === -1, false];
      if (ki >= 0) {
        slot[f] = -1;
        loads.takeAlone(ki, i, j);
        loads.addBase(f);
        affected -= leads[f];
        lostBoth = lostAlone && alone[ki] === -1;
        lostAlone ||= alone[ki] === -1;
      }
      if (loads.settle(f) && !lostAlone) loseToo(f);
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
      loads.takeAlone(ki, i, j);
      if (loads.settle(f) && alone[ki] !== -1) loseToo(f);
    }
    out.routesAffected[row] = affected;
    out.routesLost[row] = lost;
    out.lostUnits[row] = lostUnits;
  }

  /** Routes that nothing leads to any more while both links are dead. */
  private cut(i: number, j: number, newly: readonly number[]): number {
    const { single, seen, cutByFirst, loads } = this;
    const { leads, source, target } = this.table;
    let cut = this.lead(single[i].cut);
    const mark = i * this.links + j;
    for (const f of single[j].cut) {
      seen[f] = mark;
      if (cutByFirst[f] !== i) cut += leads[f];
    }
    if (single[i].stranded.length + single[j].stranded.length + newly.length === 0) return cut;
    const connected = this.connect(loads.dead, [...loads.arcsOf[i], ...loads.arcsOf[j]]);
    for (const list of [single[i].stranded, single[j].stranded, newly]) {
      for (const f of list) {
        if (seen[f] === mark || cutByFirst[f] === i) continue;
        seen[f] = mark;
        if (!connected(source[f], target[f])) cut += leads[f];
      }
    }
    return cut;
  }

  private fullest(out: PairOutcomes, row: number): void {
    const { load, dead } = this.loads;
    const { capacity } = this.table;
    let [fullest, most] = [-1, -1];
    for (let a = 0; a < load.length; a++) {
      if (dead[a] === 1) continue;
      const ratio = utilisation(load[a], capacity[a]);
      if (ratio > most) [fullest, most] = [a, ratio];
    }
    out.fullestArc[row] = fullest;
    out.fullestRatio[row] = most;
  }
}

function grown(list: Int32Array, length: number): Int32Array {
  const more = new Int32Array(length);
  more.set(list);
  return more;
}
