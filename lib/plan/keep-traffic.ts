import type { Topology } from '../graph';
import type { Network } from '../model';
import type { AdmittedAgain } from '../reservation';
import { permits } from '../routing';
import type { ClassPlacement, PreviousSplits, TrafficDemand } from '../traffic';
import { boundedRequest } from '../traffic';
import type { PlannedReservation, PlannedTraffic } from './document';
import type { PathTable } from './path-table';
import type {
  DemandMove,
  KeptClass,
  MovedDemand,
  MovedReservation,
  ReservationMove,
} from './planned-previous';
import type { Recall, RecalledDemand } from './recall';
import type { RequestBook } from './request-book';

/** The splits of the plan before, for those demands that are still the same. */
export function previousSplits(recall: Recall): PreviousSplits {
  return {
    toleranceRatio: recall.toleranceRatio,
    split: (demand) => {
      const before = recall.demand(demand.id);
      if (!before || !isSame(before, demand)) return undefined;
      const { class: placed, placed: split } = before;
      const paths = split.paths.map(({ path, weight }) => ({ arcs: recall.arcsOf(path), weight }));
      return { mode: placed.spread, units: placed.units, paths };
    },
  };
}

function isSame({ demand }: RecalledDemand, { from, to, ...now }: TrafficDemand): boolean {
  return demand.from === from && demand.to === to && demand.class === now.class;
}

/** The demands that are split otherwise than before, and why. */
export function demandMoves(
  recall: Recall,
  topology: Topology,
  demands: readonly TrafficDemand[],
  placements: readonly ClassPlacement[],
  traffic: PlannedTraffic,
  paths: PathTable,
): MovedDemand[] {
  const asked = new Map(demands.map((d) => [d.id, d]));
  const faults = new Map(placements.flatMap((c) => [...(c.stands?.faults ?? [])]));
  const moved = traffic.classes.flatMap((c) =>
    c.demands.flatMap((now): MovedDemand[] => {
      const [before, demand] = [recall.demand(now.id), asked.get(now.id)];
      if (!before || !demand) return [];
      const old = before.placed.paths;
      const sum = (list: readonly { readonly weight: number }[]) => list.reduce((s, p) => s + p.weight, 0);
      const [total, all] = [sum(old), sum(now.paths)];
      const share = (id: string) => {
        const found = old.find((p) => p.path === id && recall.isSame(id, paths.get(id)));
        return found ? found.weight / total : 0;
      };
      const more = now.paths.map((p) => Math.max(0, p.weight / all - share(p.path)));
      // Weights of other sums may give the same parts, and parts are all that counts.
      const stays = more.every((part) => part === 0) && now.paths.length === old.length;
      if (stays) return [];
      const part = more.reduce((s, x) => s + x, 0);
      return [
        {
          id: now.id,
          movedMbps: Math.round(now.carriedMbps * part * 1e6) / 1e6,
          before: old.map(({ path, weight }) => ({ path: recall.name(path), weight })),
          why: recall.holds
            ? (faults.get(now.id) ?? faultOf(recall, topology, before, demand))
            : faultOf(recall, topology, before, demand, 'needed'),
        },
      ];
    }),
  );
  return moved.sort((x, y) => (x.id < y.id ? -1 : 1));
}

/** Why a split cannot stand by itself; `other` where it could. */
function faultOf(
  recall: Recall,
  topology: Topology,
  before: RecalledDemand,
  demand: TrafficDemand,
  other: DemandMove = 'full',
): DemandMove {
  if (!isSame(before, demand)) return 'asked';
  const ways = before.placed.paths.map((p) => recall.arcsOf(p.path));
  if (ways.includes(null)) return 'gone';
  const request = boundedRequest(topology, demand);
  return ways.every((arcs) => permits(request, arcs!)) ? other : 'policy';
}

/** The classes whose split is not the one that planning them anew gives. */
export function keptClasses(placements: readonly ClassPlacement[]): KeptClass[] {
  return placements.flatMap(({ class: name, stands }) =>
    stands?.differs ? [{ class: name, againstRatio: stands.againstRatio, demands: stands.kept }] : [],
  );
}

/** The paths of admitted reservations that exist and that their policy permits, by id. */
export function previousHoldings(
  recall: Recall,
  network: Network,
  book: RequestBook,
): ReadonlyMap<string, readonly number[]> {
  const held = new Map<string, readonly number[]>();
  for (const { id, from, to, class: qos } of network.reservations) {
    const before = recall.reservation(id);
    const request = book.tryRequest(from, to, qos);
    if (!before || !request || before.from !== from || before.to !== to) continue;
    const arcs = recall.arcsOf(before.path!);
    if (arcs !== null && permits(request, arcs)) held.set(id, arcs);
  }
  return held;
}

/** The reservations that lost the path they had, and why; one that was displaced may have it again. */
export function reservationMoves(
  recall: Recall,
  planned: readonly PlannedReservation[],
  again: AdmittedAgain,
  held: ReadonlyMap<string, readonly number[]>,
  paths: PathTable,
): MovedReservation[] {
  return planned.flatMap((now): MovedReservation[] => {
    const before = recall.reservation(now.id);
    if (!before) return [];
    const path = before.path!;
    const by = again.displaced.get(now.id) ?? null;
    if (by === null && now.path !== null && recall.isSame(path, paths.get(now.path))) return [];
    let why: ReservationMove;
    if (before.from !== now.from || before.to !== now.to) why = 'asked';
    else if (by !== null) why = 'displaced';
    else if (recall.arcsOf(path) === null) why = 'gone';
    else why = held.has(now.id) ? 'full' : 'policy';
    return [{ id: now.id, before: recall.name(path), after: now.path, why, by }];
  });
}
