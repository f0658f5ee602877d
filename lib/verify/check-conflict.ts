import type { Code } from '../diagnostics';
import type { PlannedClass, PlannedConflict } from '../plan';
import { certifiedDistances } from './certified-distance';
import { conflictReplay, type ConflictReplay, type Party } from './conflict-replay';
import { near } from './near';
import type { Refuse } from '../shape';
import type { RuleBook } from './rule-book';
import { gbPerMbps } from './traffic-cost';
import { laneKey, type Lane, type World } from './world';

/**
 * A set is called the smallest where no more smaller ones had to be tried than this, less with `te`; of fixed
 * ways, too, where no link can be too full with fewer.
 */
const mostTried = { fixed: 3000, te: 500 } as const;
/** Policies whose relaxing is told. */
const mostPolicies = 100;

/**
 * What a conflict claims: its lengths prove that the set cannot be carried; the repair is priced right and
 * does away with the proof. Where the ways of the classes do not depend on load, placing is done again, too:
 * the set does not fit, without any one of its members it does, no smaller set is in conflict where that is
 * said, the repair adds what is missing and no more, and the policies named are those whose relaxing helps.
 * Not told of `te`: that each member is needed, and that no other repair is cheaper.
 */
export function checkConflicts(world: World, book: RuleBook, refuse: Refuse): void {
  for (const placed of world.plan.traffic.classes)
    if (placed.conflict !== null) checkConflict(world, book, placed, placed.conflict, refuse);
}

function checkConflict(
  world: World,
  book: RuleBook,
  placed: PlannedClass,
  conflict: PlannedConflict,
  refuse: Refuse,
): void {
  const at = `traffic.${placed.class}.conflict`;
  const lie = (code: Code, text: string) => refuse(code, at, text);
  const replay = conflictReplay(world, book, placed);
  const party = partyOf(conflict, replay, lie);
  if (!party) return;
  if (!party.demands.some((d) => d.class === placed.class))
    lie('conflict-members', 'it names no demand of its class');
  if (party.policies.some((p) => !party.demands.some((d) => replay.narrows(p, d))))
    lie('conflict-members', 'a policy of it rules none of its demands');
  const asked = party.demands.reduce((sum, d) => sum + d.bandwidthMbps, 0);
  if (!near(conflict.askedMbps, asked, 1e-6)) lie('conflict-asked', `its demands ask for ${asked} Mbps`);
  const above = world.plan.traffic.classes.slice(0, world.plan.traffic.classes.indexOf(placed));
  const most = [...above, placed].some((c) => c.spread === 'te') ? mostTried.te : mostTried.fixed;
  const smaller = smallerSets(membersOf(replay.everyone).length, membersOf(party).length);
  if (smaller <= most) {
    if (!conflict.smallest) lie('conflict-smallest', `${smaller} smaller sets are few to try`);
  } else if (!isFixed(placed) || !above.every(isFixed)) {
    if (conflict.smallest) lie('conflict-smallest', `${smaller} smaller sets are too many to try`);
  } else if (replay.replays) {
    const bound = conflict.policies.length > 0 ? 0 : fewestMembers(world, replay);
    if (conflict.smallest !== (membersOf(party).length === bound))
      lie('conflict-smallest', `a set in conflict has at least ${bound} members`);
  }
  const added = checkRepair(world, conflict, lie);
  if (added === null && placed.method === 'exact' && above.every((c) => isFixed(c) && c.conflict === null))
    lie('conflict-repair', 'there is one');
  checkLinks(world, placed, party, replay, added, lie);
  if (replay.replays) checkReplay(world, conflict, party, replay, added, lie);
}

type Lie = (code: Code, text: string) => void;

/** The members by name; undefined: some name is wrong. */
function partyOf(conflict: PlannedConflict, { everyone }: ConflictReplay, lie: Lie): Party | undefined {
  let right = true;
  const wrong = (text: string) => {
    lie('conflict-members', text);
    right = false;
  };
  const named = <T extends { readonly id: string }>(ids: readonly string[], all: readonly T[]) => {
    if (!isSorted(ids)) wrong('its members do not stand once each, in order');
    return ids.flatMap((id) => {
      const member = all.find((m) => m.id === id);
      if (!member) wrong(`'${id}' cannot be part of it`);
      return member ? [member] : [];
    });
  };
  const party = {
    demands: named(conflict.demands, everyone.demands),
    reservations: named(conflict.reservations, everyone.reservations),
    policies: named(conflict.policies, everyone.policies),
  };
  named(conflict.relaxing, everyone.policies);
  return right ? party : undefined;
}

function isSorted(keys: readonly string[]): boolean {
  return keys.every((key, i) => i === 0 || keys[i - 1] < key);
}

