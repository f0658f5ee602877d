import {
  baseState,
  compileFlows,
  detail,
  type FailureInput,
  linkFailures,
  linkPairFailure,
  newEvaluator,
  noFailure,
  pathForest,
} from '../../lib/failure';
import { freezeTopology, type Topology } from '../../lib/graph';
import { compileRequest } from '../../lib/routing';
import { ring } from '../support/routing-fixtures';

/** a to b over their link, then around the ring. */
function planOf(topology: Topology): FailureInput {
  return {
    topology,
    routes: [
      {
        from: 'a',
        to: 'b',
        classes: ['critical'],
        primary: { hops: ['link-a-b'] },
        backups: [{ hops: ['link-a-d', 'link-c-d', 'link-b-c'] }],
      },
    ],
    demands: [{ id: 'd', from: 'a', to: 'b', class: 'critical', mbps: 100 }],
  };
}

describe('what the origin got wrong', () => {
  it('a route is never served over a dead link because a cache ignored the topology', () => {
    const before = freezeTopology(ring);
    const evaluator = newEvaluator(baseState(compileFlows(planOf(before))));
    const forest = pathForest(before, compileRequest(before, { strategy: 'latency' }));
    evaluator.evaluate(noFailure);
    for (const scenario of linkFailures(before)) evaluator.evaluate(scenario);

    const arcs = ring.arcs.map((arc) => ({ ...arc, drained: arc.link === 'link-a-b' }));
    const after = freezeTopology({ nodes: ring.nodes, arcs });
    expect(() => compileFlows(planOf(after))).toThrow("link 'link-a-b' does not lead on from 'a'");
    const other = linkFailures(after)[0];
    expect(() => evaluator.evaluate(other)).toThrow('another topology');
    const replanned = { ...planOf(after), routes: [], demands: [] };
    const later = newEvaluator(baseState(compileFlows(replanned)));
    expect(() => detail(later, forest, later.evaluate(other))).toThrow('another topology');
    expect(() => later.evaluate(linkFailures(before)[0])).toThrow('another topology');
  });

  it('a failed link is not installed again after recovery of another', () => {
    const topology = freezeTopology(ring);
    const evaluator = newEvaluator(baseState(compileFlows(planOf(topology))));
    const forest = pathForest(topology, compileRequest(topology, { strategy: 'latency' }));
    const [ab, , bc] = [0, 1, 2];
    const both = detail(evaluator, forest, evaluator.evaluate(linkPairFailure(topology, ab, bc)));
    expect(both.changes.map((c) => [c.fate, c.after])).toEqual([['cut', []]]);
    const one = detail(evaluator, forest, evaluator.evaluate(linkFailures(topology)[ab]));
    expect(one.changes).toMatchObject([
      {
        fate: 'moved',
        before: [{ path: 'a>b', mbps: 100 }],
        after: [{ path: 'a>d>c>b', mbps: 100 }],
        beforeMs: 10,
        afterMs: 30,
      },
    ]);
  });

  it('a route is served by its primary again when its link has recovered', () => {
    const topology = freezeTopology(ring);
    const evaluator = newEvaluator(baseState(compileFlows(planOf(topology))));
    const usual = [...evaluator.loads(noFailure)];
    for (const scenario of linkFailures(topology)) evaluator.evaluate(scenario);
    expect([...evaluator.loads(noFailure)]).toEqual(usual);
    expect(evaluator.evaluate(noFailure)).toMatchObject({ routesAffected: 0, movedUnits: 0, stranded: [] });
  });
});
