import { performance } from 'node:perf_hooks';
import type { Host } from '../apply';
import { faultText, type Keeping } from './state-keeper';

/** What shows whether the agent does its work. Monotonic ms. */
export interface HealthSigns {
  readonly nowMs: number;
  /** Longest time in the last minute in which the event loop did not turn. */
  readonly stalledMs: number;
  /** Since when the oldest operation on the host has been under way; null: none is. */
  readonly busySinceMs: number | null;
  /** When the host was looked at last, with success. */
  readonly lookedMs: number;
  /** When the last probe was sent; null: there is nothing to probe. */
  readonly sentMs: number | null;
  readonly keeping: readonly Keeping[];
}

export interface AgentHealth {
  readonly healthy: boolean;
  /** One sentence; empty: all is well. Of a healthy agent: what an operator should know all the same. */
  readonly reason: string;
}

const mostStallMs = 5_000;
const mostBusyMs = 30_000;
const mostUnlookedMs = 300_000;
export const mostUnsentMs = 10_000;

/** Whether the agent does its work; not whether tunnels are up. */
export function healthOf(signs: HealthSigns): AgentHealth {
  const { nowMs, stalledMs, busySinceMs, lookedMs, sentMs, keeping } = signs;
  const seconds = (ms: number) => `${Math.round(ms / 1000)} s`;
  const faults = [
    stalledMs > mostStallMs
      ? `the event loop stood still for ${seconds(stalledMs)} within the last minute`
      : '',
    busySinceMs !== null && nowMs - busySinceMs > mostBusyMs
      ? `an operation on the host has not ended for ${seconds(nowMs - busySinceMs)}`
      : '',
    nowMs - lookedMs > mostUnlookedMs
      ? `the host has not been looked at for ${seconds(nowMs - lookedMs)}`
      : '',
    sentMs !== null && nowMs - sentMs > mostUnsentMs
      ? `no probe has been sent for ${seconds(nowMs - sentMs)}`
      : '',
  ].filter((fault) => fault !== '');
  if (faults.length > 0) return { healthy: false, reason: faults.join('; ') };
  const unwritten = keeping.filter(({ fault }) => fault !== null);
  return {
    healthy: true,
    reason: unwritten.map(({ file, fault }) => faultText(file, fault!)).join('; '),
  };
}

/** A host that remembers what is under way and when it was looked at. */
export interface WatchedHost {
  readonly host: Host;
  readonly busySinceMs: number | null;
  /** -Infinity: never. */
  readonly lookedMs: number;
}

export function watchHost(host: Host, nowMs: () => number = () => performance.now()): WatchedHost {
  const under = new Set<{ readonly sinceMs: number }>();
  let lookedMs = -Infinity;
  const during = async <T>(work: Promise<T>): Promise<T> => {
    const one = { sinceMs: nowMs() };
    under.add(one);
    try {
      return await work;
    } finally {
      under.delete(one);
    }
  };
  return {
    host: {
      ...host,
      capabilities: () => during(host.capabilities()),
      async observe(unhurried) {
        const seen = await during(host.observe(unhurried));
        lookedMs = nowMs();
        return seen;
      },
      run: (commands, urgent) => during(host.run(commands, urgent)),
      peers: () => during(host.peers()),
      giveTo: (order) => during(host.giveTo(order)),
    },
    get busySinceMs() {
      return under.size === 0 ? null : Math.min(...[...under].map(({ sinceMs }) => sinceMs));
    },
    get lookedMs() {
      return lookedMs;
    },
  };
}

/** How often the pulse beats, ms. */
const beatMs = 1_000;
const minuteMs = 60_000;

/** Feels whether the event loop turns and the prober sends. */
export interface Pulse {
  /** Longest standstill of the last minute, ms. */
  readonly stalledMs: number;
  readonly sentMs: number;
  stop(): void;
}

/**
 * @param sent probes sent so far.
 * @param onBeat called each second.
 */
export function startPulse(sent: () => number, onBeat: (pulse: Pulse) => void): Pulse {
  let stalls: { readonly atMs: number; readonly ms: number }[] = [];
  let beforeMs = performance.now();
  let [count, sentMs] = [sent(), performance.now()];
  const timer = setInterval(() => {
    const nowMs = performance.now();
    const stall = nowMs - beforeMs - beatMs;
    beforeMs = nowMs;
    stalls = stalls.filter(({ atMs }) => nowMs - atMs < minuteMs);
    if (stall > beatMs) stalls.push({ atMs: nowMs, ms: stall });
    if (sent() !== count) [count, sentMs] = [sent(), nowMs];
    onBeat(pulse);
  }, beatMs);
  const pulse: Pulse = {
    get stalledMs() {
      return Math.max(0, ...stalls.map(({ ms }) => ms));
    },
    get sentMs() {
      return sentMs;
    },
    stop: () => clearInterval(timer),
  };
  return pulse;
}