/** What the repair adds by lane; its prices are the links'. null: there is none, or it names no lane. */
function checkRepair(
  { laneOf, nodes }: World,
  { repair }: PlannedConflict,
  lie: Lie,
): Map<Lane, number> | null {
  if (repair === null) return null;
  const added = new Map<Lane, number>();
  if (!isSorted(repair.upgrades.map((u) => laneKey(u.link, u.from))) || repair.upgrades.length === 0)
    lie('conflict-repair', 'its upgrades do not stand by link and from');
  let usd: number | null = 0;
  for (const u of repair.upgrades) {
    const lane = laneOf.get(laneKey(u.link, u.from));
    if (!lane || nodes[lane.head] !== u.to || !(u.addMbps > 0)) {
      lie('conflict-repair', `nothing can be added to '${u.link}' from '${u.from}' to '${u.to}'`);
      return null;
    }
    added.set(lane, u.addMbps);
    const price = lane.usd === null ? null : lane.usd * gbPerMbps * u.addMbps;
    if ((price === null) !== (u.usdPerMonth === null) || !near(price ?? 0, u.usdPerMonth ?? 0, 1e-6))
      lie('conflict-repair', `more on '${u.link}' costs ${price} USD a month`);
    usd = usd === null || price === null ? null : usd + price;
  }
  if ((usd === null) !== (repair.usdPerMonth === null) || !near(usd ?? 0, repair.usdPerMonth ?? 0, 1e-6))
    lie('conflict-repair', `it costs ${usd} USD a month`);
  return added;
}

/** The links are described right, and their lengths prove that the set cannot be carried. */
function checkLinks(
  world: World,
  placed: PlannedClass,
  party: Party,
  replay: ConflictReplay,
  added: Map<Lane, number> | null,
  lie: Lie,
): void {
  const { lanes, laneOf, nodes, plan } = world;
  const { links } = placed.conflict!;
  const held = replay.heldMbps(party.reservations);
  if (!isSorted(links.map((l) => laneKey(l.link, l.from))))
    lie('conflict-links', 'its links are not in order');
  const length = lanes.map(() => 0);
  for (const l of links) {
    const lane = laneOf.get(laneKey(l.link, l.from));
    if (
      !lane ||
      nodes[lane.head] !== l.to ||
      lane.mbps !== l.availableMbps ||
      !near(l.reservedMbps, held[lane.number])
    ) {
      lie('conflict-links', `'${l.link}' from '${l.from}' is not as it is said to be`);
      return;
    }
    length[lane.number] = l.length ?? 0;
  }
  const proven = links.filter((l) => l.length !== null);
  if (proven.length === 0) {
    const above = plan.traffic.classes.slice(0, plan.traffic.classes.indexOf(placed));
    const mayNot =
      placed.method === 'approximate' ||
      placed.spread === 'wecmp' ||
      plan.previous !== null ||
      above.some((c) => c.spread === 'te' || c.spread === 'wecmp' || c.conflict !== null);
    if (!mayNot) lie('conflict-proof', 'its links have no lengths that prove it');
    return;
  }
  const most = proven.reduce((m, l) => Math.max(m, l.length!), 0);
  if (proven.length < links.length || proven.some((l) => l.length === 0) || most !== 1) {
    lie('conflict-proof', 'its lengths are not above 0 on every link, or the greatest is not 1');
    return;
  }
  const distanceOf = certifiedDistances(world, length, () => false);
  const needOf = (policies: Party['policies']) =>
    party.demands.reduce((sum, d) => {
      const fixed = isFixed(plan.traffic.classes.find((c) => c.class === d.class)!);
      const load = fixed ? replay.offered(d, policies) : undefined;
      if (!load) return sum + d.bandwidthMbps * distanceOf(replay.rulesOf(d, policies), d.from, d.to);
      return [...load].reduce((all, [n, mbps]) => all + mbps * length[n], sum);
    }, 0);
  const need = needOf(party.policies);
  const size = (more: (lane: Lane) => number) =>
    lanes.reduce((sum, l) => sum + length[l.number] * Math.max(0, l.mbps + more(l) - held[l.number]), 0);
  // Of a plan made again, ways may be those of the plan before.
  if (!(need > size(() => 0) * (1 + 5e-7)) && plan.previous === null)
    lie('conflict-proof', `its lengths give ${need}, which is not more than the ${size(() => 0)} there are`);
  // It is a repair under all policies, and of ways that are the plan's own.
  const mended = added && size((l) => added.get(l) ?? 0) * (1 + 1e-6) + 1e-9;
  if (mended !== null && needOf(replay.everyone.policies) > mended && plan.previous === null)
    lie('conflict-repair', 'with what it adds the set does not fit either');
}

