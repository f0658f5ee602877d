import { qosClasses, type QosClass } from '../model/qos';
import type { PlanDocument } from './document';
import { allocatedFields, type KeptRoute } from './planned-previous';
import {
  amount,
  fields,
  flag,
  like,
  list,
  name,
  oneOf,
  orNull,
  ratio,
  text,
  wholeBetween,
  type Shape,
} from '../shape';

type Previous = NonNullable<PlanDocument['previous']>;
type Moved = Previous['moved'];

export const qosClass: Shape<QosClass> = oneOf(...qosClasses);
export const ids = list(name);
export const digest = like(/^sha256:[0-9a-f]{64}$/, 'sha256: and 64 hex digits');

const movedAllocation = fields<Moved['allocations'][number]>({
  id: text,
  field: oneOf(...allocatedFields),
  before: text,
});

const movedRoute = fields<Moved['routes'][number]>({
  from: text,
  to: text,
  classes: list(qosClass, 1),
  before: orNull(text),
  after: orNull(text),
  beforeMetric: orNull(amount),
  why: oneOf('gone', 'policy', 'better', 'disjoint', 'objective', 'joined', 'needed', 'unproven', 'routed'),
});

const movedDemand = fields<Moved['demands'][number]>({
  id: text,
  movedMbps: amount,
  before: list(
    fields<Moved['demands'][number]['before'][number]>({ path: text, weight: wholeBetween(1, 256) }),
  ),
  why: oneOf('gone', 'policy', 'asked', 'spread', 'full', 'better', 'room', 'needed'),
});

const movedReservation = fields<Moved['reservations'][number]>({
  id: text,
  before: text,
  after: orNull(text),
  why: oneOf('gone', 'policy', 'asked', 'full', 'displaced'),
  by: orNull(text),
});

const keptRoute = fields<KeptRoute>({
  from: text,
  to: text,
  classes: list(qosClass, 1),
  bestMetric: orNull(amount),
  backups: ids,
  equalCost: flag,
});

/** The shape of what a plan says of the one before. */
export const previousShape = fields<Previous>({
  digest,
  toleranceRatio: ratio,
  movedMbps: amount,
  moved: fields<Moved>({
    allocations: list(movedAllocation),
    routes: list(movedRoute),
    demands: list(movedDemand),
    reservations: list(movedReservation),
  }),
  kept: fields<Previous['kept']>({
    routes: list(keptRoute),
    classes: list(
      fields<Previous['kept']['classes'][number]>({
        class: qosClass,
        againstRatio: orNull(amount),
        demands: ids,
      }),
    ),
    reservations: ids,
  }),
  paths: list(fields<Previous['paths'][number]>({ id: text, regions: ids, links: ids })),
});
