import { problem, warning, type Diagnostic } from '../diagnostics';
import type { Topology } from '../graph';
import { classFacts, type Network, type Reservation } from '../model';
import {
  type AdmissionAuthority,
  admitAgain,
  admitAll,
  askOf,
  type Outcome,
  timelineOf,
} from '../reservation';
import { permits } from '../routing';
import {
  placeTraffic,
  type ClassPlacement,
  type Conflict,
  type Solver,
  type TrafficDemand,
} from '../traffic';
import { formatBandwidth } from '../units';
import type {
  LinkLoad,
  PlannedClass,
  PlannedConflict,
  PlannedReservation,
  PlannedRoute,
  PlannedTraffic,
} from './document';
import { arcsOf } from './arcs-of';
import { authorityOf } from './authority-of';
import { conflictOthersOf } from './conflict-others-of';
import { describeConflict } from './describe-conflict';
import { demandMoves, keptClasses, previousHoldings, previousSplits, reservationMoves } from './keep-traffic';
import type { PathTable } from './path-table';
import type { KeptClass, MovedDemand, MovedReservation } from './planned-previous';
import type { Recall } from './recall';
import type { RequestBook } from './request-book';

/** What demands and reservations get. */
export interface PlacedTraffic {
  readonly traffic: PlannedTraffic;
  readonly reservations: readonly PlannedReservation[];
  readonly moves: TrafficMoves;
}

/** How demands and reservations stand to the plan before; all empty without one. */
export interface TrafficMoves {
  readonly demands: readonly MovedDemand[];
  readonly reservations: readonly MovedReservation[];
  readonly keptClasses: readonly KeptClass[];
  readonly keptReservations: readonly string[];
}

const noMoves: TrafficMoves = { demands: [], reservations: [], keptClasses: [], keptReservations: [] };

/** What the stages before have made. */
export interface TrafficDraft {
  readonly network: Network;
  readonly topology: Topology;
  readonly routes: readonly PlannedRoute[];
  readonly book: RequestBook;
  readonly paths: PathTable;
  /** The plan before; null: there is none. */
  readonly recall: Recall | null;
}

/**
 * Admits the reservations, then places the demands on what reservations leave at their fullest instant:
 * nothing is counted twice, and a reservation never waits for a demand. Reservations and demands follow the
 * policy of their pair and class. A demand that does not fit is an error, unless its class is elastic.
 *
 * @param solver loads the solver; called only when a class is split by it. Absent: splits are approximate.
 */
export function planTraffic(
  draft: TrafficDraft,
  solver?: () => Solver,
): { readonly placed: PlacedTraffic; readonly diagnostics: readonly Diagnostic[] } {
  const { network, topology, book, paths, recall } = draft;
  const diagnostics: Diagnostic[] = [];
  const authority = authorityOf(network, topology);
  const admitted = planReservations(draft, authority, diagnostics);
  const { reservations } = admitted;
  const reservedMbps = peaks(topology, authority);
  const capacityMbps = Float64Array.from(topology.availableMbps as Float64Array, (mbps, arc) =>
    Math.max(0, mbps - reservedMbps[arc]),
  );
  const demands = network.demands.flatMap((d): TrafficDemand[] => {
    const request = book.tryRequest(d.from, d.to, d.class);
    if (request) {
      const { ecmpToleranceRatio, ecmpPaths } = book.ruling(d.from, d.to, d.class).policy ?? {};
      return [{ ...d, mbps: d.bandwidthMbps, request, ecmpToleranceRatio, ecmpPaths }];
    }
    diagnostics.push(
      problem(
        'demand-denied',
        `demands.${d.id}`,
        `a policy denies ${d.from} to ${d.to}`,
        'drop it, or the deny',
      ),
    );
    return [];
  });
  const { spread, units, paths: mostPaths } = network.traffic;
  const wanted = demands.some((d) => spread[d.class] === 'te');
  const result = placeTraffic({
    topology,
    demands,
    modes: spread,
    capacityMbps,
    limits: { mostPaths, units },
    solver: wanted && solver ? solver() : null,
    previous: recall?.holds ? previousSplits(recall) : null,
    others: conflictOthersOf(network, topology, book, authority),
  });
  const classes = result.classes.map((c) => plannedClass(c, topology, paths));
  for (const placement of classes) diagnostics.push(...shortfalls(placement));
  for (const placement of result.classes) diagnostics.push(...roundingLosses(placement));
  const traffic: PlannedTraffic = {
    ...network.traffic,
    classes,
    loads: loadsOf(topology, reservedMbps, result.loadMbps),
    utilisationRatio: result.utilisationRatio,
  };
  const moves = recall && {
    demands: demandMoves(recall, topology, demands, result.classes, traffic, paths),
    reservations: admitted.moved,
    keptClasses: keptClasses(result.classes),
    keptReservations: admitted.kept,
  };
  return { placed: { traffic, reservations, moves: moves ?? noMoves }, diagnostics };
}

