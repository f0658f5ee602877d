import type { PlannedReservation } from '../plan';
import { bestPath } from './best-path';
import { newEffort, type Effort } from './label-search';
import { checkAdmission } from './pools';
import { beforeOf } from './previous';
import type { Refuse } from '../shape';
import { amountOf, roomOf, type Held, type Holdings, type Room } from './reservation-room';
import type { RuleBook } from './rule-book';
import { closing, keepsTo } from './rules';
import type { Lane, World } from './world';

/**
 * Admits the reservations again, strongest setup priority first, then by id: each stated path is the planned
 * one with room, or the best one with room; what is refused has none. Those that held a path in the plan
 * before come first; one that displaces others has no other room, and needs every one of them gone. At no
 * instant is more held of a direction than it may carry.
 *
 * @returns by lane, what is held at the fullest instant, Mbps.
 */
export function checkReservations(world: World, book: RuleBook, refuse: Refuse): number[] {
  checkAdmission(world, refuse);
  const room = roomOf(world);
  const held = world.lanes.map((): Held[] => []);
  const hold = (r: PlannedReservation, lanes: readonly Lane[]) => {
    for (const lane of lanes) held[lane.number].push(amountOf(world, r));
  };
  const before = beforeOf(world);
  const moved = new Map(before?.stated.moved.reservations.map((m) => [m.id, m]));
  const wayBefore = (r: PlannedReservation): readonly Lane[] | undefined => {
    const m = moved.get(r.id);
    if (!m) return before?.stated.kept.reservations.includes(r.id) ? world.lanesOf.get(r.path!) : undefined;
    return ['full', 'displaced'].includes(m.why) ? before!.lanesOf(m.before) : undefined;
  };
  // Strongest holding first, each on the path that it had, if it may stay.
  const had = world.plan.reservations.filter((r) => wayBefore(r) !== undefined);
  const standing = new Set<string>();
  const strongest = (a: PlannedReservation, b: PlannedReservation) =>
    a.holdingPriority - b.holdingPriority || a.setupPriority - b.setupPriority || (a.id < b.id ? -1 : 1);
  for (const r of [...had].sort(strongest)) {
    const lanes = wayBefore(r)!;
    if (!lanes.every((lane) => room.mayStay(r, lane, held))) continue;
    standing.add(r.id);
    hold(r, lanes);
  }
  for (const r of had) {
    const why = moved.get(r.id)?.why;
    if (why !== undefined && (why === 'displaced') !== standing.has(r.id))
      refuse('moved-reservation', `previous.moved.${r.id}`, `it did not move for '${why}'`);
    // The others are checked where they are placed.
    if (standing.has(r.id) && why === undefined) checkStated(world, book, r, refuse);
  }
  const others = world.plan.reservations.filter((r) => !standing.has(r.id));
  // Who had a path that is still one goes before who had none.
  const rank = (r: PlannedReservation) => (had.includes(r) ? 0 : 1);
  const inTurn = (a: PlannedReservation, b: PlannedReservation) =>
    a.setupPriority - b.setupPriority || rank(a) - rank(b) || (a.id < b.id ? -1 : 1);
  others.sort(inTurn);
  const placed = new Set<string>();
  // Who is displaced asks again when its own turn comes.
  for (let r = others.shift(); r !== undefined; r = others.shift()) {
    const by = r.id;
    // Only a lie lets anybody be displaced in a circle.
    if (placed.has(by)) continue;
    placed.add(by);
    const victims = world.plan.reservations.filter((v) => moved.get(v.id)?.by === by);
    const lanes =
      victims.length === 0
        ? checkOne(world, room, book, r, held, refuse)
        : displace({ world, room, book, refuse }, r, victims, held);
    hold(r, lanes);
    others.push(...victims);
    others.sort(inTurn);
  }
  for (const [id, { why }] of moved) {
    if (why === 'displaced' && !placed.has(id))
      refuse('moved-reservation', `previous.moved.${id}`, 'nobody who is placed displaces it');
  }
  return checkRoom(world, room, held, refuse);
}

/** The most that is held of each lane at any instant, Mbps; refuses what is too much. */
function checkRoom(world: World, room: Room, held: Holdings, refuse: Refuse): number[] {
  return world.lanes.map((lane) => {
    const { kbps, over } = room.fullest(lane, held);
    if (over)
      refuse(
        'reserved-overload',
        `links.${lane.link}`,
        `more than allowed is held of ${lane.mbps} Mbps at an instant`,
      );
    return kbps / 1000;
  });
}

/** What checks of reservations are made with. */
interface ReservationCheck {
  readonly world: World;
  readonly room: Room;
  readonly book: RuleBook;
  readonly refuse: Refuse;
}

/**
 * One that takes the place of weaker ones: there is no room without, none of them could stay, and there is
 * room once they are gone. Which of several sets of victims it takes is not found again.
 */
