import { loadSolver } from '../../lib/project/solver';
import { parseDescription, type Network, type NetworkDescription } from '../../lib/model';
import { buildPlan, type PlanDocument } from '../../lib/plan';
import { encodePlan } from '../../lib/plan/digest';
import { verifyPlan } from '../../lib/verify';
import { arcLpUtilisation } from '../reference/traffic-arc-lp';
import { zooParts } from '../support/zoo-description';
import { zooFiles } from '../support/zoo-files';
import { zooNetwork } from '../support/zoo-network';

const seed = 7;
/** Demands are scaled so that the optimum of the arc LP is this. */
const wanted = 0.6;
/** DWCP_ZOO_NODES=300: all of them, which takes some ten minutes. */
const mostNodes = Number(process.env.DWCP_ZOO_NODES ?? 40);

function networkOf(description: NetworkDescription): Network {
  const { network, diagnostics } = parseDescription(description);
  if (!network) throw new Error(diagnostics.map((d) => d.message).join('\n'));
  return network;
}

/** The least utilisation of what is described, by the arc formulation, with nothing of the planner. */
function arcOptimum({ regions, links, demands }: Network): number {
  const number = new Map(regions.map((r, i) => [r.id, i]));
  const arcs = links
    .flatMap((l) => l.directions)
    .map((d) => ({ tail: number.get(d.from)!, head: number.get(d.to)!, capacity: d.availableMbps }));
  const flows = demands.map((d) => ({
    source: number.get(d.from)!,
    target: number.get(d.to)!,
    mbps: d.bandwidthMbps,
  }));
  return arcLpUtilisation(loadSolver(), { nodes: regions.length, arcs, demands: flows });
}

describe(`plans of the Internet Topology Zoo, up to ${mostNodes} nodes`, () => {
  it('are within 1.0001 of the arc LP, certified, and accepted by the verifier', () => {
    const files = zooFiles();
    if (files === null) {
      process.stderr.write('skipped: ../shared/data/internet-topology-zoo-graphml.tar.xz is absent\n');
      return;
    }
    const wrong: string[] = [];
    const cpuMs = { planning: 0, verifying: 0 };
    let [networks, parts, demands, routes, worst, megabytes] = [0, 0, 0, 0, 0, 0];
    const timed = <T>(what: keyof typeof cpuMs, work: () => T): T => {
      const begin = process.cpuUsage().user;
      const result = work();
      cpuMs[what] += (process.cpuUsage().user - begin) / 1000;
      return result;
    };
    for (const { name, graphml } of files) {
      const zoo = zooNetwork(name, graphml, seed);
      if (zoo.topology.nodes.length > mostNodes || zoo.demands.length === 0) continue;
      networks++;
      for (const describedBy of zooParts(zoo)) {
        const scale = wanted / arcOptimum(networkOf(describedBy(1)));
        const network = networkOf(describedBy(scale));
        const inputs = { lock: null, keys: null, solver: loadSolver };
        const { plan, diagnostics } = timed('planning', () => buildPlan(network, inputs));
        const errors = diagnostics.filter((d) => d.severity === 'error');
        if (!plan || errors.length > 0) {
          wrong.push(`${name}: ${errors[0]?.message ?? 'no plan'}`);
          continue;
        }
        // As `dwcp verify` reads it: JSON alone, nothing shared with the planner.
        const text = encodePlan(plan);
        const read = JSON.parse(text) as PlanDocument;
        const found = timed('verifying', () => verifyPlan(read));
        if (found.length > 0) wrong.push(`${name}: ${found[0].code} ${found[0].path} ${found[0].message}`);
        const [placed] = read.traffic.classes;
        const ratio = placed.optimumRatio! / wanted;
        worst = Math.max(worst, ratio);
        if (read.traffic.classes.length !== 1 || placed.method !== 'exact' || !placed.certificate)
          wrong.push(`${name}: no certificate of an exact split`);
        if (!(ratio <= 1.0001 && ratio >= 0.9999)) wrong.push(`${name}: ${ratio} of the arc LP`);
        if (placed.demands.some((d) => d.paths.length === 0)) wrong.push(`${name}: a demand has no path`);
        parts++;
        demands += read.demands.length;
        routes += read.routes.length;
        megabytes = Math.max(megabytes, text.length / 1e6);
      }
    }
    process.stderr.write(
      `zoo, seed ${seed}: ${networks} networks in ${parts} connected parts, ${demands} demands, ` +
        `${routes} routes planned in ${(cpuMs.planning / 1000).toFixed(1)} s of CPU time and verified in ` +
        `${(cpuMs.verifying / 1000).toFixed(1)} s; the longest plan has ${megabytes.toFixed(1)} MB; ` +
        `optimum / arc LP at most ${worst.toFixed(7)}\n`,
    );
    expect(wrong).toEqual([]);
    expect(networks).toBe({ 40: 189, 300: 275 }[mostNodes] ?? networks);
  }, 1_800_000);
});
