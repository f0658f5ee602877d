import type { AgentState } from '../decide';
import type { GatewayState } from '../../gateway';
import type { ProbeKeys } from '../probe';
import type { Cloud } from './cloud';
import { decideTakeover } from './decide-takeover';
import { moveRoutes } from './move-routes';
import type { Neighbour } from './neighbour';
import { destinationsOf, readRouteTables, type KnownTables } from './read-route-tables';
import { viewTables } from './route-tables';
import {
  defaultTakeoverSettings,
  initialTakeoverState,
  type TakeoverAction,
  type TakeoverInput,
  type TakeoverSettings,
  type TakeoverState,
} from './takeover-state';

/** What take-over is made of. */
export interface TakeoverParts {
  /** The cloud that the gateway stands in. */
  readonly cloud: Cloud;
  readonly neighbour: (onHeard: (heard: boolean) => void) => Promise<Neighbour>;
  /** Monotonic ms. */
  readonly nowMs: () => number;
  /** Calls back again and again; the result ends it. */
  readonly every: (periodMs: number, what: () => void) => () => void;
  readonly agent: () => Pick<AgentState, 'sessions' | 'drains'>;
  /** Told as an event of kind `takeover`. */
  readonly tell: (event: { what: string; from: string; to: string; cause: string }) => void;
  readonly log: (message: string) => void;
  /** What was deployed when the cloud could last be asked. */
  readonly kept: { readonly read: () => string | null; readonly write: (text: string) => void };
  readonly settings?: TakeoverSettings;
}

/** What is known of it, for people and metrics. */
export interface TakeoverView {
  readonly state: TakeoverState;
  /** Why nothing can be taken over; null: nothing stands in the way. */
  readonly obstacle: string | null;
}

/** How often time, tunnels and drains are looked at, ms. */
const tickMs = 100;
/** A gap that says that the process was stopped, ms, and for how long it then does not serve. */
const gapMs = 1500;
const wakeMs = 2000;
/** How long telling the partner of a restart may take, ms. */
const holdMs = 600;
/** How often what was deployed is asked for, ms, and after it could not be had. */
const deployedMs = 300_000;
const deployedRetryMs = 10_000;
/** Starts; without a plan nothing is done. @throws the system's error if a socket cannot be opened. */
export async function startTakeover(parts: TakeoverParts): Promise<Takeover> {
  let takeover: Takeover | undefined;
  const neighbour = await parts.neighbour((heard) => takeover?.hear(heard));
  return (takeover = new Takeover(parts, neighbour));
}

/** Stands in for the other gateway of the region, and lets it stand in. */
export class Takeover {
  readonly #parts: TakeoverParts;
  readonly #neighbour: Neighbour;
  readonly #settings: TakeoverSettings;
  readonly #end: () => void;
  #state = initialTakeoverState;
  #gateway: GatewayState | null = null;
  #keys: ProbeKeys | null = null;
  #known: KnownTables | null = null;
  /** What was deployed, as `known` was read from it. */
  #text: string | null = null;
  #obstacle: string | null = 'the agent has just started';
  #askMs = -Infinity;
  #asking = false;
  #stopped = false;
  #tickedMs: number;
  #wokenMs = -Infinity;
  /** Counts plans: answers to calls of an earlier one are not taken. */
  #round = 0;

  constructor(parts: TakeoverParts, neighbour: Neighbour) {
    this.#parts = parts;
    this.#neighbour = neighbour;
    this.#settings = parts.settings ?? defaultTakeoverSettings;
    this.#tickedMs = parts.nowMs();
    this.#end = parts.every(tickMs, () => this.#tick());
  }

