import type { QosClass } from '../model';
import type { PlannedReservation } from '../plan';
import { boundsOf } from './pools';
import { windowTimes, type Stretch } from './window-times';
import type { Lane, World } from './world';

/** What an admitted reservation holds of a lane, whole kbps, and when. */
export interface Held {
  readonly id: string;
  readonly kbps: number;
  readonly class: QosClass;
  readonly holdingPriority: number;
  readonly times: readonly Stretch[];
}

/** By lane, what is held of it. */
export type Holdings = readonly (readonly Held[])[];

const amounts = new WeakMap<World, ReadonlyMap<string, Held>>();

/** What a reservation of the plan holds of each lane of its path; worked out once for all of them. */
export function amountOf(world: World, { id }: PlannedReservation): Held {
  let held = amounts.get(world);
  if (!held) {
    const { reservations } = world.plan;
    const timesOf = windowTimes(reservations.map((r) => r.window));
    const amount = (r: PlannedReservation): Held => ({
      id: r.id,
      kbps: kbpsOf(r),
      class: r.class,
      holdingPriority: r.holdingPriority,
      times: timesOf(r.window),
    });
    amounts.set(world, (held = new Map(reservations.map((r) => [r.id, amount(r)]))));
  }
  return held.get(id)!;
}

/** Tells what there is room for on a lane, under the plan's bandwidth model. */
export interface Room {
  /** Beside what is held, whoever it is. */
  fits(r: PlannedReservation, lane: Lane, held: Holdings): boolean;
  /** For one that held it before, in whatever order those on it came. */
  mayStay(r: PlannedReservation, lane: Lane, held: Holdings): boolean;
  /** The most held of a lane at any instant, kbps, and whether that is more than is allowed. */
  fullest(lane: Lane, held: Holdings): { readonly kbps: number; readonly over: boolean };
}

/** The room of a network. */
export function roomOf(world: World): Room {
  const boundsOn = boundsOf(world);
  const beside = (me: Held, lane: Lane, others: readonly Held[]): boolean =>
    boundsOn(lane, me.class).every(
      ({ holds, most }) =>
        me.kbps <= most && fullest([...others.filter((h) => holds(h.class)), me], me.times) <= most,
    );
  /** Is there room with some of the critical ones put behind? */
  const before = (me: Held, lane: Lane, all: readonly Held[], behind: (h: Held) => boolean): boolean =>
    beside(
      me,
      lane,
      all.filter((h) => !behind(h)),
    ) &&
    all.filter(behind).every((h) =>
      beside(
        h,
        lane,
        [...all, me].filter((other) => other !== h),
      ),
    );
  const critical = (h: Held) => h.class === 'critical';
  return {
    fits: (r, lane, held) => beside(amountOf(world, r), lane, held[lane.number]),
    mayStay: (r, lane, held) => {
      const [me, all] = [amountOf(world, r), held[lane.number]];
      return beside(me, lane, all) || (!critical(me) && before(me, lane, all, critical));
    },
    fullest: (lane, held) => {
      const all = held[lane.number];
      const over = [...new Set(all.map((h) => h.class))].some((qos) =>
        boundsOn(lane, qos).some(({ holds, most }) => {
          // Class critical alone may go into what others leave free.
          const counted = all.filter((h) => holds(h.class) && (qos === 'critical' || !critical(h)));
          return fullest(counted) > most;
        }),
      );
      return { kbps: fullest(all), over };
    },
  };
}

/** A promise is rounded up to whole kbps; a millionth absorbs the noise of decimal fractions. */
function kbpsOf({ bandwidthMbps }: PlannedReservation): number {
  return Math.ceil(bandwidthMbps * 1000 - 1e-6);
}

/** The most that is held at any instant, or at any instant of `within`; kbps. */
function fullest(held: readonly Held[], within: readonly Stretch[] | null = null): number {
  const sums = new Map<readonly Stretch[], number>();
  for (const { kbps, times } of held) sums.set(times, (sums.get(times) ?? 0) + kbps);
  const steps: (readonly [number, number])[] = [...sums].flatMap(([times, kbps]) =>
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
