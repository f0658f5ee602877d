import type { BaseState } from './base-state';
import type { PairIndex } from './pair-index';
import { addToPath } from './path-store';
import { type Placement, placeFlow } from './place-flow';
import { linkArcs } from './scenario';

/** The working memory of a sweep over pairs of links: the loads of one pair, and which arcs are dead. */
export class PairLoads {
  /** Units by arc. */
  readonly load: Float64Array;
  /** 1: the arc is dead. */
  readonly dead: Uint8Array;
  /** The arcs of each link. */
  readonly arcsOf: readonly (readonly number[])[];
  private readonly placed: Placement = { count: 0, path: [], units: [] };

  constructor(
    private readonly base: BaseState,
    private readonly index: PairIndex,
  ) {
    const { topology } = base.table;
    this.load = new Float64Array(topology.arcCount);
    this.dead = new Uint8Array(topology.arcCount);
    this.arcsOf = topology.links.map((_, l) => linkArcs(topology, l));
  }

  /** Makes a link's arcs dead (1) or alive (0). */
  fail(link: number, value: 0 | 1): void {
    for (const a of this.arcsOf[link]) this.dead[a] = value;
  }

  /** Starts with the loads of the base state and the changes that each failure makes alone. */
  start(first: Float64Array, second: Float64Array): void {
    const { load, base } = this;
    for (let a = 0; a < load.length; a++) load[a] = base.load[a] + first[a] + second[a];
  }

  /** Adds a flow where the base state has it. */
  addBase(f: number): void {
    const { partFirst, partPath, partUnits } = this.base.table;
    for (let p = partFirst[f]; p < partFirst[f + 1]; p++) this.addPath(partPath[p], partUnits[p]);
  }

  /** Takes flow on[k] from where it goes when `link` alone fails; both links are dead before and after. */
  takeAlone(k: number, link: number, other: number): void {
    const { alone, on } = this.index;
    const { units } = this.base.table;
    if (alone[k] >= 0) this.addPath(alone[k], -units[on[k]]);
    else if (alone[k] === -2) {
      this.fail(other, 0);
      this.fail(link, 1);
      placeFlow(this.base.table, this.dead, on[k], this.placed);
      this.fail(other, 1);
      this.fail(link, 1);
      for (let p = 0; p < this.placed.count; p++) this.addPath(this.placed.path[p], -this.placed.units[p]);
    }
  }

  /** Places a flow while both links are dead; gives whether it is lost. */
  settle(f: number): boolean {
    placeFlow(this.base.table, this.dead, f, this.placed);
    for (let p = 0; p < this.placed.count; p++) this.addPath(this.placed.path[p], this.placed.units[p]);
    return this.placed.count === 0;
  }

  private addPath(path: number, amount: number): void {
    addToPath(this.base.table.paths, path, amount, this.load);
  }
}
