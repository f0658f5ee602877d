import { analyseFailures, reportFailures, type FailureInput, type GatewayOutage } from '../../lib/failure';
import { freezeTopology } from '../../lib/graph';
import { gatewayOutages, servedTables, takesOver } from '../../lib/plan';
import { seeded } from '../support/random-seeded';
import { randomTopology } from '../support/random-topology';
import { ring } from '../support/routing-fixtures';
import { randomPlan } from './random-plan';
import { decided } from './decided';

const regions = ['a', 'b', 'c', 'd'];

/** Two gateways in each region of the ring, and a tunnel of each link between those of one number. */
const tunnels = ring.arcs.flatMap(({ from, to, link }, i) =>
  i % 2 === 1 ? [] : [1, 2].map((k) => ({ link, ends: [`${from}/${k}`, `${to}/${k}`] as const })),
);

/** What waits behind each of them. */
function outagesOf(outage: Omit<GatewayOutage, 'region'>): ReadonlyMap<string, GatewayOutage> {
  const both = (region: string): [string, GatewayOutage][] =>
    [1, 2].map((k) => [`${region}/${k}`, { region, ...outage }]);
  return new Map(regions.flatMap(both));
}

const plan: FailureInput = {
  topology: freezeTopology(ring),
  routes: [
    {
      from: 'a',
      to: 'c',
      classes: ['critical'],
      primary: { hops: ['link-a-b', 'link-b-c'] },
      backups: [{ hops: ['link-a-d', 'link-c-d'] }],
    },
    { from: 'b', to: 'c', classes: ['bulk'], primary: { hops: ['link-b-c'] }, backups: [] },
    { from: 'd', to: 'b', classes: ['bulk'], primary: null, backups: [] },
  ],
  demands: [
    { id: 'pay', from: 'a', to: 'c', class: 'critical', mbps: 100 },
    { id: 'copy', from: 'b', to: 'c', class: 'bulk', mbps: 50 },
  ],
};

const survive = { kind: 'survive', of: 'gateway' } as const;
const moved = { share: 0.5, seconds: 3, backSeconds: 420 };
const unmoved = { share: 0.5, seconds: 420, backSeconds: 420 };

