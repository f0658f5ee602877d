import type { AgentState } from '../decide';
import type { GatewayState } from '../../gateway';
import type { ProbeKeys } from '../probe';
import type { Cloud } from './cloud';
import { decideTakeover } from './decide-takeover';
import type { Neighbour } from './neighbour';
import { destinationsOf, readRouteTables, type KnownTables } from './read-route-tables';
import { viewTables, type PlannedRoute } from './route-tables';
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

/** Stands in for the other gateway of the region, and lets it stand in. */
export interface Takeover {
  /** Another plan was taken. */
  take(gateway: GatewayState, keys: ProbeKeys): void;
  readonly view: TakeoverView;
  /**
   * Ends it. Routes stay as they are.
   *
   * @param restarts the agent comes back within seconds: the partner is told to wait for it.
   */
  stop(restarts?: boolean): Promise<void>;
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
/** Calls that move routes at a time. */
const movesAtOnce = 6;

/** Starts; without a plan nothing is done. @throws the system's error if a socket cannot be opened. */
export async function startTakeover(parts: TakeoverParts): Promise<Takeover> {
  const { cloud, nowMs, log } = parts;
  const settings = parts.settings ?? defaultTakeoverSettings;
  let state = initialTakeoverState;
  let gateway: GatewayState | null = null;
  let keys: ProbeKeys | null = null;
  let known: KnownTables | null = null;
  let text: string | null = null;
  let obstacle: string | null = 'the agent has just started';
  let askMs = -Infinity;
  let asking = false;
  let stopped = false;
  let tickedMs = nowMs();
  let wokenMs = -Infinity;
  /** Counts plans: answers to calls of an earlier one are not taken. */
  let round = 0;

  const neighbour = await parts.neighbour((heard) => put({ kind: 'neighbour', heard }));

  function put(input: TakeoverInput): void {
    if (stopped) return;
    const decision = decideTakeover(state, input, nowMs(), settings);
    state = decision.state;
    for (const action of decision.actions) act(action);
  }

  function act(action: TakeoverAction): void {
    switch (action.kind) {
      case 'answer':
        return neighbour.answer(action.on);
      case 'tell': {
        const { what, from, to, cause } = action;
        return parts.tell({ what, from, to, cause });
      }
      case 'look':
        return call(async (of) => {
          const tables = action.tables ? cloud.tables.read([...of.tables.values()]) : null;
          const [routes, seen] = await Promise.all([tables, cloud.lease.read()]);
          const interfaces = { own: of.ownInterface, partner: of.partnerInterface };
          const views = routes && viewTables(routes, of.tables, destinationsOf(gateway!), interfaces);
          return { kind: 'looked', tables: views, seen };
        });
      case 'write':
        return call(async () => {
          return { kind: 'written', etag: await cloud.lease.write(action.lease, action.expected) };
        });
      case 'move':
        return call((of) => move(of, action.routes, action.untilMs));
    }
  }

  /** One call at a time: the decision waits for its answer. */
  function call(what: (of: KnownTables) => Promise<TakeoverInput>): void {
    const mine = round;
    const of = known;
    if (of === null) return;
    what(of)
      .catch((error: unknown): TakeoverInput => {
        return { kind: 'failed', message: error instanceof Error ? error.message : String(error) };
      })
      .then((input) => {
        if (mine === round) put(input);
      })
      .catch((error: unknown) => log(`taking over failed: ${String(error)}`));
  }

  async function move(
    of: KnownTables,
    routes: readonly PlannedRoute[],
    untilMs: number,
  ): Promise<TakeoverInput> {
    // What workloads wait for comes first.
    const left = [...routes].sort((a, b) => Number(a.table === 'public') - Number(b.table === 'public'));
    const moved: PlannedRoute[] = [];
    let failure: string | null = null;
    const worker = async () => {
      for (let route = left.shift(); route !== undefined; route = left.shift()) {
        if (stopped || !state.serving || isStale()) failure ??= 'this gateway does not serve any more';
        else if (nowMs() >= untilMs) failure ??= 'the lease is over';
        if (failure !== null) return;
        try {
          await cloud.tables.takeRoute(of.tables.get(route.table)!, route.destination);
          moved.push(route);
        } catch (error) {
          failure ??= error instanceof Error ? error.message : String(error);
        }
      }
    };
    await Promise.all(Array.from({ length: movesAtOnce }, worker));
    return { kind: 'moved', routes: moved, failure };
  }

  /** It was stopped, and has not looked around since. */
  function isStale(): boolean {
    return nowMs() - tickedMs > gapMs;
  }

  function tick(): void {
    if (isStale()) wokenMs = nowMs();
    tickedMs = nowMs();
    if (gateway === null) return;
    if (!asking && nowMs() >= askMs) void askDeployed();
    const { serving, why } = standing(gateway);
    put({ kind: 'standing', serving, why });
    const { own, partner } = drained(gateway);
    put({ kind: 'partner-drained', on: partner && !own });
    put({ kind: 'tick' });
  }

  /** Which of the two is drained by itself; a drained region says nothing about which of them is to stay. */
  function drained(of: GatewayState): { readonly own: boolean; readonly partner: boolean } {
    const { drains } = parts.agent();
    const partner = of.takeover?.partner.gateway;
    return { own: drains.has(`gateway ${of.gateway}`), partner: drains.has(`gateway ${partner}`) };
  }

  function standing(of: GatewayState): { serving: boolean; why: string } {
    const { sessions } = parts.agent();
    const { own, partner } = drained(of);
    const no = (why: string) => ({ serving: false, why });
    if (nowMs() - wokenMs < wakeMs) return no('the agent was stopped, and has just gone on');
    // Of two that are drained each stands in for the other, as ever: the region's own traffic has no third.
    if (own && !partner) return no('it is drained');
    const lives = of.tunnels.some(({ id }) => {
      const health = sessions.get(`tunnel:${id}`)?.health;
      return health === 'up' || health === 'degraded';
    });
    return lives ? { serving: true, why: 'a tunnel lives' } : no('no tunnel lives');
  }

  /** What was deployed, from the cloud, or as it was last. */
  async function askDeployed(): Promise<void> {
    const mine = round;
    asking = true;
    let next = deployedMs;
    try {
      const found = await cloud.deployed();
      const own = await cloud.ownInterface();
      if (mine !== round || stopped) return;
      if (found === null) {
        obstacle = 'the deployment has told no route tables';
        next = deployedRetryMs;
      } else takeDeployed(found, own);
    } catch (error) {
      next = deployedRetryMs;
      const message = error instanceof Error ? error.message : String(error);
      const before = parts.kept.read();
      // What was deployed last is good for hearing the partner, and for moving once the cloud answers.
      if (mine === round && !stopped && known === null && before !== null) takeDeployed(before, null);
      if (known === null) obstacle = message;
    } finally {
      asking = false;
      if (mine === round) askMs = nowMs() + next;
    }
  }

  function takeDeployed(found: string, ownInterface: string | null): void {
    if (gateway === null || keys === null || (found === text && known !== null)) return;
    const read = readRouteTables(found, gateway);
    const wrong =
      typeof read === 'string'
        ? read
        : ownInterface !== null && ownInterface !== read.ownInterface
          ? `it calls ${read.ownInterface} this gateway's interface, which is ${ownInterface}`
          : null;
    if (typeof read === 'string' || wrong !== null) {
      if (obstacle !== wrong) log(`route-tables.json is not taken: ${wrong}`);
      obstacle = wrong;
      return;
    }
    [text, known, obstacle] = [found, read, null];
    round++;
    try {
      parts.kept.write(found);
    } catch (error) {
      log(`route-tables.json is not remembered: ${String(error)}`);
    }
    const { gateway: own, takeover } = gateway;
    neighbour.watch(gateway, keys, read.partnerAddresses);
    put({ kind: 'plan', plan: { own, partner: takeover!.partner.gateway, tables: takeover!.tables } });
  }

  /**
   * Objects in advance: a partner that is silent and has just objected is taken for alive for a while. Where
   * that fails routes go to the partner, which costs nothing.
   */
  async function hold(): Promise<void> {
    if (known === null || gateway === null || !state.serving || state.neighbour !== 'heard') return;
    const by = gateway.gateway;
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

  const end = parts.every(tickMs, tick);
  return {
    take(nextGateway, nextKeys) {
      const shares = nextGateway.takeover !== undefined;
      if (!shares && gateway === null) return;
      gateway = shares ? nextGateway : null;
      keys = nextKeys;
      const before = known;
      known = null;
      round++;
      asking = false;
      askMs = -Infinity;
      if (!shares) {
        put({ kind: 'plan', plan: null });
        neighbour.answer(false);
        obstacle = 'the plan shares no route table';
      } else if (before !== null && text !== null) takeDeployed(text, before.ownInterface);
    },
    get view() {
      return { state, obstacle };
    },
    async stop(restarts = false) {
      stopped = true;
      end();
      if (restarts) await hold();
      cloud.close();
      await neighbour.close();
    },
  };
}
