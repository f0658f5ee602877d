import type { Readiness } from '../telemetry';
import type { Agent } from './agent';
import {
  healthOf,
  mostUnsentMs,
  startPulse,
  type AgentHealth,
  type Pulse,
  type WatchedHost,
} from './agent-health';
import type { StateKeeper } from './state-keeper';

/** Signs of life of a running agent: does its loop turn, do probes leave, does the host answer? */
export class AgentSigns {
  readonly #agent: Agent;
  readonly #host: WatchedHost;
  readonly #keeper: StateKeeper;
  readonly #pulse: Pulse;

  /** @param onBeat told again and again while the loop turns and probes leave */
  constructor(agent: Agent, host: WatchedHost, keeper: StateKeeper, onBeat: () => void) {
    this.#agent = agent;
    this.#host = host;
    this.#keeper = keeper;
    this.#pulse = startPulse(
      () => agent.prober.sent,
      ({ sentMs }) => {
        // A host whose tools hang is told, not answered with a restart: that would not end them.
        if (this.#probesNobody || performance.now() - sentMs < mostUnsentMs) onBeat();
      },
    );
  }

  get health(): AgentHealth {
    const { busySinceMs, lookedMs } = this.#host;
    const { stalledMs, sentMs } = this.#pulse;
    return healthOf({
      nowMs: performance.now(),
      stalledMs,
      busySinceMs,
      lookedMs,
      sentMs: this.#probesNobody ? null : sentMs,
      keeping: this.#keeper.all,
    });
  }

  get readiness(): Readiness {
    const { bundle, healing, state } = this.#agent;
    const unknown = [...state.sessions.values()].every((s) => s.health === 'unknown');
    const { trouble } = healing;
    const ready = bundle !== null && !unknown && trouble === undefined;
    const { healthy, reason } = this.health;
    return { healthy, health: reason, ready, reason: trouble ?? 'no probe has been answered yet' };
  }

  stop(): void {
    this.#pulse.stop();
  }

  get #probesNobody(): boolean {
    return this.#agent.prober.sessions.length === 0;
  }
}
