import type { Cloud } from './cloud';
import type { KnownTables } from './read-route-tables';
import type { PlannedRoute } from './route-tables';

/** Calls that move routes at a time. */
const movesAtOnce = 6;

/**
 * Moves routes to this gateway, those that workloads wait for first, until one fails.
 *
 * @param whyNot asked before each: why none may be moved any more; null: it may
 */
export async function moveRoutes(
  cloud: Cloud,
  of: KnownTables,
  routes: readonly PlannedRoute[],
  whyNot: () => string | null,
): Promise<{ readonly routes: readonly PlannedRoute[]; readonly failure: string | null }> {
  const left = [...routes].sort((a, b) => Number(a.table === 'public') - Number(b.table === 'public'));
  const moved: PlannedRoute[] = [];
  let failure: string | null = null;
  const worker = async () => {
    for (let route = left.shift(); route !== undefined; route = left.shift()) {
      failure ??= whyNot();
      if (failure !== null) return;
      try {
        await cloud.tables.takeRoute(of.tables.get(route.table)!, route.destination);
        moved.push(route);
      } catch (error) {
        failure ??= error instanceof Error ? error.message : String(error);
      }
    }
  };
  await Promise.all(Array.from({ length: movesAtOnce }, worker));
  return { routes: moved, failure };
}
