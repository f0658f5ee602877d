import type { QosClass } from '../model';
import type { PlanDocument, PlannedRoute } from '../plan';

/** How the traffic of one class is spread over paths. */
export interface ClassSpread {
  readonly class: QosClass;
  /** Weights against each other, whole numbers above 0; greatest first. */
  readonly members: readonly { readonly path: string; readonly weight: number }[];
}

/**
 * The classes of a route whose demands the plan spreads. Several demands of one pair and class travel
 * together, for packets do not tell them apart: the path weights of each count by what it carries.
 *
 * @param known paths that the gateway has; others are left out.
 */
export function classSpreads(
  plan: Pick<PlanDocument, 'demands' | 'traffic'>,
  route: PlannedRoute,
  known: ReadonlySet<string>,
): ClassSpread[] {
  const mine = new Set(
    plan.demands.filter((d) => d.from === route.from && d.to === route.to).map((d) => d.id),
  );
  return plan.traffic.classes
    .filter((c) => route.classes.includes(c.class))
    .flatMap((c): ClassSpread[] => {
      const placed = c.demands.filter((d) => mine.has(d.id) && d.paths.length > 0);
      const weights = new Map<string, number>();
      for (const { paths } of placed) {
        for (const { path, weight, mbps } of paths) {
          if (!known.has(path)) continue;
          const share = placed.length === 1 ? weight : mbps;
          weights.set(path, (weights.get(path) ?? 0) + share);
        }
      }
      if (weights.size === 0) return [];
      const whole = placed.length === 1 ? [...weights.values()] : wholeWeights([...weights.values()]);
      const members = [...weights.keys()]
        .map((path, i) => ({ path, weight: whole[i] }))
        .sort((x, y) => y.weight - x.weight || (x.path < y.path ? -1 : 1));
      return [{ class: c.class, members }];
    });
}

/** Whole weights of 1 to 256, the kernel's range, near given ones above 0. */
function wholeWeights(weights: readonly number[]): number[] {
  const most = Math.max(...weights);
  return weights.map((w) => Math.max(1, Math.round((256 * w) / most)));
}