function planReservations(
  { network, topology, routes, book, paths, recall }: TrafficDraft,
  authority: AdmissionAuthority,
  diagnostics: Diagnostic[],
): {
  readonly reservations: readonly PlannedReservation[];
  readonly moved: readonly MovedReservation[];
  readonly kept: readonly string[];
} {
  const timeline = timelineOf(network.reservations.map((r) => r.window));
  const asked = network.reservations.flatMap((r) => {
    const request = book.tryRequest(r.from, r.to, r.class);
    if (!request) return [];
    // A backup over a link on standby waits for a failure.
    const planned = candidates(routes, r, topology, paths).filter((arcs) => permits(request, arcs));
    return [askOf(r, request, planned, timeline)];
  });
  const held = recall ? previousHoldings(recall, network, book) : null;
  const again = held && admitAgain(authority, asked, held);
  const outcomes = new Map((again?.outcomes ?? admitAll(authority, asked)).map((o) => [o.id, o]));
  const strength = new Map(network.reservations.map((r) => [r.id, r]));
  const reservations = network.reservations.map((reservation) => {
    const outcome = outcomes.get(reservation.id);
    const by = strength.get(again?.displaced.get(reservation.id) ?? '');
    const now = authority.get(reservation.id)?.arcs;
    const found = by ? displacedAnswer(reservation, by, now, paths) : answer(outcome, paths);
    const planned = { ...reservation, ...found };
    if (!planned.admitted) {
      const next = planned.nearest || 'ask for less, at another time, or raise its priority';
      diagnostics.push(
        warning('reservation-refused', `reservations.${reservation.id}`, planned.reason, next),
      );
    }
    return planned;
  });
  const moved = recall && again ? reservationMoves(recall, reservations, again, held, paths) : [];
  const stays = ([id, before]: readonly [string, readonly number[]]) =>
    !again!.displaced.has(id) && authority.get(id)?.arcs.join() === before.join();
  const kept = [...(held ?? [])].filter(stays).map(([id]) => id);
  return { reservations, moved, kept: kept.sort() };
}

/** Of one whose place a stronger one took: the path that it got instead, or none. */
function displacedAnswer(
  { holdingPriority }: Reservation,
  by: Reservation,
  arcs: readonly number[] | undefined,
  paths: PathTable,
): Answer {
  if (arcs) return { admitted: true, path: paths.keepArcs(arcs), reason: '', nearest: '' };
  const reason =
    `reservation ${by.id} took its place: setup priority ${by.setupPriority} is stronger than ` +
    `holding priority ${holdingPriority}`;
  return { admitted: false, path: null, reason, nearest: '' };
}

/** The planned paths of a pair and class as arcs: primary, then backups. */
function candidates(
  routes: readonly PlannedRoute[],
  { from, to, class: qos }: Reservation,
  topology: Topology,
  paths: PathTable,
): number[][] {
  const route = routes.find((r) => r.from === from && r.to === to && r.classes.includes(qos));
  const ids = route?.primary ? [route.primary, ...route.backups.map((b) => b.path)] : [];
  return ids.map((id) => arcsOf(topology, paths.get(id)));
}

type Answer = Pick<PlannedReservation, 'admitted' | 'path' | 'reason' | 'nearest'>;

function answer(outcome: Outcome | undefined, paths: PathTable): Answer {
  if (!outcome) return { admitted: false, path: null, reason: 'a policy denies the pair', nearest: '' };
  const { admission } = outcome;
  if (admission.admitted) {
    return { admitted: true, path: paths.keepArcs(admission.arcs), reason: '', nearest: '' };
  }
  const { message, nearest } = admission.refusal;
  return { admitted: false, path: null, reason: message, nearest };
}

