/**
 * How a program on a gateway uses the network through its agent.
 *
 * @module dwcp-multiregion/client
 */
export { AgentProblem } from './agent-problem';
export { connect, defaultSocket } from './connect';
export type { AgentClient, ClientOptions } from './connect';
export type { EventOptions } from './read-events';
export type {
  DoctorCheck,
  DoctorView,
  DrainRequest,
  EventView,
  FetchView,
  PathView,
  ReloadView,
  ReservationView,
  RouteView,
  StandInView,
  StateView,
  TunnelView,
} from '../api';
