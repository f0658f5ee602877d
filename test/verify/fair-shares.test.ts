import { loadSolver } from '../../lib/project/solver';
import { parseDescription, type NetworkDescription } from '../../lib/model';
import { buildPlan, planDigest, type PlanDocument } from '../../lib/plan';
import { verifyPlan } from '../../lib/verify';
import { randomDescription } from '../support/random-description';
import type { Seeded } from '../support/random-seeded';
import { seeded } from '../support/random-seeded';
import { carry, type OpenPlan } from './mutations';

const seed = 20261130;

/** A random network with more elastic traffic than it carries. */
function crowded(random: Seeded): NetworkDescription {
  const description = randomDescription(random);
  const seen = new Set<string>();
  const demands = description.demands!.flatMap((d) => {
    const qos = random.pick(['bulk', 'best-effort'] as const);
    const key = `${d.from} ${d.to} ${qos}`;
    if (seen.has(key)) return [];
    seen.add(key);
    const bandwidth = `${random.pick([30, 77.7, 150, 333.3])} Mbps` as const;
    return [{ ...d, class: qos, bandwidth }];
  });
  const links = description.links!.map((l) => ({ ...l, drained: false }));
  return { ...description, links, policies: {}, demands };
}

function planOf(description: NetworkDescription): PlanDocument | null {
  const { network, diagnostics } = parseDescription(description);
  if (!network) throw new Error(JSON.stringify(diagnostics));
  const { plan } = buildPlan(network, { lock: null, keys: null, solver: loadSolver });
  return plan ? (JSON.parse(JSON.stringify(plan)) as PlanDocument) : null;
}

type Part = OpenPlan['traffic']['classes'][number]['demands'][number];

/** Demands of a class with the part of each on a direction of a link. */
function usersOf(plan: OpenPlan, demands: readonly Part[], link: string, from: string) {
  const over = new Set(
    plan.paths.filter((p) => p.links.some((l, i) => l === link && p.regions[i] === from)).map((p) => p.id),
  );
  return demands
    .map((d) => {
      const sum = d.paths.reduce((s, p) => s + p.weight, 0);
      return { d, part: d.paths.reduce((s, p) => s + (over.has(p.path) ? p.weight / sum : 0), 0) };
    })
    .filter(({ part }) => part > 0);
}

function refusals(plan: OpenPlan): string[] {
  const changed = plan as unknown as PlanDocument;
  return verifyPlan({ ...changed, digest: planDigest(changed) }).map((d) => d.code);
}

describe(`the verifier of fair shares, seed ${seed}`, () => {
  const random = seeded(seed);
  const plans = Array.from({ length: 60 }, () => planOf(crowded(random))).filter((p) => p !== null);
  const asked = (plan: OpenPlan, id: string) => plan.demands.find((d) => d.id === id)!.bandwidthMbps;

  it('accepts what the planner gives, by every spread, where much does not fit', () => {
    let partly = 0;
    const spreads = new Set<string>();
    for (const plan of plans) {
      expect(verifyPlan(plan)).toEqual([]);
      for (const { spread, demands } of plan.traffic.classes) {
        const short = demands.filter((d) => d.carriedMbps < asked(plan as unknown as OpenPlan, d.id));
        partly += short.length;
        if (short.length > 0) spreads.add(spread);
      }
    }
    process.stderr.write(`${plans.length} plans, ${partly} demands carried in part\n`);
    expect([...spreads].sort()).toEqual(['ecmp', 'single', 'te', 'wecmp']);
    expect(partly).toBeGreaterThan(300);
  });

  it('refuses an elastic demand that is lowered with everything that follows from it', () => {
    let lies = 0;
    for (const plan of plans) {
      for (let n = 0; n < 3; n++) {
        const lie = structuredClone(plan) as unknown as OpenPlan;
        const d = random.pick(lie.traffic.classes.flatMap((c) => c.demands).filter((x) => x.carriedMbps > 1));
        carry(lie, d, d.carriedMbps * (1 - random.pick([0.0001, 0.01, 0.3, 1])));
        expect(refusals(lie)).toContain('demand-carried');
        lies++;
      }
    }
    expect(lies).toBeGreaterThan(150);
  });

  it('refuses to give one demand what its neighbour on a full link has a right to', () => {
    let lies = 0;
    for (const plan of plans) {
      const lie = structuredClone(plan) as unknown as OpenPlan;
      const { demands } = random.pick(lie.traffic.classes);
      const ratio = (d: Part) => d.carriedMbps / asked(lie, d.id);
      const exchanges = lie.traffic.loads
        .filter((l) => l.demandMbps + l.reservedMbps > l.availableMbps - 1e-4)
        .flatMap(({ link, from }) => {
          const users = usersOf(lie, demands, link, from);
          const most = Math.max(...users.map(({ d }) => ratio(d)));
          const held = users.filter(
            ({ d }) => ratio(d) > most - 1e-6 && ratio(d) < 0.999 && d.carriedMbps > 1,
          );
          const others = users.filter(({ d }) => ratio(d) < 0.999 && d.carriedMbps > 0);
          return held.flatMap((loser) =>
            others.filter((o) => o !== loser).map((gainer) => ({ loser, gainer })),
          );
        });
      if (exchanges.length === 0) continue;
      const { loser, gainer } = random.pick(exchanges);
      // Above the loser whatever it had before, on a link that is as full as it was.
      const step = 0.05 * loser.d.carriedMbps * loser.part;
      const gained = gainer.d.carriedMbps + step / gainer.part;
      if (gained / asked(lie, gainer.d.id) <= ratio(loser.d)) continue;
      carry(lie, gainer.d, gained);
      carry(lie, loser.d, loser.d.carriedMbps - step / loser.part);
      expect(refusals(lie)).toContain('demand-fair-share');
      lies++;
    }
    process.stderr.write(`${lies} unfair exchanges\n`);
    expect(lies).toBeGreaterThan(15);
  });
});
