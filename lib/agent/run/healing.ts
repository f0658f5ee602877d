import {
  identity,
  lostFlows,
  loopbackDevice,
  mend,
  partOf,
  returnDevice,
  type Drift,
  type Host,
  type HostChange,
  type HostPart,
  type MendReport,
  type Unhealed,
} from '../apply';
import { type WantedHost } from '../apply/wanted/wanted-host';
import { count } from '../../units';
import type { Clock } from './clock';

/** What the kernel is known not to do as it should. */
export interface HealingView {
  readonly unhealed: readonly Unhealed[];
  /** Destinations and classes, `<to> <class>`, that it concerns: they are not forwarded as selected. */
  readonly lost: ReadonlySet<string>;
  /** Does it stop packets, of others too? One clause; undefined: no. */
  readonly trouble: string | undefined;
  /** Times that something was found changed by others, and things that were. */
  readonly drifts: number;
  readonly driftedObjects: number;
  /** When the last look began that succeeded, monotonic ms; -Infinity: none yet. */
  readonly lookedMs: number;
}

export interface HealingParts {
  readonly host: Host;
  readonly clock: Clock;
  /** undefined: none yet, or another is being taken. */
  readonly wanted: () => WantedHost | undefined;
  readonly alone: <T>(what: () => Promise<T>) => Promise<T>;
  /** An interface of ours went down, or is gone. */
  readonly onSilent: (device: string) => void;
  readonly tell: (
    event: 'drift' | 'heal',
    what: string,
    news: { readonly from: string; readonly to: string; readonly cause: string },
  ) => void;
  readonly log: (message: string) => void;
}

/**
 * From a change to the look at what changed, ms: changes come in crowds. Doubled with each look that follows
 * soon, for whoever changes all the time, we among them, must not have us look all the time.
 */
const leastPauseMs = 50;
const mostPauseMs = 800;
const soonMs = 2000;
/** From a mend that left something to the next, ms, doubled each time. */
const leastRetryMs = 1000;
const mostRetryMs = 60_000;
/** Things that a line names. */
const mostNamed = 3;

/** Brings back what others changed on the host, and tells what it cannot. */
export class Healing implements HealingView {
  readonly #parts: HealingParts;
  #unhealed: readonly Unhealed[] = [];
  #lost: ReadonlySet<string> = new Set();
  #drifts = 0;
  #driftedObjects = 0;
  #lookedMs = -Infinity;
  /** When doubt arose last that no look has settled. */
  #doubtMs = -Infinity;
  #pending = new Set<HostPart | 'all'>();
  #pauseMs = leastPauseMs;
  #retryMs = leastRetryMs;
  /** As `retryMs`, after a look that failed. */
  #blindMs = leastRetryMs;
  #cancelPause: (() => void) | undefined;
  #cancelRetry: (() => void) | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #complaint = '';
  /** The drift that was logged last. */
  #said = { cause: '', atMs: -Infinity };
  #stopped = false;
  #ours: ReadonlySet<string> = new Set();
  /** Interfaces that carry packets, as far as was told. */
  #carrying = new Set<string>();

  constructor(parts: HealingParts) {
    this.#parts = parts;
  }

  get unhealed(): readonly Unhealed[] {
    return this.#unhealed;
  }

  get lost(): ReadonlySet<string> {
    return this.#lost;
  }

