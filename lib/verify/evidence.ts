import type { PlannedObjective, PlannedRoute } from '../plan';
import { count, formatDuration, formatLatency, formatRatio } from '../units';
import type { States } from './check-failures';
import type { State } from './failing';
import { near } from './near';
import { availabilityEvidence, costEvidence } from './spoken-figures';
import { concernedFlows, tryUnmoved } from './surviving';
import { laneKey, type World } from './world';

const nouns = { link: 'link', region: 'region', gateway: 'gateway', srlg: 'shared-risk group' } as const;

/**
 * The sentences that may stand as evidence of an objective that is not broken: more than one where the worst
 * has equals.
 *
 * @param routes those that it concerns.
 */
export function evidenceOf(
  world: World,
  states: States | undefined,
  objective: PlannedObjective,
  routes: readonly PlannedRoute[],
): readonly string[] {
  const { statement } = objective;
  const pair = (r: PlannedRoute) => `${r.from} to ${r.to} (${r.classes.join(', ')})`;
  switch (statement.kind) {
    case 'max-latency': {
      if (routes.length === 0) return ['it concerns no route'];
      const latency = (r: PlannedRoute) => world.paths.get(r.primary!)!.latencyMs;
      return worstOf(routes, latency).map(
        (r) =>
          `the slowest, ${pair(r)} takes ${formatLatency(latency(r))} one way; ` +
          `${formatLatency(statement.latencyMs)} are allowed`,
      );
    }
    case 'min-backups': {
      if (routes.length === 0) return ['it concerns no route'];
      const fewest = worstOf(routes, (r) => -r.backups.length);
      return fewest.map((r) => `the fewest, ${pair(r)} has ${count(r.backups.length, 'backup')}`);
    }
    case 'max-monthly-cost':
      return costEvidence(world, statement.usd);
    case 'availability':
      return availabilityEvidence(world, objective, statement.ratio);
    case 'max-utilisation':
      return fullest(world, `${formatRatio(statement.ratio)} are allowed`);
    case 'headroom':
      return fullest(world, `${formatRatio(statement.ratio)} are to stay free`);
    case 'survive': {
      const noun = nouns[statement.of];
      const failures = states?.failures.filter((s) => s.event.kind === statement.of) ?? [];
      if (failures.length === 0) return [`the network has no ${noun} that could fail`];
      const unmoved = states && tryUnmoved(states, statement.of, concernedFlows(objective).route);
      if (unmoved) {
        const { id, outage } = unmoved.event;
        return [
          `when ${noun} '${id}' fails, its workloads wait until it is back or you move their routes: ` +
            `region '${outage!.region}' names no route tables`,
        ];
      }
      const moving = failures.flatMap(({ event: { outage } }) => outage ?? []).filter((o) => o.share > 0);
      const most = Math.max(0, ...moving.filter((o) => o.seconds < o.backSeconds).map((o) => o.seconds));
      const moved = most > 0 ? ` once routes have moved, within ${formatDuration(most)}` : '';
      const carried = `everything is carried under each of ${count(failures.length, `${noun} failure`)}${moved}`;
      const worst = worstOf(failures, fullness).flatMap((s) =>
        uses(world, s).map(
          (use) => `${carried}; the fullest link then is ${use}, when ${noun} '${s.event.id}' fails`,
        ),
      );
      return worst.length > 0 ? worst : [carried];
    }
  }
}

/** With what reservations hold; the loads are checked elsewhere. */
function fullest(world: World, wanted: string): readonly string[] {
  const used = new Map(
    world.plan.traffic.loads.map((l) => [laneKey(l.link, l.from), l.reservedMbps + l.demandMbps]),
  );
  const ratios = world.lanes.map((l): [number, number] => {
    const mbps = used.get(laneKey(l.link, world.nodes[l.tail])) ?? 0;
    return [l.number, mbps === 0 ? 0 : mbps / l.mbps];
  });
  const found = uses(world, { ratios: new Map(ratios) });
  if (found.length === 0) return ['the network has no links'];
  return found.map((use) => `the fullest link, without a failure, is ${use}; ${wanted}`);
}

function fullness({ ratios }: Pick<State, 'ratios'>): number {
  return Math.max(-1, ...ratios.values());
}

/** The fullest lanes of a state, in words. */
function uses({ lanes, nodes }: World, state: Pick<State, 'ratios'>): string[] {
  const most = fullness(state);
  const full = [...state.ratios].filter(([, ratio]) => near(ratio, most));
  return full.map(([n, ratio]) => {
    const { link, tail, head } = lanes[n];
    const how = ratio === Infinity ? 'carries traffic without capacity' : `at ${formatRatio(ratio)}`;
    return `'${link}' from ${nodes[tail]} to ${nodes[head]} ${how}`;
  });
}

/** Those of the greatest figure. */
function worstOf<T>(list: readonly T[], figure: (item: T) => number): T[] {
  const most = list.reduce((m, item) => Math.max(m, figure(item)), -Infinity);
  return list.filter((item) => near(figure(item), most));
}
