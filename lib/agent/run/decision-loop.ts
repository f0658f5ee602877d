import { difference, switchSelections, type Host, type HostSettings } from '../apply';
import { wantedHost } from '../apply/wanted/wanted-host';
import {
  decide,
  decideAll,
  initialAgentState,
  type AgentAction,
  type AgentEvent,
  type AgentInput,
  type AgentReport,
  type AgentState,
  type Decision,
  type Selection,
} from '../decide';
import type { EndpointBook } from '../peers';
import type { Prober } from '../probe';
import type { Clock } from './clock';
import type { Running } from './follow-peers';
import type { Bundle } from '../bundle/read-bundle';

/** Node's timers hold 31 bits of ms; an early tick changes nothing. */
const longestTimerMs = 2 ** 31 - 1;

export interface DecisionParts {
  readonly host: Host;
  readonly clock: Clock;
  readonly prober: Prober;
  readonly running: Running;
  /** One host operation at a time. */
  readonly alone: <T>(what: () => Promise<T>) => Promise<T>;
  readonly settingsOf: (bundle: Bundle, book: EndpointBook) => HostSettings;
  /** May the kernel differ from what it was last told? */
  readonly isUncertain: () => boolean;
  /** The host refused a change. */
  readonly onRefused: () => void;
  readonly publish: (event: AgentEvent) => void;
  readonly log: (message: string) => void;
}

/**
 * What happens goes to `decide`, what it answers goes to the host. Decisions that come while a host operation
 * runs are gathered, and the latest of each destination and class counts.
 */
export class DecisionLoop {
  readonly #parts: DecisionParts;
  #state = initialAgentState;
  #cancelTick: () => void = () => undefined;
  #stopped = false;
  /** Set while a plan is taken: what happens meanwhile is decided afterwards, on the new plan. */
  #waiting: AgentInput[] | null = null;
  /** What the prober told since the last decision. */
  #reports: AgentReport[] = [];
  readonly #changed = new Map<string, Selection>();
  #openChanged = false;
  #pump: Promise<void> | null = null;

  constructor(parts: DecisionParts) {
    this.#parts = parts;
  }

  get state(): AgentState {
    return this.#state;
  }

  /** It has stopped, or a plan is being taken. */
  get idle(): boolean {
    return this.#stopped || this.#waiting !== null;
  }

  /** What the prober tells in one go is decided in one go. @param then when to decide */
  gather(report: AgentReport, then: (what: () => void) => void): void {
    this.#reports.push(report);
    then(() => this.#takeReports());
  }

  input(input: AgentInput): void {
    this.#takeReports();
    if (this.#stopped) return;
    if (this.#waiting !== null) this.#waiting.push(input);
    else this.#follow(decide(this.#state, input, this.#parts.clock.nowMs()));
  }

  /** Takes a plan; what happens meanwhile is decided afterwards. */
  async hold<T>(taking: () => Promise<T>): Promise<T> {
    this.#waiting = [];
    try {
      return await taking();
    } finally {
      const inputs: readonly AgentInput[] = this.#waiting ?? [];
      this.#waiting = null;
      for (const input of inputs) this.input(input);
      if (inputs.length === 0 && this.#parts.running.bundle !== null) this.input({ kind: 'tick' });
    }
  }

  /** A plan was applied with this decision: what it selects is in force. */
  begin(decision: Decision): void {
    this.#state = decision.state;
    this.#changed.clear();
    this.#openChanged = false;
    this.#act(decision.actions.filter((a) => a.kind === 'pace' || a.kind === 'publish'));
  }

  /** Goes back to a state from before a plan that could not be taken. */
  restore(state: AgentState): void {
    this.#state = state;
  }

  /** Makes rules and queues anew, for another reason than a decision. */
  renew(): void {
    this.#openChanged = true;
    if (this.#parts.running.wanted !== null && !this.idle) this.#start();
  }

  /** All that was decided is done on the host. */
  async settled(): Promise<void> {
    while (this.#pump !== null || this.#changed.size > 0 || this.#reports.length > 0) {
      await (this.#pump ?? new Promise((done) => setImmediate(done)));
    }
  }

  stop(): void {
    this.#stopped = true;
    this.#cancelTick();
  }

  #takeReports(): void {
    const all = this.#reports;
    this.#reports = [];
    if (this.#stopped || all.length === 0) return;
    if (this.#waiting !== null) this.#waiting.push(...all);
    else this.#follow(decideAll(this.#state, all, this.#parts.clock.nowMs()));
  }

  #follow(decision: Decision): void {
    const { clock } = this.#parts;
    this.#state = decision.state;
    this.#cancelTick();
    if (decision.nextTickMs !== null) {
      const afterMs = Math.min(Math.max(0, decision.nextTickMs - clock.nowMs()), longestTimerMs);
      this.#cancelTick = clock.after(afterMs, () => this.input({ kind: 'tick' }));
    }
    this.#act(decision.actions);
  }

  #act(actions: readonly AgentAction[]): void {
    const { prober, publish, running } = this.#parts;
    for (const action of actions) {
      switch (action.kind) {
        case 'select':
          for (const selection of action.selections)
            this.#changed.set(`${selection.to} ${selection.class}`, selection);
          break;
        case 'guarantee':
        case 'mtu':
          this.#openChanged = true;
          break;
        case 'pace':
          if (this.#isProbed(action.session)) prober.setPace(action.session, action.pace);
          break;
        case 'poll':
          if (this.#isProbed(action.session)) prober.poll(action.session);
          break;
        case 'publish':
          publish(action.event);
          break;
      }
    }
    if (this.#isBehind && running.wanted !== null && this.#waiting === null) this.#start();
  }

  #isProbed(session: string): boolean {
    const { prober } = this.#parts;
    return prober.health(session) !== undefined || prober.sessions.some((s) => s.id === session);
  }

  get #isBehind(): boolean {
    return this.#changed.size > 0 || this.#openChanged;
  }

  #start(): void {
    this.#pump ??= this.#parts
      .alone(() => this.#flush())
      .finally(() => {
        this.#pump = null;
        if (this.#isBehind && !this.idle) this.#start();
      });
  }

  /** Does what was decided since the last time. What fails is mended by looking at the host. */
  async #flush(): Promise<void> {
    const { host, running, settingsOf, isUncertain, onRefused, log } = this.#parts;
    const { wanted, bundle } = running;
    if (wanted === null || bundle === null) return;
    const selections = [...this.#changed.values()];
    this.#changed.clear();
    const guarantees = this.#openChanged;
    this.#openChanged = false;
    let failed: string | undefined;
    if (selections.length > 0) {
      const report = await switchSelections(host, wanted, selections, isUncertain());
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
    onRefused();
  }
}
