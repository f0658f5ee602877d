import type { AgentEvent } from '../decide';
import type {
  DoctorView,
  DrainRequest,
  PathView,
  ReloadView,
  ReservationView,
  RouteView,
  StateView,
  TunnelView,
} from './views';

/**
 * What the API serves, asked for at each request. Reading changes nothing. Lists may be made as they are
 * read.
 */
export interface AgentView {
  state(): StateView;
  /** Does the agent do its work? `reason`: why not, or what an operator should know all the same. */
  health(): { readonly healthy: boolean; readonly reason: string };
  routes(): Iterable<RouteView>;
  paths(): Iterable<PathView>;
  tunnels(): Iterable<TunnelView>;
  reservations(): Iterable<ReservationView>;
  /** Kept events with ids above `after`, oldest first. */
  eventsAfter(after: number): readonly AgentEvent[];
  /** What can be drained here: `link x`, `gateway y`, `region z`. */
  drainable(): ReadonlySet<string>;
  /** @param on false: undrain. */
  drain(request: DrainRequest, on: boolean): void;
  reload(): Promise<ReloadView>;
  /** Looks at the host. Absent: this agent cannot. */
  doctor?(): Promise<DoctorView>;
}
