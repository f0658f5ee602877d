import type { Objective } from '../model';
import type { PlannedRoute } from './document';

/** Is an objective about traffic between two regions in any of these classes? */
export function concerns(
  { from, to, classes }: Pick<Objective, 'from' | 'to' | 'classes'>,
  traffic: Pick<PlannedRoute, 'from' | 'to' | 'classes'>,
): boolean {
  const matches = (side: readonly string[], id: string) => side.length === 0 || side.includes(id);
  return (
    matches(from, traffic.from) && matches(to, traffic.to) && traffic.classes.some((c) => classes.includes(c))
  );
}
