import type { ObjectiveEvidence, PlannedObjective, PlannedRoute } from '../plan';
import type { States } from './check-failures';
import type { State } from './failing';
import { near } from './near';
import { isBetween } from './rule-book';
import { concernedFlows, tryUnmoved } from './surviving';
import { trafficCostOf } from './traffic-cost';
import { laneKey, type World } from './world';

/**
 * The figures that may stand as evidence of an objective that is not broken: more than one where the worst
 * has equals.
 *
 * @param routes those that it concerns.
 */
export function evidenceOf(
  world: World,
  states: States | undefined,
  objective: PlannedObjective,
  routes: readonly PlannedRoute[],
): readonly ObjectiveEvidence[] {
  const { statement } = objective;
  const pair = ({ from, to, classes }: PlannedRoute) => ({ from, to, classes });
  switch (statement.kind) {
    case 'max-latency': {
      if (routes.length === 0) return [{ kind: 'no-routes' }];
      const latency = (r: PlannedRoute) => world.paths.get(r.primary!)!.latencyMs;
      const slowest = worstOf(routes, latency);
      return slowest.map((r) => ({ kind: 'slowest', ...pair(r), latencyMs: latency(r) }));
    }
    case 'min-backups': {
      if (routes.length === 0) return [{ kind: 'no-routes' }];
      const fewest = worstOf(routes, (r) => -r.backups.length);
      return fewest.map((r) => ({ kind: 'fewest-backups', ...pair(r), backups: r.backups.length }));
    }
    case 'max-monthly-cost': {
      const sum = world.plan.cost.knownUsdPerMonth + (trafficCostOf(world.plan)?.usd ?? 0);
      return [{ kind: 'cost', usdPerMonth: Math.round(sum * 100) / 100 }];
    }
    case 'availability':
      return availabilityEvidence(world, objective, statement.ratio);
    case 'max-utilisation':
    case 'headroom':
      return fullest(world);
    case 'survive': {
      const failures = states?.failures.filter((s) => s.event.kind === statement.of) ?? [];
      if (failures.length === 0) return [{ kind: 'nothing-fails' }];
      const unmoved = states && tryUnmoved(states, statement.of, concernedFlows(objective).route);
      if (unmoved) {
        const { id, outage } = unmoved.event;
        return [{ kind: 'waits', failure: { kind: statement.of, id }, region: outage!.region }];
      }
      const moving = failures.flatMap(({ event: { outage } }) => outage ?? []).filter((o) => o.share > 0);
      const waits = moving.filter((o) => o.seconds < o.backSeconds).map((o) => o.seconds);
      const all = { kind: 'survived', failures: failures.length, seconds: Math.max(0, ...waits) } as const;
      const worst = worstOf(failures, fullness).flatMap((s) =>
        uses(world, s).map((use) => ({ use, failure: { kind: statement.of, id: s.event.id } })),
      );
      return worst.length > 0 ? worst.map((one) => ({ ...all, fullest: one })) : [{ ...all, fullest: null }];
    }
  }
}

/** Is it the same evidence? Figures are near, all else is equal. */
export function isSameEvidence(a: unknown, b: unknown): boolean {
  if (typeof a === 'number' && typeof b === 'number') return near(a, b);
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b;
  const [mine, other] = [Object.entries(a), new Map<string, unknown>(Object.entries(b))];
  return mine.length === other.size && mine.every(([key, v]) => isSameEvidence(v, other.get(key)));
}

/** By the plan's own figures, which are checked elsewhere. */
function availabilityEvidence(
  { plan }: World,
  objective: PlannedObjective,
  ratio: number,
): readonly ObjectiveEvidence[] {
  const mine = plan.demands.filter((d) => isBetween(objective, d) && objective.classes.includes(d.class));
  if (mine.length === 0 || plan.availability === null) return [{ kind: 'no-demands' }];
  const figures = plan.availability.demands.filter((d) => mine.some((m) => m.id === d.id));
  const least = Math.min(...figures.map((d) => d.lowerRatio));
  const short = figures.filter((d) => d.lowerRatio < ratio).length;
  return figures
    .filter((d) => d.lowerRatio === least)
    .map(({ id, lowerRatio, upperRatio }) => {
      return { kind: 'availability', demand: id, lowerRatio, upperRatio, short, loss: null };
    });
}

/** With what reservations hold; the loads are checked elsewhere. */
function fullest(world: World): readonly ObjectiveEvidence[] {
  const used = new Map(
    world.plan.traffic.loads.map((l) => [laneKey(l.link, l.from), l.reservedMbps + l.demandMbps]),
  );
  const ratios = world.lanes.map((l): [number, number] => {
    const mbps = used.get(laneKey(l.link, world.nodes[l.tail])) ?? 0;
    return [l.number, mbps === 0 ? 0 : mbps / l.mbps];
  });
  const found = uses(world, { ratios: new Map(ratios) });
  if (found.length === 0) return [{ kind: 'no-links' }];
  return found.map((use) => ({ kind: 'fullest', failure: null, use }));
}

function fullness({ ratios }: Pick<State, 'ratios'>): number {
  return Math.max(-1, ...ratios.values());
}

/** The fullest lanes of a state. */
function uses({ lanes, nodes }: World, state: Pick<State, 'ratios'>) {
  const most = fullness(state);
  const full = [...state.ratios].filter(([, ratio]) => near(ratio, most));
  return full.map(([n, ratio]) => {
    const { link, tail, head } = lanes[n];
    return { link, from: nodes[tail], to: nodes[head], ratio: ratio === Infinity ? null : ratio };
  });
}

/** Those of the greatest figure. */
function worstOf<T>(list: readonly T[], figure: (item: T) => number): T[] {
  const most = list.reduce((m, item) => Math.max(m, figure(item)), -Infinity);
  return list.filter((item) => near(figure(item), most));
}