  get trouble(): string | undefined {
    return troubleOf(this.#unhealed, this.#lost);
  }

  get drifts(): number {
    return this.#drifts;
  }

  get driftedObjects(): number {
    return this.#driftedObjects;
  }

  get lookedMs(): number {
    return this.#lookedMs;
  }

  /**
   * May the kernel differ from what it was last told? A switch then says everything anew: to replace the
   * nexthop of a group that is gone succeeds, and leads nowhere.
   */
  get doubtful(): boolean {
    return this.#doubtMs !== -Infinity;
  }

  /** The kernel told of a change. */
  change({ part, device, carries }: HostChange): void {
    if (this.#stopped || (device !== undefined && !this.#ours.has(device))) return;
    if (device !== undefined && carries !== undefined) {
      if (carries) this.#carrying.add(device);
      else if (this.#carrying.delete(device)) this.#parts.onSilent(device);
    }
    if (part !== 'marking' && part !== 'queues') this.#doubtMs = this.#parts.clock.nowMs();
    this.#pending.add(part);
    // With an interface go routes without a word of the kernel.
    if (part === 'links') {
      for (const other of ['routes', 'settings', 'queues'] as const) this.#pending.add(other);
    }
    this.#lookSoon();
  }

  /** Something that was commanded was refused: looks at once. */
  doubt(): void {
    this.#doubtMs = this.#parts.clock.nowMs();
    this.#pending.add('all');
    void this.#run('inTurn');
  }

  /** Looks at everything, unhurried, and mends; undefined where nothing differs. */
  look(): Promise<MendReport | undefined> {
    return this.#run('unhurried');
  }

  /** Nothing is mended beside it. */
  apart<T>(what: () => Promise<T>): Promise<T> {
    const mine = this.#last.then(what);
    this.#last = mine.catch(() => undefined);
    return mine;
  }

  /** Another plan is in force: what was unhealed is of the one before. */
  begin(goal: WantedHost): void {
    const tunnels = goal.objects.flatMap(({ tunnel }) => (tunnel ? [tunnel.name] : []));
    this.#ours = new Set([...tunnels, loopbackDevice, returnDevice]);
    this.#carrying = new Set(this.#ours);
    const names = new Set(goal.objects.map(identity));
    const open = this.#unhealed.length > 0 || this.#lost.size > 0;
    this.#unhealed = this.#unhealed.filter(({ object }) => names.has(identity(object)));
    if (!open) return;
    this.#pending.add('all');
    this.#lookSoon();
  }

  /** No mend is under way. */
  async idle(): Promise<void> {
    await this.#last;
  }

  stop(): void {
    this.#stopped = true;
    this.#cancelPause?.();
    this.#cancelRetry?.();
  }

  #lookSoon(): void {
    const { clock } = this.#parts;
    if (this.#cancelPause || this.#stopped) return;
    if (clock.nowMs() - this.#lookedMs > soonMs) this.#pauseMs = leastPauseMs;
    this.#cancelPause = clock.after(this.#pauseMs, () => {
      this.#cancelPause = undefined;
      this.#pauseMs = Math.min(2 * this.#pauseMs, mostPauseMs);
      void this.#run('inTurn');
    });
  }

  /** Looks where something changed, or everywhere. */
  #run(pace: 'inTurn' | 'unhurried'): Promise<MendReport | undefined> {
    return this.apart(async () => {
      const { clock, host, wanted, alone } = this.#parts;
      const goal = wanted();
      if (this.#stopped || goal === undefined) return undefined;
      const where = this.#takePending(pace === 'unhurried');
      const startMs = clock.nowMs();
      let report: MendReport;
      try {
        report = await mend({ host, wanted, alone, pace, ...(where && { parts: where }) });
      } catch (error) {
        this.#fail(error);
        return undefined;
      }
      this.#complaint = '';
      this.#blindMs = leastRetryMs;
      if (this.#stopped) return undefined;
      if (report.interrupted) {
        this.#pending.add('all');
        this.#lookSoon();
        return report;
      }
      this.#lookedMs = startMs;
      this.#settle(goal, report);
      const open = this.#unhealed.some(({ object }) => partOf(object.kind) === 'routes');
      if (this.#doubtMs < startMs && !open) this.#doubtMs = -Infinity;
      return report.found.length === 0 ? undefined : report;
    });
  }

  /** Where to look; undefined: everywhere, for what is not healed may be for a cause elsewhere. */
  #takePending(all: boolean): Set<HostPart> | undefined {
    const pending = this.#pending;
    this.#pending = new Set();
    const whole = all || pending.has('all') || pending.size === 0 || this.#unhealed.length > 0;
    return whole ? undefined : (pending as Set<HostPart>);
  }

  /** The host could not be looked at. */
  #fail(error: unknown): void {
    const why = `looking at the host failed: ${error instanceof Error ? error.message : String(error)}`;
    if (why !== this.#complaint) this.#parts.log(why);
    this.#complaint = why;
    this.#pending.add('all');
    this.#retry(this.#blindMs);
    this.#blindMs = Math.min(2 * this.#blindMs, mostRetryMs);
  }

  #settle(goal: WantedHost, report: MendReport): void {
    this.#tellFound(report);
    const before = this.#unhealed;
    this.#unhealed = report.unhealed;
    this.#tellUnhealed(before);
    this.#tellLost(
      lostFlows(
        goal,
        report.unhealed.map(({ object }) => object),
      ),
    );
    if (report.unhealed.length > 0) {
      this.#retry(this.#retryMs);
      this.#retryMs = Math.min(2 * this.#retryMs, mostRetryMs);
    } else {
      this.#cancelRetry?.();
      this.#cancelRetry = undefined;
      this.#retryMs = leastRetryMs;
    }
  }

  #tellFound({ found, unhealed, durationMs }: MendReport): void {
    const { clock, log, tell } = this.#parts;
    const before = new Set(this.#unhealed.map(({ object }) => identity(object)));
    const after = new Set(unhealed.map(({ object }) => identity(object)));
    const fresh = found.filter(({ object }) => !before.has(identity(object)));
    if (fresh.length === 0) return;
    this.#drifts++;
    this.#driftedObjects += fresh.length;
    const left = fresh.filter(({ object }) => after.has(identity(object))).length;
    const took = `${Math.round(durationMs)} ms`;
    const to = left === 0 ? `mended in ${took}` : `${left} left after ${took}`;
    const news = { from: `${count(fresh.length, 'object')} not as planned`, to, cause: named(fresh) };
    // In a fight with somebody the same things change all the time.
    if (news.cause !== this.#said.cause || clock.nowMs() - this.#said.atMs > mostRetryMs) {
      this.#said = { cause: news.cause, atMs: clock.nowMs() };
      log(`the host: ${news.from}, ${to}: ${news.cause}`);
    }
    tell('drift', 'host', news);
  }

  #tellUnhealed(previous: readonly Unhealed[]): void {
    const { log, tell } = this.#parts;
    const before = new Map(previous.map((one) => [identity(one.object), one]));
    const after = new Map(this.#unhealed.map((one) => [identity(one.object), one]));
    for (const [name, one] of after) {
      const was = before.get(name);
      if (one.waitsFor !== undefined || (was && was.waitsFor === undefined)) continue;
      const waiting = this.#unhealed.filter(({ waitsFor }) => waitsFor === name).length;
      const others = waiting === 0 ? '' : `; ${waiting} more wait for it`;
      log(`${name} cannot be mended: ${one.cause}${others}`);
      tell('heal', name, { from: one.how, to: 'unhealed', cause: one.cause });
    }
    for (const [name, one] of before) {
      if (after.has(name) || one.waitsFor !== undefined) continue;
      log(`${name} is mended`);
      tell('heal', name, { from: 'unhealed', to: 'as planned', cause: `it was: ${one.cause}` });
    }
  }

  #tellLost(lost: ReadonlySet<string>): void {
    const { tell } = this.#parts;
    for (const flow of lost) {
      if (!this.#lost.has(flow))
        tell('heal', flow, { from: 'forwarded', to: 'lost', cause: 'see what is unhealed' });
    }
    for (const flow of this.#lost) {
      if (!lost.has(flow)) tell('heal', flow, { from: 'lost', to: 'forwarded', cause: 'it is mended' });
    }
    this.#lost = lost;
  }

  #retry(afterMs: number): void {
    this.#cancelRetry?.();
    this.#cancelRetry = this.#parts.clock.after(afterMs, () => {
      this.#cancelRetry = undefined;
      void this.#run('inTurn');
    });
  }
}

/** `rule4 priority 18000 ..., tunnel wg-b and 3 more`. */
function named(drifts: readonly Drift[]): string {
  const names = drifts.slice(0, mostNamed).map(({ object, how }) => `${identity(object)} was ${how}`);
  const more = drifts.length - names.length;
  return `${names.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

/** What others send through here goes by segments; a tunnel that is out alone is left by its paths. */
function troubleOf(unhealed: readonly Unhealed[], lost: ReadonlySet<string>): string | undefined {
  const [flow] = lost;
  if (flow !== undefined) {
    return `traffic to ${flow}${lost.size > 1 ? ` and ${lost.size - 1} more` : ''} is not forwarded as decided`;
  }
  const stops = unhealed.find(
    ({ object, waitsFor }) => waitsFor === undefined && ['sysctl', 'device', 'segment'].includes(object.kind),
  );
  return stops && `${identity(stops.object)} cannot be mended: ${stops.cause}`;
}
