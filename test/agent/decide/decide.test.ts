import { decide, initialAgentState } from '../../../lib/agent/decide';
import { diamond, gatewayA, spreadDiamond } from '../diamond';
import { drivenAgent, type DrivenAgent } from '../driven-agent';

const direct = 'tunnel:tunnel-a-b';
const overC = 'path:a>c>b';
const overD = 'path:a>d>b';
const wait = 5_000;

/** Gateway a/1 with every session up. */
function agentUp(gateway = gatewayA(), options = {}): DrivenAgent {
  const agent = drivenAgent(gateway, options);
  for (const session of agent.state().sessions.keys()) agent.health(session, 'up');
  agent.events.length = 0;
  return agent;
}

describe('failover', () => {
  it('moves all classes to the best living backup with one select action, and says why', () => {
    const agent = agentUp();
    const actions = agent.send({
      kind: 'health',
      session: direct,
      health: 'down',
      cause: '3 probes unanswered',
    });
    const selects = actions.filter((a) => a.kind === 'select');
    expect(selects).toHaveLength(1);
    expect(actions[0]).toBe(selects[0]);
    // b over c now, and what went over b to others.
    expect(agent.paths('b critical')).toEqual(['a>c>b']);
    expect(agent.events.map((e) => e.id)).toEqual(agent.events.map((_, i) => agent.events[0].id + i));
    expect(agent.events[0]).toMatchObject({ kind: 'health', what: direct, from: 'up', to: 'down' });
    expect(agent.events.find((e) => e.what === 'b critical')).toMatchObject({
      kind: 'select',
      from: 'a>b',
      to: 'a>c>b',
      cause: `${direct} is down: 3 probes unanswered`,
      selection: { to: 'b', class: 'critical', members: [{ path: 'a>c>b', weight: 1 }] },
    });
    agent.health(overC, 'down');
    expect(agent.paths('b critical')).toEqual(['a>d>b']);
  });

  it('takes a path of several hops for dead as soon as the tunnel of its first hop is', () => {
    const agent = agentUp();
    agent.health(direct, 'down');
    agent.health('tunnel:tunnel-a-c', 'down');
    expect(agent.paths('b critical')).toEqual(['a>d>b']);
  });

  it('selects nothing at once when no planned path lives, and the first that comes back, without a wait', () => {
    const agent = agentUp();
    for (const session of [direct, overC, overD]) agent.health(session, 'down');
    expect(agent.paths('b critical')).toEqual([]);
    expect([overC, overD].map((path) => agent.paces.get(path))).toEqual(['raised', 'raised']);
    agent.health(overD, 'up');
    expect(agent.paths('b critical')).toEqual(['a>d>b']);
    // The better path is back as well, but its wait is not over.
    agent.pass(100);
    agent.health(direct, 'up');
    expect(agent.paths('b critical')).toEqual(['a>d>b']);
    agent.pass(wait);
    expect(agent.paths('b critical')).toEqual(['a>b']);
  });

  it('probes what may come back fast for a while when nothing is left', () => {
    const agent = agentUp();
    for (const session of [direct, overC, overD]) agent.health(session, 'down');
    agent.pass(1_900);
    expect(agent.paces.get(overD)).toBe('raised');
    agent.pass(100);
    expect(agent.paces.get(overD)).toBe('standby');
  });

  it('prefers a backup that answers to one that has not answered yet', () => {
    const agent = drivenAgent(gatewayA());
    for (const session of ['tunnel:tunnel-a-b', 'tunnel:tunnel-a-c', 'tunnel:tunnel-a-d', overD]) {
      agent.health(session, 'up');
    }
    agent.health(direct, 'down');
    expect(agent.paths('b critical')).toEqual(['a>d>b']);
    agent.health(overC, 'up');
    expect(agent.paths('b critical')).toEqual(['a>c>b']);
  });

  it('keeps a spread on its living members with their weights against each other', () => {
    const agent = agentUp(gatewayA(spreadDiamond));
    expect(agent.members('b bulk')).toEqual({ 'a>b': 1, 'a>c>b': 1, 'a>d>b': 1 });
    agent.health(overC, 'down');
    expect(agent.members('b bulk')).toEqual({ 'a>b': 1, 'a>d>b': 1 });
    agent.health(direct, 'down');
    expect(agent.members('b bulk')).toEqual({ 'a>d>b': 1 });
  });
});

