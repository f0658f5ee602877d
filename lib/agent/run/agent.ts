import {
  adoptedSelections,
  apply,
  identity,
  mend,
  type ApplyReport,
  type Host,
  type HostSettings,
  type MendReport,
} from '../apply';
import { wantedHost, type WantedHost } from '../apply/wanted/wanted-host';
import { decide, loweredMtus, type AgentInput, type AgentState } from '../decide';
import type { Prober } from '../probe';
import { openWatches, openBook, type EndpointBook, type EndpointNews } from '../peers';
import type { AgentParts, TakeResult } from './agent-parts';
import { DecisionLoop } from './decision-loop';
import { earlierArrivals, rememberArrivals, type ArrivalMemory } from './earlier-arrivals';
import { followPeers, resetEndpoints, tellNews, type PeerParts, type Running } from './follow-peers';
import { Healing, type HealingView } from './healing';
import type { Bundle } from '../bundle/read-bundle';

export { systemClock, type Clock } from './clock';

/** Starts an agent without a plan; `take` gives it one. */
export async function startAgent(parts: AgentParts): Promise<Agent> {
  const { clock } = parts;
  let agent: Agent | undefined;
  const prober = await parts.probe({
    // Silence is judged for all sessions in one go, and answers are read in a row.
    onHealth(session, health, cause) {
      const then = health === 'down' ? clock.soon : clock.afterPoll;
      agent?.hear({ kind: 'health', session, health, cause }, then, health === 'down');
    },
    onSuspect: (session) => agent?.hear({ kind: 'suspect', session }, clock.soon, true),
    onAnswer: (session) => agent?.hear({ kind: 'answer', session }, clock.afterPoll, false),
  });
  return (agent = new Agent(parts, prober));
}

