import type { QosClass } from '../../model';

/** How fast a session is probed, and how long silence lasts before it counts as down. */
export interface ProbeTiming {
  /** From one probe to the next, ms. */
  readonly intervalMs: number;
  /** Intervals of silence after which a session is down: detection multiplier, RFC 5880 section 6.8.4. */
  readonly multiplier: number;
}

/** What the agent's operator may set about probing. */
export interface ProbeSettings {
  /** Links, and paths that carry traffic. */
  readonly active: ProbeTiming;
  /** Paths that carry none: intervals are the active ones times this. */
  readonly standbyFactor: number;
  /** Paths whose routes serve a class; the fastest of a path's classes counts. Absent: `active`. */
  readonly classes: Readonly<Partial<Record<QosClass, ProbeTiming>>>;
  /** Tunnels of a link, by link id. Absent: `active`. */
  readonly links: Readonly<Record<string, ProbeTiming>>;
  /** Most of a tunnel's rate that this gateway's probes may take, 0 to 1; answers take as much again. */
  readonly bandwidthShare: number;
  /** Most probes sent a second over all sessions: the bound on CPU. */
  readonly probesPerSecond: number;
  /** However many sessions there are, a standby path is probed this often, ms; see `LoadGuard` besides. */
  readonly longestStandbyMs: number;
  /**
   * Batches that an interval's probes are sent in, 1, 2 or 4. Waking up costs more than sending: with 1, all
   * active sessions send together, and standby ones in turn with them.
   */
  readonly batchesPerInterval: 1 | 2 | 4;
  /** UDP port of reflectors, this gateway's and the others' (RFC 8762 section 4.1). */
  readonly port: number;
  readonly health: HealthSettings;
}

/** When a session is called up, degraded or down. */
export interface HealthSettings {
  /** Answers in a row that end an outage. */
  readonly answersToRestore: number;
  /** Loss that degrades, as a share of the last 128 probes judged; half of it restores. */
  readonly lossThreshold: number;
  /** Round trips above planned x factor + offset degrade; half that much above planned restores. */
  readonly latencyFactor: number;
  readonly latencyOffsetMs: number;
  /** Nothing is said about a session that never answered before this time has passed, ms. */
  readonly startMs: number;
}

/** 20 ms x 3; loss above 5 % is unhealthy (DESIGN section 10). */
export const defaultProbeSettings: ProbeSettings = {
  active: { intervalMs: 20, multiplier: 3 },
  standbyFactor: 25,
  classes: {},
  links: {},
  bandwidthShare: 0.005,
  probesPerSecond: 1200,
  longestStandbyMs: 2000,
  batchesPerInterval: 1,
  port: 862,
  health: {
    answersToRestore: 3,
    lossThreshold: 0.05,
    latencyFactor: 1.5,
    latencyOffsetMs: 5,
    startMs: 1000,
  },
};
