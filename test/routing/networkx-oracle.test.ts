import { spawnSync } from 'node:child_process';
import path from 'node:path';
import type { Topology } from '../../lib/graph';
import { compileRequest, routeSet } from '../../lib/routing';
import { zooFiles } from '../support/zoo-files';
import { zooNetwork } from '../support/zoo-network';

/** Debian's python3, which has Debian's python3-networkx. */
const python = '/usr/bin/python3';
const networks = ['Abilene', 'AttMpls', 'BtNorthAmerica', 'Geant2012', 'Sprint', 'Xspedius'];

const files = zooFiles();
const hasNetworkx = spawnSync(python, ['-c', 'import networkx']).status === 0;
const why = !files
  ? 'the Topology Zoo archive is not there'
  : hasNetworkx
    ? ''
    : 'python3-networkx is not installed';
// eslint-disable-next-line no-console -- a skip is never silent
if (why !== '') console.warn(`skipped: disjoint pairs against NetworkX: ${why}`);

/** Whole nanoseconds, so that sums are exact on both sides. */
function nanoseconds(ms: number): number {
  return Math.round(ms * 1e6);
}

/** Least sum of two link-disjoint paths by pair, source before target; null: there are none. */
function ours(topology: Topology): (number | null)[] {
  const request = compileRequest(topology, { strategy: 'latency' });
  const n = topology.nodes.length;
  const options = { backups: 1, disjoint: 'link', ecmpPaths: 1 } as const;
  return Array.from({ length: n }, (_, s) => s).flatMap((s) =>
    Array.from({ length: n - s - 1 }, (_, k) => {
      const { primary, backups } = routeSet(topology, request, s, s + 1 + k, options);
      if (!primary || backups.length === 0 || backups[0].sharedLinks.length > 0) return null;
      return nanoseconds(primary.latencyMs) + nanoseconds(backups[0].path.latencyMs);
    }),
  );
}

describe('the cheapest link-disjoint pair', () => {
  (why === '' ? it.each(networks) : it.skip.each(networks))(
    "equals NetworkX's min-cost flow for every pair of %s",
    (name) => {
      const { topology } = zooNetwork(name, files!.find((f) => f.name === name)!.graphml, 1);
      const arcs = Array.from({ length: topology.arcCount }, (_, a) => [
        topology.tail[a],
        topology.head[a],
        nanoseconds(topology.latencyMs[a]),
      ]);
      const input = JSON.stringify({ nodes: topology.nodes.length, arcs });
      const run = spawnSync(python, [path.join(__dirname, 'networkx-pairs.py')], { input, encoding: 'utf8' });
      expect(run.stderr).toBe('');
      const theirs = JSON.parse(run.stdout) as (number | null)[];
      expect(theirs).toHaveLength((topology.nodes.length * (topology.nodes.length - 1)) / 2);
      expect(theirs.some((sum) => sum !== null)).toBe(true);
      expect(ours(topology)).toEqual(theirs);
    },
    120_000,
  );
});
