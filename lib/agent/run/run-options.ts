/** Options of `dwcp-agent run`. */
export interface RunOptions {
  readonly bundle: string;
  readonly endpoints: string;
  readonly unseal: string;
  readonly runDir: string;
  readonly stateDir: string;
  /** Folder of the fetcher that brings bundles; there need be none. */
  readonly fetchDir: string;
  readonly socket: string;
  readonly metrics: { readonly host: string; readonly port: number } | null;
  readonly interval: number;
  readonly multiplier: number;
  readonly webhooks?: string;
  /** Endpoints on private addresses are taken: for networks on one machine. */
  readonly privateEndpoints?: boolean;
  /** Where the bootstrap wrote which bucket is the gateway's, see `TakeoverOptions`. */
  readonly source: string;
  readonly cloud?: string;
  readonly returnWait: number;
  /** See `labClock`. Absent: the machine's clock. */
  readonly labClock?: string;
  /** For so long traffic must arrive again before a path is trusted with it, ms. */
  readonly trafficRestore?: number;
}
