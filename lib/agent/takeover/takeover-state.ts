import type { GatewayTable } from '../../gateway';
import type { Lease, LeaseSeen } from './lease';
import type { PlannedRoute, TableView } from './route-tables';

/** What of a gateway's state decisions about its region's route tables read. */
export interface TakeoverPlan {
  /** Gateway ids. */
  readonly own: string;
  readonly partner: string;
  readonly tables: readonly GatewayTable[];
}

/** How routes are taken over. All times in ms. */
export interface TakeoverSettings {
  /** From a claim to the first route that is moved: in it a partner that lives objects. */
  readonly graceMs: number;
  /** From an objection to the next claim. */
  readonly claimAgainMs: number;
  /** A claim or a move that is older binds nobody: whoever wrote it has died. */
  readonly leaseMs: number;
  /** Both gateways serve for so long before routes go home; doubled by each take-over of late. */
  readonly returnWaitMs: number;
  readonly mostReturnWaitMs: number;
  /** Take-overs are of late for so long after the lease was written last. */
  readonly forgetMovesMs: number;
  /** How often the tables are looked at while nothing happens. */
  readonly lookMs: number;
  /** How often the lease is looked at while the partner is silent, and how long after its last sign. */
  readonly watchMs: number;
  readonly watchForMs: number;
  /** First wait after a call that failed; doubled up to `mostRetryMs`. */
  readonly retryMs: number;
  readonly mostRetryMs: number;
}

export const defaultTakeoverSettings: TakeoverSettings = {
  graceMs: 800,
  claimAgainMs: 15_000,
  leaseMs: 10_000,
  returnWaitMs: 30_000,
  mostReturnWaitMs: 900_000,
  forgetMovesMs: 3_600_000,
  lookMs: 60_000,
  watchMs: 300,
  watchForMs: 600_000,
  retryMs: 250,
  mostRetryMs: 5_000,
};

/** What happens. */
export type TakeoverInput =
  /** null: this gateway shares no table. */
  | { readonly kind: 'plan'; readonly plan: TakeoverPlan | null }
  /** Whether the partner's agent answers probes inside the VPC. */
  | { readonly kind: 'neighbour'; readonly heard: boolean }
  /** Whether this gateway serves: a tunnel of its lives, and it is not drained. */
  | { readonly kind: 'standing'; readonly serving: boolean; readonly why: string }
  /** The operator drained the partner, and this agent was told. */
  | { readonly kind: 'partner-drained'; readonly on: boolean }
  | { readonly kind: 'looked'; readonly tables: readonly TableView[] | null; readonly seen: LeaseSeen }
  /** The answer to a write; null: somebody else was first. */
  | { readonly kind: 'written'; readonly etag: string | null }
  | { readonly kind: 'moved'; readonly routes: readonly PlannedRoute[]; readonly failure: string | null }
  /** The call under way failed. */
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'tick' };

/** What is to be done. One call of `look`, `write` or `move` is under way at most; its answer is an input. */
export type TakeoverAction =
  | { readonly kind: 'look'; readonly tables: boolean }
  | { readonly kind: 'write'; readonly lease: Lease; readonly expected: string | null }
  /** Stops where this gateway no longer serves, or at `untilMs`: by then the lease binds nobody any more. */
  | { readonly kind: 'move'; readonly routes: readonly PlannedRoute[]; readonly untilMs: number }
  /** Answer the partner's probes, or leave them unanswered. */
  | { readonly kind: 'answer'; readonly on: boolean }
  | {
      readonly kind: 'tell';
      readonly what: string;
      readonly from: string;
      readonly to: string;
      readonly cause: string;
    };

/** Why routes are moved. */
export type Purpose = 'silence' | 'drain' | 'home';

export interface Wish {
  readonly purpose: Purpose;
  readonly routes: readonly PlannedRoute[];
}

/** What is under way. */
export type TakeoverStep =
  | { readonly kind: 'idle' | 'looking' | 'objecting' | 'ending' }
  | { readonly kind: 'claiming' | 'confirming' | 'moving'; readonly wish: Wish }
  | { readonly kind: 'waiting'; readonly wish: Wish; readonly untilMs: number };

/** All that is remembered. A value. */
export interface TakeoverState {
  readonly plan: TakeoverPlan | null;
  readonly neighbour: 'unknown' | 'heard' | 'silent';
  readonly neighbourSinceMs: number;
  readonly serving: boolean;
  readonly servingSinceMs: number;
  readonly why: string;
  readonly partnerDrained: boolean;
  /** As read last; null: not yet. */
  readonly tables: readonly TableView[] | null;
  readonly tablesMs: number;
  readonly seen: LeaseSeen | null;
  readonly seenMs: number;
  /** When the partner wrote the lease last, as far as is known. */
  readonly partnerWroteMs: number;
  readonly step: TakeoverStep;
  /** Nothing is begun before. */
  readonly nextTryMs: number;
  /** Calls that failed in a row, moves that did, and writes that came second. */
  readonly failures: number;
  readonly refused: number;
  readonly conflicts: number;
  /** Destinations of others that were told, so that each is told once: `<table> <destination>`. */
  readonly toldForeign: ReadonlySet<string>;
  /** Take-overs and returns since the agent started. */
  readonly taken: number;
  readonly returned: number;
  readonly objections: number;
}

export const initialTakeoverState: TakeoverState = {
  plan: null,
  neighbour: 'unknown',
  neighbourSinceMs: 0,
  serving: false,
  servingSinceMs: Infinity,
  why: 'the agent has just started',
  partnerDrained: false,
  tables: null,
  tablesMs: -Infinity,
  seen: null,
  seenMs: -Infinity,
  partnerWroteMs: -Infinity,
  step: { kind: 'idle' },
  nextTryMs: -Infinity,
  failures: 0,
  refused: 0,
  conflicts: 0,
  toldForeign: new Set(),
  taken: 0,
  returned: 0,
  objections: 0,
};
