// The agent's one loop: what happens goes to `decide`, what it answers goes to the host. Long, since the
// order of plan, host and probes has to be read in one place.
import {
  apply,
  difference,
  switchSelections,
  adoptedSelections,
  identity,
  mend,
  type ApplyReport,
  type Host,
  type HostSettings,
  type MendReport,
} from '../apply';
import { wantedHost, type WantedHost } from '../apply/wanted/wanted-host';
import {
  decide,
  decideAll,
  initialAgentState,
  loweredMtus,
  type AgentAction,
  type AgentEvent,
  type AgentInput,
  type AgentReport,
  type AgentSettings,
  type AgentState,
  type Decision,
  type Selection,
} from '../decide';
import type { ProbePeer, ProbeSession, Prober, ProbeListener } from '../probe';
import { openWatches, openBook, type EndpointBook, type EndpointNews, type GoodEndpoints } from '../peers';
import type { Clock } from './clock';
import { earlierArrivals, rememberArrivals, type ArrivalMemory } from './earlier-arrivals';
import { followPeers, resetEndpoints, tellNews, type PeerParts, type Running } from './follow-peers';
import { startHealing, type HealingView } from './healing';
import type { Bundle, BundleResult } from './read-bundle';

export { systemClock, type Clock } from './clock';

/** What an agent is made of. */
export interface AgentParts {
  readonly host: Host;
  readonly clock: Clock;
  readonly settings: AgentSettings;
  /** Reads the bundle as it is now, against what is applied. */
  readonly read: () => BundleResult;
  /**
   * Has this host taken this very plan before? What others put in its way since is then mended thing by
   * thing, and does not keep the agent from starting. Absent: no.
   */
  readonly isKnown?: (bundle: Bundle) => boolean;
  /** Keeps the record of what is applied; throws when it cannot. */
  readonly record: (bundle: Bundle) => void;
  /** Endpoints that answered in earlier runs, and where they are kept; `write` may throw. Absent: none. */
  readonly endpoints?: { readonly read: () => GoodEndpoints; readonly write: (good: GoodEndpoints) => void };
  /** What plans let in before this run, and where that is kept. Absent: nothing. */
  readonly arrivals?: {
    readonly read: () => ArrivalMemory | null;
    readonly write: (memory: ArrivalMemory) => void;
  };
  readonly probe: (listener: ProbeListener) => Promise<Prober>;
  readonly sessions: (bundle: Bundle) => {
    readonly sessions: readonly ProbeSession[];
    readonly peers: readonly ProbePeer[];
  };
  /** A peer may have gone over to its next key: `followPeers` is to be called now, and often for a moment. */
  readonly onDoubt?: () => void;
  /** Keys of before are no longer needed. */
  readonly onRotated?: () => void;
  /** Told of every event, in order. Must not throw. */
  readonly publish: (event: AgentEvent) => void;
  /** Told of what an operator should see: one line. */
  readonly log: (message: string) => void;
}

/** What became of a plan that was handed over. */
export type TakeResult =
  | { readonly ok: true; readonly report: ApplyReport }
  | {
      readonly ok: false;
      readonly code: string;
      readonly message: string;
      readonly next: string;
      readonly report?: ApplyReport;
    };

/** A running agent. */
export interface Agent {
  readonly state: AgentState;
  /** What is applied; null: nothing yet. */
  readonly bundle: Bundle | null;
  readonly prober: Prober;
  /** Where the peers of tunnels are taken to be. */
  readonly endpoints: EndpointBook;
  /** What the kernel does not do as it should, as far as is known. */
  readonly healing: HealingView;
  /** Reads the bundle and applies it whole, or refuses it and leaves everything as it was. */
  take(): Promise<TakeResult>;
  input(input: AgentInput): void;
  /**
   * Looks at the host and mends what differs; undefined where nothing does. Looking takes a good part of a
   * second and holds nothing up: switches go on beside it.
   */
  reconcile(): Promise<MendReport | undefined>;
  /** Looks at WireGuard's peers, and sets another endpoint or key where one is silent. */
  followPeers(): Promise<void>;
  /** All that was decided is done on the host. */
  settled(): Promise<void>;
  /** Ends probing and timers. Forwarding stays as it is. */
  stop(): Promise<void>;
}

