import type { QosClass } from '../model';
import type { ScenarioKind } from './scenario';

/** What can fail, in evidence. */
export type FailureKind = Exclude<ScenarioKind, 'none'>;

/** Something that fails; null stands for the network as it is. */
export interface EvidenceFailure {
  readonly kind: FailureKind;
  /** Link, region, gateway or group id; of several all, joined by ` + `. */
  readonly id: string;
}

/** A route, by its pair and classes, or a demand, by its id and its one class. */
export interface EvidenceFlow {
  readonly from: string;
  readonly to: string;
  readonly classes: readonly QosClass[];
  readonly demand: string | null;
}

/** One direction of a link, and how full it is. */
export interface EvidenceUse {
  readonly link: string;
  readonly from: string;
  readonly to: string;
  /** Load over capacity; null: it carries traffic without capacity. */
  readonly ratio: number | null;
}

/** What others suffer beside the flow that evidence names. */
interface Others {
  /** Further flows under the same failure. */
  readonly otherFlows: number;
  /** Further failures that break the objective. */
  readonly otherFailures: number;
}

/** By which figures failures decide a statement; `failureText` puts them into words. */
export type FailureEvidence =
  /** Failures do not decide such a statement. */
  | { readonly kind: 'not-decided' }
  | { readonly kind: 'not-evaluated'; readonly of: FailureKind }
  /** A flow has no route, even without a failure. */
  | { readonly kind: 'no-route'; readonly flow: EvidenceFlow }
  /** The network has nothing of the kind that could fail. */
  | { readonly kind: 'nothing-fails' }
  | { readonly kind: 'no-links' }
  /** Workloads of a dead gateway wait for it, because nobody moves the routes of their region. */
  | { readonly kind: 'waits'; readonly failure: EvidenceFailure; readonly region: string }
  /** All is carried under each of so many failures, once routes have moved. */
  | {
      readonly kind: 'survived';
      readonly failures: number;
      /** Until routes have moved, at most; 0: none moves. */
      readonly seconds: number;
      /** The fullest link under any of them; null: there is no link. */
      readonly fullest: { readonly use: EvidenceUse; readonly failure: EvidenceFailure } | null;
    }
  | ({
      readonly kind: 'lost';
      readonly failure: EvidenceFailure | null;
      readonly flow: EvidenceFlow;
      /** Nothing leads there any more, planned or not. */
      readonly cutOff: boolean;
    } & Others)
  | ({
      readonly kind: 'congested';
      readonly failure: EvidenceFailure | null;
      readonly flow: EvidenceFlow;
      readonly use: EvidenceUse;
    } & Others)
  | { readonly kind: 'fullest'; readonly failure: EvidenceFailure | null; readonly use: EvidenceUse };
