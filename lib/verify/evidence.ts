import type { PlannedObjective, PlannedRoute } from '../plan';
import { count, formatLatency, formatMoney, formatRatio } from '../units';
import type { States } from './check-failures';
import type { State } from './failing';
import { near } from './near';
import type { World } from './world';

const nouns = { link: 'link', region: 'region', gateway: 'gateway', srlg: 'shared-risk group' } as const;

/**
 * The sentences that may stand as evidence of an objective that is not broken: more than one where the worst
 * has equals. null: its kind is none of those whose wording is fixed.
 *
 * @param routes those that it concerns.
 */
export function evidenceOf(
  world: World,
  states: States | undefined,
  { statement }: PlannedObjective,
  routes: readonly PlannedRoute[],
): readonly string[] | null {
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
    case 'max-monthly-cost': {
      const fixed = formatMoney(world.plan.cost.knownUsdPerMonth);
      return [`${fixed} a month before traffic; traffic is not priced yet`];
    }
    case 'max-utilisation':
      return fullest(world, states, `${formatRatio(statement.ratio)} are allowed`);
    case 'headroom':
      return fullest(world, states, `${formatRatio(statement.ratio)} are to stay free`);
    case 'survive': {
      const noun = nouns[statement.of];
      const failures = states?.failures.filter((s) => s.event.kind === statement.of) ?? [];
      if (failures.length === 0) return [`the network has no ${noun} that could fail`];
      const carried = `everything is carried under each of ${count(failures.length, `${noun} failure`)}`;
      const worst = worstOf(failures, fullness).flatMap((s) =>
        uses(world, s).map(
          (use) => `${carried}; the fullest link then is ${use}, when ${noun} '${s.event.id}' fails`,
        ),
      );
      return worst.length > 0 ? worst : [carried];
    }
    default:
      return null;
  }
}

function fullest(world: World, states: States | undefined, wanted: string): readonly string[] {
  const found = states ? uses(world, states.calm) : [];
  if (found.length === 0) return ['the network has no links'];
  return found.map((use) => `the fullest link, without a failure, is ${use}; ${wanted}`);
}

function fullness({ ratios }: State): number {
  return Math.max(-1, ...ratios.values());
}

/** The fullest lanes of a state, in words. */
function uses({ lanes, nodes }: World, state: State): string[] {
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
