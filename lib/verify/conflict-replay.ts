import type { Demand, Policy } from '../model';
import type { PlannedClass, PlannedReservation } from '../plan';
import { fixedWays } from './fixed-ways';
import { amountOf, roomOf, type Held } from './reservation-room';
import { qosClasses } from '../model/qos';
import type { RuleBook } from './rule-book';
import { noConstraints, type Rules } from './rules';
import type { World } from './world';

/** Some of those that a conflict may be between. */
export interface Party {
  readonly demands: readonly Demand[];
  readonly reservations: readonly PlannedReservation[];
  readonly policies: readonly Policy[];
}

/** Answers what a class's conflict rests on. */
export interface ConflictReplay {
  /** All who may be in it: demands of the class and above that have a way, what is held, what narrows. */
  readonly everyone: Party;
  /** The rules of a demand; those of policies that are left out forbid nothing. */
  rulesOf(demand: Demand, policies: readonly Policy[]): Rules;
  narrows(policy: Policy, demand: Demand): boolean;
  /** What reservations hold of each lane at their fullest instant, Mbps. */
  heldMbps(reservations: readonly PlannedReservation[]): readonly number[];
  /** What a demand of `single` or `ecmp` asks of each lane; undefined: the search gave up. */
  offered(demand: Demand, policies: readonly Policy[]): ReadonlyMap<number, number> | undefined;
  /**
   * Is all carried where only these are there, with `addMbps` by lane? By sums of load, so of classes whose
   * ways do not depend on load; undefined: it cannot be told so, or only within rounding.
   */
  carries(party: Party, addMbps?: ReadonlyMap<number, number>): boolean | undefined;
  /** Is it, by the policies of the party or by all there are? */
  fits(party: Party): boolean | undefined;
  /** Can `fits` tell at all? */
  readonly replays: boolean;
}

/** Does a policy narrow the ways of its traffic? */
function isNarrow({ action, constraints }: Policy): boolean {
  const given = (c: unknown) => (Array.isArray(c) ? c.length > 0 : c !== null);
  return action === 'route' && Object.values(constraints).some(given);
}

/** What a class's conflict rests on, worked out from the description and the reservations. */
export function conflictReplay(world: World, book: RuleBook, placed: PlannedClass): ConflictReplay {
  const { plan, lanes } = world;
  const room = roomOf(world);
  const rank = qosClasses.indexOf(placed.class);
  const above = plan.traffic.classes.filter((c) => qosClasses.indexOf(c.class) <= rank);
  const refused = new Set(above.flatMap((c) => c.demands.filter((d) => d.refusal !== null).map((d) => d.id)));
  const ruling = (d: Demand) => book.ruling(d.from, d.to, d.class);
  // A demand that a policy denies is placed nowhere.
  const isDenied = (d: Demand) => ruling(d).policy?.action === 'deny';
  const demands = plan.demands.filter(
    (d) => qosClasses.indexOf(d.class) <= rank && d.bandwidthMbps > 0 && !refused.has(d.id) && !isDenied(d),
  );
  const narrows = (policy: Policy, demand: Demand) => ruling(demand).policy?.id === policy.id;
  const everyone = {
    demands,
    reservations: plan.reservations.filter((r) => r.admitted),
    policies: plan.policies.filter((p) => isNarrow(p) && demands.some((d) => narrows(p, d))),
  };
  const rulesOf = (demand: Demand, policies: readonly Policy[]) => {
    const { policy, strategy } = ruling(demand);
    const free = policy !== null && isNarrow(policy) && !policies.some((p) => p.id === policy.id);
    const by = free ? { ...policy, id: `${policy.id} relaxed`, constraints: noConstraints } : policy;
    return book.rules(demand, { policy: by, strategy }, demand.maxLatencyMs);
  };
  const heldMbps = (reservations: readonly PlannedReservation[]) => {
    const held = lanes.map((): Held[] => []);
    for (const r of reservations) {
      for (const lane of world.lanesOf.get(r.path!) ?? []) held[lane.number].push(amountOf(world, r));
    }
    return lanes.map((lane) => (held[lane.number].length === 0 ? 0 : room.fullest(lane, held).kbps / 1000));
  };
  const spreadOf = (d: Demand) => above.find((c) => c.class === d.class)!.spread;
  const known = new Map<string, ReadonlyMap<number, number> | undefined>();
  const offered = (demand: Demand, policies: readonly Policy[]) => {
    const ruled = policies.some((p) => narrows(p, demand));
    const key = `${demand.id} ${ruled}`;
    if (known.has(key)) return known.get(key);
    const rules = rulesOf(demand, policies);
    const { ways, unknown } = fixedWays(world, rules, demand, spreadOf(demand), ruling(demand).policy);
    const load = new Map<number, number>();
    for (const l of ways.flat())
      load.set(l.number, (load.get(l.number) ?? 0) + demand.bandwidthMbps / ways.length);
    const found = unknown || ways.length === 0 ? undefined : load;
    known.set(key, found);
    return found;
  };
  const carries = (party: Party, addMbps?: ReadonlyMap<number, number>) => {
    const left = heldMbps(party.reservations).map((mbps, n) =>
      Math.max(0, lanes[n].mbps + (addMbps?.get(n) ?? 0) - mbps),
    );
    const loads = { above: lanes.map(() => 0), all: lanes.map(() => 0) };
    for (const d of party.demands) {
      const load = offered(d, party.policies);
      if (!load) return undefined;
      for (const [n, mbps] of load) {
        loads.all[n] += mbps;
        if (d.class !== placed.class) loads.above[n] += mbps;
      }
    }
    const over = (load: readonly number[], much: number) =>
      load.some((mbps, n) => mbps > left[n] * (1 + 1e-6 * much) + 1e-5 * much);
    // What the class is left with then is not told by sums.
    if (over(loads.above, 0.01)) return undefined;
    return over(loads.all, 1) ? false : over(loads.all, 0.01) ? undefined : true;
  };
  const fits = (party: Party) => {
    const alone = carries(party);
    if (alone === true || party.policies.length === everyone.policies.length) return alone;
    const ruled = carries({ ...party, policies: everyone.policies });
    return ruled === true ? true : alone === false ? ruled : undefined;
  };
  const replays =
    plan.previous === null &&
    above.every(
      (c) => (c.spread === 'single' || c.spread === 'ecmp') && (c === placed || c.conflict === null),
    );
  return { everyone, rulesOf, narrows, heldMbps, offered, carries, fits, replays };
}