/**
 * From a to d: over b, over c and b, over c; the first two share link b-d. All have been up for 10 s, and
 * nothing answers by itself.
 */
function agentToD({ bulkOver }: { readonly bulkOver?: string } = {}): DrivenAgent {
  const links = diamond.links!.filter((l) => l.between!.join() !== 'a,d');
  const extra = {
    between: ['c', 'd'],
    bandwidth: '100 Mbps',
    latency: '30 ms',
    cost: '0.02 USD/GB',
  } as const;
  const policies = { all: { strategy: 'latency', backups: 2, disjoint: 'none' } } as const;
  const gateway = gatewayA({ ...diamond, links: [...links, extra], policies });
  // The planner puts the disjoint backup first; here it is the second.
  const routes = gateway.routes.map((r) => {
    const spread = { class: 'bulk', mbps: 0, members: [{ path: bulkOver!, weight: 1 }] } as const;
    const spreads = bulkOver !== undefined && r.to === 'd' ? [spread] : r.spreads;
    return { ...r, spreads, backups: [...r.backups].reverse() };
  });
  const agent = agentUp({ ...gateway, routes }, { answers: () => false });
  agent.pass(10_000);
  return agent;
}

describe('a backup that may have died with the primary', () => {
  const shared = 'path:a>b>d';

  it('is passed over for one that has answered since, and taken back once it has answered, too', () => {
    const agent = agentToD();
    expect([agent.paths('d critical'), agent.gateway.routes.find((r) => r.to === 'd')!.backups]).toEqual([
      ['a>b>d'],
      ['a>c>b>d', 'a>c>d'],
    ]);
    agent.send({ kind: 'suspect', session: shared });
    expect([agent.paces.get('path:a>c>b>d'), agent.paces.get('path:a>c>d')]).toEqual(['raised', 'raised']);
    agent.pass(40);
    agent.send({ kind: 'answer', session: 'path:a>c>d' });
    agent.health(shared, 'down');
    expect(agent.paths('d critical')).toEqual(['a>c>d']);
    agent.send({ kind: 'answer', session: 'path:a>c>b>d' });
    expect(agent.paths('d critical')).toEqual(['a>c>b>d']);
    // What carries traffic is not left for a doubt.
    expect(agent.state().doubtful.size).toBe(0);
  });

  /** The disjoint backup has been dead and is back: it is held back. */
  function holdBack(agent: DrivenAgent): void {
    agent.health('path:a>c>d', 'down');
    agent.health('path:a>c>d', 'up');
    agent.pass(10);
  }

  it('is passed over for one that is held back but has answered since', () => {
    const agent = agentToD();
    holdBack(agent);
    agent.send({ kind: 'suspect', session: shared });
    agent.pass(40);
    agent.health(shared, 'down');
    // Nobody has answered: what is held back stays so.
    expect(agent.paths('d critical')).toEqual(['a>c>b>d']);
    agent.settle();
    agent.health(shared, 'up');
    agent.send({ kind: 'answer', session: 'path:a>c>b>d' });
    agent.send({ kind: 'answer', session: shared });
    agent.pass(60_000);
    agent.send({ kind: 'answer', session: shared });
    expect(agent.paths('d critical')).toEqual(['a>b>d']);

    holdBack(agent);
    agent.send({ kind: 'suspect', session: shared });
    agent.pass(40);
    agent.send({ kind: 'answer', session: 'path:a>c>d' });
    agent.health(shared, 'down');
    expect(agent.paths('d critical')).toEqual(['a>c>d']);
    agent.send({ kind: 'answer', session: 'path:a>c>b>d' });
    expect(agent.paths('d critical')).toEqual(['a>c>b>d']);
  });

  it('is passed over for one that is held back when it has missed an answer itself', () => {
    const agent = agentToD();
    holdBack(agent);
    for (const session of [shared, 'path:a>c>b>d']) agent.send({ kind: 'suspect', session });
    agent.pass(40);
    agent.health(shared, 'down');
    expect(agent.paths('d critical')).toEqual(['a>c>d']);
    agent.send({ kind: 'answer', session: 'path:a>c>b>d' });
    expect(agent.paths('d critical')).toEqual(['a>c>b>d']);
  });

  it('is not passed over for one that is drained', () => {
    const agent = agentToD();
    agent.send({ kind: 'drain', of: 'link', id: 'link-c-d', on: true });
    agent.send({ kind: 'suspect', session: shared });
    agent.pass(40);
    agent.send({ kind: 'answer', session: 'path:a>c>d' });
    agent.health(shared, 'down');
    expect(agent.paths('d critical')).toEqual(['a>c>b>d']);
  });

  it('is probed fast until it has answered, and no longer', () => {
    const agent = agentToD();
    const paces = () => ['path:a>c>b>d', 'path:a>c>d'].map((path) => agent.paces.get(path));
    agent.send({ kind: 'suspect', session: shared });
    agent.send({ kind: 'answer', session: 'path:a>c>d' });
    expect(paces()).toEqual(['raised', 'standby']);
    // Nor again for the same doubt: it has answered since.
    agent.health(shared, 'down');
    expect(paces()).toEqual(['raised', 'active']);
    agent.send({ kind: 'answer', session: 'path:a>c>b>d' });
    expect(agent.paths('d critical')).toEqual(['a>c>b>d']);
    expect(paces()).toEqual(['active', 'standby']);
  });

  it('is passed over for one that is polled, for it carries other traffic already', () => {
    const agent = agentToD({ bulkOver: 'a>c>d' });
    expect([agent.paths('d critical'), agent.paths('d bulk')]).toEqual([['a>b>d'], ['a>c>d']]);
    const polls = agent
      .send({ kind: 'suspect', session: shared })
      .flatMap((a) => (a.kind === 'poll' ? [a.session] : []));
    expect(polls).toContain('path:a>c>d');
    // The one that was probed slowly until now tells of its first answer without a poll.
    expect(polls).not.toContain('path:a>c>b>d');
    agent.pass(40);
    agent.send({ kind: 'answer', session: 'path:a>c>d' });
    agent.health(shared, 'down');
    expect(agent.paths('d critical')).toEqual(['a>c>d']);
  });

  it('is probed slowly again as soon as the primary was only late', () => {
    const agent = agentToD();
    agent.send({ kind: 'suspect', session: shared });
    agent.send({ kind: 'answer', session: shared });
    expect([agent.paces.get('path:a>c>b>d'), agent.paces.get('path:a>c>d')]).toEqual(['standby', 'standby']);
    expect(agent.state().sessions.get(shared)).toMatchObject({ health: 'up', suspectMs: null });
  });

  it('is taken in the order of the plan when no other has answered since', () => {
    const agent = agentToD();
    agent.send({ kind: 'suspect', session: shared });
    agent.health(shared, 'down');
    expect(agent.paths('d critical')).toEqual(['a>c>b>d']);
  });

  it('is taken back after a while, but not before it has answered', () => {
    const agent = agentToD();
    agent.send({ kind: 'suspect', session: shared });
    agent.send({ kind: 'answer', session: 'path:a>c>d' });
    agent.health(shared, 'down');
    expect(agent.paths('d critical')).toEqual(['a>c>d']);
    agent.pass(20_000);
    expect(agent.paths('d critical')).toEqual(['a>c>d']);
    agent.send({ kind: 'answer', session: 'path:a>c>b>d' });
    expect(agent.paths('d critical')).toEqual(['a>c>b>d']);
    agent.settle();
    expect([...agent.paces].filter(([, pace]) => pace === 'active').map(([id]) => id)).toEqual([
      'path:a>c>b>d',
      'tunnel:tunnel-a-b',
      'tunnel:tunnel-a-c',
    ]);
  });
});

