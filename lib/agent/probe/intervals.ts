import type { Pace, ProbeSession } from './session';
import type { ProbeSettings } from './settings';

/** What intervals are decided by. */
export type Paced = Pick<ProbeSession, 'kind' | 'tunnel' | 'bandwidthMbps' | 'probeBytes' | 'timing'> & {
  readonly pace: Pace;
  /** Factor on the interval wanted; absent: 1. See `LoadGuard`. */
  readonly stretch?: number;
};

type Tier = 'tunnel' | Pace;
/** The order in which sessions give way. */
const yielding: readonly Tier[] = ['standby', 'raised', 'active', 'tunnel'];

/**
 * Intervals in ms, in the order of `sessions`. Each wants its timing's interval when active or raised,
 * `standbyFactor` times that on standby. Two budgets may stretch them:
 *
 * - CPU: all probes together, at most `probesPerSecond`;
 * - bandwidth: probes of one tunnel, at most `bandwidthShare` of its rate (bytes inside the tunnel).
 *
 * In either, with demands T (tunnels), A (active), R (raised) and S (standby paths) on a budget B, rates are
 * scaled
 *
 *     standby by s = (B - T - A - R) / S, at least down to one probe in `longestStandbyMs`;
 *     then raised paths by r = (B - T - A - sS) / R, at least down to the standby pace;
 *     then active paths by a = (B - T - rR - sS) / A, at least down to the standby pace;
 *     then tunnels by t = (B - aA - rR - sS) / T, at least down to one probe in `longestStandbyMs`,
 *
 * each at most 1. The floors hold even where they exceed the budget: a session is never left unprobed.
 * Intervals are then rounded up to whole slots, quarters of the shortest timing's interval, so that one
 * wake-up sends for many.
 */
export function probeIntervals(sessions: readonly Paced[], settings: ProbeSettings): number[] {
  const wanted = sessions.map(
    (s) => (s.stretch ?? 1) * s.timing.intervalMs * (tierOf(s) === 'standby' ? settings.standbyFactor : 1),
  );
  const cpu = stretch(sessions, wanted, () => 1, settings.probesPerSecond / 1000, settings);
  const tunnels = new Map<string, number[]>();
  sessions.forEach((s, i) => tunnels.set(s.tunnel, [...(tunnels.get(s.tunnel) ?? []), i]));
  const intervals = [...cpu];
  for (const members of tunnels.values()) {
    const own = members.map((i) => sessions[i]);
    const bitsPerMs = own[0].bandwidthMbps * 1000 * settings.bandwidthShare;
    const stretched = stretch(
      own,
      members.map((i) => cpu[i]),
      (s) => s.probeBytes * 8,
      bitsPerMs,
      settings,
    );
    members.forEach((i, k) => (intervals[i] = stretched[k]));
  }
  const slot = slotMs(sessions);
  return intervals.map((ms) => Math.max(1, Math.ceil(ms / slot - 1e-9)) * slot);
}

/** Slots in the shortest interval asked for. */
export const slotsPerInterval = 4;

/** Length of a slot, at least 1 ms. */
export function slotMs(sessions: readonly Paced[]): number {
  const shortest = sessions.reduce((least, s) => Math.min(least, s.timing.intervalMs), Infinity);
  return Number.isFinite(shortest) ? Math.max(1, shortest / slotsPerInterval) : 1;
}

/**
 * In which of its interval's slots each session sends, so that few slots are used and each by as many: those
 * of one interval take turns in slots a batch apart.
 *
 * @param every interval of each, in slots.
 */
export function sendSlots(every: readonly number[], { batchesPerInterval }: ProbeSettings): number[] {
  const apart = slotsPerInterval / batchesPerInterval;
  const turns = new Map<number, number>();
  return every.map((slots) => {
    const turn = turns.get(slots) ?? 0;
    turns.set(slots, turn + 1);
    return (turn * apart) % slots;
  });
}

function tierOf(session: Paced): Tier {
  return session.kind === 'tunnel' && session.pace === 'active' ? 'tunnel' : session.pace;
}

/** Stretches wanted intervals to a budget of cost a millisecond; see `probeIntervals`. */
function stretch(
  sessions: readonly Paced[],
  wanted: readonly number[],
  cost: (session: Paced) => number,
  budget: number,
  settings: ProbeSettings,
): number[] {
  const longest = settings.longestStandbyMs;
  /** How long an interval of a tier may become, however small the budget. */
  const limit = (i: number): number => {
    const fast = ['active', 'raised'].includes(tierOf(sessions[i]));
    return Math.max(wanted[i], fast ? wanted[i] * settings.standbyFactor : longest);
  };
  const intervals = [...wanted];
  const demand = (tier: Tier | null) =>
    sessions.reduce(
      (sum, s, i) => (tier === null || tierOf(s) === tier ? sum + cost(s) / intervals[i] : sum),
      0,
    );
  for (const tier of yielding) {
    const own = demand(tier);
    const left = budget - (demand(null) - own);
    if (own <= left || own === 0) continue;
    const scale = left > 0 ? own / left : Infinity;
    sessions.forEach((s, i) => {
      if (tierOf(s) === tier) intervals[i] = Math.min(limit(i), intervals[i] * scale);
    });
  }
  return intervals;
}
