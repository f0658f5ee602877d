// Of a path that both ends would probe, the quicker end probes for both: this saves half of the packets.
import { isAway } from './judge-health';
import type { ProbedSession } from './probed-session';
import type { SessionReport } from './session-report';

/** A report of a shorter interval is no offer to probe for both, ms. */
const leastFollowedMs = 1;
/** Reports without a new answer, in a row, from which on they show nothing. */
const mostStale = 2;

/** Does the far end get answers, and is it as quick as we would be? `Mirror` decides between equals. */
export function serves(p: ProbedSession, { health, intervalMs }: SessionReport): boolean {
  if (isAway(health) || intervalMs < leastFollowedMs) return false;
  const [theirs, ours] = [intervalMs, p.targetMs].map((ms) => Math.round(ms * 1000));
  return theirs < ours || (theirs === ours && !p.session.mirror!.leads);
}

/** Has the far end, which we follow, probed within so many intervals? */
export function isServed(p: ProbedSession, nowMs: number, intervals: number): boolean {
  return p.following && p.reportedMs + intervals * p.report.intervalMs + p.slackMs > nowMs;
}

/**
 * Takes over what the far end reports, whose probe shows that the path here is alive; what it says of our
 * answers shows that the path there is.
 *
 * @returns the round trip that it shows, ms (NaN: alive, and nothing new was measured); undefined: it shows
 *   nothing. An answer may cross a report; two in a row do not.
 */
export function follow(p: ProbedSession, report: SessionReport, nowMs: number): number | undefined {
  const begins = !p.following || nowMs - p.reportedMs > 1.5 * report.intervalMs;
  if (begins) p.row = 0;
  if (begins || report.intervalMs < p.everyMs) p.quickMs = nowMs;
  p.reportedMs = nowMs;
  p.following = true;
  Object.assign(p.report, report);
  const answered = p.record.follow(report);
  // For a round trip after it begins or quickens no answer can have arrived.
  const due = nowMs - p.quickMs > p.rttMs + p.slackMs;
  p.stale = answered || !due ? 0 : p.stale + 1;
  if (p.stale >= mostStale) return undefined;
  return answered ? p.record.lastRttMs : NaN;
}

/** Has the far end answered steadily up to now? Then it stops for what it has seen, and not for us. */
export function wasSteady(p: ProbedSession, nowMs: number): boolean {
  const every = p.report.intervalMs;
  const running = (p.row - p.session.timing.multiplier) * every > p.rttMs;
  return running && nowMs - p.reportedMs <= 1.5 * every;
}
