import { decideTakeover } from '../../lib/agent/takeover/decide-takeover';
import type { Lease } from '../../lib/agent/takeover/lease';
import type { PlannedRoute, TableView } from '../../lib/agent/takeover/route-tables';
import {
  defaultTakeoverSettings,
  initialTakeoverState,
  type TakeoverAction,
  type TakeoverInput,
  type TakeoverState,
} from '../../lib/agent/takeover/takeover-state';
import type { Seeded } from './random-seeded';

/** What is broken at one gateway. */
export interface GatewayFaults {
  dead: boolean;
  /** Its agent does not run; the kernel forwards. */
  hung: boolean;
  /** None of its tunnels lives. */
  cutOff: boolean;
  /** The cloud's API does not answer it. */
  noApi: boolean;
  drained: boolean;
}

/** A route that was moved. */
export interface Move extends PlannedRoute {
  readonly atMs: number;
  readonly by: string;
}

const gateways = ['dublin/1', 'dublin/2'] as const;
type Gateway = (typeof gateways)[number];

const tables = [
  { name: 'public', home: 'dublin/1' },
  { name: 'private-1', home: 'dublin/1' },
  { name: 'private-2', home: 'dublin/2' },
];
const destinations = ['10.1.0.0/16', '10.2.0.0/16'];
const stepMs = 20;
const [gapMs, wakeMs] = [1500, 2000];
const tickMs = 100;
/** Silence and answers are noticed after so long. */
const [silentMs, heardMs] = [430, 300];

interface Sim {
  state: TakeoverState;
  answers: boolean;
  /** When what it hears from the other last changed. */
  hears: boolean;
  hearsSinceMs: number;
  toldHears: boolean | null;
  /** As `startTakeover` has it: after it was stopped an agent does not serve for a moment. */
  tickedMs: number;
  wokenMs: number;
  calls: { readonly atMs: number; readonly run: () => TakeoverInput }[];
  moving: { left: PlannedRoute[]; done: PlannedRoute[]; untilMs: number; nextMs: number } | null;
}

/**
 * Two gateways of a region, their decisions real, and a world of their own: route tables, a lease with
 * conditional writes and ages in whole seconds, calls that take their time.
 */
export class TakeoverWorld {
  nowMs = 0;
  readonly moves: Move[] = [];
  readonly told: string[] = [];
  readonly faults = new Map<Gateway, GatewayFaults>(
    gateways.map((g) => [g, { dead: false, hung: false, cutOff: false, noApi: false, drained: false }]),
  );
  neighbourCut = false;
  private readonly owner = new Map<string, string>();
  private lease: { readonly lease: Lease; readonly etag: string; readonly atMs: number } | null = null;
  private etags = 0;
  private readonly sims = new Map<Gateway, Sim>();

  constructor(private readonly random: Seeded) {
    for (const { name, home } of tables) for (const to of destinations) this.owner.set(`${name} ${to}`, home);
    for (const gateway of gateways) this.sims.set(gateway, this.fresh(gateway));
  }

  /** Lets time pass. */
  run(ms: number): void {
    for (const end = this.nowMs + ms; this.nowMs < end;) {
      const busy = [...this.sims.values()].some(({ calls, moving }) => calls.length > 0 || moving !== null);
      // Between two ticks nothing happens by itself.
      this.nowMs = busy ? this.nowMs + stepMs : Math.min(end, this.nowMs - (this.nowMs % tickMs) + tickMs);
      for (const gateway of gateways) this.step(gateway);
    }
  }

  /** A gateway that was dead begins anew. */
  revive(gateway: Gateway): void {
    this.faults.get(gateway)!.dead = false;
    this.sims.set(gateway, this.fresh(gateway));
  }

  /** Is it able to stand in for the other? */
  serves(gateway: Gateway): boolean {
    const { dead, hung, cutOff, drained } = this.faults.get(gateway)!;
    return !dead && !hung && !cutOff && !drained;
  }

  ownerOf(table: string): string {
    return [...new Set(destinations.map((to) => this.owner.get(`${table} ${to}`)!))].join('+');
  }

  /** Every table is where it is at home. */
  isHome(): boolean {
    return tables.every(({ name, home }) => this.ownerOf(name) === home);
  }

  ownsAll(gateway: Gateway): boolean {
    return [...this.owner.values()].every((owner) => owner === gateway);
  }

  private fresh(own: Gateway): Sim {
    const sim: Sim = {
      state: initialTakeoverState,
      answers: false,
      hears: false,
      hearsSinceMs: this.nowMs,
      toldHears: null,
      tickedMs: this.nowMs,
      wokenMs: -Infinity,
      calls: [],
      moving: null,
    };
    this.sims.set(own, sim);
    this.put(own, { kind: 'plan', plan: { own, partner: other(own), tables } });
    return sim;
  }

