import type { KeptRoute, PlannedClass, PlannedPrevious, PlannedRoute } from '../plan';
import type { Lane, World } from './world';
import { laneKey } from './world';

/** What a plan says of the one before, laid out for checking. */
export interface Before {
  readonly stated: PlannedPrevious;
  readonly ratio: number;
  /** What is said to stand of a route. */
  keptRoute(route: PlannedRoute): KeptRoute | undefined;
  /** Is a demand's split said to stand? */
  keepsDemand(placed: PlannedClass, id: string): boolean;
  /** The lanes of a path before; undefined: a link of it is gone or drained, or no path is named so. */
  lanesOf(path: string): readonly Lane[] | undefined;
}

/** null: the plan says nothing of one before. */
export function beforeOf({ plan, laneOf, nodes }: World): Before | null {
  const stated = plan.previous;
  if (stated === null) return null;
  const name = (r: { readonly from: string; readonly to: string; readonly classes: readonly string[] }) =>
    `${r.from} ${r.to} ${r.classes.join()}`;
  const routes = new Map(stated.kept.routes.map((r) => [name(r), r]));
  const paths = new Map(stated.paths.map((p) => [p.id, p]));
  return {
    stated,
    ratio: stated.toleranceRatio,
    keptRoute: (route) => routes.get(name(route)),
    keepsDemand: (placed, id) =>
      stated.kept.classes.some((c) => c.class === placed.class && c.demands.includes(id)),
    lanesOf(path) {
      const found = paths.get(path);
      if (!found) return undefined;
      const { regions, links } = found;
      const lanes = links.map((link, i) => laneOf.get(laneKey(link, regions[i])));
      const leads = lanes.every((l, i) => l !== undefined && nodes[l.head] === regions[i + 1]);
      return leads ? (lanes as readonly Lane[]) : undefined;
    },
  };
}
