import { parseDescription, type NetworkDescription } from '../../lib/model';
import { buildPlan, type PlanDocument } from '../../lib/plan';
import { leastMtu, mostHops } from '../../lib/tunnels';
import { verifyPlan } from '../../lib/verify';
import { zooParts } from '../support/zoo-description';
import { zooFiles } from '../support/zoo-files';
import { zooNetwork } from '../support/zoo-network';

const seed = 7;
/** DWCP_ZOO_MTU=Cogentco: another network. */
const wanted = process.env.DWCP_ZOO_MTU ?? 'Geant2012';

/** Links on the shortest way from a region to every other. */
function hopsFrom({ links }: PlanDocument, from: string): Map<string, number> {
  const found = new Map([[from, 0]]);
  for (const [at, hops] of found) {
    for (const { directions } of links)
      for (const d of directions) if (d.from === at && !found.has(d.to)) found.set(d.to, hops + 1);
  }
  return found;
}

describe(`routes of ${wanted} of the Internet Topology Zoo, seed ${seed}`, () => {
  it('have room for 1280 bytes wherever a path between their ends has', () => {
    const file = zooFiles()?.find(({ name }) => name === wanted);
    if (!file) {
      process.stderr.write('skipped: ../shared/data/internet-topology-zoo-graphml.tar.xz is absent\n');
      return;
    }
    const described: NetworkDescription = {
      ...zooParts(zooNetwork(wanted, file.graphml, seed))[0](1),
      policies: {},
      demands: [],
    };
    const { network } = parseDescription(described);
    const timed = <T>(work: () => T): readonly [T, string] => {
      const begin = process.cpuUsage().user;
      const result = work();
      return [result, ((process.cpuUsage().user - begin) / 1e6).toFixed(1)];
    };
    const [built, planning] = timed(() => buildPlan(network!, { lock: null, keys: null }));
    const plan = JSON.parse(JSON.stringify(built.plan!)) as PlanDocument;
    const [refused, verifying] = timed(() => verifyPlan(plan));
    const mtu = new Map(plan.paths.map((p) => [p.id, p.mtu]));
    const small = (id: string) => mtu.get(id)! < leastMtu;
    const text = (ids: readonly string[]) => `${ids.filter(small).length} of ${ids.length}`;
    const primaries = plan.routes.flatMap((r) => r.primary ?? []);
    const equal = plan.routes.flatMap((r) => r.equalCost);
    const first = plan.routes.flatMap((r) => r.backups.slice(0, 1).map((b) => b.path));
    const other = plan.routes.flatMap((r) => r.backups.slice(1).map((b) => b.path));
    process.stderr.write(
      `${wanted}: below ${leastMtu} bytes ${text(primaries)} primaries, ${text(equal)} equal-cost paths, ` +
        `${text(first)} first backups, ${text(other)} other backups; ` +
        `planned in ${planning} s of CPU time, verified in ${verifying} s\n`,
    );
    expect(refused).toEqual([]);
    const most = mostHops(Math.min(...plan.tunnels.map((t) => t.mtu)));
    const hops = new Map(plan.regions.map((r) => [r.id, hopsFrom(plan, r.id)]));
    const wrong = plan.routes.filter(
      (r) => [...r.equalCost, r.primary!].some(small) && hops.get(r.from)!.get(r.to)! <= most,
    );
    expect(wrong).toEqual([]);
    const counted = plan.warnings.filter((w) => w.code === 'path-mtu').map((w) => w.message);
    expect(counted).toHaveLength([...primaries, ...first, ...other].some(small) ? 1 : 0);
  }, 1_800_000);
});
