import type { QosClass } from '../model';
import type { PlannedReservation } from '../plan';
import { bestPath } from './best-path';
import { newEffort } from './label-search';
import { boundsOf, checkAdmission, type Bounded } from './pools';
import type { Refuse } from './refuse';
import type { RuleBook } from './rule-book';
import { closing, keepsTo } from './rules';
import { windowTimes, type Stretch } from './window-times';
import type { Lane, World } from './world';

/** What an admitted reservation holds of a lane, whole kbps, and when. */
interface Held {
  readonly kbps: number;
  readonly class: QosClass;
  readonly times: readonly Stretch[];
}

/**
 * Admits the reservations again, strongest setup priority first, then by id: each stated path is the planned
 * one with room, or the best one with room; what is refused has none. At no instant is more held of a
 * direction than it may carry, by class and together.
 *
 * @returns by lane, what is held at the fullest instant, Mbps.
 */
export function checkReservations(world: World, book: RuleBook, refuse: Refuse): number[] {
  checkAdmission(world, refuse);
  const boundsOn = boundsOf(world);
  const held = world.lanes.map((): Held[] => []);
  const order = [...world.plan.reservations].sort(
    (a, b) => a.setupPriority - b.setupPriority || (a.id < b.id ? -1 : 1),
  );
  for (const r of order) {
    const lanes = checkOne(world, book, r, held, boundsOn, refuse);
    const amount = { kbps: kbpsOf(r), class: r.class, times: windowTimes(r.window) };
    for (const lane of lanes) held[lane.number].push(amount);
  }
  return world.lanes.map((lane, n) => {
    const over = [...new Set(held[n].map((h) => h.class))].some((qos) =>
      boundsOn(lane, qos).some(({ holds, most }) => {
        // Class critical alone may go into what others leave free.
        const counted = held[n].filter(
          (h) => holds(h.class) && (qos === 'critical' || h.class !== 'critical'),
        );
        return fullest(counted) > most;
      }),
    );
    const all = fullest(held[n]);
    if (over)
      refuse(
        'reserved-overload',
        `links.${lane.link}`,
        `more than allowed is held of ${lane.mbps} Mbps at an instant`,
      );
    return all / 1000;
  });
}

function checkOne(
  world: World,
  book: RuleBook,
  r: PlannedReservation,
  held: readonly (readonly Held[])[],
  boundsOn: (lane: Lane, newcomer: QosClass) => readonly Bounded[],
  refuse: Refuse,
): readonly Lane[] {
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
    return [];
  }
  const ruling = book.ruling(r.from, r.to, r.class);
  if (ruling.policy?.action === 'deny') {
    if (r.admitted) refuse('reservation-denied', at, `policy ${ruling.policy.id} denies the pair`);
    return lanes;
  }
  const rules = book.rules(ruling);
  const [source, target] = [world.nodeOf.get(r.from)!, world.nodeOf.get(r.to)!];
  if (lanes.length > 0) {
    if (lanes[0].tail !== source || lanes[lanes.length - 1].head !== target)
      refuse('reservation-path', at, `path ${r.path} leads elsewhere`);
    if (!keepsTo(rules, lanes))
      refuse('reservation-constraint', at, `path ${r.path} does not keep to the policy`);
  }
  const times = windowTimes(r.window);
  const kbps = kbpsOf(r);
  const possible =
    kbps > 0 && times.length > 0 && r.holdingPriority <= r.setupPriority && r.setupPriority <= 7;
  const fits = (n: number): boolean => {
    const me: Held = { kbps, class: r.class, times };
    return boundsOn(world.lanes[n], r.class).every(
      ({ holds, most }) =>
        kbps <= most && fullest([...held[n].filter((h) => holds(h.class)), me], times) <= most,
    );
  };
  const route = world.plan.routes.find(
    (x) => x.from === r.from && x.to === r.to && x.classes.includes(r.class),
  );
  const planned = route?.primary ? [route.primary, ...route.backups.map((b) => b.path)] : [];
  const first = planned
    .map((id) => world.lanesOf.get(id) ?? [])
    .find((way) => way.length > 0 && way.every((l) => fits(l.number)));
  const effort = newEffort();
  const right = possible
    ? (first ??
      bestPath(
        world,
        closing(rules, (n) => !fits(n)),
        source,
        target,
        effort,
      )?.lanes)
    : undefined;
  if (effort.gaveUp) return lanes;
  const text = (way: readonly Lane[] | undefined) => (way ?? []).map((l) => l.link).join(' ');
  if ((right !== undefined) !== r.admitted)
    refuse('reservation-answer', at, right ? `there is room over ${text(right)}` : 'there is no room for it');
  else if (text(right) !== text(lanes))
    refuse('reservation-path', at, `the path that it gets is ${text(right)}, not ${text(lanes)}`);
  return lanes;
}

/** A promise is rounded up to whole kbps; a millionth absorbs the noise of decimal fractions. */
function kbpsOf({ bandwidthMbps }: PlannedReservation): number {
  return Math.ceil(bandwidthMbps * 1000 - 1e-6);
}

/** The most that is held at any instant, or at any instant of `within`; kbps. */
function fullest(held: readonly Held[], within: readonly Stretch[] | null = null): number {
  const steps: (readonly [number, number])[] = held.flatMap(({ kbps, times }) =>
    times.flatMap(([from, to]) => [[from, kbps] as const, [to, -kbps] as const]),
  );
  const marks = (within ?? []).flatMap(([from, to]) => [[from, 1, 0] as const, [to, -1, 0] as const]);
  const all = [...steps.map(([t, k]) => [t, 0, k] as const), ...marks].sort((a, b) => a[0] - b[0]);
  let [sum, inside, most] = [0, 0, 0];
  for (let i = 0; i < all.length; i++) {
    inside += all[i][1];
    sum += all[i][2];
    // What ends and what begins at one instant do not meet.
    if (i + 1 < all.length && all[i + 1][0] === all[i][0]) continue;
    if (within === null || inside > 0) most = Math.max(most, sum);
  }
  return most;
}
