/**
 * Counts by bucket in base units, recorded without allocation: what a Prometheus histogram is made of.
 * `counts[i]` holds observations at most `bounds[i]` and above the bound before; the last, beyond all bounds.
 */
export interface Histogram {
  /** Upper bounds in seconds, ascending. */
  readonly bounds: Float64Array;
  /** One more than the bounds; not cumulative. */
  readonly counts: Float64Array;
  /** Sum of the observations, seconds. */
  readonly sum: number;
  readonly count: number;
}

/** What a session has measured since it began. Counters only grow. */
export interface SessionStatistics {
  readonly sent: number;
  /** Authentic first answers to our own probes. */
  readonly received: number;
  /** Of these, overtaken by three later ones or more: they stand among the lost too (RFC 7680). */
  readonly late: number;
  /** Lost there and lost on the way back, by the reflector's own sequence numbers (RFC 8762 section 4). */
  readonly lostForward: number;
  readonly lostBackward: number;
  /** Share of the probes judged last (128 at most) that were lost, 0 to 1; 1 while down. */
  readonly lossRatio: number;
  /** Round-trip times, (T4 - T1) - (T3 - T2), seconds. */
  readonly rtt: Histogram;
  /** Smoothed as in RFC 6298 (gain 1/8), seconds; NaN before the first answer. */
  readonly smoothedRtt: number;
  /** Interarrival jitter of either direction, seconds: RFC 3550 section 6.4.1, free of clock offsets. */
  readonly jitterForward: number;
  readonly jitterBackward: number;
  /** Last one-way delays, seconds; null unless both clocks claim to be synchronised (S bit, RFC 4656). */
  readonly oneWay: OneWayDelay | null;
  /** Intervals now in force. */
  readonly intervalMs: number;
  readonly detectionMs: number;
}

/** Delays of one probe there and its answer back, and the sum of both clocks' errors, seconds. */
export interface OneWayDelay {
  readonly forward: number;
  readonly backward: number;
  readonly error: number;
}
