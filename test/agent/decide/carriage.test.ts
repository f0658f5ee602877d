import { loweredMtus, type PathCarriage } from '../../../lib/agent/decide';
import { gatewayA, spreadDiamond } from '../diamond';
import { drivenAgent, type DrivenAgent } from '../driven-agent';

/** Gateway a/1 with every session up. */
function agentUp(gateway = gatewayA()): DrivenAgent {
  const agent = drivenAgent(gateway);
  for (const session of agent.state().sessions.keys()) agent.health(session, 'up');
  agent.events.length = 0;
  return agent;
}

const dead: PathCarriage = { health: 'down', cause: 'traffic vanishes', carriesBytes: null };
const short: PathCarriage = {
  health: 'degraded',
  cause: 'packets over 1300 bytes vanish',
  carriesBytes: 1300,
};
const well: PathCarriage = { health: 'up', cause: 'traffic arrives', carriesBytes: null };
const carry = (agent: DrivenAgent, path: string, carriage: PathCarriage) =>
  agent.send({ kind: 'carriage', path, ...carriage });

describe('traffic that does not arrive, over a path whose probes are answered', () => {
  it.each([dead, short])('goes by the next that carries it, and comes back: $cause', (carriage) => {
    const agent = agentUp();
    carry(agent, 'a>b', carriage);
    expect(agent.paths('b critical')).toEqual(['a>c>b']);
    carry(agent, 'a>c>b', carriage);
    expect(agent.paths('b critical')).toEqual(['a>d>b']);
    carry(agent, 'a>b', well);
    expect(agent.paths('b critical')).toEqual(['a>b']);
  });

  it('goes nowhere where no path carries anything, and stays where each carries something', () => {
    const agent = agentUp();
    const paths = ['a>b', 'a>c>b', 'a>d>b'];
    for (const path of paths) carry(agent, path, dead);
    expect(agent.paths('b critical')).toEqual([]);
    for (const path of paths) carry(agent, path, short);
    expect(agent.paths('b critical')).toEqual(['a>b']);
  });

  it('leaves a spread to the members that carry', () => {
    const agent = agentUp(gatewayA(spreadDiamond));
    expect(Object.keys(agent.members('b bulk'))).toHaveLength(3);
    carry(agent, 'a>c>b', dead);
    expect(Object.keys(agent.members('b bulk')).sort()).toEqual(['a>b', 'a>d>b']);
  });

  it('is told once, with what carries and why', () => {
    const agent = agentUp();
    carry(agent, 'a>b', dead);
    carry(agent, 'a>b', dead);
    carry(agent, 'a>b', short);
    carry(agent, 'a>b', well);
    const told = agent.events.filter(({ kind }) => ['traffic', 'mtu'].includes(kind));
    expect(told.map(({ kind, what, from, to, cause }) => [kind, what, from, to, cause])).toEqual([
      ['traffic', 'path a>b', 'up', 'down', 'traffic vanishes'],
      ['mtu', 'path a>b', 'as planned', '1300', 'packets over 1300 bytes vanish'],
      ['traffic', 'path a>b', 'down', 'up', 'packets over 1300 bytes vanish'],
      ['mtu', 'path a>b', '1300', 'as planned', 'traffic arrives'],
    ]);
  });

  it('lowers the MTU of a path only while it carries traffic, for there is no better', () => {
    const agent = agentUp();
    carry(agent, 'a>b', short);
    expect(agent.paths('b critical')).toEqual(['a>c>b']);
    expect([...loweredMtus(agent.state())]).toEqual([]);
    carry(agent, 'a>c>b', { ...short, carriesBytes: 1290 });
    const actions = carry(agent, 'a>d>b', { ...short, carriesBytes: 1280 });
    expect(agent.paths('b critical')).toEqual(['a>b']);
    expect(actions.map(({ kind }) => kind)).toContain('mtu');
    expect([...loweredMtus(agent.state())]).toEqual([['a>b', 1300]]);
    const healed = carry(agent, 'a>b', well);
    expect(healed.map(({ kind }) => kind)).toContain('mtu');
    expect([...loweredMtus(agent.state())]).toEqual([]);
  });

  it('astray by the rules of others is told, and moves nothing', () => {
    const agent = agentUp();
    const stray = (arrives: boolean) =>
      agent.send({ kind: 'arrival', flow: 'b critical', family: 4, arrives });
    stray(false);
    stray(false);
    expect([...agent.state().astray]).toEqual(['b critical IPv4']);
    expect(agent.paths('b critical')).toEqual(['a>b']);
    stray(true);
    expect(agent.state().astray.size).toBe(0);
    expect(agent.events.map(({ kind, what, to }) => [kind, what, to])).toEqual([
      ['traffic', 'b critical IPv4', 'vanishes'],
      ['traffic', 'b critical IPv4', 'arrives'],
    ]);
    agent.send({ kind: 'arrival', flow: 'nowhere', family: 4, arrives: false });
    carry(agent, 'nowhere', dead);
    expect([agent.state().astray.size, agent.state().carriage.size]).toEqual([0, 0]);
  });
});
