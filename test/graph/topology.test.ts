import { buildTopology, components, freezeTopology, networkGraph } from '../../lib/graph';
import type { Link, Region } from '../../lib/model';
import { both, grid, network, partitioned, parallelRing, single } from '../support/routing-fixtures';
import { seeded } from '../support/random-seeded';
import { randomTopology } from '../support/random-topology';

const region = (id: string, drained = false) => ({ id, country: 'DE', drained }) as Region;

function link(id: string, a: string, b: string, drained = false): Link {
  const figures = { latencyMs: 0.25, costPerGbUsd: null, availableMbps: 900, utilisationRatio: 0.1 };
  const directions = [
    { ...figures, from: a, to: b },
    { ...figures, from: b, to: a },
  ];
  return { id, a, b, directions, srlgs: ['river', 'conduit'], drained } as unknown as Link;
}

describe('a topology', () => {
  it('numbers nodes and links by id and arcs by tail, head and link', () => {
    const t = buildTopology({
      regions: [region('b'), region('c'), region('a')],
      links: [link('z', 'c', 'a'), link('y', 'a', 'c')],
    });
    expect(t.nodes).toEqual(['a', 'b', 'c']);
    expect(t.links).toEqual(['y', 'z']);
    expect([...t.tail]).toEqual([0, 0, 2, 2]);
    expect([...t.head]).toEqual([2, 2, 0, 0]);
    expect([...t.link]).toEqual([0, 1, 0, 1]);
    expect([...t.first]).toEqual([0, 2, 2, 4]);
    expect([...t.inFirst]).toEqual([0, 2, 2, 4]);
    expect([...t.inArc]).toEqual([2, 3, 0, 1]);
    expect([...t.inTail]).toEqual([2, 2, 0, 0]);
    expect([...t.linkArc]).toEqual([0, 2, 1, 3]);
    expect(t.groups).toEqual(['conduit', 'river']);
    expect([...t.group]).toEqual([0, 1, 0, 1, 0, 1, 0, 1]);
    expect([...t.groupArc]).toEqual([0, 1, 2, 3, 0, 1, 2, 3]);
    expect(t.costPerGbUsd[0]).toBeNaN();
    expect(t.latencyMs[0]).toBe(0.25);
    expect(t.countries).toEqual(['DE', 'DE', 'DE']);
  });

  it('is the same in whatever order the network is declared', () => {
    for (let seed = 1; seed <= 100; seed++) {
      const { nodes, arcs } = randomTopology(seeded(seed));
      const shuffled = freezeTopology({ nodes: [...nodes].reverse(), arcs: [...arcs].reverse() });
      expect({ seed, t: shuffled }).toEqual({ seed, t: freezeTopology({ nodes, arcs }) });
    }
  });

  it('gives a drained link and all links of a drained region no arc, and says what is drained', () => {
    const t = buildTopology({
      regions: [region('a'), region('b'), region('c', true)],
      links: [link('ab', 'a', 'b'), link('ab-2', 'a', 'b', true), link('bc', 'b', 'c')],
    });
    expect(t.links).toEqual(['ab']);
    expect(t.arcCount).toBe(2);
    expect(t.drained.regions).toEqual(['c']);
    expect(t.drained.links).toEqual(['ab-2']);
    expect(t.drained.arcs.map((a) => [t.nodes[a.tail], t.nodes[a.head], a.link])).toEqual([
      ['a', 'b', 'ab-2'],
      ['b', 'a', 'ab-2'],
      ['b', 'c', 'bc'],
      ['c', 'b', 'bc'],
    ]);
  });

  it('keeps both of two parallel links: a parallel link does not overwrite the first', () => {
    expect(freezeTopology(parallelRing).arcCount).toBe(16);
  });

  it('refuses what no checked network holds', () => {
    const bad =
      (arcs: ReturnType<typeof both>, nodes = ['a', 'b', 'c']) =>
      () =>
        freezeTopology({ nodes, arcs });
    expect(bad(both('a', 'x'))).toThrow('no such region');
    expect(bad(both('a', 'a'))).toThrow('a link joins two regions');
    expect(bad([...both('a', 'b'), ...both('a', 'b')])).toThrow('one arc each way');
    expect(bad([...both('a', 'b', { link: 'l' }), ...both('a', 'c', { link: 'l' })])).toThrow(
      'one arc each way',
    );
    expect(bad(both('a', 'b', { latencyMs: -1 }))).toThrow('not negative');
    expect(bad(both('a', 'b', { availableMbps: NaN }))).toThrow('finite');
    expect(bad([], ['a', 'a'])).toThrow('each region once');
  });
});

describe('components', () => {
  it('are the parts that no link joins, a single region being one', () => {
    expect(components(freezeTopology(partitioned))).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ]);
    expect(components(freezeTopology(single))).toEqual([['a']]);
    expect(components(freezeTopology(grid))).toHaveLength(1);
  });

  it('join regions by a one-way link too', () => {
    expect(components(freezeTopology(network([both('a', 'b').slice(0, 1)])))).toEqual([['a', 'b']]);
  });
});

describe('the graphology graph', () => {
  it('has a node per region and an edge per direction of a link', () => {
    const graph = networkGraph(freezeTopology(parallelRing));
    expect([graph.order, graph.size]).toEqual([4, 16]);
    expect(graph.getEdgeAttributes('link-a-b-2 a b')).toMatchObject({ link: 'link-a-b-2', latencyMs: 10 });
  });
});