describe('a dead gateway', () => {
  it('keeps the workloads behind it waiting, and loses nothing once their routes have moved', () => {
    const results = analyseFailures(plan, { tunnels, outages: outagesOf(moved) });
    const failures = reportFailures(results).failures.filter((f) => f.kind === 'gateway');
    expect(failures.map((f) => [f.id, f.routesStranded + f.routesCut, f.interruption])).toEqual([
      ...[1, 2].map((k) => [`a/${k}`, 0, { routes: 1, demands: 1, mbps: 50, seconds: 3 }]),
      // What no route serves waits for nothing.
      ...[1, 2].map((k) => [`b/${k}`, 0, { routes: 1, demands: 1, mbps: 25, seconds: 3 }]),
      ...[1, 2].map((k) => [`c/${k}`, 0, { routes: 2, demands: 2, mbps: 75, seconds: 3 }]),
      ...[1, 2].map((k) => [`d/${k}`, 0, { routes: 0, demands: 0, mbps: 0, seconds: 3 }]),
    ]);
  });

  it('is survived once routes have moved, and the sentence says within what time', () => {
    const { verdict, evidence } = decided(
      survive,
      analyseFailures(plan, { tunnels, outages: outagesOf(moved) }),
      { from: ['a'] },
    );
    expect([verdict, evidence]).toEqual([
      'holds',
      'everything is carried under each of 8 gateway failures once routes have moved, within 3 s; the fullest ' +
        "link then is 'link-b-c' from b to c at 30 %, when gateway 'b/1' fails",
    ]);
  });

  it('leaves it open where nobody here moves the routes, for those alone whom it concerns', () => {
    const results = analyseFailures(plan, { tunnels, outages: outagesOf(unmoved) });
    expect(decided(survive, results, { from: ['a'] })).toEqual({
      verdict: 'undecided',
      evidence:
        "when gateway 'a/1' fails, its workloads wait until it is back or you move their routes: region 'a' " +
        'names no route tables',
    });
    const onlyD = new Map([...outagesOf(unmoved)].filter(([id]) => id.startsWith('d/')));
    expect(
      decided(survive, analyseFailures(plan, { tunnels, outages: onlyD }), { from: ['a'] }).verdict,
    ).toBe('holds');
  });

  it('says nothing of workloads that nobody knows', () => {
    const { failures } = reportFailures(analyseFailures(plan, { tunnels }));
    expect(failures.filter((f) => 'interruption' in f)).toEqual([]);
  });

  it('keeps waiting what counting by hand finds (seeds 1 to 40)', () => {
    let waiting = 0;
    for (let seed = 1; seed <= 40; seed++) {
      const random = seeded(seed);
      const input = randomPlan(random, freezeTopology(randomTopology(random, 6, 9)));
      const { topology } = input;
      const ends = topology.links.map((link, l) => {
        const arc = topology.linkArc[2 * l];
        const [a, b] = [topology.nodes[topology.tail[arc]], topology.nodes[topology.head[arc]]];
        return { link, ends: [`${a}/1`, `${b}/1`] as const };
      });
      const share = random.pick([1, 0.5, 0.25]);
      const outages = new Map(
        topology.nodes.map((region): [string, GatewayOutage] => [
          `${region}/1`,
          { region, share, seconds: 7, backSeconds: 9 },
        ]),
      );
      const { failures } = reportFailures(analyseFailures(input, { tunnels: ends, outages }));
      const served = new Set(
        input.routes
          .filter((r) => r.primary !== null)
          .flatMap((r) => r.classes.map((c) => `${r.from} ${r.to} ${c}`)),
      );
      for (const f of failures.filter((x) => x.kind === 'gateway')) {
        const region = f.id.slice(0, -2);
        const touches = (x: { from: string; to: string }) => x.from === region || x.to === region;
        const demands = input.demands.filter(
          (d) => touches(d) && ((d.splits ?? []).length > 0 || served.has(`${d.from} ${d.to} ${d.class}`)),
        );
        const mbps = demands.reduce((s, d) => s + d.mbps, 0) * share;
        expect([
          seed,
          f.id,
          f.interruption!.routes,
          f.interruption!.demands,
          f.interruption!.seconds,
        ]).toEqual([
          seed,
          f.id,
          input.routes.filter((r) => r.primary !== null && touches(r)).length,
          demands.length,
          7,
        ]);
        expect(f.interruption!.mbps).toBeCloseTo(mbps, 4);
        waiting += demands.length;
      }
    }
    expect(waiting).toBeGreaterThan(100);
  });
});

describe('what stands behind a gateway', () => {
  const region = (vpc: readonly string[] | null, gatewayCount: number) => ({
    id: 'r',
    provider: 'aws' as const,
    gatewayCount,
    vpc: vpc && { id: 'vpc-1', publicSubnets: [], routeTables: vpc },
  });
  const shares = (r: ReturnType<typeof region>) =>
    [...gatewayOutages([r])].map(([id, { share, seconds }]) => [id, share, seconds]);

  it('is a zone each of a VPC that is made, and everything where there is one gateway', () => {
    expect(shares(region(null, 2))).toEqual([
      ['r/1', 0.5, 3],
      ['r/2', 0.5, 3],
    ]);
    expect(shares(region(null, 1))).toEqual([['r/1', 1, 420]]);
    expect(servedTables(region(null, 2)).map((t) => [t.name, t.gateway])).toEqual([
      ['public', 1],
      ['private-1', 1],
      ['private-2', 2],
    ]);
  });

  it('is what tables of yours come to it in turn', () => {
    expect(shares(region(['t1', 't2', 't3'], 2))).toEqual([
      ['r/1', 2 / 3, 3],
      ['r/2', 1 / 3, 3],
    ]);
    expect(shares(region(['t1'], 2))).toEqual([
      ['r/1', 1, 3],
      ['r/2', 0, 3],
    ]);
  });

  it('waits for the gateway itself without a table of ours, and outside the cloud nobody knows', () => {
    expect(takesOver(region([], 2))).toBe(false);
    expect(shares(region([], 2))).toEqual([
      ['r/1', 0.5, 420],
      ['r/2', 0.5, 420],
    ]);
    expect(gatewayOutages([{ ...region(null, 1), provider: 'external' }]).size).toBe(0);
  });
});
