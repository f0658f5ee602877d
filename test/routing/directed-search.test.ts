import { freezeTopology } from '../../lib/graph';
import { openPath } from '../../lib/reservation/open-path';
import { compileRequest } from '../../lib/routing';
import { seeded } from '../support/random-seeded';
import { randomConstraints, randomTopology } from '../support/random-topology';

describe('searches directed by the tree of their source, seeds from 1', () => {
  it('find the paths that undirected ones find, whatever is closed', () => {
    let [found, directed] = [0, 0];
    for (let seed = 1; seed <= 400; seed++) {
      const random = seeded(seed);
      const input = randomTopology(random, 30, 60);
      const topology = freezeTopology(input);
      const strategy = random.pick(['latency', 'cost', 'balanced'] as const);
      const constraints = random.chance(0.5) ? randomConstraints(random, input) : {};
      const request = compileRequest(topology, { strategy, constraints });
      const source = random.whole(0, topology.nodes.length - 1);
      for (let i = 0; i < 40; i++) {
        const target = random.whole(0, topology.nodes.length - 1);
        const closed = Float64Array.from(topology.tail, () => (random.chance(0.3) ? 1 : 0));
        // A request that is new has no tree of any source.
        const fresh = compileRequest(topology, { strategy, constraints });
        const path = openPath(request, source, target, closed);
        expect([seed, i, path]).toEqual([seed, i, openPath(fresh, source, target, closed)]);
        if (path.arcs !== null) found++;
      }
      if (request.memo.sourceTrees[source] !== undefined) directed++;
    }
    expect(found).toBeGreaterThan(500);
    // The others have a bound that takes several labels, or nothing that is asked for.
    expect(directed).toBeGreaterThan(100);
  });
});