  get view(): TakeoverView {
    return { state: this.#state, obstacle: this.#obstacle };
  }

  /** The partner's probes are heard, or no longer. */
  hear(heard: boolean): void {
    this.#put({ kind: 'neighbour', heard });
  }

  /** Another plan was taken. */
  take(gateway: GatewayState, keys: ProbeKeys): void {
    const shares = gateway.takeover !== undefined;
    if (!shares && this.#gateway === null) return;
    this.#gateway = shares ? gateway : null;
    this.#keys = keys;
    const before = this.#known;
    this.#known = null;
    this.#round++;
    this.#asking = false;
    this.#askMs = -Infinity;
    if (!shares) {
      this.#put({ kind: 'plan', plan: null });
      this.#neighbour.answer(false);
      this.#obstacle = 'the plan shares no route table';
    } else if (before !== null && this.#text !== null) this.#takeDeployed(this.#text, before.ownInterface);
  }

  /**
   * Ends it. Routes stay as they are.
   *
   * @param restarts the agent comes back within seconds: the partner is told to wait for it.
   */
  async stop(restarts = false): Promise<void> {
    this.#stopped = true;
    this.#end();
    if (restarts) await this.#hold();
    this.#parts.cloud.close();
    await this.#neighbour.close();
  }

  #put(input: TakeoverInput): void {
    if (this.#stopped) return;
    const decision = decideTakeover(this.#state, input, this.#parts.nowMs(), this.#settings);
    this.#state = decision.state;
    for (const action of decision.actions) this.#act(action);
  }

  #act(action: TakeoverAction): void {
    const { cloud, tell } = this.#parts;
    switch (action.kind) {
      case 'answer':
        return this.#neighbour.answer(action.on);
      case 'tell': {
        const { what, from, to, cause } = action;
        return tell({ what, from, to, cause });
      }
      case 'look':
        return this.#call((of) => this.#look(of, action.tables));
      case 'write':
        return this.#call(async () => {
          return { kind: 'written', etag: await cloud.lease.write(action.lease, action.expected) };
        });
      case 'move':
        return this.#call(async (of) => {
          const mayMove = () => this.#whyNotMove(action.untilMs);
          return { kind: 'moved', ...(await moveRoutes(cloud, of, action.routes, mayMove)) };
        });
    }
  }

  /** One call at a time: the decision waits for its answer. */
  #call(what: (of: KnownTables) => Promise<TakeoverInput>): void {
    const mine = this.#round;
    const of = this.#known;
    if (of === null) return;
    what(of)
      .catch((error: unknown): TakeoverInput => {
        return { kind: 'failed', message: error instanceof Error ? error.message : String(error) };
      })
      .then((input) => {
        if (mine === this.#round) this.#put(input);
      })
      .catch((error: unknown) => this.#parts.log(`taking over failed: ${String(error)}`));
  }

  async #look(of: KnownTables, withTables: boolean): Promise<TakeoverInput> {
    const { cloud } = this.#parts;
    const tables = withTables ? cloud.tables.read([...of.tables.values()]) : null;
    const [routes, seen] = await Promise.all([tables, cloud.lease.read()]);
    const interfaces = { own: of.ownInterface, partner: of.partnerInterface };
    const views = routes && viewTables(routes, of.tables, destinationsOf(this.#gateway!), interfaces);
    return { kind: 'looked', tables: views, seen };
  }

  #whyNotMove(untilMs: number): string | null {
    if (this.#stopped || !this.#state.serving || this.#isStale())
      return 'this gateway does not serve any more';
    return this.#parts.nowMs() >= untilMs ? 'the lease is over' : null;
  }

  /** It was stopped, and has not looked around since. */
  #isStale(): boolean {
    return this.#parts.nowMs() - this.#tickedMs > gapMs;
  }

  #tick(): void {
    const { nowMs, agent } = this.#parts;
    if (this.#isStale()) this.#wokenMs = nowMs();
    this.#tickedMs = nowMs();
    const gateway = this.#gateway;
    if (gateway === null) return;
    if (!this.#asking && nowMs() >= this.#askMs) void this.#askDeployed();
    const woken = nowMs() - this.#wokenMs < wakeMs;
    this.#put({ kind: 'standing', ...standingOf(gateway, agent(), woken) });
    const { own, partner } = drainsOf(gateway, agent());
    this.#put({ kind: 'partner-drained', on: partner && !own });
    this.#put({ kind: 'tick' });
  }

  /** What was deployed, from the cloud, or as it was last. */
  async #askDeployed(): Promise<void> {
    const { cloud, kept, nowMs } = this.#parts;
    const mine = this.#round;
    this.#asking = true;
    let next = deployedMs;
    try {
      const found = await cloud.deployed();
      const own = await cloud.ownInterface();
      if (mine !== this.#round || this.#stopped) return;
      if (found === null) {
        this.#obstacle = 'the deployment has told no route tables';
        next = deployedRetryMs;
      } else this.#takeDeployed(found, own);
    } catch (error) {
      next = deployedRetryMs;
      const message = error instanceof Error ? error.message : String(error);
      const before = kept.read();
      // What was deployed last is good for hearing the partner, and for moving once the cloud answers.
      const fresh = mine === this.#round && !this.#stopped && this.#known === null;
      if (fresh && before !== null) this.#takeDeployed(before, null);
      if (this.#known === null) this.#obstacle = message;
    } finally {
      this.#asking = false;
      if (mine === this.#round) this.#askMs = nowMs() + next;
    }
  }

  #takeDeployed(found: string, ownInterface: string | null): void {
    const { kept, log } = this.#parts;
    const [gateway, keys] = [this.#gateway, this.#keys];
    if (gateway === null || keys === null || (found === this.#text && this.#known !== null)) return;
    const read = readRouteTables(found, gateway);
    const wrong =
      typeof read === 'string'
        ? read
        : ownInterface !== null && ownInterface !== read.ownInterface
          ? `it calls ${read.ownInterface} this gateway's interface, which is ${ownInterface}`
          : null;
    if (typeof read === 'string' || wrong !== null) {
      if (this.#obstacle !== wrong) log(`route-tables.json is not taken: ${wrong}`);
      this.#obstacle = wrong;
      return;
    }
    [this.#text, this.#known, this.#obstacle] = [found, read, null];
    this.#round++;
    try {
      kept.write(found);
    } catch (error) {
      log(`route-tables.json is not remembered: ${String(error)}`);
    }
    const { gateway: own, takeover } = gateway;
    this.#neighbour.watch(gateway, keys, read.partnerAddresses);
    this.#put({ kind: 'plan', plan: { own, partner: takeover!.partner.gateway, tables: takeover!.tables } });
  }

  /**
   * Objects in advance: a partner that is silent and has just objected is taken for alive for a while. Where
   * that fails routes go to the partner, which costs nothing.
   */
  async #hold(): Promise<void> {
    const { cloud, log } = this.#parts;
    const { serving, neighbour } = this.#state;
    if (this.#known === null || this.#gateway === null || !serving || neighbour !== 'heard') return;
    const by = this.#gateway.gateway;
    const write = async () => {
      const { lease, etag } = await cloud.lease.read();
      const [epoch, moves] = [(lease?.epoch ?? 0) + 1, lease?.moves ?? 0];
      await cloud.lease.write({ formatVersion: 1, epoch, by, phase: 'object', moves }, etag);
    };
    const given = new Promise<void>((resolve) => setTimeout(resolve, holdMs).unref());
    await Promise.race([
      write().catch((error: unknown) => log(`the partner is not told: ${String(error)}`)),
      given,
    ]);
  }
}

/** Which of the two is drained by itself; a drained region says nothing about which of them is to stay. */
function drainsOf(
  { gateway, takeover }: GatewayState,
  { drains }: Pick<AgentState, 'drains'>,
): { readonly own: boolean; readonly partner: boolean } {
  const partner = takeover?.partner.gateway;
  return { own: drains.has(`gateway ${gateway}`), partner: drains.has(`gateway ${partner}`) };
}

/** Can this gateway carry the region's traffic? @param woken it was stopped, and has just gone on */
function standingOf(
  gateway: GatewayState,
  agent: Pick<AgentState, 'sessions' | 'drains'>,
  woken: boolean,
): { serving: boolean; why: string } {
  const { own, partner } = drainsOf(gateway, agent);
  const no = (why: string) => ({ serving: false, why });
  if (woken) return no('the agent was stopped, and has just gone on');
  // Of two that are drained each stands in for the other, as ever: the region's own traffic has no third.
  if (own && !partner) return no('it is drained');
  const lives = gateway.tunnels.some(({ id }) => {
    const health = agent.sessions.get(`tunnel:${id}`)?.health;
    return health === 'up' || health === 'degraded';
  });
  return lives ? { serving: true, why: 'a tunnel lives' } : no('no tunnel lives');
}