describe('a backup behind one that shares nothing with a silent path', () => {
  it('is asked only when that one is silent, too, and as long', () => {
    const agent = agentUp(gatewayA(), { answers: () => false });
    agent.pass(10_000);
    const paces = () => [overC, overD].map((path) => agent.paces.get(path));
    agent.send({ kind: 'suspect', session: direct });
    expect(paces()).toEqual(['raised', 'standby']);
    agent.pass(21);
    agent.send({ kind: 'suspect', session: overC });
    expect(paces()).toEqual(['raised', 'raised']);
    agent.send({ kind: 'answer', session: direct });
    expect(paces()).toEqual(['standby', 'standby']);
  });

  it.each([
    ['degraded', (agent: DrivenAgent) => void agent.health(overC, 'degraded')],
    ['drained', (agent: DrivenAgent) => void agent.send({ kind: 'drain', of: 'region', id: 'c', on: true })],
  ])('is asked when that one is %s', (_, spoil) => {
    const agent = agentUp(gatewayA(), { answers: () => false });
    agent.pass(10_000);
    spoil(agent);
    agent.send({ kind: 'suspect', session: direct });
    expect(agent.paces.get(overD)).toBe('raised');
  });
});

describe('a path in use that shares a link with one that has just died', () => {
  const used = 'path:a>b>d';
  const other = 'path:a>c>b>d';

  it('is left at once when it had missed an answer before, and taken back when it answers', () => {
    const agent = agentToD();
    agent.send({ kind: 'suspect', session: used });
    expect(agent.paths('d critical')).toEqual(['a>b>d']);
    agent.pass(30);
    agent.health(other, 'down');
    expect(agent.paths('d critical')).toEqual(['a>c>d']);
    agent.send({ kind: 'answer', session: used });
    expect(agent.paths('d critical')).toEqual(['a>b>d']);
  });

  it('is not left when it answers', () => {
    const agent = agentToD();
    agent.send({ kind: 'suspect', session: used });
    agent.send({ kind: 'answer', session: used });
    agent.health(other, 'down');
    expect(agent.paths('d critical')).toEqual(['a>b>d']);
  });

  it('is not left when it misses its first answer later', () => {
    const agent = agentToD();
    agent.health(other, 'down');
    agent.pass(30);
    agent.send({ kind: 'suspect', session: used });
    expect(agent.paths('d critical')).toEqual(['a>b>d']);
  });
});