  private step(own: Gateway): void {
    const sim = this.sims.get(own)!;
    const { dead, hung, cutOff, drained } = this.faults.get(own)!;
    const far = this.sims.get(other(own))!;
    const { dead: farDead, hung: farHung } = this.faults.get(other(own))!;
    if (dead) return;
    const hears = !this.neighbourCut && far.answers && !farDead && !farHung;
    if (hears !== sim.hears) [sim.hears, sim.hearsSinceMs] = [hears, this.nowMs];
    if (hung) return;
    if (sim.toldHears !== hears && this.nowMs - sim.hearsSinceMs >= (hears ? heardMs : silentMs)) {
      sim.toldHears = hears;
      this.put(own, { kind: 'neighbour', heard: hears });
    }
    for (const call of sim.calls.splice(0)) {
      if (call.atMs <= this.nowMs) this.put(own, call.run());
      else sim.calls.push(call);
    }
    this.move(own, sim);
    if (this.nowMs % tickMs !== 0) return;
    if (this.nowMs - sim.tickedMs > gapMs) sim.wokenMs = this.nowMs;
    sim.tickedMs = this.nowMs;
    const awake = this.nowMs - sim.wokenMs >= wakeMs;
    this.put(own, { kind: 'standing', serving: awake && !cutOff && !drained, why: 'the world says so' });
    this.put(own, { kind: 'tick' });
  }

  private put(own: Gateway, input: TakeoverInput): void {
    const sim = this.sims.get(own)!;
    const decision = decideTakeover(sim.state, input, this.nowMs, defaultTakeoverSettings);
    sim.state = decision.state;
    for (const action of decision.actions) this.act(own, sim, action);
  }

  private act(own: Gateway, sim: Sim, action: TakeoverAction): void {
    switch (action.kind) {
      case 'answer':
        sim.answers = action.on;
        return;
      case 'tell':
        this.told.push(`${this.nowMs} ${own}: ${action.what} ${action.from} ${action.to} (${action.cause})`);
        return;
      case 'look':
        return this.call(own, sim, () => ({
          kind: 'looked',
          tables: action.tables ? this.views(own) : null,
          seen: this.lease
            ? {
                lease: this.lease.lease,
                etag: this.lease.etag,
                ageMs: Math.floor(this.nowMs / 1000) * 1000 - Math.floor(this.lease.atMs / 1000) * 1000,
              }
            : { lease: null, etag: null, ageMs: Infinity },
        }));
      case 'write':
        return this.call(own, sim, () => {
          if ((this.lease?.etag ?? null) !== action.expected) return { kind: 'written', etag: null };
          const etag = `"${++this.etags}"`;
          this.lease = { lease: action.lease, etag, atMs: this.nowMs };
          return { kind: 'written', etag };
        });
      case 'move': {
        const { untilMs } = action;
        sim.moving = { left: [...action.routes], done: [], untilMs, nextMs: this.nowMs + this.latency() };
      }
    }
  }

  private move(own: Gateway, sim: Sim): void {
    const { moving } = sim;
    if (moving === null || moving.nextMs > this.nowMs) return;
    const failure = this.faults.get(own)!.noApi
      ? 'no answer'
      : !sim.state.serving || this.nowMs >= moving.untilMs
        ? 'it serves no more'
        : null;
    const route = failure === null ? moving.left.shift() : undefined;
    if (route) {
      this.owner.set(`${route.table} ${route.destination}`, own);
      this.moves.push({ ...route, atMs: this.nowMs, by: own });
      moving.done.push(route);
      moving.nextMs = this.nowMs + this.latency();
      return;
    }
    sim.moving = null;
    this.put(own, { kind: 'moved', routes: moving.done, failure });
  }

  /** What a call does happens when it is answered; without an API it fails after its deadline. */
  private call(own: Gateway, sim: Sim, run: () => TakeoverInput): void {
    const atMs = this.nowMs + this.latency();
    sim.calls.push({
      atMs: this.faults.get(own)!.noApi ? this.nowMs + 2500 : atMs,
      run: () => (this.faults.get(own)!.noApi ? { kind: 'failed', message: 'no answer' } : run()),
    });
  }

  private latency(): number {
    return this.random.whole(20, 150);
  }

  private views(own: Gateway): TableView[] {
    return tables.map(({ name }): TableView => {
      const of = (gateway: string) =>
        destinations.filter((to) => this.owner.get(`${name} ${to}`) === gateway);
      return { table: name, own: of(own), partner: of(other(own)), foreign: [] };
    });
  }
}

function other(gateway: Gateway): Gateway {
  return gateway === gateways[0] ? gateways[1] : gateways[0];
}
