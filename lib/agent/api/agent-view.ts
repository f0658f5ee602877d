import type { AgentEvent } from '../decide';
import type {
  DrainRequest,
  PathView,
  ReloadView,
  ReservationView,
  RouteView,
  StateView,
  TunnelView,
} from './views';

/** What the API serves, asked for at each request. Reading changes nothing. */
export interface AgentView {
  state(): StateView;
  routes(): readonly RouteView[];
  paths(): readonly PathView[];
  tunnels(): readonly TunnelView[];
  reservations(): readonly ReservationView[];
  /** Kept events with ids above `after`, oldest first. */
  eventsAfter(after: number): readonly AgentEvent[];
  /** What can be drained here: `link x`, `gateway y`, `region z`. */
  drainable(): ReadonlySet<string>;
  /** @param on false: undrain. */
  drain(request: DrainRequest, on: boolean): void;
  reload(): Promise<ReloadView>;
}
