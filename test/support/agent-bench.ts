import { adoptedSelections } from '../../lib/agent/apply';
import { defaultAgentSettings, type AgentEvent, type Health } from '../../lib/agent/decide';
import type { Pace, ProbeListener, Prober, ProbeSession } from '../../lib/agent/probe';
import { startAgent, type Agent, type Clock } from '../../lib/agent/run/agent';
import type { Bundle, BundleResult } from '../../lib/agent/bundle/read-bundle';
import { FakeHost } from './fake-host';
import type { PlannedGateways } from './gateway-plan';

const sysctls = {
  'net/ipv4/ip_forward': '0',
  'net/ipv6/conf/all/forwarding': '0',
  'net/ipv6/conf/all/seg6_enabled': '0',
  'net/ipv4/conf/all/rp_filter': '2',
  'net/ipv4/nexthop_compat_mode': '1',
  'net/ipv4/fib_multipath_hash_policy': '0',
  'net/ipv6/fib_multipath_hash_policy': '0',
};

/** Time that moves when told; timers fire in order. */
export class TestClock implements Clock {
  private now = 1000;
  private timers: { at: number; what: () => void }[] = [];
  nowMs = () => this.now;
  utcMs = () => 1.8e12 + this.now;
  after(afterMs: number, what: () => void) {
    const timer = { at: this.now + afterMs, what };
    this.timers.push(timer);
    return () => void (this.timers = this.timers.filter((t) => t !== timer));
  }
  /** What is to be done soon; null: it is done at once. */
  held: (() => void)[] | null = null;
  soon = (what: () => void) => (this.held ? void this.held.push(what) : what());
  afterPoll = this.soon;
  pass(ms: number) {
    const end = this.now + ms;
    for (;;) {
      const [next] = this.timers.filter((t) => t.at <= end).sort((a, b) => a.at - b.at);
      if (!next) break;
      this.timers = this.timers.filter((t) => t !== next);
      this.now = Math.max(this.now, next.at);
      next.what();
    }
    this.now = end;
  }
}

/** Says what it is told to say; what was told to be alive answers when its pace is raised. */
export class TestProber implements Prober {
  sessions: readonly ProbeSession[] = [];
  listener!: ProbeListener;
  readonly known = new Map<string, Health>();
  readonly reflector = { answered: 0, sessions: 0, refusals: {} as never };
  readonly refusals = {} as never;
  readonly stretch = 1;
  readonly sent = 0;
  announceRestart = () => Promise.resolve();
  closed = false;
  setSessions(sessions: readonly ProbeSession[]) {
    this.sessions = sessions;
  }
  setPace(session: string, pace: Pace) {
    if (!this.sessions.some((s) => s.id === session)) throw new RangeError(`no session ${session}`);
    if (pace !== 'standby') this.poll(session);
  }
  poll(session: string) {
    const lives = ['up', 'degraded'].includes(this.known.get(session) ?? 'unknown');
    if (lives) queueMicrotask(() => this.listener.onAnswer?.(session));
  }
  condemn(session: string) {
    if (this.known.get(session) !== 'down') this.report(session, 'down');
  }
  health = (session: string) => this.known.get(session);
  statistics = () => undefined;
  close() {
    this.closed = true;
    return Promise.resolve();
  }
  report(session: string, health: Health) {
    this.known.set(session, health);
    this.listener.onHealth(session, health, 'test');
  }
}

/** A machine before any agent. */
export const bareHost = (): FakeHost => new FakeHost(sysctls);

/** An agent on a fake host, with what stands around it. */
export interface Bench {
  readonly agent: Agent;
  readonly host: FakeHost;
  readonly clock: TestClock;
  readonly prober: TestProber;
  readonly events: AgentEvent[];
  readonly recorded: Bundle[];
  next: BundleResult;
}

/** The plan's part of a/1 as a bundle. */
export function bundleOf(planned: PlannedGateways): BundleResult {
  const bundle = {
    gateway: planned.state('a/1'),
    keys: planned.keys('a/1'),
    endpoints: new Map<string, string>(),
  };
  return { ok: true, bundle };
}

/** An agent without a plan; `take` gives it this one. */
export async function agentBench(planned: PlannedGateways, host = bareHost()): Promise<Bench> {
  const clock = new TestClock();
  const prober = new TestProber();
  const [events, recorded]: [AgentEvent[], Bundle[]] = [[], []];
  const made = { host, clock, prober, events, recorded, next: bundleOf(planned) } as unknown as Bench & {
    agent: Agent;
  };
  const agent = await startAgent({
    host,
    clock,
    settings: defaultAgentSettings,
    read: () => made.next,
    record: (bundle) => void recorded.push(bundle),
    probe: (listener) => {
      prober.listener = listener;
      return Promise.resolve(prober);
    },
    sessions: ({ gateway }) => ({
      sessions: [
        ...gateway.tunnels.map((t) => ({ id: `tunnel:${t.id}` })),
        ...gateway.paths.filter((p) => p.probe).map((p) => ({ id: `path:${p.id}` })),
      ] as ProbeSession[],
      peers: [],
    }),
    publish: (event) => void events.push(event),
    log: () => undefined,
  });
  return Object.assign(made, { agent });
}

/** Every session answers. */
export function upAll({ agent, prober }: Bench): void {
  for (const session of agent.state.sessions.keys()) prober.report(session, 'up');
}

/** What the host forwards over, by destination and class. */
export function forwarded({ host, agent }: Bench): Map<string, string> {
  const found = adoptedSelections(agent.bundle!.gateway, [...host.objects.values()]);
  return new Map(
    found.map((s) => [
      `${s.to} ${s.class}`,
      s.members
        .map((m) => m.path)
        .sort()
        .join(' '),
    ]),
  );
}

/** What is decided, by destination and class. */
export function decided({ agent }: Bench): Map<string, string> {
  const living = [...agent.state.selections].filter(([, s]) => s.members.length > 0);
  return new Map(
    living.map(([flow, s]) => [
      flow,
      s.members
        .map((m) => m.path)
        .sort()
        .join(' '),
    ]),
  );
}
