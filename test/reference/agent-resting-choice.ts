import type { GatewayState } from '../../lib/gateway';
import type { QosClass } from '../../lib/model';

/** What is wrong with places: links by id, regions by id. */
export interface Wrong {
  readonly dead: ReadonlySet<string>;
  readonly degraded: ReadonlySet<string>;
  readonly drained: ReadonlySet<string>;
}

/**
 * Where traffic of a class to a region is to go once everything is known, straight from the gateway's part of
 * the plan: the planner's rule, tried first without all that is drained or degraded, then with what is
 * degraded, then with what is drained, then with both. Paths and weights; no path: an empty list.
 */
export function restingChoice(
  gateway: GatewayState,
  to: string,
  qos: QosClass,
  { dead, degraded, drained }: Wrong,
): readonly { readonly path: string; readonly weight: number }[] {
  const route = gateway.routes.find((r) => r.to === to && r.classes.includes(qos))!;
  const spread = route.spreads.find((s) => s.class === qos);
  const members = spread?.members ?? (route.primary === null ? [] : [{ path: route.primary, weight: 1 }]);
  const order = route.primary === null ? [] : [route.primary, ...route.backups];
  const passes = (id: string, places: ReadonlySet<string>) => {
    const { links, gateways } = gateway.paths.find((p) => p.id === id)!;
    return [...links, ...gateways.map((g) => g.split('/')[0])].some((place) => places.has(place));
  };
  const inPlan = new Set(gateway.tunnels.filter((t) => t.drained).map((t) => t.link));
  for (const avoided of [[drained, inPlan, degraded], [drained, inPlan], [degraded], []]) {
    const lives = (id: string) => ![dead, ...avoided].some((places) => passes(id, places));
    const living = members.filter((m) => lives(m.path));
    if (living.length > 0) return living.length === 1 ? [{ path: living[0].path, weight: 1 }] : living;
    const spare = order.find(lives);
    if (spare !== undefined) return [{ path: spare, weight: 1 }];
  }
  return [];
}
