import { rttRegions, tryRttMs } from '../../lib/catalog/aws/rtt';
import { freezeTopology } from '../../lib/graph';
import { compileRequest, routeSet, tryBestPath } from '../../lib/routing';
import { both, network } from '../support/routing-fixtures';

const pairs = rttRegions.flatMap((a, i) => rttRegions.slice(i + 1).map((b) => [a, b] as const));
const topology = freezeTopology(
  network(pairs.map(([a, b]) => both(a, b, { latencyMs: tryRttMs(a, b)! / 2 }))),
);

describe('on the full mesh of 33 AWS regions', () => {
  it('one relay gains more than 5 ms for 86 pairs and more than 10 % for 30', () => {
    const request = compileRequest(topology, { strategy: 'latency', constraints: { maxHops: 2 } });
    const gains = pairs.map(([a, b]) => {
      const path = tryBestPath(topology, request, a, b)!;
      const direct = tryRttMs(a, b)!;
      return { id: path.id, gain: direct - 2 * path.latencyMs, direct };
    });
    expect(gains.filter((g) => g.gain > 5)).toHaveLength(86);
    const tenth = gains.filter((g) => g.gain / g.direct > 0.1);
    expect(tenth).toHaveLength(30);
    expect(tenth.map((g) => g.id)).toContain('af-south-1>ap-east-2>ap-northeast-3');
  });

  it('every pair has three backups that share nothing with the primary', () => {
    const request = compileRequest(topology, { strategy: 'latency' });
    for (const [a, b] of pairs) {
      const { backups } = routeSet(topology, request, a, b);
      expect(backups.map((x) => [...x.sharedLinks, ...x.sharedRegions, ...x.sharedSrlgs])).toEqual([
        [],
        [],
        [],
      ]);
    }
  });
});
