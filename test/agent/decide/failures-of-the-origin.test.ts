import { decide } from '../../../lib/agent/decide';
import { diamond, gatewayA } from '../diamond';
import { drivenAgent, type DrivenAgent } from '../driven-agent';

const direct = 'tunnel:tunnel-a-b';
const [overC, overD] = ['path:a>c>b', 'path:a>d>b'];

function agentUp(gateway = gatewayA()): DrivenAgent {
  const agent = drivenAgent(gateway);
  for (const session of agent.state().sessions.keys()) agent.health(session, 'up');
  return agent;
}

describe('what the origin got wrong, running', () => {
  it('a route served over a dead link because a cache ignored the topology', () => {
    const agent = agentUp();
    const dead = 'tunnel:tunnel-a-c';
    agent.health(dead, 'down');
    const uses = () => [...agent.selections.values()].flatMap((s) => s.members.map((m) => m.path));
    const overDead = () => uses().filter((path) => path.startsWith('a>c'));
    expect(overDead()).toEqual([]);
    // Another plan, without a-b: what was chosen under the old one serves nothing under it.
    const links = diamond.links!.filter((l) => l.between!.join() !== 'a,b');
    const { settings } = agent.state();
    agent.send({ kind: 'plan', gateway: gatewayA({ ...diamond, links }), settings, utcOffsetMs: 0 });
    agent.selections.forEach((_, flow) => expect([flow, agent.paths(flow)]).not.toEqual([flow, ['a>b']]));
    expect(overDead()).toEqual([]);
    agent.health(overD, 'down');
    expect([agent.paths('b critical'), overDead()]).toEqual([[], []]);
  });

  it('a failed link installed again after recovery', () => {
    const agent = agentUp();
    agent.health(direct, 'down');
    agent.health('tunnel:tunnel-a-c', 'down');
    // a-b recovers; a-c is dead still and must not come back with it.
    agent.health(direct, 'up');
    agent.settle();
    const uses = [...agent.selections.values()].flatMap((s) => s.members.map((m) => m.path));
    expect(uses.filter((path) => path.startsWith('a>c'))).toEqual([]);
    expect(agent.paths('b critical')).toEqual(['a>b']);
  });

  it('a route never restored after recovery', () => {
    const agent = agentUp();
    const usual = new Map(agent.selections);
    for (const session of agent.state().sessions.keys()) agent.health(session, 'down');
    expect([...agent.selections.values()].every((s) => s.members.length === 0)).toBe(true);
    for (const session of agent.state().sessions.keys()) agent.health(session, 'up');
    agent.settle();
    expect(agent.selections).toEqual(usual);
  });

  it('primary and backup sharing one health record', () => {
    const agent = agentUp();
    agent.health(direct, 'down');
    const { sessions } = agent.state();
    expect([direct, overC, overD].map((s) => sessions.get(s)!.health)).toEqual(['down', 'up', 'up']);
    expect(agent.paths('b critical')).toEqual(['a>c>b']);
    agent.health(overC, 'degraded');
    expect([direct, overC, overD].map((s) => agent.state().sessions.get(s)!.health)).toEqual([
      'down',
      'degraded',
      'up',
    ]);
    expect(agent.paths('b critical')).toEqual(['a>d>b']);
  });

  it('a metrics list that grows for ever', () => {
    const agent = drivenAgent(gatewayA(), { settings: { historySize: 50 } });
    for (let i = 0; i < 2_000; i++) {
      agent.health(direct, i % 2 === 0 ? 'down' : 'up');
      agent.pass(6_000);
    }
    const { history } = agent.state();
    expect(agent.events.length).toBeGreaterThan(2_000);
    expect(history).toHaveLength(50);
    expect(history).toEqual(agent.events.slice(-50));
    expect(history.map((e) => e.id)).toEqual(history.map((_, i) => history[0].id + i));
  });

  it('source equal to destination crashes', () => {
    const gateway = gatewayA();
    const self = { ...gateway.routes[0], to: 'a', primary: null, backups: [], equalCost: [] };
    const agent = agentUp({ ...gateway, routes: [self, ...gateway.routes] });
    expect([...agent.selections.keys()].filter((flow) => flow.startsWith('a '))).toEqual([]);
    agent.send({ kind: 'drain', of: 'region', id: 'a', on: true });
    agent.send({ kind: 'drain', of: 'gateway', id: 'a/1', on: true });
    expect(agent.paths('b critical')).toEqual(['a>b']);
  });

  it('a parallel link overwriting the first', () => {
    const second = { ...diamond.links![0], id: 'link-a-b-2', latency: '11 ms' } as const;
    const agent = agentUp(gatewayA({ ...diamond, links: [...diamond.links!, second] }));
    const [first, other] = ['link-a-b', 'link-a-b-2'].map(
      (link) => agent.gateway.tunnels.find((t) => t.link === link)!.id,
    );
    expect(agent.paths('b critical')).toEqual(['a>b']);
    agent.health(`tunnel:${other}`, 'down');
    expect(agent.paths('b critical')).toEqual(['a>b']);
    agent.health(`tunnel:${first}`, 'down');
    expect(agent.state().sessions.get(`tunnel:${other}`)!.health).toBe('down');
    expect(agent.paths('b critical')).toEqual(['a>c>b']);
  });

  it('ties broken at random', () => {
    // Both backups come back at the same instant, in either order of the reports: the plan's order decides.
    for (const order of [
      [overC, overD],
      [overD, overC],
    ]) {
      const agent = agentUp();
      for (const session of [direct, overC, overD]) agent.health(session, 'down');
      for (const session of order) agent.health(session, 'up');
      agent.settle();
      expect(agent.paths('b critical')).toEqual(['a>c>b']);
    }
  });

  it('bandwidth never released: a window that has closed holds nothing', () => {
    const window = { start: '2026-12-01T22:00', duration: '1 h', timeZone: 'UTC' } as const;
    const reservations = { nightly: { from: 'a', to: 'b', bandwidth: '40 Mbps', window } } as const;
    const gateway = gatewayA({ ...diamond, reservations });
    const agent = drivenAgent(gateway, { utcOffsetMs: Date.UTC(2026, 11, 1, 22) });
    expect(agent.guaranteed()).toEqual(['nightly']);
    agent.pass(3_600_000);
    expect(agent.guaranteed()).toEqual([]);
    // And one that left the plan while it was open.
    const other = drivenAgent(gateway, { utcOffsetMs: Date.UTC(2026, 11, 1, 22) });
    const { settings, utcOffsetMs } = other.state();
    const { state, actions } = decide(
      other.state(),
      { kind: 'plan', gateway: gatewayA(), settings, utcOffsetMs },
      1,
    );
    expect(actions.find((a) => a.kind === 'guarantee')).toEqual({ kind: 'guarantee', reservations: [] });
    expect(state.open).toEqual([]);
  });
});
