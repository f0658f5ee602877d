/** How an agent decides. All times in ms. */
export interface AgentSettings {
  /**
   * A session that was down or degraded and answers well again is held back this long (wait to restore,
   * ITU-T G.808.1), so that a link that comes and goes does not take traffic with it. 0 to 3,600,000.
   */
  readonly restoreWaitMs: number;
  readonly damping: DampingSettings;
  /**
   * How long a path that shares links with one that has just died is in doubt, and how long at most standby
   * paths are probed fast, waiting for an answer, once one in use missed one.
   */
  readonly doubtMs: number;
  readonly rebalance: RebalanceSettings;
  /** Events that are kept for subscribers that come back; the oldest leave first. 1 to 100,000. */
  readonly historySize: number;
}

/**
 * Route flap damping (RFC 2439), by session: each loss adds a penalty that decays exponentially; above
 * `suppress` the session is held back until the penalty has decayed to `reuse`.
 */
export interface DampingSettings {
  readonly downPenalty: number;
  readonly degradedPenalty: number;
  readonly suppress: number;
  /** Below `suppress`. */
  readonly reuse: number;
  readonly halfLifeMs: number;
  /** No session is held back longer, which bounds the penalty. */
  readonly mostSuppressMs: number;
}

/** Shifting the weights of a spread by measured load. */
export interface RebalanceSettings {
  /** Between two shifts of the same spread. */
  readonly everyMs: number;
  /** A shift must lower the fullest member's utilisation by more than this share of it. 0 to 1. */
  readonly hysteresis: number;
  /** Nothing is shifted while the fullest member is below this utilisation: there is nothing to gain. */
  readonly fromUtilisation: number;
}

/** Penalties and thresholds are those of Cisco and Juniper routers; the half-life fits probes of 20 ms. */
export const defaultAgentSettings: AgentSettings = {
  restoreWaitMs: 5_000,
  damping: {
    downPenalty: 1_000,
    degradedPenalty: 500,
    suppress: 2_000,
    reuse: 750,
    halfLifeMs: 15_000,
    mostSuppressMs: 60_000,
  },
  doubtMs: 2_000,
  rebalance: { everyMs: 10_000, hysteresis: 0.1, fromUtilisation: 0.1 },
  historySize: 1_000,
};
