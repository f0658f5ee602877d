// The agent's one loop: what happens goes to `decide`, what it answers goes to the host. Long, since the
// order of plan, host and probes has to be read in one place.
import { performance } from 'node:perf_hooks';
import {
  apply,
  difference,
  switchSelections,
  wantedHost,
  adoptedSelections,
  type ApplyReport,
  type Host,
  type HostCommand,
  type HostSettings,
  type TunnelDevice,
  type TunnelDevicePeer,
  type WantedHost,
} from '../apply';
import {
  decide,
  decideAll,
  initialAgentState,
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
import {
  goodOf,
  openWatches,
  readKeys,
  openBook,
  readPeers,
  type BookStep,
  type EndpointBook,
  type EndpointNews,
  type GoodEndpoints,
  type KeyWatches,
  type SeenPeers,
} from '../peers';
import type { Bundle, BundleResult } from './read-bundle';

/** Monotonic and wall time, and timers; a fake one in tests. */
export interface Clock {
  /** Monotonic ms. */
  nowMs(): number;
  /** ms since 1970 in UTC. */
  utcMs(): number;
  /** Calls back once, `afterMs` from now; the result cancels. */
  after(afterMs: number, what: () => void): () => void;
  /** Calls back once what runs now has ended. */
  soon(what: () => void): void;
  /** Calls back once the event loop has read what is there to read. */
  afterPoll(what: () => void): void;
}

export const systemClock: Clock = {
  nowMs: () => performance.now(),
  utcMs: () => Date.now(),
  after(afterMs, what) {
    const timer = setTimeout(what, afterMs);
    return () => clearTimeout(timer);
  },
  soon: queueMicrotask,
  afterPoll: (what) => void setImmediate(what),
};

/** What an agent is made of. */
export interface AgentParts {
  readonly host: Host;
  readonly clock: Clock;
  readonly settings: AgentSettings;
  /** Reads the bundle as it is now, against what is applied. */
  readonly read: () => BundleResult;
  /** Keeps the record of what is applied; throws when it cannot. */
  readonly record: (bundle: Bundle) => void;
  /** Endpoints that answered in earlier runs, and where they are kept; `write` may throw. Absent: none. */
  readonly endpoints?: { readonly read: () => GoodEndpoints; readonly write: (good: GoodEndpoints) => void };
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
  /** Reads the bundle and applies it whole, or refuses it and leaves everything as it was. */
  take(): Promise<TakeResult>;
  input(input: AgentInput): void;
  /**
   * Looks at the host and mends what differs; undefined where nothing does. Looking takes a good part of a
   * second and holds nothing up: switches go on beside it.
   */
  reconcile(): Promise<ApplyReport | undefined>;
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
  let bundle: Bundle | null = null;
  let wanted: WantedHost | null = null;
  let book: EndpointBook = new Map();
  let watches: KeyWatches = new Map();
  let cancelTick: () => void = () => undefined;
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

  const settingsOf = (of: Bundle, from: AgentState, where: EndpointBook): HostSettings => ({
    endpoints: of.endpoints,
    tunnelEndpoints: new Map([...where].map(([tunnel, { set }]) => [tunnel, set])),
    keys: of.keys,
    ...(of.earlier && { earlier: of.earlier }),
    selections: [...from.selections.values()],
    openReservations: from.open,
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

  /** A peer that has gone over to its next key is silent under the one before. */
  function doubt(): void {
    if (watches.size > 0) parts.onDoubt?.();
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
    if ((changed.size > 0 || openChanged) && wanted !== null && waiting === null) start();
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
    if (wanted === null || bundle === null) return;
    const selections = [...changed.values()];
    changed.clear();
    const guarantees = openChanged;
    openChanged = false;
    let failed: string | undefined;
    if (selections.length > 0) {
      const report = await switchSelections(host, wanted, selections);
      wanted = report.wanted;
      failed = report.failures[0]?.message;
    }
    if (guarantees) {
      const next = wantedHost(bundle.gateway, settingsOf(bundle, state, book));
      const steps = difference(wanted.objects, next.objects);
      const failures = await host.run([...steps.clear, ...steps.make, ...steps.unmake]);
      wanted = next;
      failed ??= failures[0]?.message;
    }
    if (failed === undefined) return;
    log(`a change failed (${failed}); looking at the host`);
    const report = await apply(host, wanted);
    if (report.failures.length > 0) log(`still not as wanted: ${report.failures[0].message}`);
  }

  async function take(): Promise<TakeResult> {
    const read = parts.read();
    if (!read.ok) return read;
    return alone(async () => {
      waiting = [];
      const before = { state, bundle, wanted };
      const taken = read.bundle;
      try {
        const adopted =
          bundle === null
            ? adoptedSelections(taken.gateway, await host.observe())
            : [...state.selections.values()];
        const plan: AgentInput = {
          kind: 'plan',
          gateway: taken.gateway,
          settings: parts.settings,
          utcOffsetMs: clock.utcMs() - clock.nowMs(),
          ...(bundle === null ? { adopted } : {}),
        };
        const decision = decide(state, plan, clock.nowMs());
        const opened = openBook(
          book,
          taken.gateway,
          taken.endpoints,
          parts.endpoints?.read() ?? new Map(),
          clock.nowMs(),
        );
        const next = wantedHost(taken.gateway, settingsOf(taken, decision.state, opened.book));
        const report = await apply(host, next);
        if (report.failures.length > 0) {
          const { line, message } = report.failures[0];
          const back = report.rolledBack
            ? 'the host is as it was'
            : 'the host could not be brought back whole';
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
        bundle = taken;
        wanted = next;
        book = opened.book;
        watches = openWatches(watches, taken, clock.nowMs());
        const { sessions, peers } = parts.sessions(taken);
        prober.setSessions(sessions, peers);
        changed.clear();
        openChanged = false;
        const kept = decision.actions.filter((a) => a.kind === 'pace' || a.kind === 'publish');
        act(kept);
        for (const cause of taken.ignoredEndpoints ?? [])
          tell('endpoint', 'endpoints.json', { from: '', to: '', cause });
        tellNews(opened);
        return { ok: true, report };
      } catch (error) {
        ({ state, bundle, wanted } = before);
        const message = error instanceof Error ? error.message : String(error);
        return { ok: false, code: 'fault', message, next: 'report this with the bundle' };
      } finally {
        const inputs = waiting;
        waiting = null;
        for (const input of inputs) take1(input);
        if (inputs.length === 0 && bundle !== null) take1({ kind: 'tick' });
      }
    });
  }

  function tell(event: 'endpoint' | 'key', what: string, { from, to, cause }: EndpointNews): void {
    const way = [from, to].filter((text) => text !== '').join(' → ');
    log(`${what}: ${way === '' ? '' : `${way}, `}${cause}`);
    take1({ kind: 'tell', event, what, from, to, cause });
  }

  function tellNews({ news }: BookStep): void {
    for (const { tunnel, ...told } of news) tell('endpoint', tunnel, told);
  }

  async function followPeers(): Promise<void> {
    const of = bundle;
    if (of === null) return;
    const seen = await host.peers();
    if (stopped || bundle !== of) return;
    await followKeys(of, seen);
    // Taken, or being taken, since: what was seen may be of another plan.
    if (stopped || waiting !== null || bundle !== of) return;
    const step = readPeers(book, of.gateway, seen, clock.nowMs());
    book = step.book;
    tellNews(step);
    if (step.learned) {
      try {
        parts.endpoints?.write(goodOf(book, of.gateway));
      } catch (error) {
        log(`endpoints that answer are not remembered: ${String(error)}`);
      }
    }
    if (step.set.length > 0) await alone(() => setEndpoints(step.set, seen));
  }

  async function followKeys(of: Bundle, seen: SeenPeers): Promise<void> {
    const step = readKeys(watches, of, seen, clock.nowMs());
    watches = step.watches;
    for (const { tunnel, order, news } of step.orders) {
      const failure = await host.giveTo(order);
      if (failure) log(`${tunnel}: the peer's other key could not be tried (${failure.message})`);
      else if (news) tell('key', tunnel, news);
    }
    if (step.done && waiting === null) await alone(() => dropEarlier(of));
  }

  /**
   * Every far end of a tunnel has left its key of before. Our own key of before stays for probes alone: ends
   * that have not finished sign them under it, and nothing tells when the last has.
   */
  async function dropEarlier(of: Bundle): Promise<void> {
    if (bundle !== of || waiting !== null || !of.earlier) return;
    const { ownReplaced, ...earlier } = of.earlier;
    const rest: Bundle = {
      ...of,
      earlier: ownReplaced ? { ...earlier, ownReplaced, peers: new Map() } : undefined,
    };
    const next = wantedHost(rest.gateway, settingsOf(rest, state, book));
    const report = await apply(host, next);
    if (report.failures.length > 0) return log(`keys of before could not go (${report.failures[0].message})`);
    bundle = rest;
    wanted = next;
    watches = openWatches(watches, rest, clock.nowMs());
    const { sessions, peers } = parts.sessions(rest);
    prober.setSessions(sessions, peers);
    if (!ownReplaced) parts.onRotated?.();
    log('the rotation of keys is finished at the far end of every tunnel: their keys of before are gone');
  }

  async function setEndpoints(tunnels: readonly string[], seen: SeenPeers): Promise<void> {
    if (bundle === null) return;
    wanted = wantedHost(bundle.gateway, settingsOf(bundle, state, book));
    const commands = wanted.objects.flatMap((object): HostCommand[] => {
      const { tunnel } = object;
      if (!tunnel || !tunnels.includes(tunnel.tunnel)) return [];
      // The kernel may be elsewhere than was set, and under the other key.
      const holder = seen.get(tunnel.name)?.find(({ holds }) => holds)?.publicKey;
      const was = { ...object, tunnel: { ...tunnel, ...withoutEndpoint(tunnel, holder) } };
      return [{ verb: 'change', object, was }];
    });
    const [failure] = await host.run(commands);
    if (failure) log(`an endpoint could not be set (${failure.message})`);
  }

  return {
    get state() {
      return state;
    },
    get bundle() {
      return bundle;
    },
    prober,
    get endpoints() {
      return book;
    },
    followPeers,
    take,
    input: take1,
    async reconcile() {
      if (wanted === null || (await isAsWanted(host, wanted))) return undefined;
      return alone(async () => {
        if (wanted === null || changed.size > 0) return undefined;
        const report = await apply(host, wanted);
        if (report.commands > 0 && report.failures.length === 0) {
          log(`the host differed from the plan: ${report.commands} commands brought it back`);
        }
        return report;
      });
    },
    async settled() {
      while (pump !== null || changed.size > 0 || reports.length > 0) {
        await (pump ?? new Promise((done) => setImmediate(done)));
      }
      await work;
    },
    async stop() {
      stopped = true;
      cancelTick();
      await prober.close();
      await work;
      await host.close();
    },
  };
}

function withoutEndpoint(
  { peer, other }: TunnelDevice,
  holder: string | undefined,
): Pick<TunnelDevice, 'peer' | 'other'> {
  const bare = (of: TunnelDevicePeer) => ({ ...of, endpoint: null });
  const [first, second] = other?.publicKey === holder ? [other, peer] : [peer, other];
  return {
    peer: first ? bare(first) : null,
    ...(second && { other: { ...bare(second), keepaliveSeconds: 0 } }),
  };
}

/** Is all of it there, and nothing else of ours? A host that cannot be looked at is not as wanted. */
async function isAsWanted(host: Host, wanted: WantedHost): Promise<boolean> {
  try {
    const steps = difference(await host.observe(true), wanted.objects);
    return steps.clear.length + steps.make.length + steps.unmake.length === 0;
  } catch {
    return false;
  }
}

/** Node's timers hold 31 bits of ms; an early tick changes nothing. */
const longestTimerMs = 2 ** 31 - 1;
