import { setTimeout as sleep } from 'node:timers/promises';
import type { AgentState } from '../../../lib/agent/decide';
import type { Cloud } from '../../../lib/agent/takeover';
import type { Lease } from '../../../lib/agent/takeover/lease';
import type { CloudRoute } from '../../../lib/agent/takeover/route-tables';
import { startTakeover, type Takeover } from '../../../lib/agent/takeover/start-takeover';
import { gatewayState } from '../../../lib/gateway';
import { planOf } from '../../support/plan-of';

const plan = planOf({
  network: 'tables',
  regions: { dublin: { place: 'eu-west-1', gateways: { count: 2 } }, ohio: { place: 'us-east-2' } },
  links: [{ between: ['dublin', 'ohio'], bandwidth: '1 Gbps' }],
});
const gateway = gatewayState(plan, 'dublin/1');
const ohio = plan.regions.find(({ id }) => id === 'ohio')!.ipv4Block;
const [own, partner] = ['eni-00000001', 'eni-00000002'];
const [first, second, third] = ['rtb-00000001', 'rtb-00000002', 'rtb-00000003'];
const deployed = JSON.stringify({
  formatVersion: 1,
  tables: { public: first, 'private-1': second, 'private-2': third },
  interfaces: { 'dublin/1': { id: own, ipv4: '10.0.0.4' }, 'dublin/2': { id: partner, ipv4: '10.0.0.5' } },
});

/** A cloud in memory, a partner that is heard or not, a clock that goes when told. */
class Bench {
  nowMs = 0;
  routes: CloudRoute[] = [first, second, third].map((table) => {
    return { table, destination: ohio, target: table === third ? partner : own };
  });
  ownInterface = own;
  kept: string | null = null;
  health: 'up' | 'down' = 'up';
  drains = new Set<string>();
  apiAnswers = true;
  lease: { lease: Lease; etag: string } | null = null;
  readonly told: string[] = [];
  readonly logged: string[] = [];
  answers = false;
  watched: readonly string[] = [];
  hear: (heard: boolean) => void = () => undefined;
  takeover!: Takeover;
  private tick: () => void = () => undefined;
  private etags = 0;

  async start(): Promise<void> {
    const ask = <T>(value: () => T) =>
      this.apiAnswers ? Promise.resolve(value()) : Promise.reject(new Error('no answer'));
    const cloud: Cloud = {
      tables: {
        read: (ids) => ask(() => this.routes.filter(({ table }) => ids.includes(table))),
        takeRoute: (table, destination) =>
          ask(() => {
            this.routes = this.routes.map((route) =>
              route.table === table && route.destination === destination ? { ...route, target: own } : route,
            );
          }),
      },
      lease: {
        read: () =>
          ask(() => (this.lease ? { ...this.lease, ageMs: 0 } : { lease: null, etag: null, ageMs: 0 })),
        write: (lease, expected) =>
          ask(() => {
            if ((this.lease?.etag ?? null) !== expected) return null;
            this.lease = { lease, etag: String(++this.etags) };
            return this.lease.etag;
          }),
      },
      deployed: () => ask(() => deployed),
      ownInterface: () => ask(() => this.ownInterface),
      close: () => undefined,
    };
    this.takeover = await startTakeover({
      cloud,
      neighbour: (onHeard) => {
        this.hear = onHeard;
        return Promise.resolve({
          watch: (_of, _keys, addresses) => void (this.watched = addresses),
          answer: (on) => void (this.answers = on),
          close: () => Promise.resolve(),
        });
      },
      nowMs: () => this.nowMs,
      every: (_periodMs, what) => {
        this.tick = what;
        return () => undefined;
      },
      agent: () =>
        ({
          sessions: new Map(gateway.tunnels.map(({ id }) => [`tunnel:${id}`, { health: this.health }])),
          drains: this.drains,
        }) as unknown as AgentState,
      tell: ({ what, from, to }) => void this.told.push(`${what}: ${from} > ${to}`),
      log: (message) => void this.logged.push(message),
      kept: { read: () => this.kept, write: (text) => void (this.kept = text) },
    });
    this.takeover.take(gateway, { own: [], before: new Map() });
  }

