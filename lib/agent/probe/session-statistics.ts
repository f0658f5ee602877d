import { lossWindowProbes } from './loss-window';
import type { ProbedSession } from './probed-session';
import type { SessionStatistics } from './statistics';

/** What a session has measured. The histogram inside is live, not a copy. */
export function statisticsOf(p: ProbedSession): SessionStatistics {
  const { sent, received, late, lostForward, lostBackward, rtt, losses, oneWay } = p.record;
  const lossRatio = p.following ? p.report.lost / lossWindowProbes : losses.ratio;
  return {
    sent,
    received,
    late,
    lostForward,
    lostBackward,
    lossRatio: p.judge.health === 'down' ? 1 : lossRatio,
    rtt,
    smoothedRtt: p.record.smoothedRttMs / 1000,
    jitterForward: p.record.jitterForwardMs / 1000,
    jitterBackward: p.record.jitterBackwardMs / 1000,
    oneWay,
    intervalMs: p.everyMs,
    detectionMs: p.session.timing.multiplier * p.everyMs + p.slackMs,
  };
}