describe('a path that is degraded', () => {
  it('is probed fast where traffic is to go back to it, and slowly where it is only a backup', () => {
    const agent = agentToD();
    const paces = () => ['path:a>b>d', 'path:a>c>d'].map((path) => agent.paces.get(path));
    agent.health('path:a>c>d', 'degraded');
    agent.health('path:a>b>d', 'degraded');
    agent.send({ kind: 'answer', session: 'path:a>c>b>d' });
    expect([agent.paths('d critical'), ...paces()]).toEqual([['a>c>b>d'], 'raised', 'standby']);
    agent.pass(60_000);
    expect(paces()).toEqual(['raised', 'standby']);
    agent.health('path:a>b>d', 'up');
    agent.send({ kind: 'answer', session: 'path:a>b>d' });
    agent.pass(10_000);
    agent.send({ kind: 'answer', session: 'path:a>b>d' });
    expect([agent.paths('d critical'), ...paces()]).toEqual([['a>b>d'], 'active', 'standby']);
  });

  it('is asked as any other once it is down', () => {
    const agent = agentToD();
    agent.health('path:a>b>d', 'degraded');
    agent.health('path:a>b>d', 'down');
    expect(agent.paces.get('path:a>b>d')).toBe('standby');
  });
});

describe('a path that nothing uses', () => {
  /** To b over d: the direct way is dead, the better one over c is back and waits. */
  const agentOverD = () => {
    const agent = agentUp(gatewayA(), { answers: () => false });
    for (const session of [direct, overC]) agent.health(session, 'down');
    agent.pass(100);
    agent.health(overC, 'up');
    expect(agent.paths('b critical')).toEqual(['a>d>b']);
    return agent;
  };

  it('is probed fast once its wait is over, and used once it has answered', () => {
    const agent = agentOverD();
    agent.pass(4_999);
    expect(agent.paces.get(overC)).toBe('standby');
    agent.pass(1);
    expect([agent.paces.get(overC), agent.paths('b critical')]).toEqual(['raised', ['a>d>b']]);
    agent.pass(10);
    agent.send({ kind: 'answer', session: overC });
    expect(agent.paths('b critical')).toEqual(['a>c>b']);
    expect(agent.events.at(-1)).toMatchObject({ kind: 'select', cause: 'a path has answered' });
  });

  it('is left alone when it has died without anyone noticing', () => {
    const agent = agentOverD();
    agent.pass(5_000);
    agent.health(overC, 'down', 'no answer for 61 ms');
    expect(agent.paths('b critical')).toEqual(['a>d>b']);
    agent.settle();
    expect([agent.paces.get(overC), agent.state().doubtful.size]).toEqual(['standby', 0]);
  });

  it.each([100, 1_500, 3_100])('is used with another once both have answered, %i ms apart', (apart) => {
    const agent = agentUp(gatewayA(spreadDiamond), { answers: () => false });
    for (const path of [overC, overD]) agent.health(path, 'down');
    for (const path of [overC, overD]) agent.health(path, 'up');
    agent.pass(5_000);
    expect(agent.paths('b bulk')).toEqual(['a>b']);
    agent.send({ kind: 'answer', session: overC });
    agent.pass(apart);
    expect(agent.paths('b bulk')).toEqual(['a>b']);
    agent.send({ kind: 'answer', session: overD });
    expect(agent.members('b bulk')).toEqual({ 'a>b': 1, 'a>c>b': 1, 'a>d>b': 1 });
  });

  it('is used at once when what is used dies first', () => {
    const agent = agentOverD();
    agent.pass(5_000);
    agent.health(overD, 'down');
    expect(agent.paths('b critical')).toEqual(['a>c>b']);
  });
});

