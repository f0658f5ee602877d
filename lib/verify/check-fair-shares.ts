import type { PlannedClass, PlannedDemand } from '../plan';
import type { Refuse } from '../shape';
import type { Lane, World } from './world';

/** What is carried is rounded down to this. */
const carriedStepMbps = 1e-6;
/** Fractions of what is asked for that differ by no more are equal. */
const ratioTolerance = 1e-8;

/** A demand with its lanes, and the fraction of it that is carried. */
interface Share {
  readonly demand: PlannedDemand;
  readonly askedMbps: number;
  readonly ratio: number;
  readonly lanes: ReadonlySet<Lane>;
}

/**
 * What a class carries of its demands is max-min fair on the splits that are deployed: every demand that is
 * not carried whole and has a path has a bottleneck, a lane of its paths that is full and on which no demand
 * has a greater fraction. These are the max-min fair fractions and no others (Bertsekas and Gallager 1992,
 * 6.5.2: a feasible vector is max-min fair if and only if each session has a bottleneck arc). That other
 * splits would not carry more is a question to the class's certificate, which knows of the least fraction
 * alone.
 *
 * @param left by lane, what the classes above leave.
 * @param own by lane, what the class carries.
 */
export function checkFairShares(
  world: World,
  placed: PlannedClass,
  left: readonly number[],
  own: readonly number[],
  refuse: Refuse,
): void {
  const shares = placed.demands.flatMap((demand): Share[] => {
    const askedMbps = world.demands.get(demand.id)?.bandwidthMbps ?? 0;
    if (!(askedMbps > 0) || demand.paths.length === 0) return [];
    const lanes = new Set(demand.paths.flatMap((p) => world.lanesOf.get(p.path) ?? []));
    return [{ demand, askedMbps, ratio: demand.carriedMbps / askedMbps, lanes }];
  });
  /** By lane: its users and the greatest fraction among them. */
  const users = world.lanes.map(() => 0);
  const greatest = world.lanes.map(() => 0);
  for (const { ratio, lanes } of shares) {
    for (const { number } of lanes) {
      users[number]++;
      greatest[number] = Math.max(greatest[number], ratio);
    }
  }
  // Each of its users may have been rounded down.
  const full = ({ number }: Lane) =>
    own[number] >= left[number] * (1 - 1e-9) - (users[number] + 1) * carriedStepMbps;
  for (const { demand, askedMbps, ratio, lanes } of shares) {
    if (demand.carriedMbps >= askedMbps) continue;
    const at = `traffic.${placed.class}.${demand.id}`;
    const narrow = [...lanes].filter(full);
    const most = ratio + ratioTolerance + (2 * carriedStepMbps) / askedMbps;
    if (narrow.length === 0)
      refuse('demand-carried', at, `there is room for more than ${demand.carriedMbps} Mbps on all its links`);
    else if (!narrow.some((l) => greatest[l.number] <= most))
      refuse(
        'demand-fair-share',
        at,
        `on each of its full links another demand has more of what it asks for`,
      );
  }
}
