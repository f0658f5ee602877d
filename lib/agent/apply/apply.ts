import type { CommandFailure, Host } from './host';
import type { WantedHost } from './wanted-host';

/** What applying did. */
export interface ApplyReport {
  /** Commands that were run; 0: the host was as wanted. */
  readonly commands: number;
  /** The first is what stopped it; empty: the host is as wanted. */
  readonly failures: readonly CommandFailure[];
  /** With failures: is the host as it was before? Without: absent. */
  readonly rolledBack?: boolean;
  readonly durationMs: number;
}

/** Brings the host to the wanted state, whole or not at all. */
export function apply(_host: Host, _wanted: WantedHost): Promise<ApplyReport> {
  return Promise.reject(new Error('apply is not built yet'));
}