describe('a brownout', () => {
  it('moves traffic as a blackhole does, and back only when it has been over for the wait', () => {
    const agent = agentUp();
    agent.health(direct, 'degraded', '20 % loss');
    expect(agent.paths('b critical')).toEqual(['a>c>b']);
    agent.pass(1_000);
    agent.health(direct, 'up');
    agent.pass(wait - 1);
    expect(agent.paths('b critical')).toEqual(['a>c>b']);
    agent.pass(1);
    expect(agent.paths('b critical')).toEqual(['a>b']);
  });

  it('moves nothing back while it comes and goes within the wait', () => {
    const agent = agentUp();
    agent.health(direct, 'degraded');
    for (let i = 0; i < 20; i++) {
      agent.pass(wait / 2);
      agent.health(direct, i % 2 === 0 ? 'up' : 'degraded');
      expect(agent.paths('b critical')).toEqual(['a>c>b']);
    }
  });

  it('is put up with when every other path is dead, in the order of the plan', () => {
    const agent = agentUp();
    agent.health(overC, 'degraded');
    agent.health(direct, 'degraded');
    agent.health(overD, 'down');
    expect(agent.paths('b critical')).toEqual(['a>b']);
    agent.health(direct, 'down');
    expect(agent.paths('b critical')).toEqual(['a>c>b']);
  });
});

describe('restoring', () => {
  it('waits, then is one select action with the new members: make before break', () => {
    const agent = agentUp();
    agent.health(direct, 'down');
    agent.pass(60_000);
    agent.health(direct, 'up');
    agent.pass(wait - 1);
    expect(agent.paths('b critical')).toEqual(['a>c>b']);
    agent.pass(1);
    expect(agent.paths('b critical')).toEqual(['a>b']);
    const [last] = agent.events.filter((e) => e.what === 'b critical').slice(-1);
    expect(last).toMatchObject({ from: 'a>c>b', to: 'a>b', cause: `${direct} is up: its wait is over` });
  });

  it('never selects nothing on the way back', () => {
    const agent = agentUp();
    agent.health(direct, 'down');
    agent.health(direct, 'up');
    agent.settle();
    expect(agent.events.filter((e) => e.selection?.members.length === 0)).toEqual([]);
  });
});

describe('flap damping (RFC 2439)', () => {
  const flap = (agent: DrivenAgent) => {
    agent.health(direct, 'down');
    agent.pass(100);
    agent.health(direct, 'up');
  };

  it('holds a session back after its third loss until its penalty has decayed to the reuse threshold', () => {
    const agent = agentUp();
    for (let i = 0; i < 2; i++) flap(agent);
    expect(agent.events.some((e) => e.kind === 'damping')).toBe(false);
    flap(agent);
    expect(agent.events.find((e) => e.kind === 'damping')).toMatchObject({ what: direct, to: 'suppressed' });
    // Three losses of 1000 within 0.3 s decay to 750 in two half-lives of 15 s.
    agent.pass(29_500);
    expect(agent.paths('b critical')).toEqual(['a>c>b']);
    agent.pass(500);
    expect(agent.paths('b critical')).toEqual(['a>b']);
    const [release] = agent.events.filter((e) => e.kind === 'damping').slice(-1);
    expect(release).toMatchObject({ from: 'suppressed', to: 'free' });
  });

  it('counts losses less the longer they are past: a loss a minute is never damped', () => {
    const agent = agentUp();
    for (let i = 0; i < 50; i++) {
      flap(agent);
      agent.pass(60_000);
      expect(agent.paths('b critical')).toEqual(['a>b']);
    }
    expect(agent.events.some((e) => e.kind === 'damping')).toBe(false);
  });

  it('holds nothing back longer than the most, however often it flapped', () => {
    const agent = agentUp();
    for (let i = 0; i < 1_000; i++) flap(agent);
    agent.pass(59_000);
    expect(agent.paths('b critical')).toEqual(['a>c>b']);
    agent.pass(1_000);
    expect(agent.paths('b critical')).toEqual(['a>b']);
  });

  it('uses a damped path all the same when nothing else lives', () => {
    const agent = agentUp();
    for (let i = 0; i < 5; i++) flap(agent);
    agent.health(overC, 'down');
    agent.health(overD, 'down');
    expect(agent.paths('b critical')).toEqual(['a>b']);
  });
});

