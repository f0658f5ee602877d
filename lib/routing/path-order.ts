import type { Found } from './problem';
import type { Request } from './request';

/** Paths of one pair in order, one at a time; see `Ranking`. */
export interface PathOrder {
  readonly request: Request;
  maxKey: number;
  minWidth: number;
  next(): Found | null;
  /** The search gave up: nothing is proven by its end. */
  readonly limited: boolean;
}
