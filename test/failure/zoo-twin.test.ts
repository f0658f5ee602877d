import { analyseFailures, type FailureInput } from '../../lib/failure';
import { compileRequest, routeSet } from '../../lib/routing';
import { zooFiles } from '../support/zoo-files';
import { zooNetwork, type ZooNetwork } from '../support/zoo-network';
import { against } from './expect-recomputed';

const seed = 7;
/** DWCP_ZOO_NODES=300: all of them, which takes a quarter of an hour. */
const mostNodes = Number(process.env.DWCP_ZOO_NODES ?? 80);
const zoo = zooFiles();
// eslint-disable-next-line no-console -- a skip is never silent
if (!zoo) console.warn('skipped: failures of the Topology Zoo: the archive is not there');

/** Every pair that a path joins with a primary and up to two backups, and gravity demands that follow. */
function planOf({ topology, demands }: ZooNetwork): FailureInput {
  const request = compileRequest(topology, { strategy: 'latency' });
  const sum = demands.reduce((s, d) => s + d.mbps, 0);
  const all = demands.map((d) => ({
    ...d,
    id: `${d.from} ${d.to}`,
    class: 'bulk' as const,
    mbps: (d.mbps / sum) * 60_000,
  }));
  const routes = demands.map(({ from, to }) => {
    const { primary, backups } = routeSet(topology, request, from, to, { backups: 1, ecmpPaths: 1 });
    return {
      from,
      to,
      classes: ['bulk' as const],
      primary: { hops: primary!.arcs },
      backups: backups.map((b) => ({ hops: b.path.arcs })),
    };
  });
  return { topology, routes, demands: all };
}

describe(`single failures of the Topology Zoo, up to ${mostNodes} nodes`, () => {
  (zoo ? it : it.skip)(
    'of every link and region of every network equal a full recomputation',
    () => {
      let [networks, scenarios, lost, congested] = [0, 0, 0, 0];
      for (const { name, graphml } of zoo!) {
        const network = zooNetwork(name, graphml, seed);
        if (network.topology.nodes.length > mostNodes) continue;
        const input = planOf(network);
        const results = analyseFailures(input);
        const { expectEqual } = against(input, results);
        try {
          for (const outcome of [results.noFailure, ...results.outcomes]) {
            expectEqual(outcome);
            scenarios++;
            lost += outcome.stranded.length + outcome.cut.length;
            congested += outcome.congested.length;
          }
        } catch (error) {
          throw new Error(name, { cause: error });
        }
        const kinds = results.outcomes.map((o) => o.scenario.kind);
        expect([name, kinds.filter((k) => k === 'link').length]).toEqual([name, input.topology.links.length]);
        expect([name, kinds.filter((k) => k === 'region').length]).toEqual([
          name,
          input.topology.nodes.length,
        ]);
        networks++;
      }
      process.stderr.write(`zoo, seed ${seed}: ${scenarios} scenarios of ${networks} networks\n`);
      expect(networks).toBe({ 80: 258, 300: zoo!.length - 1 }[mostNodes] ?? networks);
      expect(Math.min(lost, congested)).toBeGreaterThan(1000);
    },
    1_800_000,
  );
});