/**
 * Starts an agent without a plan; `take` gives it one. Host operations run one after another: decisions that
 * come meanwhile are gathered, and the latest of each destination and class counts.
 */
export async function startAgent(parts: AgentParts): Promise<Agent> {
  const { host, clock, publish, log } = parts;
  let state = initialAgentState;
  const running: Running = {
    bundle: null,
    wanted: null,
    book: new Map(),
    watches: new Map(),
    arrivals: null,
  };
  let cancelTick: () => void = () => undefined;
  let cancelGrace: () => void = () => undefined;
  let stopped = false;
  /** Set while a plan is taken: what happens meanwhile is decided afterwards, on the new plan. */
  let waiting: AgentInput[] | null = null;
  /** What the prober told since the last decision. */
  let reports: AgentReport[] = [];
  const changed = new Map<string, Selection>();
  let openChanged = false;
  let pump: Promise<void> | null = null;
  let work: Promise<unknown> = Promise.resolve();

  /** One host operation at a time. */
  const alone = <T>(what: () => Promise<T>): Promise<T> => {
    const mine = work.then(what);
    work = mine.catch(() => undefined);
    return mine;
  };

  const settingsOf = (
    of: Bundle,
    where: EndpointBook,
    from = state,
    arrivals = running.arrivals,
  ): HostSettings => ({
    endpoints: of.endpoints,
    tunnelEndpoints: new Map([...where].map(([tunnel, { set }]) => [tunnel, set])),
    keys: of.keys,
    ...(of.earlier && { earlier: of.earlier }),
    selections: [...from.selections.values()],
    openReservations: from.open,
    pathMtus: loweredMtus(from),
    earlierArrivals: earlierArrivals(arrivals, clock.utcMs()),
  });

  const prober = await parts.probe({
    // Silence is judged for all sessions in one go, and answers are read in a row.
    onHealth(session, health, cause) {
      if (health === 'down') doubt();
      gather({ kind: 'health', session, health, cause }, health === 'down' ? clock.soon : clock.afterPoll);
    },
    onSuspect(session) {
      doubt();
      gather({ kind: 'suspect', session }, clock.soon);
    },
    onAnswer: (session) => gather({ kind: 'answer', session }, clock.afterPoll),
  });

  const healing = startHealing({
    host,
    clock,
    wanted: () => (waiting === null && !stopped ? (running.wanted ?? undefined) : undefined),
    alone,
    onSilent(device) {
      const tunnel = running.bundle?.gateway.tunnels.find((t) => t.interfaceName === device);
      if (tunnel) prober.condemn(`tunnel:${tunnel.id}`, `its interface ${device} is down or gone`);
    },
    tell: (event, what, news) => take1({ kind: 'tell', event, what, ...news }),
    log,
  });
  const watch = host.watch((change) => healing.change(change));
  const unhealed = () => new Set(healing.unhealed.map(({ object }) => identity(object)));

  const peers: PeerParts = {
    host,
    clock,
    running,
    idle: () => stopped || waiting !== null,
    alone,
    apart: (what) => healing.apart(() => alone(what)),
    settingsOf,
    unhealed,
    remember: parts.endpoints?.write,
    probe,
    onRotated: () => parts.onRotated?.(),
    onDoubt: () => healing.doubt(),
    tell,
    log,
  };

  function probe(of: Bundle): void {
    const { sessions, peers: answered } = parts.sessions(of);
    prober.setSessions(sessions, answered);
  }

  /** A peer that has gone over to its next key is silent under the one before. */
  function doubt(): void {
    if (running.watches.size > 0) parts.onDoubt?.();
  }

  function gather(report: AgentReport, then: (what: () => void) => void): void {
    reports.push(report);
    then(takeReports);
  }

  function takeReports(): void {
    const all = reports;
    reports = [];
    if (stopped || all.length === 0) return;
    if (waiting !== null) waiting.push(...all);
    else follow(decideAll(state, all, clock.nowMs()));
  }

  function take1(input: AgentInput): void {
    takeReports();
    if (stopped) return;
    if (waiting !== null) waiting.push(input);
    else follow(decide(state, input, clock.nowMs()));
  }

  function follow(decision: Decision): void {
    state = decision.state;
    cancelTick();
    if (decision.nextTickMs !== null) {
      const afterMs = Math.min(Math.max(0, decision.nextTickMs - clock.nowMs()), longestTimerMs);
      cancelTick = clock.after(afterMs, () => take1({ kind: 'tick' }));
    }
    act(decision.actions);
  }

  function act(actions: readonly AgentAction[]): void {
    for (const action of actions) {
      switch (action.kind) {
        case 'select':
          for (const selection of action.selections)
            changed.set(`${selection.to} ${selection.class}`, selection);
          break;
        case 'guarantee':
        case 'mtu':
          openChanged = true;
          break;
        case 'pace':
          if (known(action.session)) prober.setPace(action.session, action.pace);
          break;
        case 'poll':
          if (known(action.session)) prober.poll(action.session);
          break;
        case 'publish':
          publish(action.event);
          break;
      }
    }
    if ((changed.size > 0 || openChanged) && running.wanted !== null && waiting === null) start();
  }

  function known(session: string): boolean {
    return prober.health(session) !== undefined || prober.sessions.some((s) => s.id === session);
  }

  function start(): void {
    pump ??= alone(flush).finally(() => {
      pump = null;
      if ((changed.size > 0 || openChanged) && !stopped && waiting === null) start();
    });
  }

  /** Does what was decided since the last time. What fails is mended by looking at the host. */
  async function flush(): Promise<void> {
    const { wanted, bundle } = running;
    if (wanted === null || bundle === null) return;
    const selections = [...changed.values()];
    changed.clear();
    const guarantees = openChanged;
    openChanged = false;
    let failed: string | undefined;
    if (selections.length > 0) {
      const anew = healing.doubtful || !watch.listening;
      const report = await switchSelections(host, wanted, selections, anew);
      running.wanted = report.wanted;
      failed = report.failures[0]?.message;
    }
    if (guarantees) {
      const next = wantedHost(bundle.gateway, settingsOf(bundle, running.book));
      const steps = difference(running.wanted!.objects, next.objects);
      const failures = await host.attempt([...steps.clear, ...steps.make, ...steps.unmake]);
      running.wanted = next;
      failed ??= failures[0]?.message;
    }
    if (failed === undefined) return;
    log(`a change failed (${failed}); looking at the host`);
    healing.doubt();
  }

  async function take(): Promise<TakeResult> {
    const read = parts.read();
    if (!read.ok) return read;
    return healing.apart(() => alone(() => takeBundle(read.bundle)));
  }

  async function takeBundle(taken: Bundle): Promise<TakeResult> {
    waiting = [];
    const before = { state, ...running };
    try {
      const first = running.bundle === null;
      const adopted = first
        ? adoptedSelections(taken.gateway, await host.observe())
        : [...state.selections.values()];
      const plan: AgentInput = {
        kind: 'plan',
        gateway: taken.gateway,
        settings: parts.settings,
        utcOffsetMs: clock.utcMs() - clock.nowMs(),
        ...(first ? { adopted } : {}),
      };
      const decision = decide(state, plan, clock.nowMs());
      const good = parts.endpoints?.read() ?? new Map();
      const opened = openBook(running.book, taken.gateway, taken.endpoints, good, clock.nowMs());
      const remembered = running.arrivals ?? parts.arrivals?.read() ?? null;
      const arrivals = rememberArrivals(remembered, taken.gateway, clock.utcMs());
      const next = wantedHost(taken.gateway, settingsOf(taken, opened.book, decision.state, arrivals));
      const report = await bring(next, first && (parts.isKnown?.(taken) ?? false));
      if (report.failures.length > 0) {
        const { line, message } = report.failures[0];
        const back = report.rolledBack ? 'the host is as it was' : 'the host could not be brought back whole';
        return {
          ok: false,
          code: 'apply',
          message: `applying failed at '${line ?? ''}': ${message}; ${back}`,
          next: 'mend the cause, then reload',
          report,
        };
      }
      parts.record(taken);
      state = decision.state;
      const watches = openWatches(running.watches, taken, clock.nowMs());
      Object.assign(running, { bundle: taken, wanted: next, book: opened.book, watches, arrivals });
      parts.arrivals?.write(arrivals);
      endGrace(arrivals);
      probe(taken);
      healing.begin(next);
      changed.clear();
      openChanged = false;
      const kept = decision.actions.filter((a) => a.kind === 'pace' || a.kind === 'publish');
      act(kept);
      for (const cause of taken.ignoredEndpoints ?? [])
        tell('endpoint', 'endpoints.json', { from: '', to: '', cause });
      tellNews(peers, opened);
      await resetEndpoints(peers, opened.set);
      return { ok: true, report };
    } catch (error) {
      const { state: was, ...held } = before;
      state = was;
      Object.assign(running, held);
      const message = error instanceof Error ? error.message : String(error);
      return { ok: false, code: 'fault', message, next: 'report this with the bundle' };
    } finally {
      const inputs: readonly AgentInput[] = waiting ?? [];
      waiting = null;
      for (const input of inputs) take1(input);
      if (inputs.length === 0 && running.bundle !== null) take1({ kind: 'tick' });
    }
  }

  /** Makes the rules anew once what plans before let in is let in no more. */
  function endGrace({ before, untilUtcMs }: ArrivalMemory): void {
    cancelGrace();
    if (before.length === 0) return;
    cancelGrace = clock.after(Math.max(0, untilUtcMs - clock.utcMs()) + 1000, () => {
      openChanged = true;
      if (running.wanted !== null && waiting === null && !stopped) start();
    });
  }

  /**
   * Whole or not at all, but for what could not be mended before: it keeps no plan from being taken.
   *
   * @param known the host has had this plan: it gets what can be had of it, whatever else cannot.
   */
  async function bring(next: WantedHost, known: boolean): Promise<ApplyReport> {
    const report = await apply(host, next, unhealed());
    if (report.failures.length === 0 || !known) return report;
    log(`not all of the plan can be brought back (${report.failures[0].message}); mending what can be`);
    // Nothing is beside it: a plan is being taken.
    const aside = <T>(what: () => Promise<T>) => what();
    const mended = await mend({ host, wanted: () => next, alone: aside, pace: 'atOnce' });
    healing.doubt();
    const { commands, durationMs } = mended;
    return { commands: report.commands + commands, failures: [], durationMs: report.durationMs + durationMs };
  }

  function tell(event: 'endpoint' | 'key', what: string, { from, to, cause }: EndpointNews): void {
    const way = [from, to].filter((text) => text !== '').join(' → ');
    log(`${what}: ${way === '' ? '' : `${way}, `}${cause}`);
    take1({ kind: 'tell', event, what, from, to, cause });
  }

  return {
    get state() {
      return state;
    },
    get bundle() {
      return running.bundle;
    },
    prober,
    get endpoints() {
      return running.book;
    },
    healing,
    followPeers: () => followPeers(peers),
    take,
    input: take1,
    reconcile: () => healing.look(),
    async settled() {
      while (pump !== null || changed.size > 0 || reports.length > 0) {
        await (pump ?? new Promise((done) => setImmediate(done)));
      }
      // What was refused is mended; a look now and then is waited for by nobody.
      if (healing.doubtful) await healing.idle();
      await work;
    },
    async stop() {
      stopped = true;
      cancelTick();
      cancelGrace();
      healing.stop();
      await watch.stop();
      await prober.close();
      await healing.idle();
      await work;
      await host.close();
    },
  };
}

/** Node's timers hold 31 bits of ms; an early tick changes nothing. */
const longestTimerMs = 2 ** 31 - 1;
