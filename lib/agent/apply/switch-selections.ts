import type { CommandFailure, Host } from './host';
import type { SelectedPaths, WantedHost } from './wanted-host';

/** The state after a switch, and what failed; with a failure `apply` brings the host there. */
export interface SwitchReport {
  readonly wanted: WantedHost;
  readonly failures: readonly CommandFailure[];
}

/** Moves classes to other paths: one line to a running process for each group that changes. */
export function switchSelections(
  _host: Host,
  _before: WantedHost,
  _changed: readonly SelectedPaths[],
): Promise<SwitchReport> {
  return Promise.reject(new Error('switchSelections is not built yet'));
}