/** Places again what a conflict says of sets. */
function checkReplay(
  world: World,
  conflict: PlannedConflict,
  party: Party,
  replay: ConflictReplay,
  added: Map<Lane, number> | null,
  lie: Lie,
): void {
  const { everyone, carries, fits } = replay;
  if (fits(party) === true) lie('conflict-members', 'its members fit together');
  const members = membersOf(party);
  for (const m of members) {
    if (fits(partyFrom(members.filter((x) => x !== m))) === false)
      lie('conflict-members', `without '${m.member.id}' the others do not fit either`);
  }
  const all = membersOf(everyone);
  if (conflict.smallest && smallerSets(all.length, members.length) <= mostTried.fixed) {
    for (let size = 1; size < members.length; size++) {
      for (const some of subsets(all.length, size)) {
        const set = partyFrom(some.map((i) => all[i]));
        if (fits(set) !== false) continue;
        lie('conflict-smallest', `${some.map((i) => all[i].member.id).join(', ')} do not fit either`);
        return;
      }
    }
  }
  checkMissing(world, conflict, replay, added, lie);
  if (everyone.policies.length > mostPolicies) return;
  for (const p of everyone.policies) {
    const helps = carries({ ...everyone, policies: everyone.policies.filter((x) => x !== p) });
    if (helps !== undefined && helps !== conflict.relaxing.includes(p.id))
      lie('conflict-relaxing', `without policy '${p.id}' the class ${helps ? 'fits' : 'does not fit'}`);
  }
}

/** The repair adds what each link lacks of all that is asked, and no more. */
function checkMissing(
  { lanes }: World,
  { repair }: PlannedConflict,
  { everyone, heldMbps, offered, carries }: ConflictReplay,
  added: Map<Lane, number> | null,
  lie: Lie,
): void {
  const asked = lanes.map(() => 0);
  for (const d of everyone.demands)
    for (const [n, mbps] of offered(d, everyone.policies) ?? []) asked[n] += mbps;
  const held = heldMbps(everyone.reservations);
  const missing = lanes.map(({ mbps }, n) => Math.max(0, asked[n] - Math.max(0, mbps - held[n])));
  const more = new Map(missing.map((mbps, n) => [n, mbps]));
  if (repair === null && carries(everyone, more) !== false) lie('conflict-repair', 'there is one');
  for (const lane of added === null ? [] : lanes) {
    const mbps = added!.get(lane) ?? 0;
    if (Math.abs(mbps - missing[lane.number]) > 1e-3)
      lie('conflict-repair', `'${lane.link}' lacks ${missing[lane.number]} Mbps, not ${mbps}`);
  }
}

type Member =
  | { readonly of: 'demands'; readonly member: Party['demands'][number] }
  | { readonly of: 'reservations'; readonly member: Party['reservations'][number] }
  | { readonly of: 'policies'; readonly member: Party['policies'][number] };

function membersOf(party: Party): Member[] {
  return [
    ...party.demands.map((member) => ({ of: 'demands', member }) as const),
    ...party.reservations.map((member) => ({ of: 'reservations', member }) as const),
    ...party.policies.map((member) => ({ of: 'policies', member }) as const),
  ];
}

function partyFrom(members: readonly Member[]): Party {
  return {
    demands: members.flatMap((m) => (m.of === 'demands' ? [m.member] : [])),
    reservations: members.flatMap((m) => (m.of === 'reservations' ? [m.member] : [])),
    policies: members.flatMap((m) => (m.of === 'policies' ? [m.member] : [])),
  };
}

/** Every choice of so many of the first numbers. */
function* subsets(count: number, size: number, from = 0): Generator<readonly number[]> {
  if (size === 0) yield [];
  else
    for (let first = from; first <= count - size; first++)
      for (const rest of subsets(count, size - 1, first + 1)) yield [first, ...rest];
}

/** The fewest demands and reservations that can be too much for a lane, policies or not. */
function fewestMembers({ lanes }: World, { everyone, offered, heldMbps }: ConflictReplay): number {
  const weights = lanes.map((): number[] => []);
  for (const d of everyone.demands) {
    const [ruled, free] = [offered(d, everyone.policies), offered(d, [])];
    for (const n of new Set([...(ruled?.keys() ?? []), ...(free?.keys() ?? [])]))
      weights[n].push(Math.max(ruled?.get(n) ?? 0, free?.get(n) ?? 0));
  }
  for (const r of everyone.reservations)
    heldMbps([r]).forEach((mbps, n) => mbps > 0 && weights[n].push(mbps));
  return weights.reduce((least, list, n) => {
    let sum = 0;
    const i = list
      .sort((x, y) => y - x)
      .findIndex((mbps) => (sum += mbps) > lanes[n].mbps * (1 + 1e-9) + 1e-6);
    return i < 0 ? least : Math.min(least, i + 1);
  }, Infinity);
}

/** How many sets of fewer members there are. */
function smallerSets(count: number, size: number): number {
  let sets = 0;
  for (let k = 1; k < size; k++) sets += choose(count, k);
  return sets;
}

/** Do the ways not depend on load? */
function isFixed({ spread }: PlannedClass): boolean {
  return spread === 'single' || spread === 'ecmp';
}

function choose(n: number, k: number): number {
  let ways = 1;
  for (let i = 0; i < k && ways < 1e9; i++) ways = (ways * (n - i)) / (i + 1);
  return ways;
}
