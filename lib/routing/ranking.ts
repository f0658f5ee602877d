import { OrderedHeap } from './ordered-heap';
import type { Found, Problem, Subspace } from './problem';
import { compareLinks } from './problem';
import type { PathOrder } from './path-order';
import type { Request } from './request';
import { everything, lowerBound, solve } from './solve';

/** A subspace with a bound, or with its best path. */
interface Entry {
  readonly space: Subspace;
  readonly bound: Omit<Found, 'arcs'>;
  readonly path: Found | null;
}

/**
 * The loopless paths of one pair in the order of the tie rule, one at a time (Yen 1971 with Lawler 1972: each
 * path splits its subspace into disjoint ones, so none comes twice). A subspace is solved only when its lower
 * bound from the target's tree comes first.
 */
export class Ranking implements PathOrder {
  private readonly heap: OrderedHeap<Entry>;
  private begun = false;
  /** Paths beyond these are not wanted: set after the first path to save work. */
  maxKey = Infinity;
  minWidth = -Infinity;

  constructor(
    readonly problem: Problem,
    readonly source: number,
  ) {
    const { request } = problem;
    this.heap = new OrderedHeap((x, y) => {
      const [a, b] = [x.bound, y.bound];
      if (a.penalty !== b.penalty) return a.penalty < b.penalty;
      if (request.widest && a.width !== b.width) return a.width > b.width;
      if (a.key !== b.key) return a.key < b.key;
      // A subspace that is not solved yet may hold a path with smaller links: it goes first.
      if (x.path === null || y.path === null) return x.path === null && y.path !== null;
      return compareLinks(request, x.path.arcs, y.path.arcs) < 0;
    });
  }

  get request(): Request {
    return this.problem.request;
  }

  get limited(): boolean {
    return this.problem.limited;
  }

  /** The next path; null when there is none, or when `problem.limited` says that the search gave up. */
  next(): Found | null {
    const { problem, heap, source } = this;
    if (!this.begun) {
      this.begun = true;
      this.offer(solve(problem, source, everything), everything);
    }
    for (let entry = heap.pop(); entry !== undefined; entry = heap.pop()) {
      if (problem.limited) return null;
      if (entry.bound.key > this.maxKey || entry.bound.width < this.minWidth) continue;
      if (entry.path !== null) {
        this.split(entry.path, entry.space);
        return entry.path;
      }
      this.offer(solve(problem, source, entry.space), entry.space);
    }
    return null;
  }

  private offer(path: Found | null, space: Subspace): void {
    if (path !== null) this.heap.push({ space, bound: path, path });
  }

  private split({ arcs }: Found, { depth, banned }: Subspace): void {
    for (let i = depth; i < arcs.length; i++) {
      const space = { base: arcs, depth: i, banned: i === depth ? [...banned, arcs[i]] : [arcs[i]] };
      const bound = lowerBound(this.problem, space, this.source);
      if (bound === null || bound.key > this.maxKey || bound.width < this.minWidth) continue;
      this.heap.push({ space, bound, path: null });
    }
  }
}
