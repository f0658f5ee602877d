import { freezeTopology } from '../../lib/graph';
import { compileRequest, equalCost, routeSet } from '../../lib/routing';
import { both, line, network, parallelRing, ring, star, trap } from '../support/routing-fixtures';
import type { TopologyInput } from '../support/random-topology';

const latency = (input: TopologyInput) => {
  const topology = freezeTopology(input);
  return [topology, compileRequest(topology, { strategy: 'latency' })] as const;
};

describe('a route set', () => {
  it('on a ring has the other way round as a backup that shares nothing', () => {
    const set = routeSet(...latency(ring), 'a', 'b');
    expect(set.primary!.id).toBe('a>b');
    expect(set.backups).toMatchObject([
      { path: { id: 'a>d>c>b' }, sharedLinks: [], sharedRegions: [], sharedSrlgs: [] },
    ]);
    expect([set.refusal, set.hint]).toEqual([null, null]);
  });

  it('on a line has no backup, and with disjoint: link says that there is none', () => {
    expect(routeSet(...latency(line), 'a', 'd')).toMatchObject({ backups: [], refusal: null, hint: null });
    const set = routeSet(...latency(line), 'a', 'd', { disjoint: 'link' });
    expect(set.primary!.id).toBe('a>b>c>d');
    expect(set.refusal).toMatchObject({ code: 'not-disjoint' });
    expect(set.refusal!.message).toBe("no two link-disjoint paths lead from 'a' to 'd' under the policy");
  });

  it('on a star has one path through the hub', () => {
    expect(routeSet(...latency(star), 'a', 'c')).toMatchObject({ primary: { id: 'a>hub>c' }, backups: [] });
  });

  it('on a parallel ring shares nothing with the primary before it shares little with the other backups', () => {
    const set = routeSet(...latency(parallelRing), 'a', 'c', { backups: 4 });
    expect(set.backups.map((b) => b.path.id)).toEqual([
      'a>d>c',
      'a>d[link-a-d-2]>c[link-c-d-2]',
      'a>d>c[link-c-d-2]',
      'a>d[link-a-d-2]>c',
    ]);
    const fifth = routeSet(...latency(parallelRing), 'a', 'c', { backups: 8 }).backups[4];
    expect(fifth).toMatchObject({
      path: { id: 'a>b[link-a-b-2]>c[link-b-c-2]' },
      sharedLinks: [],
      sharedRegions: ['b'],
    });
  });

  it('in the trap topology says that a disjoint pair exists, and what it costs', () => {
    const set = routeSet(...latency(trap), 's', 't', { backups: 1 });
    expect(set.primary!.id).toBe('s>a>b>t');
    expect(set.backups[0].sharedLinks).toHaveLength(1);
    expect(set.hint).toMatchObject({
      code: 'disjoint-pair-exists',
      paths: ['s>a>d>t', 's>c>b>t'],
      totalMetric: 22,
    });
    expect(set.hint!.message).toContain('together 22 ms');
  });

  it('in the trap topology with disjoint: link chooses the pair, and keeps its primary among the equal-cost paths', () => {
    const set = routeSet(...latency(trap), 's', 't', { disjoint: 'link' });
    expect([set.primary!.id, set.backups[0].path.id]).toEqual(['s>a>d>t', 's>c>b>t']);
    expect(set.equalCost.map((p) => p.id)).toEqual(['s>a>d>t']);
    expect([set.refusal, set.hint]).toEqual([null, null]);
  });

  it('keeps primary and first backup out of one shared-risk group, or names it', () => {
    const river = { srlgs: ['river'] };
    const links = [
      both('a', 'b', { ...river, latencyMs: 1 }),
      both('a', 'b', { ...river, link: 'second', latencyMs: 2 }),
    ];
    const free = [both('a', 'c'), both('c', 'b')];
    const good = routeSet(...latency(network([...links, ...free])), 'a', 'b', { disjoint: 'srlg' });
    expect(good.backups[0].path.id).toBe('a>c>b');
    const bad = routeSet(...latency(network(links)), 'a', 'b', { disjoint: 'srlg' });
    expect(bad.backups[0]).toMatchObject({ path: { id: 'a>b[second]' }, sharedSrlgs: ['river'] });
    expect(bad.refusal).toMatchObject({
      code: 'not-disjoint',
      nearest: "the backup a>b[second] shares shared-risk group 'river' with the primary",
    });
  });

  it('keeps at most as many backups as asked, none for 0', () => {
    expect(routeSet(...latency(parallelRing), 'a', 'c', { backups: 0, disjoint: 'link' }).backups).toEqual(
      [],
    );
    expect(routeSet(...latency(parallelRing), 'a', 'c', { backups: 8 }).backups).toHaveLength(7);
  });

  it('names the links whose price is unknown, and never calls the cost zero', () => {
    const topology = freezeTopology(network([both('a', 'b'), both('b', 'c', { costPerGbUsd: null })]));
    const { primary } = routeSet(topology, compileRequest(topology, { strategy: 'cost' }), 'a', 'c');
    expect(primary).toMatchObject({ costPerGbUsd: null, unknownCostLinks: ['link-b-c'], metric: 0.04 });
  });
});

describe('equal-cost paths', () => {
  it('of a best metric of zero are those of zero', () => {
    const [topology, request] = latency(
      network([
        both('a', 'b', { latencyMs: 0 }),
        both('a', 'b', { link: 'x', latencyMs: 0 }),
        both('a', 'b', { link: 'y' }),
      ]),
    );
    expect(equalCost(topology, request, 'a', 'b', 0.1, 4)).toMatchObject({
      paths: [{ id: 'a>b' }, { id: 'a>b[x]' }],
      more: false,
      refusal: null,
    });
  });

  it('say whether there are more than the limit', () => {
    expect(equalCost(...latency(ring), 'a', 'c', 0, 1).more).toBe(true);
    expect(equalCost(...latency(ring), 'a', 'c', 0, 2).more).toBe(false);
  });
});
