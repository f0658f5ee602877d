import { loadSolver } from '../../lib/project/solver';
import { freezeTopology, type Topology } from '../../lib/graph';
import { compileRequest } from '../../lib/routing';
import { placeTraffic, type ConflictOthers, type TrafficDemand } from '../../lib/traffic';
import {
  areCarried,
  fitsTogether,
  leastConflictSize,
  partiesOf,
  pathsIn,
  roomIn,
  type ConflictCase,
  type ConflictDemand,
} from '../reference/conflict-least';
import { listPaths } from '../reference/routing-enumeration';
import { seeded, type Seeded } from '../support/random-seeded';
import { randomConstraints, randomTopology } from '../support/random-topology';

const seed = 20261125;

/** A small network with demands of two classes, rules that narrow some of them, and holders of bandwidth. */
function randomCase(random: Seeded) {
  const input = randomTopology(random, 5, 8);
  const topology = freezeTopology(input);
  const ids = input.nodes.map((v) => v.id);
  const arcOf = (link: string, from: string) => {
    const [l, v] = [topology.linkIndex.get(link)!, topology.nodeIndex.get(from)!];
    return [0, 1].map((i) => topology.linkArc[2 * l + i]).find((a) => a >= 0 && topology.tail[a] === v)!;
  };
  const list = (constraints: object, from: string, to: string) =>
    listPaths({ input, strategy: 'latency', constraints }, from, to).map((p) =>
      p.arcs.map((arc) => arcOf(arc.link, arc.from)),
    );
  const rules = ['no-way', 'short'].slice(0, random.whole(1, 2)).map((id) => {
    const constraints = randomConstraints(random, input);
    return { id, constraints, request: compileRequest(topology, { strategy: 'latency', constraints }) };
  });
  const free = compileRequest(topology, { strategy: 'latency' });
  const split = random.chance(0.5);
  const demands: TrafficDemand[] = [];
  const known: ConflictDemand[] = [];
  for (let i = 0; i < random.whole(2, 4); i++) {
    const from = random.pick(ids);
    const to = random.pick(ids.filter((id) => id !== from));
    const rule = random.chance(0.8) ? random.pick(rules) : null;
    const above = random.chance(0.35);
    const mbps = above ? random.pick([20, 50, 90]) : random.pick([50, 90, 150, 400, 700]);
    const id = `d${i}`;
    const ruled = list(rule?.constraints ?? {}, from, to);
    // Who has no way at all is refused, and in no conflict.
    if (ruled.length === 0) continue;
    const request = rule?.request ?? free;
    demands.push({ id, from, to, mbps, class: above ? 'critical' : 'realtime', maxLatencyMs: null, request });
    known.push({ id, mbps, above, rule: rule?.id ?? null, ruled, free: list({}, from, to) });
  }
  const holders = new Map(
    ['held', 'kept'].slice(0, random.whole(1, 2)).map((id) => {
      const from = random.pick(ids);
      const [path = []] = list({}, from, random.pick(ids.filter((x) => x !== from)));
      const mbps = random.pick([40, 80, 150]);
      return [
        id,
        input.arcs.map((_, a) => (path.includes(a) ? Math.min(mbps, topology.availableMbps[a] / 2) : 0)),
      ];
    }),
  );
  const slow: ConflictCase = { capacity: [...topology.availableMbps], demands: known, holders, split };
  const names = [...holders.keys()];
  const others: ConflictOthers = {
    holders: names,
    heldMbps: (list) =>
      Float64Array.from(slow.capacity, (_, a) => list.reduce((sum, h) => sum + holders.get(names[h])![a], 0)),
    rules: rules.map((rule) => ({
      id: rule.id,
      relaxed: (d) => (d.request === rule.request ? free : null),
    })),
  };
  return { topology, demands, others, slow };
}

function arcNumber(topology: Topology, link: string, from: string): number {
  const l = topology.linkIndex.get(link)!;
  return [topology.linkArc[2 * l], topology.linkArc[2 * l + 1]].find(
    (a) => a >= 0 && topology.nodes[topology.tail[a]] === from,
  )!;
}

