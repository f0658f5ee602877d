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

/** Brings back what others changed on the host, and tells what it cannot. */
export interface Healing extends HealingView {
  /**
   * May the kernel differ from what it was last told? A switch then says everything anew: to replace the
   * nexthop of a group that is gone succeeds, and leads nowhere.
   */
  readonly doubtful: boolean;
  /** The kernel told of a change. */
  change(change: HostChange): void;
  /** Something that was commanded was refused: looks at once. */
  doubt(): void;
  /** Looks at everything, unhurried, and mends; undefined where nothing differs. */
  look(): Promise<MendReport | undefined>;
  /** Nothing is mended beside it. */
  apart<T>(what: () => Promise<T>): Promise<T>;
  /** Another plan is in force: what was unhealed is of the one before. */
  begin(wanted: WantedHost): void;
  /** No mend is under way. */
  idle(): Promise<void>;
  stop(): void;
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

export function startHealing(parts: HealingParts): Healing {
  const { host, clock, wanted, alone, tell, log } = parts;
  let unhealed: readonly Unhealed[] = [];
  let lost: ReadonlySet<string> = new Set();
  let drifts = 0;
  let driftedObjects = 0;
  let lookedMs = -Infinity;
  /** When doubt arose last that no look has settled. */
  let doubtMs = -Infinity;
  let pending = new Set<HostPart | 'all'>();
  let pauseMs = leastPauseMs;
  let retryMs = leastRetryMs;
  /** As `retryMs`, after a look that failed. */
  let blindMs = leastRetryMs;
  let cancelPause: (() => void) | undefined;
  let cancelRetry: (() => void) | undefined;
  let last: Promise<unknown> = Promise.resolve();
  let complaint = '';
  /** The drift that was logged last. */
  let said = { cause: '', atMs: -Infinity };
  let stopped = false;
  let ours: ReadonlySet<string> = new Set();
  /** Interfaces that carry packets, as far as was told. */
  let carrying = new Set<string>();

  const apart = <T>(what: () => Promise<T>): Promise<T> => {
    const mine = last.then(what);
    last = mine.catch(() => undefined);
    return mine;
  };

  function change({ part, device, carries }: HostChange): void {
    if (stopped || (device !== undefined && !ours.has(device))) return;
    if (device !== undefined && carries !== undefined) {
      if (carries) carrying.add(device);
      else if (carrying.delete(device)) parts.onSilent(device);
    }
    if (part !== 'marking' && part !== 'queues') doubtMs = clock.nowMs();
    pending.add(part);
    // With an interface go routes without a word of the kernel.
    if (part === 'links') for (const other of ['routes', 'settings', 'queues'] as const) pending.add(other);
    lookSoon();
  }

  function lookSoon(): void {
    if (cancelPause || stopped) return;
    if (clock.nowMs() - lookedMs > soonMs) pauseMs = leastPauseMs;
    cancelPause = clock.after(pauseMs, () => {
      cancelPause = undefined;
      pauseMs = Math.min(2 * pauseMs, mostPauseMs);
      void run('inTurn');
    });
  }

  /** Looks where something changed, or everywhere. */
  function run(pace: 'inTurn' | 'unhurried'): Promise<MendReport | undefined> {
    return apart(async () => {
      const goal = wanted();
      if (stopped || goal === undefined) return undefined;
      // What is not healed may be for a cause elsewhere.
      const whole = pace === 'unhurried' || pending.has('all') || pending.size === 0 || unhealed.length > 0;
      const where = whole ? undefined : (pending as Set<HostPart>);
      pending = new Set();
      const startMs = clock.nowMs();
      let report: MendReport;
      try {
        report = await mend({ host, wanted, alone, pace, ...(where && { parts: where }) });
      } catch (error) {
        const why = `looking at the host failed: ${error instanceof Error ? error.message : String(error)}`;
        if (why !== complaint) log(why);
        complaint = why;
        pending.add('all');
        retry(blindMs);
        blindMs = Math.min(2 * blindMs, mostRetryMs);
        return undefined;
      }
      complaint = '';
      blindMs = leastRetryMs;
      if (stopped) return undefined;
      if (report.interrupted) {
        pending.add('all');
        lookSoon();
        return report;
      }
      lookedMs = startMs;
      settle(goal, report);
      if (doubtMs < startMs && !unhealed.some(({ object }) => partOf(object.kind) === 'routes')) {
        doubtMs = -Infinity;
      }
      return report.found.length === 0 ? undefined : report;
    });
  }

  function settle(goal: WantedHost, report: MendReport): void {
    const before = new Map(unhealed.map((one) => [identity(one.object), one]));
    const after = new Map(report.unhealed.map((one) => [identity(one.object), one]));
    const fresh = report.found.filter(({ object }) => !before.has(identity(object)));
    if (fresh.length > 0) {
      drifts++;
      driftedObjects += fresh.length;
      const left = fresh.filter(({ object }) => after.has(identity(object))).length;
      const took = `${Math.round(report.durationMs)} ms`;
      const to = left === 0 ? `mended in ${took}` : `${left} left after ${took}`;
      const news = { from: `${count(fresh.length, 'object')} not as planned`, to, cause: named(fresh) };
      // In a fight with somebody the same things change all the time.
      if (news.cause !== said.cause || clock.nowMs() - said.atMs > mostRetryMs) {
        said = { cause: news.cause, atMs: clock.nowMs() };
        log(`the host: ${news.from}, ${to}: ${news.cause}`);
      }
      tell('drift', 'host', news);
    }
    unhealed = report.unhealed;
    for (const [name, one] of after) {
      const was = before.get(name);
      if (one.waitsFor !== undefined || (was && was.waitsFor === undefined)) continue;
      const waiting = report.unhealed.filter(({ waitsFor }) => waitsFor === name).length;
      const others = waiting === 0 ? '' : `; ${waiting} more wait for it`;
      log(`${name} cannot be mended: ${one.cause}${others}`);
      tell('heal', name, { from: one.how, to: 'unhealed', cause: one.cause });
    }
    for (const [name, one] of before) {
      if (after.has(name) || one.waitsFor !== undefined) continue;
      log(`${name} is mended`);
      tell('heal', name, { from: 'unhealed', to: 'as planned', cause: `it was: ${one.cause}` });
    }
    const lostNow = lostFlows(
      goal,
      unhealed.map(({ object }) => object),
    );
    for (const flow of lostNow) {
      if (!lost.has(flow))
        tell('heal', flow, { from: 'forwarded', to: 'lost', cause: 'see what is unhealed' });
    }
    for (const flow of lost) {
      if (!lostNow.has(flow)) tell('heal', flow, { from: 'lost', to: 'forwarded', cause: 'it is mended' });
    }
    lost = lostNow;
    if (unhealed.length > 0) {
      retry(retryMs);
      retryMs = Math.min(2 * retryMs, mostRetryMs);
    } else {
      cancelRetry?.();
      cancelRetry = undefined;
      retryMs = leastRetryMs;
    }
  }

  function retry(afterMs: number): void {
    cancelRetry?.();
    cancelRetry = clock.after(afterMs, () => {
      cancelRetry = undefined;
      void run('inTurn');
    });
  }

  return {
    get unhealed() {
      return unhealed;
    },
    get lost() {
      return lost;
    },
    get trouble() {
      return troubleOf(unhealed, lost);
    },
    get drifts() {
      return drifts;
    },
    get driftedObjects() {
      return driftedObjects;
    },
    get lookedMs() {
      return lookedMs;
    },
    get doubtful() {
      return doubtMs !== -Infinity;
    },
    change,
    doubt() {
      doubtMs = clock.nowMs();
      pending.add('all');
      void run('inTurn');
    },
    look: () => run('unhurried'),
    apart,
    begin(goal) {
      const tunnels = goal.objects.flatMap(({ tunnel }) => (tunnel ? [tunnel.name] : []));
      ours = new Set([...tunnels, loopbackDevice, returnDevice]);
      carrying = new Set(ours);
      const names = new Set(goal.objects.map(identity));
      const open = unhealed.length > 0 || lost.size > 0;
      unhealed = unhealed.filter(({ object }) => names.has(identity(object)));
      if (open) {
        pending.add('all');
        lookSoon();
      }
    },
    idle: async () => void (await last),
    stop() {
      stopped = true;
      cancelPause?.();
      cancelRetry?.();
    },
  };
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
