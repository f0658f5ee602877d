import { qosClasses, type QosClass } from '../model';
import type { PlanDocument, PlannedRoute } from '../plan';

/** Linux: a next hop's weight in a group (nexthop.h, nexthop_grp). */
const mostWeight = 256;
/** Planes of tunnels. */
const mostVariants = 2;

/** How the traffic of one class is spread over paths. */
export interface ClassSpread {
  readonly class: QosClass;
  /** What the plan carries with it, of all gateways of the region, Mbps; 0: no demand. */
  readonly mbps: number;
  /** Weights against each other, whole numbers above 0; greatest first. */
  readonly members: readonly { readonly path: string; readonly weight: number }[];
}

/**
 * The classes of a route whose traffic is spread: those whose demands the plan splits, and those whose
 * primary the gateway has in two variants, which share the traffic. Several demands of one pair and class
 * travel together, for packets do not tell them apart: the path weights of each count by what it carries.
 *
 * @param variants what the gateway has of each planned path; paths without are left out.
 */
export function classSpreads(
  plan: Pick<PlanDocument, 'demands' | 'traffic'>,
  route: PlannedRoute,
  variants: ReadonlyMap<string, readonly string[]>,
): ClassSpread[] {
  const mine = new Set(
    plan.demands.filter((d) => d.from === route.from && d.to === route.to).map((d) => d.id),
  );
  const onePath = route.primary === null ? [] : [{ path: route.primary, weight: 1, mbps: 1 }];
  return [...route.classes]
    .sort((a, b) => qosClasses.indexOf(a) - qosClasses.indexOf(b))
    .flatMap((qos): ClassSpread[] => {
      const demands = plan.traffic.classes.find((c) => c.class === qos)?.demands ?? [];
      const split = demands.filter((d) => mine.has(d.id) && d.paths.length > 0);
      const placed = split.length > 0 ? split : [{ paths: onePath }];
      const weights = new Map<string, number>();
      for (const { paths } of placed) {
        for (const { path, weight, mbps } of paths) {
          const share = placed.length === 1 ? weight : mbps;
          const ways = variants.get(path) ?? [];
          for (const way of ways) {
            weights.set(way, (weights.get(way) ?? 0) + (share * mostVariants) / ways.length);
          }
        }
      }
      if (weights.size === 0 || (split.length === 0 && weights.size === 1)) return [];
      const whole = wholeWeights([...weights.values()]);
      const members = [...weights.keys()]
        .map((path, i) => ({ path, weight: whole[i] }))
        .sort((x, y) => y.weight - x.weight || (x.path < y.path ? -1 : 1));
      const carried = split.flatMap(({ paths }) => paths).filter(({ path }) => variants.has(path));
      return [{ class: qos, mbps: carried.reduce((sum, p) => sum + p.mbps, 0), members }];
    });
}

/** Least whole weights of 1 to 256, the kernel's range, exact where that can be, else near. */
function wholeWeights(weights: readonly number[]): number[] {
  if (weights.every(Number.isInteger)) {
    const divisor = weights.reduce(greatestCommonDivisor);
    if (weights.every((w) => w / divisor <= mostWeight)) return weights.map((w) => w / divisor);
  }
  const most = Math.max(...weights);
  return weights.map((w) => Math.max(1, Math.round((mostWeight * w) / most)));
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
