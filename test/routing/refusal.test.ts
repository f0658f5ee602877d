import { freezeTopology } from '../../lib/graph';
import type { Constraints } from '../../lib/model';
import { bestPath, compileRequest, routeSet } from '../../lib/routing';
import { both, grid, line, network, partitioned, ring } from '../support/routing-fixtures';
import type { TopologyInput } from '../support/random-topology';

function refusalOf(input: TopologyInput, from: string, to: string, constraints: Partial<Constraints> = {}) {
  const topology = freezeTopology(input);
  return bestPath(topology, compileRequest(topology, { strategy: 'cost', constraints }), from, to).refusal!;
}

describe('a refusal', () => {
  it('says disconnected when no links lead there', () => {
    expect(refusalOf(partitioned, 'a', 'd')).toMatchObject({
      code: 'disconnected',
      message: "no links lead from 'a' to 'd'; from 'a' traffic reaches a, b",
    });
  });

  it('says drained, and what to put back, when a drained link or region is why', () => {
    const drained = {
      nodes: line.nodes,
      arcs: line.arcs.map((a) => ({ ...a, drained: a.link === 'link-b-c' })),
    };
    expect(refusalOf(drained, 'a', 'd')).toMatchObject({
      code: 'drained',
      nearest: "put link 'link-b-c' back into service",
    });
    const region = { nodes: line.nodes.map((v) => ({ ...v, drained: v.id === 'b' })), arcs: line.arcs };
    expect(refusalOf(region, 'a', 'd')).toMatchObject({
      code: 'drained',
      nearest: "put region 'b' back into service",
    });
    expect(refusalOf(region, 'a', 'b').message).toBe("region 'b' is drained");
  });

  it('says no-transit, and which regions would have to be passed through', () => {
    const ends = (...ids: string[]) => ({
      nodes: line.nodes.map((v) => ({ ...v, transit: !ids.includes(v.id) })),
      arcs: line.arcs,
    });
    expect(refusalOf(ends('b'), 'a', 'd')).toMatchObject({
      code: 'no-transit',
      message: "every path from 'a' to 'd' passes through a region without transit",
      nearest: "let traffic pass through region 'b' (transit: true), or add a link from 'a' to 'd'",
    });
    expect(refusalOf(ends('c', 'b'), 'a', 'd').nearest).toContain("regions 'b' and 'c'");
    expect(refusalOf(ends('c', 'b'), 'd', 'b').nearest).toContain("region 'c' (");
    for (const [from, to] of ['ab', 'ba', 'bc', 'cb', 'cd'])
      expect(refusalOf(ends('b', 'd'), from, to)).toBeNull();
    // A drained link is named first only where putting it back is enough.
    const drained = { ...ends('b'), arcs: line.arcs.map((a) => ({ ...a, drained: a.link === 'link-c-d' })) };
    expect(refusalOf(drained, 'b', 'd').code).toBe('drained');
    expect(refusalOf(drained, 'a', 'd').code).toBe('disconnected');
  });

  it('names the latency bound and the figure that would do', () => {
    const refusal = refusalOf(ring, 'a', 'c', { maxLatencyMs: 15 });
    expect(refusal).toMatchObject({
      code: 'constrained',
      message: "no path from 'a' to 'c' keeps to maxLatency 15 ms",
      nearest: 'the fastest path that keeps to the rest, a>b>c, takes 20 ms; allow maxLatency 20 ms',
    });
    expect(refusalOf(ring, 'a', 'c', { maxLatencyMs: refusal.relaxations[0].needed })).toBeNull();
  });

  it('names the hops that would do', () => {
    const refusal = refusalOf(grid, 'r00', 'r22', { maxHops: 2 });
    expect(refusal.relaxations).toMatchObject([{ constraint: 'maxHops', needed: 4 }]);
    expect(refusal.nearest).toContain('allow maxHops 4');
  });

  it('names the bandwidth that would do', () => {
    const refusal = refusalOf(ring, 'a', 'c', { minBandwidthMbps: 5000 });
    expect(refusal.nearest).toBe(
      'the widest path that keeps to the rest, a>b>c, has 1 Gbps available; allow minBandwidth 1 Gbps',
    );
  });

  it('names what is avoided or required in vain', () => {
    expect(refusalOf(line, 'a', 'd', { avoidRegions: ['b'] }).nearest).toBe(
      "do not avoid region 'b': a>b>c>d would do",
    );
    expect(refusalOf(line, 'a', 'c', { requireRegions: ['d'] }).nearest).toBe(
      "do not require region 'd': a>b>c would do",
    );
    expect(refusalOf(line, 'a', 'c', { requireLinks: ['gone'] }).message).toBe(
      "no path from 'a' to 'c' keeps to require links 'gone'",
    );
  });

  it('puts the smallest relaxation first, and says when one alone is not enough', () => {
    const links = [both('a', 'b', { latencyMs: 100, availableMbps: 900 }), both('a', 'c'), both('c', 'b')];
    const two = refusalOf(network(links), 'a', 'b', { maxLatencyMs: 19, maxHops: 1 });
    expect(two.relaxations.map((r) => [r.constraint, r.needed])).toEqual([['maxLatencyMs', 100]]);
    const both2 = refusalOf(network(links), 'a', 'b', {
      maxLatencyMs: 95,
      minBandwidthMbps: 950,
      maxHops: 1,
    });
    expect(both2.relaxations.map((r) => r.constraint)).toEqual(['maxHops']);
    const none = refusalOf(ring, 'a', 'c', { maxLatencyMs: 15, minBandwidthMbps: 5000 });
    expect(none).toMatchObject({
      code: 'constrained',
      relaxations: [],
      nearest: 'without constraints: a>b>c',
    });
  });

  it('says that the search gave up rather than hang', () => {
    const topology = freezeTopology(grid);
    const constraints = { requireRegions: ['r11', 'r20'], requireLinks: ['link-r01-r02'] };
    const request = compileRequest(topology, { strategy: 'latency', constraints, labelLimit: 3 });
    expect(bestPath(topology, request, 'r00', 'r22').refusal?.code).toBe('search-limit');
    expect(routeSet(topology, request, 'r00', 'r22').refusal?.code).toBe('search-limit');
  });
});
