/**
 * How a program on a gateway uses the network through its agent.
 *
 * @module dwcp-multiregion/client
 */
export { AgentProblem, connect, defaultSocket } from './connect';
export type { AgentClient, ClientOptions, EventOptions } from './connect';
export type {
  DrainRequest,
  EventView,
  FetchView,
  PathView,
  ReloadView,
  ReservationView,
  RouteView,
  StateView,
  TunnelView,
} from '../api';
