import type { GatewayState } from '../../emit';
import type { FetchView } from '../api';

/** What is known of the gateway besides its host. */
export interface GatewayFacts {
  /** null: no bundle is installed, or it cannot be read. */
  readonly gateway: GatewayState | null;
  /** Does an agent answer? null: the agent itself asks. */
  readonly running: { readonly ready: boolean; readonly generation: number } | null | 'self';
  readonly fetched: FetchView | null;
  /** Does a fetcher belong to this host, and how long ago did it last run, ms? null: it never did. */
  readonly fetchAgeMs: number | null;
  readonly nowUtcMs: number;
}
