/** A route of a table that leads to somewhere; a destination stands once in a table. */
export interface CloudRoute {
  /** Id of the table. */
  readonly table: string;
  /** Prefix in canonical text. */
  readonly destination: string;
  /** Id of the network interface that it leads to; null: to something else. */
  readonly target: string | null;
}

/**
 * Route tables of the cloud, as far as a gateway may see and change them. It can point routes at its own
 * interface and nowhere else, so that no file that was forged has it send traffic to a stranger. Each call
 * has a deadline, and rejects when it is over.
 */
export interface RouteTables {
  /** Routes of these tables, by id of table. @throws Error if a table is not there. */
  read(tables: readonly string[]): Promise<readonly CloudRoute[]>;
  /** Points a route that is there at this gateway's own interface. */
  takeRoute(table: string, destination: string): Promise<void>;
}

/** A route as decisions know it: of a table by its name in the plan. */
export interface PlannedRoute {
  readonly table: string;
  readonly destination: string;
}

/** Who has the routes of a table now; destinations of the plan alone. */
export interface TableView {
  readonly table: string;
  readonly own: readonly string[];
  readonly partner: readonly string[];
  /** Lead to neither: somebody else's, and left alone. */
  readonly foreign: readonly string[];
}

/** What stands in the cloud, as decisions read it. */
export function viewTables(
  routes: readonly CloudRoute[],
  ids: ReadonlyMap<string, string>,
  destinations: ReadonlySet<string>,
  interfaces: { readonly own: string; readonly partner: string },
): readonly TableView[] {
  return [...ids].map(([table, id]): TableView => {
    const here = routes.filter((route) => route.table === id && destinations.has(route.destination));
    const to = (wanted: (target: string | null) => boolean) =>
      here.filter(({ target }) => wanted(target)).map(({ destination }) => destination);
    return {
      table,
      own: to((target) => target === interfaces.own),
      partner: to((target) => target === interfaces.partner),
      foreign: to((target) => target !== interfaces.own && target !== interfaces.partner),
    };
  });
}