/** The most that reservations hold of each arc at any instant, Mbps. */
function peaks(topology: Topology, authority: AdmissionAuthority): Float64Array {
  const most = new Float64Array(topology.arcCount);
  for (let arc = 0; arc < topology.arcCount; arc++) {
    for (const [, kbps] of authority.reserved(arc)) most[arc] = Math.max(most[arc], kbps / 1000);
  }
  return most;
}

function plannedClass(placement: ClassPlacement, topology: Topology, paths: PathTable): PlannedClass {
  const { certificate, conflict } = placement;
  const { links, nodes, link, tail } = topology;
  return {
    class: placement.class,
    spread: placement.mode,
    units: placement.units,
    method: placement.method,
    utilisationRatio: finite(placement.utilisationRatio),
    optimumRatio: placement.offeredRatio,
    certificate: certificate && {
      bound: certificate.bound,
      gapRatio: certificate.gapRatio,
      lengths: certificate.lengths.map((l) => ({
        link: links[link[l.arc]],
        from: nodes[tail[l.arc]],
        length: l.length,
      })),
    },
    demands: placement.demands.map((d) => ({
      id: d.id,
      carriedMbps: d.carriedMbps,
      paths: d.paths.map(({ path, weight, mbps }) => ({ path: paths.keep(path), weight, mbps })),
      refusal: d.refusal?.message ?? null,
    })),
    conflict: conflict && plannedConflict(conflict),
  };
}

/** A ratio as JSON can hold it: traffic on a link without room is more than full. */
function finite(ratio: number): number {
  return Number.isFinite(ratio) ? ratio : Number.MAX_SAFE_INTEGER;
}

function plannedConflict(conflict: Conflict): PlannedConflict {
  return {
    demands: conflict.demands,
    reservations: conflict.holders,
    policies: conflict.rules,
    smallest: conflict.smallest,
    askedMbps: conflict.mbps,
    links: conflict.links.map(({ capacityMbps, heldMbps, ...l }) => ({
      ...l,
      availableMbps: capacityMbps,
      reservedMbps: heldMbps,
    })),
    repair: conflict.repair && {
      upgrades: conflict.repair.upgrades,
      usdPerMonth: conflict.repair.usdPerMonth,
    },
    relaxing: conflict.relaxing,
  };
}

function shortfalls(placement: PlannedClass): Diagnostic[] {
  const found: Diagnostic[] = placement.demands
    .filter((d) => d.refusal !== null)
    .map((d) =>
      problem('demand-unroutable', `demands.${d.id}`, d.refusal!, 'change its policy, or add a link'),
    );
  if (placement.conflict) {
    const { message, next } = describeConflict(placement.conflict);
    found.push(problem('demands-do-not-fit', `demands.${placement.conflict.demands[0]}`, message, next));
  }
  return found;
}

/** Demands that would fit, but for what whole-number weights lose. */
function roundingLosses({ class: qos, demands, conflict, units }: ClassPlacement): Diagnostic[] {
  if (conflict !== null || classFacts[qos].elastic) return [];
  return demands
    .filter((d) => d.refusal === null && d.carriedMbps < d.mbps)
    .map((d) => {
      const carried = `${formatBandwidth(d.carriedMbps)} of ${formatBandwidth(d.mbps)}`;
      const message = `in ${units} units its weights carry ${carried}, though a finer split would fit`;
      return problem(
        'demand-rounded',
        `demands.${d.id}`,
        message,
        "raise 'traffic.units' or 'traffic.paths'",
      );
    });
}

function loadsOf(topology: Topology, reservedMbps: Float64Array, demandMbps: Float64Array): LinkLoad[] {
  const { links, nodes, link, tail, head, availableMbps, arcCount } = topology;
  const arcs = Array.from({ length: arcCount }, (_, a) => a).filter(
    (a) => reservedMbps[a] > 0 || demandMbps[a] > 0,
  );
  return arcs
    .map((a) => ({
      link: links[link[a]],
      from: nodes[tail[a]],
      to: nodes[head[a]],
      availableMbps: availableMbps[a],
      reservedMbps: reservedMbps[a],
      demandMbps: demandMbps[a],
    }))
    .sort((x, y) => (x.link < y.link || (x.link === y.link && x.from < y.from) ? -1 : 1));
}
