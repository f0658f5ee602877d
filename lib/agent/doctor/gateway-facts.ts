import type { GatewayState } from '../../gateway';
import type { FetchView } from '../api';
import type { JournalFigures } from '../journal/send-journal';

/** What is known of the gateway besides its host. */
export interface GatewayFacts {
  /** null: no bundle is installed, or it cannot be read. */
  readonly gateway: GatewayState | null;
  /** Does an agent answer? null: the agent itself asks. */
  readonly running: { readonly ready: boolean; readonly generation: number } | null | 'self';
  /** What the agent says of itself: files that it cannot write or read, places that it cannot open. */
  readonly trouble: string;
  readonly fetched: FetchView | null;
  /** Does a fetcher belong to this host, and how long ago did it last run, ms? null: it never did. */
  readonly fetchAgeMs: number | null;
  readonly nowUtcMs: number;
  /** Why the SSM agent of the plan could not be installed; null: it could, or nobody tried. */
  readonly ssmFault: string | null;
  /** What became of the journal; null: nobody sends it, or nothing was tried yet. */
  readonly journal: JournalFigures | null;
}
