export type { AgentEvent, AgentEventKind } from './agent-event';
export type {
  AgentAction,
  AgentInput,
  AgentReport,
  DrainKind,
  Health,
  Pace,
  PathCarriage,
} from './agent-input';
export type { AgentSettings, DampingSettings, RebalanceSettings } from './agent-settings';
export { defaultAgentSettings } from './agent-settings';
export { initialAgentState } from './agent-state';
export type { AgentState, Decide, Decision } from './agent-state';
export { decide, decideAll } from './decide';
export { loweredMtus } from './lowered-mtus';
export type { SelectedPath, Selection } from './selection';
export type { Standing } from './session-record';
