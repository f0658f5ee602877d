import type { ApplyReport, Host } from '../apply';
import type { AgentEvent, AgentSettings } from '../decide';
import type { GoodEndpoints } from '../peers';
import type { ProbeListener, ProbePeer, Prober, ProbeSession } from '../probe';
import type { Clock } from './clock';
import type { ArrivalMemory } from './earlier-arrivals';
import type { Bundle, BundleResult } from '../bundle/read-bundle';

/** What an agent is made of. */
export interface AgentParts {
  readonly host: Host;
  readonly clock: Clock;
  readonly settings: AgentSettings;
  /** Reads the bundle as it is now, against what is applied. */
  readonly read: () => BundleResult;
  /**
   * Has this host taken this very plan before? What others put in its way since is then mended thing by
   * thing, and does not keep the agent from starting. Absent: no.
   */
  readonly isKnown?: (bundle: Bundle) => boolean;
  /** Keeps the record of what is applied; throws when it cannot. */
  readonly record: (bundle: Bundle) => void;
  /** Endpoints that answered in earlier runs, and where they are kept; `write` may throw. Absent: none. */
  readonly endpoints?: { readonly read: () => GoodEndpoints; readonly write: (good: GoodEndpoints) => void };
  /** What plans let in before this run, and where that is kept. Absent: nothing. */
  readonly arrivals?: {
    readonly read: () => ArrivalMemory | null;
    readonly write: (memory: ArrivalMemory) => void;
  };
  readonly probe: (listener: ProbeListener) => Promise<Prober>;
  readonly sessions: (bundle: Bundle) => {
    readonly sessions: readonly ProbeSession[];
    readonly peers: readonly ProbePeer[];
  };
  /** A peer may have gone over to its next key: `followPeers` is to be called now, and often for a moment. */
  readonly onDoubt?: () => void;
  /** Keys of before are no longer needed. */
  readonly onRotated?: () => void;
  /** Told of every event, in order. Must not throw. */
  readonly publish: (event: AgentEvent) => void;
  /** Told of what an operator should see: one line. */
  readonly log: (message: string) => void;
}

/** What became of a plan that was handed over. */
export type TakeResult =
  | { readonly ok: true; readonly report: ApplyReport }
  | {
      readonly ok: false;
      readonly code: string;
      readonly message: string;
      readonly next: string;
      readonly report?: ApplyReport;
    };
