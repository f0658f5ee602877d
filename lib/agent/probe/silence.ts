// When the silence of a session says something: rules of RFC 5880 section 6.8.4, without clock and socket.
import { isAway } from './judge-health';
import type { ProbedSession } from './probed-session';

/** What has been silent for so long, ms, is asked at such an interval, unless its own is longer. */
const silentAfterMs = 1000;
export const silentIntervalMs = 100;

/** When `missing` answers in a row are overdue, unless one comes; Infinity: as many were not asked for. */
export function overdueMs(p: ProbedSession, missing: number): number {
  const silence = p.heardMs + missing * p.everyMs;
  if (p.following) return silence + p.slackMs;
  // A probe out of turn may have left right before one that was due, and answers to many are late.
  const probes = p.record.isUnanswered(p.extra) ? missing + 1 : missing;
  return Math.max(silence, p.record.unansweredMs(probes) + p.rttMs) + p.slackMs;
}

/** With the first answer that is missing, the probes of an end that follows begin again. */
export function isResuming(p: ProbedSession, nowMs: number): boolean {
  return p.following && !p.resumed && overdueMs(p, 1) <= nowMs;
}

/**
 * Is an answer missing, and nobody has been told yet? Half an interval of grace: on a busy machine most of
 * what is late comes within it.
 */
export function isSuspect(p: ProbedSession, heldUntilMs: number, nowMs: number): boolean {
  return !p.suspected && heldUntilMs <= nowMs && overdueMs(p, 1) + p.everyMs / 2 <= nowMs;
}

/**
 * When a session is down unless an answer comes.
 *
 * @param startMs nothing is said before of a session that never answered
 */
export function downMs(p: ProbedSession, heldUntilMs: number, startMs: number): number {
  const overdue = Math.max(heldUntilMs, overdueMs(p, p.session.timing.multiplier));
  return p.judge.health === undefined ? Math.max(overdue, p.heardMs + startMs) : overdue;
}

/** Nothing has come for long: asked more seldom, as RFC 5880 section 6.8.3 has it of what is not up. */
export function isLongSilent(p: ProbedSession, nowMs: number): boolean {
  return isAway(p.judge.health) && nowMs - p.heardMs > silentAfterMs;
}
