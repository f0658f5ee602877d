import type { EvidenceFailure, EvidenceFlow, EvidenceUse } from '../failure';
import { amount, byKind, fields, flag, list, name, oneOf, orNull, text, whole, type Shape } from '../shape';
import type { ObjectiveEvidence } from './document';
import { qosClass } from './previous-shape';

const failureKind = oneOf('link', 'region', 'gateway', 'srlg', 'links', 'events');
const evidenceFailure = fields<EvidenceFailure>({ kind: failureKind, id: text });
const evidenceRoute = { from: name, to: name, classes: list(qosClass) };
const evidenceFlow = fields<EvidenceFlow>({ ...evidenceRoute, demand: orNull(name) });
const evidenceUse = fields<EvidenceUse>({ link: name, from: name, to: name, ratio: orNull(amount) });
type EvidenceOf<K extends ObjectiveEvidence['kind']> = Extract<ObjectiveEvidence, { readonly kind: K }>;
const only = <K extends ObjectiveEvidence['kind']>(kind: K) =>
  fields<{ readonly kind: K }>({ kind: oneOf(kind) }) as Shape<EvidenceOf<K>>;

/** The figures by which an objective is judged. */
export const evidenceShape = byKind<ObjectiveEvidence>({
  'not-decided': only('not-decided'),
  'not-evaluated': fields<EvidenceOf<'not-evaluated'>>({ kind: oneOf('not-evaluated'), of: failureKind }),
  'no-route': fields<EvidenceOf<'no-route'>>({ kind: oneOf('no-route'), flow: evidenceFlow }),
  'nothing-fails': only('nothing-fails'),
  'no-links': only('no-links'),
  'no-routes': only('no-routes'),
  'no-demands': only('no-demands'),
  waits: fields<EvidenceOf<'waits'>>({ kind: oneOf('waits'), failure: evidenceFailure, region: name }),
  survived: fields<EvidenceOf<'survived'>>({
    kind: oneOf('survived'),
    failures: whole,
    seconds: amount,
    fullest: orNull(
      fields<NonNullable<EvidenceOf<'survived'>['fullest']>>({ use: evidenceUse, failure: evidenceFailure }),
    ),
  }),
  lost: fields<EvidenceOf<'lost'>>({
    kind: oneOf('lost'),
    failure: orNull(evidenceFailure),
    flow: evidenceFlow,
    cutOff: flag,
    otherFlows: whole,
    otherFailures: whole,
  }),
  congested: fields<EvidenceOf<'congested'>>({
    kind: oneOf('congested'),
    failure: orNull(evidenceFailure),
    flow: evidenceFlow,
    use: evidenceUse,
    otherFlows: whole,
    otherFailures: whole,
  }),
  fullest: fields<EvidenceOf<'fullest'>>({
    kind: oneOf('fullest'),
    failure: orNull(evidenceFailure),
    use: evidenceUse,
  }),
  unrouted: fields<EvidenceOf<'unrouted'>>({ kind: oneOf('unrouted'), ...evidenceRoute }),
  slowest: fields<EvidenceOf<'slowest'>>({ kind: oneOf('slowest'), ...evidenceRoute, latencyMs: amount }),
  'fewest-backups': fields<EvidenceOf<'fewest-backups'>>({
    kind: oneOf('fewest-backups'),
    ...evidenceRoute,
    backups: whole,
  }),
  cost: fields<EvidenceOf<'cost'>>({ kind: oneOf('cost'), usdPerMonth: amount }),
  availability: fields<EvidenceOf<'availability'>>({
    kind: oneOf('availability'),
    demand: name,
    lowerRatio: amount,
    upperRatio: amount,
    short: whole,
    loss: orNull(
      fields<NonNullable<EvidenceOf<'availability'>['loss']>>({ down: list(text), probability: amount }),
    ),
  }),
});