describe('draining', () => {
  it.each([
    ['link', 'link-a-b', ['a>c>b']],
    ['gateway', 'c/1', ['a>b']],
    ['region', 'c', ['a>b']],
  ] as const)('a %s moves what passes it, and only selects', (of, id, paths) => {
    const agent = agentUp();
    const actions = agent.send({ kind: 'drain', of, id, on: true });
    expect(actions.filter((a) => !['select', 'pace', 'publish'].includes(a.kind))).toEqual([]);
    expect(agent.paths('b critical')).toEqual(paths);
    expect(agent.events[0]).toMatchObject({ kind: 'drain', what: `${of} ${id}`, to: 'drained' });
    agent.send({ kind: 'drain', of, id, on: false });
    // Undrained is not recovered: nothing has to be waited for.
    expect(agent.paths('b critical')).toEqual(['a>b']);
    expect(agent.events.filter((e) => e.selection?.members.length === 0)).toEqual([]);
  });

  it('leaves traffic on drained paths when nothing else lives', () => {
    const agent = agentUp();
    agent.send({ kind: 'drain', of: 'link', id: 'link-a-b', on: true });
    agent.health(overC, 'down');
    agent.health(overD, 'down');
    expect(agent.paths('b critical')).toEqual(['a>b']);
    agent.health(overD, 'up');
    agent.settle();
    expect(agent.paths('b critical')).toEqual(['a>d>b']);
    // A region that is drained is still reached.
    agent.send({ kind: 'drain', of: 'region', id: 'c', on: true });
    expect(agent.paths('c critical')).not.toEqual([]);
  });

  it('of what is not there changes nothing', () => {
    const agent = agentUp();
    const before = agent.state();
    agent.send({ kind: 'drain', of: 'link', id: 'link-x-y', on: true });
    agent.send({ kind: 'drain', of: 'gateway', id: 'link-a-b', on: true });
    agent.send({ kind: 'drain', of: 'link', id: 'link-a-b', on: false });
    agent.health('path:of another plan', 'down');
    agent.send({ kind: 'suspect', session: 'tunnel:none' });
    agent.send({ kind: 'answer', session: 'tunnel:none' });
    expect(agent.state()).toEqual({ ...before, nowMs: agent.state().nowMs });
    expect(agent.events).toEqual([]);
  });

  it('a link that is drained in the plan carries nothing unless nothing else lives', () => {
    const gateway = gatewayA();
    const tunnels = gateway.tunnels.map((t) => ({ ...t, drained: t.link === 'link-a-b' }));
    const agent = agentUp({ ...gateway, tunnels });
    expect(agent.paths('b critical')).toEqual(['a>c>b']);
    agent.health(overC, 'down');
    agent.health(overD, 'down');
    expect(agent.paths('b critical')).toEqual(['a>b']);
  });
});

