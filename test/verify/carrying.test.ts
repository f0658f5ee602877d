import { loadSolver } from '../../lib/project/solver';
import { parseDescription, type NetworkDescription } from '../../lib/model';
import { buildPlan, planDigest, type PlanDocument } from '../../lib/plan';
import { leastMtu } from '../../lib/tunnels';
import { verifyPlan } from '../../lib/verify';
import { randomDescription } from '../support/random-description';
import type { Seeded } from '../support/random-seeded';
import { seeded } from '../support/random-seeded';

const seed = 20261202;

/** A random network whose tunnels leave room for one, two, three or six hops. */
function narrow(random: Seeded): NetworkDescription {
  const description = randomDescription(random);
  const mtus = random.pick([[1360], [1300, 1344, 1360, 1420], [1344, 1420]]);
  const links = description.links!.map((l) => ({ ...l, tunnel: { mtu: random.pick(mtus) } }));
  return { ...description, links };
}

function planOf(description: NetworkDescription, previous?: PlanDocument): PlanDocument | null {
  const { network, diagnostics } = parseDescription(description);
  if (!network) throw new Error(JSON.stringify(diagnostics));
  const { plan, diagnostics: found } = buildPlan(network, {
    lock: null,
    keys: null,
    solver: loadSolver,
    previous: previous && { plan: previous, toleranceRatio: 0.3 },
  });
  // What does not fit, or has no way, is no plan to deploy and refused for that.
  if (found.some((d) => d.severity === 'error')) return null;
  return JSON.parse(JSON.stringify(plan)) as PlanDocument;
}

/** One link slower or narrower, or with less room. */
function edited(description: NetworkDescription, random: Seeded): NetworkDescription {
  const links = description.links!.map((l) => ({ ...l }));
  const link = random.pick(links);
  if (random.chance(0.5)) link.tunnel = { mtu: random.pick([1300, 1344, 1420]) };
  else link.latency = `${random.pick([1, 8, 30])} ms`;
  return { ...description, links };
}

describe(`the verifier of paths with room for ${leastMtu} bytes, seed ${seed}`, () => {
  it('finds the same paths as the planner, afresh and again, on tunnels of different MTU', () => {
    const random = seeded(seed);
    let [plans, small, again, kept] = [0, 0, 0, 0];
    for (let n = 0; n < 45; n++) {
      const description = narrow(random);
      const plan = planOf(description);
      if (!plan) continue;
      expect([n, verifyPlan(plan).filter((d) => d.code !== 'demand-refused')]).toEqual([n, []]);
      plans++;
      if (plan.warnings.some((w) => w.code === 'path-mtu')) small++;
      const next = planOf(edited(description, random), plan);
      if (!next) continue;
      expect([n, verifyPlan(next).filter((d) => d.code !== 'demand-refused')]).toEqual([n, []]);
      again++;
      kept += next.previous?.kept.routes.length ?? 0;
    }
    process.stderr.write(`${plans} plans, ${small} with small paths, ${again} again, ${kept} routes kept\n`);
    expect(small).toBeGreaterThan(10);
    expect(kept).toBeGreaterThan(10);
  });

  /** Nine sites in a ring: one of the two ways between some has seven or eight hops. */
  const ids = [...'abcdefghi'];
  const ring = planOf({
    network: 'ring-of-nine',
    regions: Object.fromEntries(
      ids.map((id, i) => [id, { external: { endpoint: `192.0.2.${i + 1}` } }] as const),
    ),
    links: ids.map((id, i) => ({
      between: [id, ids[(i + 1) % 9]],
      bandwidth: '1 Gbps',
      latency: '10 ms',
      cost: '0.02 USD/GB',
    })),
  })!;
  const warned = (plan: PlanDocument) => plan.warnings.find((w) => w.code === 'path-mtu')!;

  it('has them counted by class in a warning', () => {
    expect(warned(ring)).toEqual({
      code: 'path-mtu',
      path: '',
      message:
        'less than the 1280 bytes that IPv6 needs fit on 0 primaries and 36 backups of critical, realtime, ' +
        'interactive, bulk, best-effort: 1260 on a>b>c>d>e>f>g>h>i',
      next: "raise the tunnels' mtu, add a link, or allow fewer hops ('maxHops')",
    });
    expect(verifyPlan(ring)).toEqual([]);
  });

  it('refuses a warning that counts fewer', () => {
    const warnings = ring.warnings.map((w) => ({
      ...w,
      message: w.message.replace('36 backups', '18 backups'),
    }));
    const lie = { ...ring, warnings };
    expect(verifyPlan({ ...lie, digest: planDigest(lie) })).not.toEqual([]);
  });
});