  async run(ms: number): Promise<void> {
    for (const end = this.nowMs + ms; this.nowMs < end;) {
      this.nowMs += 100;
      this.tick();
      // Answers of the cloud come meanwhile.
      await sleep(0);
    }
  }

  targets(): (string | null)[] {
    return this.routes.map(({ target }) => target);
  }
}

async function bench(change: (of: Bench) => void = () => undefined): Promise<Bench> {
  const made = new Bench();
  change(made);
  await made.start();
  await made.run(500);
  return made;
}

describe('taking over routes', () => {
  it('points those of a silent partner at the own interface, and says so', async () => {
    const of = await bench();
    expect([of.answers, of.watched, of.kept]).toEqual([true, ['10.0.0.5'], deployed]);
    of.hear(true);
    await of.run(2000);
    of.hear(false);
    await of.run(2000);
    expect(of.targets()).toEqual([own, own, own]);
    expect(of.told).toContain('private-2: dublin/2 > dublin/1');
    expect(of.lease?.lease).toMatchObject({ by: 'dublin/1', phase: 'done', moves: 1 });
  });

  it('is up to neither of two that are drained, and to each of them once the other dies', async () => {
    const of = await bench();
    of.hear(true);
    of.drains = new Set(['gateway dublin/1']);
    await of.run(2000);
    expect([of.answers, of.takeover.view.state.why]).toEqual([false, 'it is drained']);
    of.drains = new Set(['gateway dublin/1', 'gateway dublin/2']);
    const before = of.targets();
    await of.run(2000);
    expect([of.answers, of.targets()]).toEqual([true, before]);
    of.hear(false);
    await of.run(3000);
    expect(of.targets()).toEqual([own, own, own]);
    // A region that is drained says nothing about which of its gateways is to stay.
    of.drains = new Set(['region dublin']);
    await of.run(1000);
    expect(of.answers).toBe(true);
  });

  it('leaves a route alone that leads elsewhere, and tells of it once', async () => {
    const of = await bench();
    of.routes = of.routes.map((route) =>
      route.table === third ? { ...route, target: 'eni-0000000f' } : route,
    );
    of.hear(false);
    await of.run(130_000);
    expect(of.targets()).toEqual([own, own, 'eni-0000000f']);
    expect(of.told.filter((line) => line.startsWith('private-2'))).toHaveLength(1);
    expect(of.lease).toBeNull();
  });

  it("does nothing by a file that calls another interface this gateway's", async () => {
    const of = await bench((made) => (made.ownInterface = 'eni-0000000e'));
    of.hear(false);
    await of.run(5000);
    expect(of.targets()).toEqual([own, own, partner]);
    expect(of.takeover.view.obstacle).toMatch(/^it calls eni-00000001 this gateway's interface/);
  });

  it('neither answers nor moves while no tunnel lives', async () => {
    const of = await bench();
    of.health = 'down';
    await of.run(200);
    expect(of.answers).toBe(false);
    of.hear(false);
    await of.run(5000);
    expect(of.targets()).toEqual([own, own, partner]);
  });

  it('goes by what was deployed last where the API does not answer, and moves once it does', async () => {
    const of = await bench((made) => Object.assign(made, { apiAnswers: false, kept: deployed }));
    expect(of.watched).toEqual(['10.0.0.5']);
    of.hear(false);
    await of.run(3000);
    expect(of.targets()).toEqual([own, own, partner]);
    of.apiAnswers = true;
    await of.run(8000);
    expect(of.targets()).toEqual([own, own, own]);
  });

  it('believes nothing of before for two seconds after it was stopped', async () => {
    const of = await bench();
    of.nowMs += 60_000;
    await of.run(100);
    expect([of.answers, of.takeover.view.state.why]).toEqual([
      false,
      'the agent was stopped, and has just gone on',
    ]);
    await of.run(2100);
    expect(of.answers).toBe(true);
  });

  it('tells its partner of a restart, so that nothing is moved for it', async () => {
    const of = await bench();
    of.hear(true);
    await of.run(500);
    await of.takeover.stop(true);
    expect(of.lease?.lease).toMatchObject({ by: 'dublin/1', phase: 'object' });
  });
});
