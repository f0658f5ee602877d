import type { PlannedObjective } from '../plan';
import { qosClasses } from '../model/qos';
import type { States } from './check-failures';
import type { Flow, State } from './failing';
import { isBetween } from './rule-book';

/** Which flows an objective is about: as traffic of its classes, and as routes of theirs. */
export function concernedFlows(
  objective: PlannedObjective,
): Record<'traffic' | 'route', (f: Flow) => boolean> {
  const wanted: readonly string[] = objective.classes.length === 0 ? qosClasses : objective.classes;
  const pair = (f: Flow) => isBetween(objective, f);
  const traffic = (f: Flow) => pair(f) && wanted.includes(qosClasses[f.rank]);
  return {
    traffic,
    route: (f) => traffic(f) || (f.leads && pair(f) && f.classes.some((c) => wanted.includes(c))),
  };
}

/** The first failure whose concerned workloads wait for the gateway: nobody here moves their routes. */
export function tryUnmoved(
  { failures, served }: States,
  of: State['event']['kind'],
  concerned: (f: Flow) => boolean,
): State | undefined {
  return failures.find(({ event: { kind, outage } }) => {
    if (kind !== of || outage === undefined || outage.share === 0) return false;
    if (outage.seconds < outage.backSeconds) return false;
    return served.some((f) => (f.from === outage.region || f.to === outage.region) && concerned(f));
  });
}