describe('reservation windows', () => {
  const startMs = Date.UTC(2026, 11, 1, 22);
  const hour = 3_600_000;
  const gateway = () =>
    gatewayA({
      ...diamond,
      links: diamond.links!.map((l, i) => (i === 0 ? { ...l, bandwidth: '10 Mbps' } : l)),
      reservations: {
        nightly: {
          from: 'a',
          to: 'b',
          bandwidth: '40 Mbps',
          class: 'critical',
          window: { start: '2026-12-01T22:00', duration: '1 h', timeZone: 'UTC' },
        },
        always: { from: 'c', to: 'a', bandwidth: '1 Mbps', class: 'critical' },
        transit: { from: 'c', to: 'd', bandwidth: '1 Mbps', class: 'critical' },
      },
    });

  it('open and close on time; while one is open its path carries the class', () => {
    const agent = agentUp(gateway(), { utcOffsetMs: startMs - 10_000 });
    expect(agent.gateway.reservations.map((r) => [r.id, r.paths])).toEqual([['nightly', ['a>c>b']]]);
    // In transit: c to d leads over a or b; what is held of our tunnels counts.
    const others = agent.gateway.tunnels.flatMap((t) => t.guarantees.map((g) => g.reservation));
    const always = [...new Set(others)].filter((id) => id !== 'nightly').sort();
    expect(agent.guaranteed()).toEqual(always);
    agent.pass(9_999);
    expect([agent.paths('b critical'), agent.guaranteed()]).toEqual([['a>b'], always]);
    agent.pass(1);
    expect([agent.paths('b critical'), agent.guaranteed()]).toEqual([
      ['a>c>b'],
      [...always, 'nightly'].sort(),
    ]);
    expect(agent.paths('b realtime')).toEqual(['a>b']);
    expect(agent.events[0]).toMatchObject({
      kind: 'reservation',
      what: 'nightly',
      to: 'open',
      utcMs: startMs,
    });
    agent.health(overC, 'down');
    expect(agent.paths('b critical')).toEqual(['a>b']);
    agent.health(overC, 'up');
    agent.pass(hour - 1);
    expect(agent.paths('b critical')).toEqual(['a>c>b']);
    agent.pass(1);
    expect([agent.paths('b critical'), agent.guaranteed()]).toEqual([['a>b'], always]);
  });

  it('follow the monotonic clock: only a new offset that is given moves them', () => {
    const agent = agentUp(gateway(), { utcOffsetMs: startMs - 10_000 });
    agent.pass(1_000);
    agent.send({ kind: 'tick', utcOffsetMs: startMs - 1_000 });
    expect(agent.paths('b critical')).toEqual(['a>c>b']);
    agent.send({ kind: 'tick', utcOffsetMs: startMs - 60_000 });
    expect(agent.paths('b critical')).toEqual(['a>b']);
    agent.pass(59_000);
    expect(agent.paths('b critical')).toEqual(['a>c>b']);
  });

  it('open at their instant whatever the rounding of the clock', () => {
    for (const at of [10_000.1, 123_456.789, 0.3333333, 98_765.4321]) {
      const agent = agentUp(gateway(), { utcOffsetMs: startMs - at });
      agent.settle(at + 1);
      expect([at, agent.paths('b critical')]).toEqual([at, ['a>c>b']]);
    }
  });
});

