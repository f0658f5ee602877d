import type { ClassShares, QosClass } from '../model';
import type { Refuse } from '../shape';
import { qosClasses } from '../model/qos';
import type { Lane, World } from './world';

/** A sum of reservations that is bounded on a lane. */
export interface Bounded {
  readonly holds: (qos: QosClass) => boolean;
  /** Whole kbps. */
  readonly most: number;
}

/** Is a class at least as important as another? */
const within = (qos: QosClass, around: QosClass) => qosClasses.indexOf(qos) <= qosClasses.indexOf(around);

/**
 * What bounds a newcomer of a class on a lane: all together, up to the headroom of its class; under `mam` its
 * class alone (RFC 4125); under `rdm` each class that is no more important, with all more important ones (RFC
 * 4127).
 */
export function boundsOf({ plan }: World): (lane: Lane, newcomer: QosClass) => readonly Bounded[] {
  const { model, shares, headroomRatio, criticalHeadroomRatio } = plan.admission;
  const ownOf = new Map(plan.links.map((l) => [l.id, l.classShares ?? shares]));
  return (lane, newcomer) => {
    const own = ownOf.get(lane.link)!;
    const carried = Math.floor(lane.mbps * 1000 + 1e-6);
    const part = (ratio: number) => Math.floor(ratio * carried + 1e-6);
    const free = newcomer === 'critical' ? criticalHeadroomRatio : headroomRatio;
    const all: Bounded = { holds: () => true, most: part(1 - free) };
    if (model === 'shared') return [all];
    if (model === 'mam') return [all, { holds: (qos) => qos === newcomer, most: part(own[newcomer]) }];
    const dolls = qosClasses.filter((around) => within(newcomer, around));
    const doll = (around: QosClass): Bounded => ({
      holds: (qos) => within(qos, around),
      most: part(own[around]),
    });
    return [all, ...dolls.map(doll)];
  };
}

/** The settings are ratios, and dolls lie within each other. */
export function checkAdmission({ plan }: World, refuse: Refuse): void {
  const { model, shares, headroomRatio, criticalHeadroomRatio } = plan.admission;
  const ratio = (r: unknown) => typeof r === 'number' && r >= 0 && r <= 1;
  if (!['shared', 'mam', 'rdm'].includes(model))
    refuse('admission', 'admission', `there is no model '${model}'`);
  if (!ratio(headroomRatio) || !ratio(criticalHeadroomRatio) || criticalHeadroomRatio > headroomRatio)
    refuse('admission', 'admission', 'headrooms are ratios, that of class critical no greater');
  const check = (own: ClassShares, at: string) => {
    const list = qosClasses.map((c) => own[c]);
    const wrong =
      Object.keys(own).length !== qosClasses.length ||
      !list.every(ratio) ||
      (model === 'shared' && list.some((r) => r !== 1)) ||
      (model === 'rdm' && list.some((r, i) => i > 0 && r < list[i - 1]));
    if (wrong) refuse('admission-shares', at, 'they are not the shares of such a model');
  };
  check(shares, 'admission.shares');
  for (const { id, classShares } of plan.links) {
    if (classShares === null) continue;
    if (model === 'shared') refuse('admission-shares', `links.${id}`, 'the shared model has no shares');
    else check(classShares, `links.${id}.classShares`);
  }
}