function displace(
  { world, room, book, refuse }: ReservationCheck,
  r: PlannedReservation,
  victims: readonly PlannedReservation[],
  held: Held[][],
): readonly Lane[] {
  const lanes = checkStated(world, book, r, refuse) ?? [];
  const lie = (text: string) => refuse('moved-reservation', `reservations.${r.id}`, text);
  if (lanes.length === 0) lie('it displaces others, and has no path');
  if (wayOf(world, room, book, r, held)) lie('it displaces others, and there is room without');
  const gone = victims.flatMap((v) =>
    held.flatMap((list, n) => list.filter((h) => h.id === v.id).map((h) => ({ n, h }))),
  );
  for (const { n, h } of gone) held[n].splice(held[n].indexOf(h), 1);
  if (!lanes.every((l) => room.fits(r, l, held))) {
    lie('there is no room for it on its path');
    return lanes;
  }
  for (const v of victims) {
    const back = held.map((list, n) => [
      ...list,
      ...gone.filter((g) => g.n === n && g.h.id === v.id).map((g) => g.h),
    ]);
    if (lanes.every((l) => room.fits(r, l, back))) lie(`it displaces ${v.id} for nothing`);
  }
  return lanes;
}

/** The path that a reservation gets: the first planned one with room, or the best; undefined: none. */
function wayOf(
  world: World,
  room: Room,
  book: RuleBook,
  r: PlannedReservation,
  held: Holdings,
  effort: Effort = newEffort(),
): readonly Lane[] | undefined {
  const [source, target] = [world.nodeOf.get(r.from)!, world.nodeOf.get(r.to)!];
  const { kbps, times } = amountOf(world, r);
  const possible =
    kbps > 0 && times.length > 0 && r.holdingPriority <= r.setupPriority && r.setupPriority <= 7;
  if (!possible) return undefined;
  const route = world.plan.routes.find(
    (x) => x.from === r.from && x.to === r.to && x.classes.includes(r.class),
  );
  const planned = route?.primary ? [route.primary, ...route.backups.map((b) => b.path)] : [];
  const ruled = book.rules(r, book.ruling(r.from, r.to, r.class));
  const first = planned
    .map((id) => world.lanesOf.get(id) ?? [])
    .filter((way) => way.length > 0 && keepsTo(ruled, way))
    .find((way) => way.every((l) => room.fits(r, l, held)));
  if (first) return first;
  const rules = closing(ruled, (n) => !room.fits(r, world.lanes[n], held));
  return bestPath(world, rules, source, target, effort)?.lanes;
}

/** The lanes of the path that is stated, empty for none; undefined: there is nothing more to check. */
function checkStated(
  world: World,
  book: RuleBook,
  r: PlannedReservation,
  refuse: Refuse,
): readonly Lane[] | undefined {
  const at = `reservations.${r.id}`;
  if (
    r.admitted !== (r.path !== null) ||
    r.admitted !== (r.reason === '') ||
    (r.admitted && r.nearest !== '')
  )
    refuse('reservation-answer', at, 'path, reason and answer do not go together');
  const lanes = r.path === null ? [] : world.lanesOf.get(r.path);
  if (!lanes) {
    refuse('reservation-path', at, `path ${r.path} is not in service`);
    return undefined;
  }
  const ruling = book.ruling(r.from, r.to, r.class);
  if (ruling.policy?.action === 'deny') {
    if (r.admitted) refuse('reservation-denied', at, `policy ${ruling.policy.id} denies the pair`);
    return undefined;
  }
  const [source, target] = [world.nodeOf.get(r.from)!, world.nodeOf.get(r.to)!];
  if (lanes.length > 0) {
    if (lanes[0].tail !== source || lanes[lanes.length - 1].head !== target)
      refuse('reservation-path', at, `path ${r.path} leads elsewhere`);
    if (!keepsTo(book.rules(r, ruling), lanes))
      refuse('reservation-constraint', at, `path ${r.path} does not keep to the policy`);
  }
  return lanes;
}

function checkOne(
  world: World,
  room: Room,
  book: RuleBook,
  r: PlannedReservation,
  held: Holdings,
  refuse: Refuse,
): readonly Lane[] {
  const at = `reservations.${r.id}`;
  const lanes = checkStated(world, book, r, refuse);
  if (lanes === undefined) return [];
  const effort = newEffort();
  const right = wayOf(world, room, book, r, held, effort);
  if (effort.gaveUp) return lanes;
  const text = (way: readonly Lane[] | undefined) => (way ?? []).map((l) => l.link).join(' ');
  if ((right !== undefined) !== r.admitted)
    refuse('reservation-answer', at, right ? `there is room over ${text(right)}` : 'there is no room for it');
  else if (text(right) !== text(lanes))
    refuse('reservation-path', at, `the path that it gets is ${text(right)}, not ${text(lanes)}`);
  return lanes;
}
