import { Carriage } from './carriage';
import { SizeSearch } from './size-search';
import type { PathCarriage, TrafficSettings, TrafficTarget } from './traffic-target';

/** Bytes of a small probe, with IP's header. */
export const smallBytes = 204;
/** Rounds in doubt at the quick pace, when not even the reference is answered. */
export const mostDoubtRounds = 10;
const firstDoubtRounds = 3;
/** A size that a search has found is searched anew after so long, ms. */
const searchAgainMs = 30_000;

/**
 * What one packet of a round is: a small one by the traffic's path, the same by the control probes' path, or
 * one of so many bytes.
 */
export type Part = 'small' | 'twin' | number;

/** Packets that are sent together, and those of them that arrived. */
export interface Round {
  readonly target: TriedTarget;
  readonly dueMs: number;
  /** By sequence number. */
  readonly parts: Map<number, Part>;
  readonly arrived: Set<Part>;
  /** Sizes that a search tries with it. */
  readonly rungs: readonly number[];
}

/** A target while it is tried. Times are those of the monotonic clock, ms. */
export class TriedTarget {
  target: TrafficTarget;
  readonly small: Carriage;
  readonly whole: Carriage;
  search: SizeSearch | null = null;
  #searchedMs: number;
  /** Anything of it ever arrived. */
  lived = false;
  rttMs: number;
  intervalMs: number;
  nextMs: number;
  /** Rounds left at the quick pace. */
  doubt = firstDoubtRounds;
  sent = 0;
  answered = 0;

  constructor(target: TrafficTarget, settings: TrafficSettings, nowMs: number, firstMs: number) {
    this.target = target;
    this.small = new Carriage(settings.carriage);
    this.whole = new Carriage(settings.carriage);
    this.#searchedMs = nowMs;
    this.rttMs = target.plannedRttMs;
    this.intervalMs = settings.usedMs;
    this.nextMs = firstMs;
  }

  /** Takes a new plan's target of the same name. What comes into use is tried at once. */
  replan(target: TrafficTarget, nowMs: number): void {
    if (target.used && !this.target.used) [this.nextMs, this.doubt] = [nowMs, mostDoubtRounds];
    if (this.target.mtu !== target.mtu) this.search = null;
    this.target = target;
  }

  /** From one round to the next, out of doubt. */
  paceMs({ usedMs }: TrafficSettings): number {
    return this.small.lost || this.whole.lost ? Math.min(this.intervalMs, 2 * usedMs) : this.intervalMs;
  }

  /** Judges a round that is over. */
  take({ parts, arrived, rungs }: Round, { doubtMs }: TrafficSettings, nowMs: number): void {
    const sent = [...parts.values()];
    const small = arrived.has('small') || [...arrived].some((part) => typeof part === 'number');
    if (small) {
      this.lived = true;
      this.answered++;
      this.small.arrived(nowMs);
    } else if (arrived.has('twin')) this.small.missed(nowMs);
    else if (this.doubt === 0 && !sent.includes('twin')) {
      // The first that is missing: ask both for a moment.
      this.doubt = firstDoubtRounds;
    }
    const { mtu } = this.target;
    if (mtu !== null && small && sent.includes(mtu)) this.#takeWhole(mtu, arrived, rungs, nowMs);
    const settled = !this.small.inDoubt && !this.whole.inDoubt && (this.search?.done ?? true);
    if (settled && (small || this.small.lost)) this.doubt = 0;
    else if (!settled && this.doubt === 0) this.doubt = mostDoubtRounds;
    if (this.doubt > 0) this.nextMs = Math.min(this.nextMs, nowMs + doubtMs);
  }

  #takeWhole(mtu: number, arrived: ReadonlySet<Part>, rungs: readonly number[], nowMs: number): void {
    if (arrived.has(mtu)) this.whole.arrived(nowMs);
    else this.whole.missed(nowMs);
    const sizes = new Set([...arrived].filter((part) => typeof part === 'number'));
    if (this.search && rungs.length > 0) this.search.take(rungs, sizes);
    if (!this.whole.lost && !this.whole.inDoubt) this.search = null;
    else if (this.search === null || (this.search.done && nowMs - this.#searchedMs > searchAgainMs)) {
      this.search = new SizeSearch(smallBytes, mtu);
      this.#searchedMs = nowMs;
    }
  }
}

export const wellCarried: PathCarriage = { health: 'up', cause: 'traffic arrives', carriesBytes: null };

/** Of a path's families; undefined: the size that it carries is still searched. */
export function carriageOf(all: readonly TriedTarget[]): PathCarriage | undefined {
  const lost = all.filter((t) => t.small.lost);
  if (lost.length > 0) {
    const whole = lost.length === all.length;
    const what = whole ? 'traffic' : `IPv${lost[0].target.family} traffic`;
    const health = whole && all.some((t) => t.lived) ? 'down' : 'degraded';
    return { health, cause: `${what} vanishes, though control probes are answered`, carriesBytes: null };
  }
  const short = all.filter((t) => t.whole.lost);
  if (short.length === 0) return wellCarried;
  if (short.some((t) => !t.search?.done)) return undefined;
  const carriesBytes = Math.min(...short.map((t) => t.search!.carries));
  return { health: 'degraded', cause: `packets over ${carriesBytes} bytes vanish`, carriesBytes };
}
