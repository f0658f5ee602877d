import { qosClasses } from '../../lib/model';
import type { MovedAllocation, PlanDocument } from '../../lib/plan';
import type { Seeded } from '../support/random-seeded';

/** A plan that may be written to. */
type Open<T> = T extends readonly (infer U)[]
  ? Open<U>[]
  : T extends object
    ? { -readonly [K in keyof T]: Open<T[K]> }
    : T;
export type OpenPlan = Open<PlanDocument>;

type Kept = NonNullable<OpenPlan['previous']>['kept']['routes'][number];

/** Changes a plan in place so that it lies; false: this plan has nothing of the kind. */
export type Mutation = (plan: OpenPlan, random: Seeded) => boolean;

/** Does something to one of a list; false when it is empty. */
function one<T>(list: readonly T[], random: Seeded, change: (item: T) => void): boolean {
  if (list.length === 0) return false;
  change(random.pick(list));
  return true;
}

/** A figure that is another: by 1 % to 50 %, up or down; 0 becomes 1. */
function other(figure: number, random: Seeded): number {
  const factor = 1 + (random.chance(0.5) ? 1 : -1) * (0.01 + random.next() * 0.49);
  return figure === 0 ? 1 : figure * factor;
}

const placed = (plan: OpenPlan) => plan.traffic.classes.flatMap((c) => c.demands);
const parts = (plan: OpenPlan) => placed(plan).flatMap((d) => d.paths);
const certificates = (plan: OpenPlan) => plan.traffic.classes.filter((c) => c.certificate !== null);
const routed = (plan: OpenPlan) => plan.routes.filter((r) => r.primary !== null);
const ends = (plan: OpenPlan) => plan.tunnels.flatMap((t) => t.ends);
const before = (plan: OpenPlan) => (plan.previous === null ? [] : [plan.previous]);
const movedAllocations = (plan: OpenPlan) => before(plan).flatMap((b) => b.moved.allocations);
/** What it is now. */
const allocated = (plan: OpenPlan, { id, field }: MovedAllocation) =>
  String((plan.regions.find((r) => `region ${r.id}` === id) as Record<string, unknown> | undefined)?.[field]);
const movedRoutes = (plan: OpenPlan) => before(plan).flatMap((b) => b.moved.routes);
const movedDemands = (plan: OpenPlan) => before(plan).flatMap((b) => b.moved.demands);
const movedReservations = (plan: OpenPlan) => before(plan).flatMap((b) => b.moved.reservations);
const sameRoute = (x: OpenPlan['routes'][number] | Kept, y: OpenPlan['routes'][number]) =>
  x.from === y.from && x.to === y.to && x.classes[0] === y.classes[0];
const keptRoutes = (plan: OpenPlan) => before(plan).flatMap((b) => b.kept.routes);
const keptClasses = (plan: OpenPlan) => before(plan).flatMap((b) => b.kept.classes);
const summaries = (plan: OpenPlan) =>
  plan.failures === null ? [] : [plan.failures.noFailure, ...plan.failures.failures];

/** Changes what is carried of a demand, with its paths' parts and the loads of the links that follow. */
export function carry(plan: OpenPlan, d: ReturnType<typeof placed>[number], mbps: number): void {
  const more = mbps - d.carriedMbps;
  const sum = d.paths.reduce((s, p) => s + p.weight, 0);
  d.carriedMbps = mbps;
  for (const p of d.paths) {
    p.mbps = (mbps * p.weight) / sum;
    const { links, regions } = plan.paths.find(({ id }) => id === p.path)!;
    links.forEach((link, i) => {
      const load = plan.traffic.loads.find((l) => l.link === link && l.from === regions[i])!;
      load.demandMbps = Math.max(0, load.demandMbps + (more * p.weight) / sum);
    });
  }
}

