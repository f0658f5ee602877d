import type { GatewayState } from '../../../lib/gateway';
import { seeded } from '../../support/random-seeded';
import { gatewayA, spreadDiamond } from '../diamond';
import { drivenAgent, type DrivenAgent } from '../driven-agent';

const [ab, ac, ad] = ['tunnel-a-b', 'tunnel-a-c', 'tunnel-a-d'];

function agentUp(gateway: GatewayState = gatewayA(spreadDiamond)): DrivenAgent {
  const agent = drivenAgent(gateway);
  for (const session of agent.state().sessions.keys()) agent.health(session, 'up');
  return agent;
}

/** Parts of the flow by tunnel, 0 to 1, as its weights say. */
function parts(agent: DrivenAgent): Map<string, number> {
  const members = Object.entries(agent.members('b bulk'));
  const whole = members.reduce((sum, [, weight]) => sum + weight, 0);
  const tunnel = new Map(agent.gateway.paths.map((p) => [p.id, p.tunnel]));
  return new Map(members.map(([path, weight]) => [tunnel.get(path)!, weight / whole]));
}

/** One telemetry period in a world where the flow has `mbps` and others load the tunnels (of 100 Mbps). */
function measure(agent: DrivenAgent, mbps: number, others: Readonly<Record<string, number>>): number {
  const share = parts(agent);
  const load = (t: string) => ((others[t] ?? 0) + mbps * (share.get(t) ?? 0)) / 100;
  const utilisation = new Map([ab, ac, ad].map((t) => [t, load(t)]));
  agent.pass(10_000);
  agent.send({ kind: 'load', utilisation });
  return Math.max(...utilisation.values());
}

describe('re-balancing by measured load', () => {
  it('shifts a spread towards available bandwidth, among its own members, and rests there', () => {
    const agent = agentUp();
    const fullest = Array.from({ length: 8 }, () => measure(agent, 60, { [ab]: 60 }));
    expect(fullest[0]).toBeCloseTo(0.8);
    // Available beside its own 60 Mbps are 40, 100 and 100 of 240: the whole way leads to 70 %, half of it
    // to 75 %, and what is left to gain is below 10 % then.
    expect(fullest[7]).toBeCloseTo(0.75, 2);
    expect([...parts(agent).keys()].sort()).toEqual([ab, ac, ad]);
    const [before, events] = [agent.members('b bulk'), agent.events.length];
    for (let i = 0; i < 20; i++) measure(agent, 60, { [ab]: 60 });
    expect([agent.members('b bulk'), agent.events.length]).toEqual([before, events]);
    const shift = agent.events.find((e) => e.kind === 'rebalance')!;
    expect([shift.what, shift.cause]).toEqual(['b bulk', 'measured load']);
    expect(shift.selection!.members.every((m) => Number.isInteger(m.weight) && m.weight >= 1)).toBe(true);
  });

  it('leaves weights that a shift would not improve by more than 10 %', () => {
    const agent = agentUp();
    for (let i = 0; i < 10; i++) measure(agent, 60, { [ab]: 10 });
    expect(agent.members('b bulk')).toEqual({ 'a>b': 1, 'a>c>b': 1, 'a>d>b': 1 });
  });

  it('leaves weights alone while nothing is loaded', () => {
    const agent = agentUp();
    for (let i = 0; i < 10; i++) measure(agent, 1, { [ab]: 8 });
    expect(agent.events.filter((e) => e.kind === 'rebalance')).toEqual([]);
  });

  it('returns to the weights of the plan once they are no worse', () => {
    const agent = agentUp();
    for (let i = 0; i < 5; i++) measure(agent, 60, { [ab]: 60 });
    expect(agent.members('b bulk')['a>b']).not.toBe(agent.members('b bulk')['a>c>b']);
    measure(agent, 60, {});
    expect(agent.members('b bulk')).toEqual({ 'a>b': 1, 'a>c>b': 1, 'a>d>b': 1 });
    expect(agent.state().shifted.size).toBe(0);
  });

  it('shifts at most once a period, and by what is measured alone', () => {
    const agent = agentUp();
    const full = new Map([
      [ab, 0.9],
      [ac, 0.3],
      [ad, 0.3],
    ]);
    for (let i = 0; i < 9; i++) {
      agent.send({ kind: 'load', utilisation: full });
      agent.pass(900);
    }
    expect(agent.events.filter((e) => e.kind === 'rebalance')).toHaveLength(1);
    const other = agentUp();
    for (const broken of [
      new Map([[ab, 0.9]]),
      new Map([...full, [ab, NaN]]),
      new Map([...full, [ac, -1]]),
    ]) {
      other.pass(10_000);
      other.send({ kind: 'load', utilisation: broken });
    }
    expect(other.events.filter((e) => e.kind === 'rebalance')).toEqual([]);
  });

  it('keeps shifted weights among the members that live, and a dead member out', () => {
    const agent = agentUp();
    for (let i = 0; i < 5; i++) measure(agent, 60, { [ab]: 60 });
    const whole = agent.members('b bulk');
    agent.health('path:a>d>b', 'down');
    for (let i = 0; i < 5; i++) measure(agent, 60, { [ab]: 60 });
    const left = agent.members('b bulk');
    expect(Object.keys(left).sort()).toEqual(['a>b', 'a>c>b']);
    expect(left['a>b']).toBeLessThan(left['a>c>b']);
    agent.health('path:a>d>b', 'up');
    agent.pass(5_000);
    expect(Object.keys(agent.members('b bulk')).sort()).toEqual(Object.keys(whole).sort());
  });

  it('calms down under steady loads, however wrong the plan was about them (seeded)', () => {
    for (let seed = 1; seed <= 100; seed++) {
      const random = seeded(seed);
      const agent = agentUp();
      const mbps = random.pick([5, 20, 60, 150, 250]);
      const others = Object.fromEntries([ab, ac, ad].map((t) => [t, random.whole(0, 120)]));
      const first = measure(agent, mbps, others);
      for (let i = 0; i < 30; i++) measure(agent, mbps, others);
      const events = agent.events.filter((e) => e.kind === 'rebalance').length;
      const last = measure(agent, mbps, others);
      for (let i = 0; i < 10; i++) measure(agent, mbps, others);
      expect([seed, agent.events.filter((e) => e.kind === 'rebalance').length]).toEqual([seed, events]);
      expect([seed, last <= first + 1e-9]).toEqual([seed, true]);
    }
  });
});
