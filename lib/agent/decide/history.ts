import type { AgentEvent } from './agent-event';

/** The latest events, oldest first, at most `size`. */
export function remember(
  history: readonly AgentEvent[],
  events: readonly AgentEvent[],
  size: number,
): readonly AgentEvent[] {
  return events.length === 0 && history.length <= size ? history : [...history, ...events].slice(-size);
}
