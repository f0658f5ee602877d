import type { Takeover } from '../takeover';
import type { EventLedger, TelemetrySource } from '../telemetry';
import type { Agent } from './agent';
import { agentVersion } from './agent-version';
import type { ApplyFigures } from './apply-figures';
import type { Clock } from './clock';
import type { LastSample } from './last-sample';
import type { Keeping } from './state-keeper';
import type { TrafficWatch } from './traffic-watch';

/** What metrics are read from. */
export interface TelemetryParts {
  readonly agent: Agent;
  readonly clock: Clock;
  readonly ledger: EventLedger;
  readonly figures: ApplyFigures;
  readonly startedUtcMs: number;
  /** How often the agent has begun since the machine booted, but for the first time. */
  readonly restarts: number;
  /** When the host was looked at last, monotonic ms; -Infinity: never. */
  readonly lookedMs: number;
  readonly healthy: boolean;
  readonly files: readonly Keeping[];
  readonly sample: LastSample;
  readonly takeover: Takeover | undefined;
  readonly traffic: TrafficWatch;
}

/** Where metrics are read from at the moment of a scrape; undefined: there is no plan yet. */
export function telemetryOf(parts: TelemetryParts): TelemetrySource | undefined {
  const { agent, clock, ledger, figures, startedUtcMs, restarts, lookedMs, healthy, files } = parts;
  const { takeover, traffic } = parts;
  if (agent.bundle === null) return undefined;
  const { user, system } = process.cpuUsage();
  const { kernel, fetched, fetchedUtcMs, journal, loopDelaySeconds } = parts.sample;
  return {
    gateway: agent.bundle.gateway,
    state: agent.state,
    ledger,
    nowMs: clock.nowMs(),
    agent: {
      version: agentVersion,
      startedUtcMs,
      applySeconds: figures.applySeconds,
      applyFailures: figures.applyFailures,
      refusedPlans: figures.refusedPlans,
      residentBytes: process.memoryUsage.rss(),
      cpuSeconds: (user + system) / 1e6,
      loopDelaySeconds,
      probeStretch: agent.prober.stretch,
      restarts,
      lookAgeSeconds: ageSeconds(clock.nowMs(), lookedMs),
      fetchAgeSeconds: ageSeconds(clock.utcMs(), fetchedUtcMs ?? -Infinity),
      healthy,
      files,
    },
    healing: agent.healing,
    statistics: (session) => agent.prober.statistics(session),
    host: kernel?.host,
    cpuRatio: kernel?.cpuRatio ?? NaN,
    rates: kernel?.rates ?? new Map(),
    tunnels: kernel?.tunnels ?? new Map(),
    reservationMbps: kernel?.reservationMbps ?? new Map(),
    edgePackets: kernel?.edgePackets,
    fetched,
    takeover: takeover?.view,
    ...(journal && { journal }),
    traffic: traffic.figures(),
    refusals: {
      sender: agent.prober.refusals,
      reflector: agent.prober.reflector.refusals,
      ...(traffic.refusals && { traffic: traffic.refusals }),
    },
  };
}

/** null: it never was. */
function ageSeconds(nowMs: number, atMs: number): number | null {
  return Number.isFinite(atMs) ? Math.max(0, nowMs - atMs) / 1000 : null;
}
