import { qosClasses } from '../../model/network';
import { classTable, markMask, oversizeTable, pinTable, returnTable, rulePriority } from '../apply/numbers';

export type ClaimKind = 'routing-table' | 'rule-priority' | 'mark' | 'udp-port' | 'tcp-port';

/** Numbers of a host that a gateway takes, and that nothing else there may take. */
export interface Claim {
  readonly kind: ClaimKind;
  /** First and last; of marks the mask, twice. */
  readonly range: readonly [first: number, last: number];
}

const lastClass = qosClasses[qosClasses.length - 1];

export const claims: readonly Claim[] = [
  { kind: 'routing-table', range: [classTable(qosClasses[0]), classTable(lastClass)] },
  { kind: 'routing-table', range: [oversizeTable, returnTable] },
  { kind: 'routing-table', range: [pinTable(0), pinTable(99)] },
  { kind: 'rule-priority', range: [rulePriority.pin, rulePriority.traffic.accept] },
  { kind: 'rule-priority', range: [rulePriority.class(qosClasses[0]), rulePriority.unmarked] },
  { kind: 'mark', range: [markMask, markMask] },
  // STAMP (RFC 8762) and the agent's metrics; ports of tunnels follow from the plan.
  { kind: 'udp-port', range: [862, 862] },
  { kind: 'tcp-port', range: [9469, 9469] },
];