describe('starting and another plan', () => {
  it('adopts what the host forwards over until something better has answered', () => {
    const adopted = [{ to: 'b', class: 'critical' as const, members: [{ path: 'a>c>b', weight: 1 }] }];
    const agent = drivenAgent(gatewayA(), { adopted });
    expect(agent.paths('b realtime')).toEqual(['a>b']);
    expect(agent.selections.has('b critical')).toBe(false);
    agent.health(direct, 'down');
    agent.health(overC, 'up');
    agent.health(overD, 'up');
    // The primary is dead, as it was before: not one message for this class.
    expect(agent.selections.has('b critical')).toBe(false);
    const other = drivenAgent(gatewayA(), { adopted });
    other.health(overC, 'up');
    expect(other.selections.has('b critical')).toBe(false);
    other.health(direct, 'up');
    expect(other.paths('b critical')).toEqual(['a>b']);
  });

  it('keeps the health of sessions that still exist when another plan comes', () => {
    const agent = agentUp();
    agent.health(direct, 'down');
    agent.send({ kind: 'drain', of: 'region', id: 'd', on: true });
    const regions = Object.fromEntries(Object.entries(diamond.regions).filter(([id]) => id !== 'c'));
    const links = diamond.links!.filter((l) => !l.between!.includes('c'));
    const without = { ...diamond, regions, links };
    const before = agent.events.length;
    const { settings } = agent.state();
    agent.send({ kind: 'plan', gateway: gatewayA(without), settings, utcOffsetMs: 0 });
    expect(agent.state().sessions.get(direct)!.health).toBe('down');
    expect(agent.state().sessions.has(overC)).toBe(false);
    expect([...agent.state().drains]).toEqual(['region d']);
    expect(agent.paths('b critical')).toEqual(['a>d>b']);
    expect([...agent.state().selections.keys()].some((flow) => flow.startsWith('c '))).toBe(false);
    expect(agent.events.slice(before).map((e) => e.kind)[0]).toBe('plan');
  });

  it('stays on a path that answers until one that is new in the plan has answered', () => {
    const without = { ...diamond, links: diamond.links!.filter((l) => l.between!.join() !== 'a,b') };
    const agent = agentUp(gatewayA(without));
    expect(agent.paths('b critical')).toEqual(['a>c>b']);
    agent.send({ kind: 'plan', gateway: gatewayA(), settings: agent.state().settings, utcOffsetMs: 0 });
    expect(agent.paths('b critical')).toEqual(['a>c>b']);
    agent.health(direct, 'up');
    expect(agent.paths('b critical')).toEqual(['a>b']);
  });

  it('counts events on over a restart, so that a subscriber misses none', () => {
    const before = agentUp(gatewayA(), { utcOffsetMs: 1.8e12 });
    before.health(direct, 'down');
    const last = before.events.at(-1)!.id;
    const after = drivenAgent(gatewayA(), { utcOffsetMs: 1.8e12 + 60_000 });
    expect(after.events[0].id).toBeGreaterThan(last);
    expect(after.events.map((e) => e.id)).toEqual(after.events.map((_, i) => after.events[0].id + i));
  });

  it('is told nothing new by the same plan', () => {
    const agent = agentUp();
    const gateway = gatewayA();
    const actions = agent.send({ kind: 'plan', gateway, settings: agent.state().settings, utcOffsetMs: 0 });
    expect(actions.map((a) => a.kind)).toEqual(['guarantee', 'publish']);
  });

  it('refuses a plan that names what it does not have, and keeps the old one', () => {
    const agent = agentUp();
    const gateway = { ...gatewayA(), paths: [] };
    const before = agent.state();
    const input = { kind: 'plan', gateway, settings: before.settings, utcOffsetMs: 0 } as const;
    expect(() => decide(before, input, 1)).toThrow("names a path 'a>b' that is not here");
    expect(agent.state()).toBe(before);
  });

  it('passes over everything until there is a plan', () => {
    const input = { kind: 'health', session: direct, health: 'down', cause: 'test' } as const;
    expect(decide(initialAgentState, input, 5)).toEqual({
      state: initialAgentState,
      actions: [],
      nextTickMs: null,
    });
  });
});

describe('drains with an end', () => {
  const utcOf = (agent: DrivenAgent, afterMs: number) =>
    agent.state().nowMs + agent.state().utcOffsetMs + afterMs;

  it('end by themselves, and say so', () => {
    const agent = agentUp();
    const untilUtcMs = utcOf(agent, 60_000);
    agent.send({ kind: 'drain', of: 'link', id: 'link-a-b', on: true, untilUtcMs });
    expect(agent.paths('b critical')).toEqual(['a>c>b']);
    expect(agent.events[0].cause).toBe(`by the operator, until ${new Date(untilUtcMs).toISOString()}`);
    agent.pass(59_000);
    expect(agent.paths('b critical')).toEqual(['a>c>b']);
    agent.pass(2_000);
    expect(agent.paths('b critical')).toEqual(['a>b']);
    expect(agent.events.find((e) => e.cause === 'its time is over')).toMatchObject({
      kind: 'drain',
      what: 'link link-a-b',
      to: 'in service',
    });
  });

  it('are made longer, or without an end, by draining again', () => {
    const agent = agentUp();
    const drain = (untilUtcMs?: number) =>
      agent.send({ kind: 'drain', of: 'link', id: 'link-a-b', on: true, untilUtcMs });
    drain(utcOf(agent, 10_000));
    drain();
    agent.pass(20_000);
    expect(agent.paths('b critical')).toEqual(['a>c>b']);
  });

  it('are taken up where an agent starts, but for those that ended meanwhile', () => {
    const agent = agentUp();
    const drains = new Map([
      ['link link-a-b', utcOf(agent, 5_000)],
      ['region c', utcOf(agent, -1)],
      ['region gone', null],
    ]);
    agent.send({ kind: 'drains', drains });
    expect([...agent.state().drains]).toEqual(['link link-a-b']);
    expect(agent.paths('b critical')).toEqual(['a>c>b']);
    expect(agent.events.filter((e) => e.kind === 'drain')).toEqual([]);
    agent.pass(6_000);
    expect(agent.paths('b critical')).toEqual(['a>b']);
  });
});
