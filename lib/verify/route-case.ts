import type { Code } from '../diagnostics';
import type { Policy } from '../model';
import type { PlannedRoute } from '../plan';
import type { Rules } from './rules';
import { usualEqualCostRatio } from './tolerance';
import type { Lane, World } from './world';

/** What policies leave open. */
export const usual = {
  disjoint: 'none',
  backups: 3,
  ecmpToleranceRatio: usualEqualCostRatio,
  ecmpPaths: 4,
} as const;

/** What is said to stand of a route of the plan before, and how much worse than the best it may be. */
export interface Claim {
  readonly ratio: number;
  /** Of the best, where the primary stands in its place. */
  readonly bestMetric: number | null;
  readonly backups: readonly string[];
  readonly equalCost: boolean;
}

/** A route under judgement: whom it joins by which rules, and how its faults are told. */
export interface RouteCase {
  readonly world: World;
  readonly route: PlannedRoute;
  readonly policy: Policy | null;
  readonly rules: Rules;
  /** The rules with links on standby open; `rules` where the pair needs them, or none is. */
  readonly all: Rules;
  /** Nodes of its ends. */
  readonly source: number;
  readonly target: number;
  readonly claim: Claim;
  /** Refuses the route: code and message. */
  say(code: Code, message: string): void;
}

/** The paths of a route, as lanes. */
export interface Chosen {
  readonly primary: readonly Lane[];
  readonly backups: readonly (readonly Lane[])[];
  readonly equal: readonly (readonly Lane[])[];
}

export function same(a: readonly Lane[], b: readonly Lane[]): boolean {
  return a.length === b.length && a.every((l, i) => l.number === b[i].number);
}

export function textOf(lanes: readonly Lane[]): string {
  return lanes.map((l) => l.link).join(' ');
}