/**
 * Every kind of lie, by name. Not among them, as the plan asserts nothing by them that could be untrue, or as
 * only what was given to the planner could tell: `network`, `tags`, `city`, `lat`, `lon`, `endpoint`,
 * `capacityMbps`, `capacityInstances`, `vpc`, origins of figures, `lossRatio`, `availabilityRatio`; the
 * wording of `evidence`, `hint`, `nearest`, `next` and of refusals; prices of the catalog; a free port,
 * segment or block instead of another; the description itself (a policy, what a demand asks for), by which
 * the rest is judged; of the plan before, what it was in the parts that did not move (`dwcp verify
 * --previous` tells).
 */
export const mutations: Readonly<Record<string, Mutation>> = {
  'a load': (p, r) => one(p.traffic.loads, r, (l) => (l.demandMbps = other(l.demandMbps, r))),
  'a reserved load': (p, r) => one(p.traffic.loads, r, (l) => (l.reservedMbps = other(l.reservedMbps, r))),
  'what a load may use': (p, r) =>
    one(p.traffic.loads, r, (l) => (l.availableMbps = other(l.availableMbps, r))),
  'a load left out': (p, r) =>
    one(p.traffic.loads, r, (l) => void p.traffic.loads.splice(p.traffic.loads.indexOf(l), 1)),
  'the utilisation': (p, r) => {
    p.traffic.utilisationRatio = other(p.traffic.utilisationRatio, r);
    return true;
  },
  'a class utilisation': (p, r) =>
    one(p.traffic.classes, r, (c) => (c.utilisationRatio = other(c.utilisationRatio, r))),
  'a class left out': (p, r) =>
    one(p.traffic.classes, r, (c) => void p.traffic.classes.splice(p.traffic.classes.indexOf(c), 1)),
  'the units of a class': (p, r) => one(p.traffic.classes, r, (c) => (c.units += r.whole(1, 5))),
  'the spread of a class': (p, r) =>
    one(p.traffic.classes, r, (c) => (c.spread = c.spread === 'te' ? 'single' : 'te')),
  'a weight': (p, r) => one(parts(p), r, (d) => (d.weight += r.whole(1, 4))),
  'a broken weight': (p, r) => one(parts(p), r, (d) => (d.weight -= 0.5)),
  'a part': (p, r) => one(parts(p), r, (d) => (d.mbps = other(d.mbps, r))),
  'what is carried': (p, r) => one(placed(p), r, (d) => (d.carriedMbps = other(d.carriedMbps, r))),
  'an elastic demand, with all that follows': (p, r) =>
    one(
      p.traffic.classes
        .filter((c) => c.class === 'bulk' || c.class === 'best-effort')
        .flatMap((c) => c.demands)
        .filter((d) => d.carriedMbps > 1),
      r,
      (d) => carry(p, d, d.carriedMbps * (0.5 + r.next() * 0.49)),
    ),
  "a demand's path": (p, r) =>
    one(parts(p), r, (d) => (d.path = r.pick(p.paths.filter((x) => x.id !== d.path)).id)),
  'a demand without its paths': (p, r) =>
    one(
      placed(p).filter((d) => d.paths.length > 0),
      r,
      (d) => void d.paths.splice(0),
    ),
  'a refused demand': (p, r) => one(placed(p), r, (d) => (d.refusal = 'there is no way')),
  'a bound': (p, r) => one(certificates(p), r, ({ certificate: c }) => (c!.bound = other(c!.bound, r))),
  'a gap': (p, r) => one(certificates(p), r, ({ certificate: c }) => (c!.gapRatio += 0.001 + r.next() / 10)),
  'an optimum': (p, r) => one(certificates(p), r, (c) => (c.optimumRatio = other(c.optimumRatio!, r))),
  'a length': (p, r) =>
    one(
      certificates(p).flatMap((c) => c.certificate!.lengths),
      r,
      (l) => (l.length = other(l.length, r)),
    ),
  'a length of another link': (p, r) =>
    one(
      certificates(p).flatMap((c) => c.certificate!.lengths),
      r,
      (l) => (l.link = r.pick(p.links.filter((x) => x.id !== l.link)).id),
    ),
  'a certificate left out': (p, r) => one(certificates(p), r, (c) => (c.certificate = null)),
  'the latency of a path': (p, r) => one(p.paths, r, (x) => (x.latencyMs = other(x.latencyMs, r))),
  'the price of a path': (p, r) =>
    one(p.paths, r, (x) => (x.costPerGbUsd = x.costPerGbUsd === null ? 0 : other(x.costPerGbUsd, r))),
  'the bandwidth of a path': (p, r) => one(p.paths, r, (x) => (x.bandwidthMbps = other(x.bandwidthMbps, r))),
  'the mtu of a path': (p, r) => one(p.paths, r, (x) => (x.mtu += r.whole(1, 80))),
  'the risk groups of a path': (p, r) => one(p.paths, r, (x) => void x.srlgs.push('zz-unknown')),
  'a link of a path': (p, r) =>
    one(p.paths, r, (x) => {
      const i = r.whole(0, x.links.length - 1);
      x.links[i] = p.links.map((l) => l.id).find((id) => id !== x.links[i]) ?? 'no-link';
    }),
  'a region of a path': (p, r) => one(p.paths, r, (x) => void x.regions.splice(0, 1)),
  'the end of a path': (p, r) => one(p.paths, r, (x) => (x.to = x.from)),
  'a path left out': (p, r) => one(p.paths, r, (x) => void p.paths.splice(p.paths.indexOf(x), 1)),
  'a metric': (p, r) => one(routed(p), r, (x) => (x.metric = other(x.metric!, r))),
  'a primary and a backup swapped': (p, r) =>
    one(
      routed(p).filter((x) => x.backups.length > 0),
      r,
      (x) => {
        const backup = r.pick(x.backups);
        [x.primary, backup.path] = [backup.path, x.primary!];
      },
    ),
  'a backup twice': (p, r) =>
    one(
      routed(p).filter((x) => x.backups.length > 0),
      r,
      (x) => void x.backups.push({ ...x.backups[0] }),
    ),
  'a backup left out': (p, r) =>
    one(
      routed(p).filter((x) => x.backups.length > 0),
      r,
      (x) => void x.backups.splice(r.whole(0, x.backups.length - 1), 1),
    ),
  'a list of shared things': (p, r) =>
    one(
      routed(p).flatMap((x) => x.backups),
      r,
      (b) => {
        const name = r.pick(['sharedLinks', 'sharedRegions', 'sharedSrlgs'] as const);
        if (b[name].length > 0) b[name].pop();
        else b[name].push(p.links[0].id);
      },
    ),
  'an equal-cost path left out': (p, r) =>
    one(routed(p), r, (x) => void x.equalCost.splice(r.whole(0, x.equalCost.length - 1), 1)),
  'another equal-cost path': (p, r) =>
    one(routed(p), r, (x) => (x.equalCost[0] = r.pick(p.paths.filter((y) => y.id !== x.equalCost[0])).id)),
  'whether there are more': (p, r) => one(routed(p), r, (x) => (x.equalCostMore = !x.equalCostMore)),
  'a strategy': (p, r) =>
    one(routed(p), r, (x) => (x.strategy = x.strategy === 'latency' ? 'cost' : 'latency')),
  'a policy of a route': (p, r) =>
    one(p.routes, r, (x) => (x.policy = x.policy === null ? (p.policies[0]?.id ?? 'none') : null)),
  'a class of a route': (p, r) => one(p.routes, r, (x) => void x.classes.shift()),
  'a route left out': (p, r) => one(p.routes, r, (x) => void p.routes.splice(p.routes.indexOf(x), 1)),
  'a route twice': (p, r) =>
    one(p.routes, r, (x) => void p.routes.splice(p.routes.indexOf(x), 0, structuredClone(x))),
  'a refusal': (p, r) =>
    one(
      p.routes.filter((x) => x.refusal !== null),
      r,
      (x) => {
        const codes = ['denied', 'disconnected', 'drained', 'constrained', 'search-limit'] as const;
        x.refusal!.code = r.pick(codes.filter((c) => c !== x.refusal!.code));
      },
    ),
  'a refusal left out': (p, r) =>
    one(
      p.routes.filter((x) => x.refusal !== null),
      r,
      (x) => (x.refusal = null),
    ),
  'a route refused': (p, r) =>
    one(routed(p), r, (x) => {
      Object.assign(x, {
        primary: null,
        metric: null,
        backups: [],
        equalCost: [],
        equalCostMore: false,
        hint: null,
      });
      x.refusal = {
        code: r.pick(['constrained', 'disconnected', 'search-limit']),
        message: 'no',
        nearest: '',
      };
    }),
  "a reservation's path": (p, r) =>
    one(
      p.reservations.filter((x) => x.admitted),
      r,
      (x) => (x.path = r.pick(p.paths.filter((y) => y.id !== x.path)).id),
    ),
  'an admission': (p, r) =>
    one(p.reservations, r, (x) => {
      x.admitted = !x.admitted;
      x.path = x.admitted ? p.paths[0].id : null;
      x.reason = x.admitted ? '' : 'it does not fit';
      if (x.admitted) x.nearest = '';
    }),
  'the bandwidth model': (p) => {
    if (p.admission.model === 'shared') return false;
    p.admission.model = 'shared';
    return true;
  },
  'a share too small for what is admitted': (p, r) =>
    p.admission.model !== 'shared' &&
    one(
      p.reservations.filter((x) => x.admitted),
      r,
      (x) => {
        for (const own of [p.admission.shares, ...p.links.flatMap((l) => l.classShares ?? [])])
          for (const c of qosClasses.slice(0, qosClasses.indexOf(x.class) + 1)) own[c] = 0;
      },
    ),
  'shares that are none': (p, r) =>
    one(
      p.links.filter((l) => l.classShares !== null),
      r,
      (l) => (l.classShares!.critical = r.pick([1.5, -0.1, 0.99])),
    ),
  'a headroom that reservations are in': (p, r) =>
    one(
      p.reservations.filter((x) => x.admitted),
      r,
      () => (p.admission.headroomRatio = p.admission.criticalHeadroomRatio = 0.9999),
    ),
  'a headroom of class critical alone': (p) => {
    p.admission.criticalHeadroomRatio = p.admission.headroomRatio + 0.1;
    return true;
  },
  'an address of a gateway': (p, r) =>
    one(p.gateways, r, (g) => {
      const name = r.pick(['ipv4', 'ipv6', 'segmentDx4', 'segmentDx6'] as const);
      g[name] = name === 'ipv4' ? '100.65.200.200' : 'fd00::dead';
    }),
  'a second spelling of an address': (p, r) =>
    one(ends(p), r, (e) => (r.chance(0.5) ? (e.ipv6 = e.ipv6.toUpperCase()) : (e.segment = `${e.segment}0`))),
  'a second spelling of a block': (p, r) =>
    one(p.regions, r, (x) => (x.ipv6Block = x.ipv6Block.replace('::/', ':0::/'))),
  'a locator': (p, r) => one(p.gateways, r, (g) => (g.locator = 'fd00:1:2:8000::/64')),
  'an address of a tunnel': (p, r) =>
    one(ends(p), r, (e) => {
      if (r.chance(0.5)) e.ipv4 = e.ipv4.replace(/\d+$/, (n) => String((Number(n) + 2) % 256));
      else e.ipv6 = `${e.ipv6}f`;
    }),
  'the ends of a tunnel': (p, r) => one(p.tunnels, r, (t) => void t.ends.reverse()),
  'a port': (p, r) =>
    one(ends(p), r, (e) => {
      const others = ends(p).filter((x) => x !== e && x.gateway === e.gateway);
      e.listenPort = others.length > 0 && r.chance(0.7) ? r.pick(others).listenPort : 80;
    }),
  'an interface name': (p, r) =>
    one(ends(p), r, (e) => (e.interfaceName = r.pick(['wg-anywhere', 'wg-much-too-long-for-linux', 'eth0']))),
  'a segment': (p, r) =>
    one(ends(p), r, (e) => {
      const others = ends(p).filter((x) => x !== e);
      e.segment = others.length > 0 ? r.pick(others).segment : 'fd00::1';
    }),
  'a tunnel left out': (p, r) => one(p.tunnels, r, (t) => void p.tunnels.splice(p.tunnels.indexOf(t), 1)),
  'the mtu of a tunnel': (p, r) => one(p.tunnels, r, (t) => (t.mtu += r.whole(1, 100))),
  'a preshared key': (p, r) => one(p.tunnels, r, (t) => (t.presharedKey = !t.presharedKey)),
  'a public key': (p, r) =>
    one(p.gateways, r, (g) => (g.publicKey = r.pick(['AAAA', 'not base64', '', `${'A'.repeat(43)}=`]))),
  'a block': (p, r) =>
    one(p.regions, r, (x) => {
      x.ipv4Block = p.regions.length > 1 ? r.pick(p.regions.filter((y) => y !== x)).ipv4Block : '10.0.0.0/8';
    }),
  'a prefix': (p, r) =>
    one(p.regions, r, (x) => {
      const others = p.regions.filter((y) => y !== x).flatMap((y) => [y.ipv4Block, y.ipv6Block]);
      x.prefixes = [r.pick([p.pools.links, p.pools.gateways, p.pools.ipv6, x.ipv4Block, ...others])];
    }),
  'an ipv6 block': (p, r) => one(p.regions, r, (x) => (x.ipv6Block = 'fd00::/56')),
  'the available bandwidth of a link': (p, r) =>
    one(p.links, r, (l) => (l.directions[0].availableMbps = other(l.directions[0].availableMbps, r))),
  'a verdict': (p, r) =>
    one(p.objectives, r, (o) => {
      o.verdict = r.pick((['holds', 'broken', 'undecided'] as const).filter((v) => v !== o.verdict));
    }),
  'a cost': (p, r) => one(p.cost.items, r, (i) => (i.usdPerMonth = other(i.usdPerMonth ?? 0, r))),
  'the sum of the cost': (p, r) => {
    p.cost.knownUsdPerMonth = other(p.cost.knownUsdPerMonth, r);
    return true;
  },
  'what a failure loses': (p, r) =>
    one(summaries(p), r, (s) => {
      const names = ['lostMbps', 'movedMbps', 'endedMbps'] as const;
      const name = r.pick(names);
      s[name] = other(s[name], r);
    }),
  'what a failure counts': (p, r) =>
    one(summaries(p), r, (s) => {
      const routes = ['routesAffected', 'routesStranded', 'routesCut', 'routesEnded'] as const;
      const demands = ['demandsAffected', 'demandsLost', 'demandsCongested', 'linksOverloaded'] as const;
      s[r.pick([...routes, ...demands])] += 1;
    }),
  'the fullest link of a failure': (p, r) =>
    one(
      summaries(p).filter((s) => s.fullest !== null),
      r,
      (s) => (s.fullest!.utilisationRatio = other(s.fullest!.utilisationRatio ?? 0, r)),
    ),
  'the slowest pair of a failure': (p, r) =>
    one(
      summaries(p).filter((s) => s.slowest !== null),
      r,
      (s) => (s.slowest!.afterMs = other(s.slowest!.afterMs, r)),
    ),
  'a failure left out': (p, r) =>
    p.failures !== null &&
    one(p.failures.failures, r, (s) => void p.failures!.failures.splice(p.failures!.failures.indexOf(s), 1)),
  'an availability': (p, r) =>
    one(p.availability?.demands ?? [], r, (d) => {
      const name = r.pick(['lowerRatio', 'upperRatio'] as const);
      d[name] = d[name] > 0.5 ? d[name] - r.next() / 1000 - 1e-6 : 0.9;
    }),
  'the states of an availability': (p, r) => {
    if (p.availability === null) return false;
    if (r.chance(0.5)) p.availability.states += 1;
    else p.availability.coveredRatio -= 1e-4;
    return true;
  },
  'a cut-off': (p, r) => {
    if (p.availability === null) return false;
    p.availability.cutOff = r.pick([1e-3, 1e-10, 0]);
    return true;
  },
  'a link of unknown availability': (p, r) =>
    p.availability !== null && one(p.links, r, (l) => void p.availability!.unknownLinks.push(l.id)),
  'an availability left out': (p) => {
    if (p.availability === null) return false;
    p.availability = null;
    return true;
  },
  'the cost of traffic': (p, r) => {
    if (p.cost.traffic === null) return false;
    const name = r.pick(['gbPerMonth', 'knownUsdPerMonth'] as const);
    p.cost.traffic[name] = other(p.cost.traffic[name], r);
    return true;
  },
  'the cost of traffic left out': (p) => {
    if (p.cost.traffic === null) return false;
    p.cost.traffic = null;
    return true;
  },
  'a warning': (p, r) => one(p.warnings, r, (w) => (w.message = `${w.message}, or not`)),
  'a warning left out': (p, r) =>
    // Whether a given bandwidth was worth a warning only the description's default tells.
    one(
      p.warnings.filter((w) => w.code !== 'bandwidth-above-gateway'),
      r,
      (w) => void p.warnings.splice(p.warnings.indexOf(w), 1),
    ),
  'a tolerance that lets more be kept': (p, r) =>
    one(before(p), r, (b) => (b.toleranceRatio = r.pick([-0.1, 1.5, 0]))),
  'the Mbps moved': (p, r) => one(before(p), r, (b) => (b.movedMbps = other(b.movedMbps, r))),
  'a kept primary that is the best': (p, r) =>
    p.previous !== null &&
    one(
      routed(p).filter((x) => !keptRoutes(p).some((k) => sameRoute(k, x))),
      r,
      (x) => {
        const { from, to, classes, metric } = x;
        const kept = { from, to, classes, bestMetric: metric, backups: [], equalCost: false };
        const order = p.routes.map((y) => [...keptRoutes(p), kept].find((k) => sameRoute(k, y)));
        p.previous!.kept.routes = order.filter((k) => k !== undefined);
      },
    ),
  'a primary far off, said to be kept': (p, r) =>
    one(
      keptRoutes(p).filter((k) => k.bestMetric !== null),
      r,
      (k) => {
        const route = p.routes.find(
          (x) => x.from === k.from && x.to === k.to && x.classes[0] === k.classes[0],
        )!;
        const last = route.backups[route.backups.length - 1];
        [route.primary, last.path] = [last.path, route.primary!];
      },
    ),
  'what a kept primary is held against': (p, r) =>
    one(
      keptRoutes(p).filter((k) => k.bestMetric !== null),
      r,
      (k) => (k.bestMetric = other(k.bestMetric!, r)),
    ),
  'a kept primary that is not said to be': (p, r) =>
    one(
      keptRoutes(p).filter((k) => k.bestMetric !== null),
      r,
      (k) => void p.previous!.kept.routes.splice(p.previous!.kept.routes.indexOf(k), 1),
    ),
  'a kept backup that is not said to be': (p, r) =>
    one(
      keptRoutes(p).filter((k) => k.backups.length > 0),
      r,
      (k) => void k.backups.splice(0, 1),
    ),
  'a backup said to be kept': (p, r) =>
    one(
      keptRoutes(p),
      r,
      (k) => void k.backups.push(r.pick(p.paths.filter((x) => !k.backups.includes(x.id))).id),
    ),
  'equal-cost paths said to be kept': (p, r) => one(keptRoutes(p), r, (k) => (k.equalCost = !k.equalCost)),
  'why a route moved': (p, r) =>
    one(movedRoutes(p), r, (m) => {
      // What only the plan before could tell is not among them.
      m.why = r.pick(
        (['gone', 'policy', 'objective', 'unproven', 'routed'] as const).filter((w) => w !== m.why),
      );
    }),
  'what a route left is worth': (p, r) =>
    one(movedRoutes(p), r, (m) => (m.beforeMetric = m.beforeMetric === null ? 1 : other(m.beforeMetric, r))),
  'where a route went': (p, r) =>
    one(movedRoutes(p), r, (m) => (m.after = r.pick(p.paths.filter((x) => x.id !== m.after)).id)),
  'where a route was': (p, r) => one(movedRoutes(p), r, (m) => (m.before = m.after)),
  'a path of before': (p, r) =>
    one(
      before(p).flatMap((b) => b.paths),
      r,
      (path) => {
        if (r.chance(0.5)) path.links[0] = r.pick(p.links.filter((l) => l.id !== path.links[0])).id;
        else path.regions.reverse();
      },
    ),
  'a path of before left out': (p, r) =>
    one(
      before(p).filter((b) => b.paths.length > 0),
      r,
      (b) => void b.paths.splice(r.whole(0, b.paths.length - 1), 1),
    ),
  'what an allocation was': (p, r) => one(movedAllocations(p), r, (m) => (m.before = allocated(p, m))),
  'which allocation moved': (p, r) => one(movedAllocations(p), r, (m) => (m.id = `${m.id}x`)),
  'how much of a demand moved': (p, r) =>
    one(movedDemands(p), r, (m) => (m.movedMbps = other(m.movedMbps, r))),
  'how a demand was split': (p, r) => one(movedDemands(p), r, (m) => (m.before[0].weight += r.whole(1, 9))),
  'why a demand moved': (p, r) =>
    one(movedDemands(p), r, (m) => {
      const reasons = ['gone', 'policy', 'full', 'better'] as const;
      m.why = r.pick(reasons.filter((w) => w !== m.why));
    }),
  'a move of a demand left out': (p, r) =>
    one(
      movedDemands(p),
      r,
      (m) => void p.previous!.moved.demands.splice(p.previous!.moved.demands.indexOf(m), 1),
    ),
  'a demand said to be kept': (p, r) =>
    one(keptClasses(p), r, (k) => {
      const others = placed(p).filter((d) => !k.demands.includes(d.id));
      k.demands.push(r.pick(others).id);
    }),
  'a demand kept that is not said to be': (p, r) =>
    one(
      keptClasses(p).filter((k) => k.againstRatio === null && k.demands.length > 0),
      r,
      (k) => void k.demands.splice(0, 1),
    ),
  'what a kept class is held against': (p, r) =>
    one(
      keptClasses(p),
      r,
      (k) => (k.againstRatio = k.againstRatio === null ? 0.5 : other(k.againstRatio, r)),
    ),
  'why a reservation moved': (p, r) =>
    one(movedReservations(p), r, (m) => {
      const reasons = ['gone', 'policy', 'asked', 'full', 'displaced'] as const;
      m.why = r.pick(reasons.filter((w) => w !== m.why));
    }),
  'who displaced a reservation': (p, r) =>
    one(
      movedReservations(p).filter((m) => m.by !== null),
      r,
      (m) => (m.by = r.pick([...p.reservations.map((x) => x.id), null].filter((x) => x !== m.by))),
    ),
  'a reservation said to be kept': (p, r) =>
    one(before(p), r, (b) => void b.kept.reservations.push(r.pick(['zz-unknown', ...b.kept.reservations]))),
  'the format version': (p) => {
    p.formatVersion = 99 as never;
    return true;
  },
};