describe(`conflicts of demands, holders and rules against every set tried, seed ${seed}`, () => {
  it('are irreducible and the smallest, are proven, and are mended by what is said to mend them', () => {
    const solver = loadSolver();
    const random = seeded(seed);
    const found = {
      conflicts: 0,
      smallest: 0,
      proven: 0,
      withRule: 0,
      withHolder: 0,
      repaired: 0,
      relaxed: 0,
    };
    for (let i = 0; i < 1500; i++) {
      const { topology, demands, others, slow } = randomCase(random);
      const all = partiesOf(slow);
      // Whom strict priority leaves how much when those above do not fit is another question.
      const least = leastConflictSize(solver, slow);
      if (least === undefined || demands.every((d) => d.class === 'critical')) continue;
      const traffic = placeTraffic({
        topology,
        demands,
        modes: { critical: 'single', realtime: slow.split ? 'te' : 'single' },
        capacityMbps: Float64Array.from(roomIn(slow, all)),
        solver,
        others,
      });
      const conflict = traffic.classes.find((c) => c.class === 'realtime')!.conflict;
      const fits = (parties: readonly string[]) => fitsTogether(solver, slow, parties);
      const carried = (parties: readonly string[], more?: readonly number[]) =>
        areCarried(solver, slow, parties, more);
      try {
        expect(conflict === null).toBe(fits(all));
        if (conflict === null) continue;
        const named = [...conflict.demands, ...conflict.holders, ...conflict.rules];
        expect(fits(named)).toBe(false);
        for (const one of named) expect(fits(named.filter((id) => id !== one))).toBe(true);
        if (conflict.smallest) expect(named.length).toBe(least);
        found.conflicts++;
        if (conflict.smallest) found.smallest++;
        if (conflict.rules.length > 0) found.withRule++;
        if (conflict.holders.length > 0) found.withHolder++;
        // Lengths prove it: what there is is less than what the shortest permitted ways ask for.
        const length = slow.capacity.map(() => 0);
        for (const l of conflict.links) length[arcNumber(topology, l.link, l.from)] = l.length ?? 0;
        expect(conflict.links.every((l) => l.length !== null)).toBe(true);
        const along = (path: readonly number[]) => path.reduce((sum, a) => sum + length[a], 0);
        const need = slow.demands
          .filter((d) => named.includes(d.id))
          .reduce((sum, d) => {
            const paths = pathsIn(d, named);
            const solved = slow.split && !d.above;
            return sum + d.mbps * (solved ? Math.min(...paths.map(along)) : along(paths[0]));
          }, 0);
        const size = roomIn(slow, named).reduce((sum, c, a) => sum + c * length[a], 0);
        expect(need).toBeGreaterThan(size);
        found.proven++;
        const helping = all.filter((id) => others.rules.some((r) => r.id === id)).sort();
        const right = helping.filter((id) => carried(all.filter((x) => x !== id)));
        expect(conflict.relaxing).toEqual(right);
        if (right.length > 0) found.relaxed++;
        expect(conflict.repair).not.toBeNull();
        const more = slow.capacity.map(() => 0);
        for (const u of conflict.repair!.upgrades)
          more[arcNumber(topology, u.link, u.from)] += u.addMbps + 1e-5;
        expect(carried(all, more)).toBe(true);
        found.repaired++;
      } catch (error) {
        process.stderr.write(`case ${i}: ${JSON.stringify({ conflict, slow })}\n`);
        throw error;
      }
    }
    process.stderr.write(`${JSON.stringify(found)}\n`);
    expect(found.conflicts).toBeGreaterThan(300);
    expect(found.smallest).toBe(found.conflicts);
    expect(found.withRule).toBeGreaterThan(20);
    expect(found.withHolder).toBeGreaterThan(30);
    expect(found.relaxed).toBeGreaterThan(15);
  });
});