/** A running agent. Host operations run one after another. */
export class Agent {
  readonly prober: Prober;
  readonly #parts: AgentParts;
  readonly #running: Running = {
    bundle: null,
    wanted: null,
    book: new Map(),
    watches: new Map(),
    arrivals: null,
  };
  readonly #loop: DecisionLoop;
  readonly #healing: Healing;
  readonly #watch: ReturnType<Host['watch']>;
  readonly #peers: PeerParts;
  #cancelGrace: () => void = () => undefined;
  #work: Promise<unknown> = Promise.resolve();

  constructor(parts: AgentParts, prober: Prober) {
    const { host, clock, publish, log } = parts;
    this.prober = prober;
    this.#parts = parts;
    const running = this.#running;
    const alone = <T>(what: () => Promise<T>): Promise<T> => {
      const mine = this.#work.then(what);
      this.#work = mine.catch(() => undefined);
      return mine;
    };
    const settingsOf = (of: Bundle, book: EndpointBook) =>
      this.#settingsOf(of, book, this.state, running.arrivals);
    this.#healing = new Healing({
      host,
      clock,
      wanted: () => (this.#loop.idle ? undefined : (running.wanted ?? undefined)),
      alone,
      onSilent: (device) => this.#condemn(device),
      tell: (event, what, news) => this.input({ kind: 'tell', event, what, ...news }),
      log,
    });
    this.#watch = host.watch((change) => this.#healing.change(change));
    this.#loop = new DecisionLoop({
      host,
      clock,
      prober,
      running,
      alone,
      settingsOf,
      isUncertain: () => this.#healing.doubtful || !this.#watch.listening,
      onRefused: () => this.#healing.doubt(),
      publish,
      log,
    });
    this.#peers = {
      host,
      clock,
      running,
      idle: () => this.#loop.idle,
      alone,
      apart: (what) => this.#healing.apart(() => alone(what)),
      settingsOf,
      unhealed: () => this.#unhealed(),
      remember: parts.endpoints?.write,
      probe: (of) => this.#probe(of),
      onRotated: () => parts.onRotated?.(),
      onDoubt: () => this.#healing.doubt(),
      tell: (event, what, news) => this.#tell(event, what, news),
      log,
    };
  }

  get state(): AgentState {
    return this.#loop.state;
  }

  /** What is applied; null: nothing yet. */
  get bundle(): Bundle | null {
    return this.#running.bundle;
  }

  /** Where the peers of tunnels are taken to be. */
  get endpoints(): EndpointBook {
    return this.#running.book;
  }

  /** What the kernel does not do as it should, as far as is known. */
  get healing(): HealingView {
    return this.#healing;
  }

  input(input: AgentInput): void {
    this.#loop.input(input);
  }

  /** The prober tells of a session. @param doubtful its peer may have gone over to its next key */
  hear(
    report: Parameters<DecisionLoop['gather']>[0],
    then: (what: () => void) => void,
    doubtful: boolean,
  ): void {
    // A peer that has gone over to its next key is silent under the one before.
    if (doubtful && this.#running.watches.size > 0) this.#parts.onDoubt?.();
    this.#loop.gather(report, then);
  }

  /** Reads the bundle and applies it whole, or refuses it and leaves everything as it was. */
  async take(): Promise<TakeResult> {
    const read = this.#parts.read();
    if (!read.ok) return read;
    return this.#peers.apart(() => this.#loop.hold(() => this.#takeBundle(read.bundle)));
  }

  /**
   * Looks at the host and mends what differs; undefined where nothing does. Looking takes a good part of a
   * second and holds nothing up: switches go on beside it.
   */
  reconcile(): Promise<MendReport | undefined> {
    return this.#healing.look();
  }

  /** Looks at WireGuard's peers, and sets another endpoint or key where one is silent. */
  followPeers(): Promise<void> {
    return followPeers(this.#peers);
  }

  /** All that was decided is done on the host. */
  async settled(): Promise<void> {
    await this.#loop.settled();
    // What was refused is mended; a look now and then is waited for by nobody.
    if (this.#healing.doubtful) await this.#healing.idle();
    await this.#work;
  }

  /** Ends probing and timers. Forwarding stays as it is. */
  async stop(): Promise<void> {
    this.#loop.stop();
    this.#cancelGrace();
    this.#healing.stop();
    await this.#watch.stop();
    await this.prober.close();
    await this.#healing.idle();
    await this.#work;
    await this.#parts.host.close();
  }

  #settingsOf(
    of: Bundle,
    book: EndpointBook,
    state: AgentState,
    arrivals: ArrivalMemory | null,
  ): HostSettings {
    return {
      endpoints: of.endpoints,
      tunnelEndpoints: new Map([...book].map(([tunnel, { set }]) => [tunnel, set])),
      keys: of.keys,
      ...(of.earlier && { earlier: of.earlier }),
      selections: [...state.selections.values()],
      openReservations: state.open,
      pathMtus: loweredMtus(state),
      earlierArrivals: earlierArrivals(arrivals, this.#parts.clock.utcMs()),
    };
  }

  #probe(of: Bundle): void {
    const { sessions, peers } = this.#parts.sessions(of);
    this.prober.setSessions(sessions, peers);
  }

  #condemn(device: string): void {
    const tunnel = this.bundle?.gateway.tunnels.find((t) => t.interfaceName === device);
    if (tunnel) this.prober.condemn(`tunnel:${tunnel.id}`, `its interface ${device} is down or gone`);
  }

  /** What is known not to be mended. */
  #unhealed(): ReadonlySet<string> {
    return new Set(this.#healing.unhealed.map(({ object }) => identity(object)));
  }

  async #takeBundle(taken: Bundle): Promise<TakeResult> {
    const { host, clock, settings, endpoints, isKnown, record } = this.#parts;
    const running = this.#running;
    const before = { state: this.state, running: { ...running } };
    try {
      const first = running.bundle === null;
      const plan: AgentInput = {
        kind: 'plan',
        gateway: taken.gateway,
        settings,
        utcOffsetMs: clock.utcMs() - clock.nowMs(),
        ...(first ? { adopted: adoptedSelections(taken.gateway, await host.observe()) } : {}),
      };
      const decision = decide(this.state, plan, clock.nowMs());
      const good = endpoints?.read() ?? new Map();
      const opened = openBook(running.book, taken.gateway, taken.endpoints, good, clock.nowMs());
      const remembered = running.arrivals ?? this.#parts.arrivals?.read() ?? null;
      const arrivals = rememberArrivals(remembered, taken.gateway, clock.utcMs());
      const hostSettings = this.#settingsOf(taken, opened.book, decision.state, arrivals);
      const next = wantedHost(taken.gateway, hostSettings);
      const report = await this.#bring(next, first && (isKnown?.(taken) ?? false));
      if (report.failures.length > 0) return notApplied(report);
      record(taken);
      const watches = openWatches(running.watches, taken, clock.nowMs());
      Object.assign(running, { bundle: taken, wanted: next, book: opened.book, watches, arrivals });
      this.#parts.arrivals?.write(arrivals);
      this.#endGrace(arrivals);
      this.#probe(taken);
      this.#healing.begin(next);
      this.#loop.begin(decision);
      for (const cause of taken.ignoredEndpoints ?? [])
        this.#tell('endpoint', 'endpoints.json', { from: '', to: '', cause });
      tellNews(this.#peers, opened);
      await resetEndpoints(this.#peers, opened.set);
      return { ok: true, report };
    } catch (error) {
      this.#loop.restore(before.state);
      Object.assign(running, before.running);
      const message = error instanceof Error ? error.message : String(error);
      return { ok: false, code: 'fault', message, next: 'report this with the bundle' };
    }
  }

  /** Makes the rules anew once what plans before let in is let in no more. */
  #endGrace({ before, untilUtcMs }: ArrivalMemory): void {
    const { clock } = this.#parts;
    this.#cancelGrace();
    if (before.length === 0) return;
    const afterMs = Math.max(0, untilUtcMs - clock.utcMs()) + 1000;
    this.#cancelGrace = clock.after(afterMs, () => this.#loop.renew());
  }

  /**
   * Whole or not at all, but for what could not be mended before: it keeps no plan from being taken.
   *
   * @param known the host has had this plan: it gets what can be had of it, whatever else cannot.
   */
  async #bring(next: WantedHost, known: boolean): Promise<ApplyReport> {
    const { host, log } = this.#parts;
    const report = await apply(host, next, this.#unhealed());
    if (report.failures.length === 0 || !known) return report;
    log(`not all of the plan can be brought back (${report.failures[0].message}); mending what can be`);
    // Nothing is beside it: a plan is being taken.
    const aside = <T>(what: () => Promise<T>) => what();
    const mended = await mend({ host, wanted: () => next, alone: aside, pace: 'atOnce' });
    this.#healing.doubt();
    const { commands, durationMs } = mended;
    return { commands: report.commands + commands, failures: [], durationMs: report.durationMs + durationMs };
  }

  #tell(event: 'endpoint' | 'key', what: string, { from, to, cause }: EndpointNews): void {
    const change = [from, to].filter((text) => text !== '').join(' → ');
    this.#parts.log(`${what}: ${change === '' ? '' : `${change}, `}${cause}`);
    this.input({ kind: 'tell', event, what, from, to, cause });
  }
}

function notApplied(report: ApplyReport): TakeResult {
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
