import type { Topology } from '../graph';
import type { Demand, QosClass } from '../model';
import { tryArcsOf } from './arcs-of';
import type {
  PlanDocument,
  PlannedClass,
  PlannedDemand,
  PlannedPath,
  PlannedReservation,
  PlannedRoute,
} from './document';
import type { PreviousPath } from './planned-previous';

/** A plan to keep as much of as can be kept. */
export interface Previous {
  readonly plan: PlanDocument;
  /** How much worse than planned from scratch what is kept may be, 0 to 1. */
  readonly toleranceRatio: number;
}

/** Some classes of a pair whose primary was one path. */
export interface RecalledRoute {
  readonly classes: readonly QosClass[];
  /** Of the first of these classes. */
  readonly route: PlannedRoute;
}

/** A demand as it was placed. */
export interface RecalledDemand {
  readonly demand: Demand;
  readonly placed: PlannedDemand;
  readonly class: PlannedClass;
}

/** The plan before, seen from the topology of now; remembers which of its paths were named. */
export class Recall {
  readonly toleranceRatio: number;
  /** The plan before, with the ids of now. */
  readonly plan: PlanDocument;
  private readonly paths: ReadonlyMap<string, PlannedPath>;
  private readonly routes: ReadonlyMap<string, PlannedRoute>;
  private readonly demands: ReadonlyMap<string, RecalledDemand>;
  private readonly reservations: ReadonlyMap<string, PlannedReservation>;
  private readonly arcs = new Map<string, readonly number[] | null>();
  private readonly namedPaths = new Set<string>();

  /** @param holds do routes and splits stand where they can? Reservations always do. */
  constructor(
    { plan, toleranceRatio }: Previous,
    private readonly topology: Topology,
    readonly holds: boolean,
  ) {
    this.toleranceRatio = toleranceRatio;
    this.plan = plan;
    this.paths = new Map(plan.paths.map((p) => [p.id, p]));
    this.routes = new Map(
      plan.routes.flatMap((r) => r.classes.map((c) => [`${r.from} ${r.to} ${c}`, r] as const)),
    );
    const asked = new Map(plan.demands.map((d) => [d.id, d]));
    this.demands = new Map(
      plan.traffic.classes.flatMap((c) =>
        c.demands.map((d) => [d.id, { demand: asked.get(d.id)!, placed: d, class: c }] as const),
      ),
    );
    this.reservations = new Map(plan.reservations.filter((r) => r.admitted).map((r) => [r.id, r]));
  }

  /**
   * How a pair was routed in these classes, by the paths of the primaries: the one of most classes first,
   * then of the most important one. Empty: the pair is new.
   */
  routesOf(from: string, to: string, classes: readonly QosClass[]): RecalledRoute[] {
    const groups = new Map<string | null, { route: PlannedRoute; classes: QosClass[] }>();
    for (const qos of classes) {
      const route = this.routes.get(`${from} ${to} ${qos}`);
      if (!route) continue;
      const group = groups.get(route.primary);
      if (group) group.classes.push(qos);
      else groups.set(route.primary, { route, classes: [qos] });
    }
    return [...groups.values()].sort((x, y) => y.classes.length - x.classes.length);
  }

  /** undefined: it was not there, or had no path. */
  demand(id: string): RecalledDemand | undefined {
    const found = this.demands.get(id);
    return found && found.placed.paths.length > 0 ? found : undefined;
  }

  /** One that was admitted; undefined: it was not. */
  reservation(id: string): PlannedReservation | undefined {
    return this.reservations.get(id);
  }

  /** The arcs of a path of the plan before; null: some link of it is gone or drained. */
  arcsOf(path: string): readonly number[] | null {
    let found = this.arcs.get(path);
    if (found === undefined)
      this.arcs.set(path, (found = tryArcsOf(this.topology, this.paths.get(path)!) ?? null));
    return found;
  }

  /** Is this the path of the same links? An id alone does not tell every pair of parallel links apart. */
  isSame(path: string, now: Pick<PlannedPath, 'regions' | 'links'>): boolean {
    const { regions, links } = this.paths.get(path)!;
    return regions.join() === now.regions.join() && links.join() === now.links.join();
  }

  /** Takes down that a path is named; its id. */
  name(path: string): string {
    this.namedPaths.add(path);
    return path;
  }

  /** The paths that were named, by id. */
  named(): PreviousPath[] {
    return [...this.namedPaths].sort().map((id) => {
      const { regions, links } = this.paths.get(id)!;
      return { id, regions, links };
    });
  }
}
