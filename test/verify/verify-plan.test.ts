import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { PlanDocument } from '../../lib/plan';
import { planDigest } from '../../lib/plan/digest';
import { verifyPlan } from '../../lib/verify';
import { seeded } from '../support/random-seeded';
import { seeds } from '../support/seeds';
import { mutations, type OpenPlan } from './mutations';
import { descriptions, planAgain, planOf } from './plans';

const seed = 20261123;
const wanted = seeds(345, 1000);

const again = planAgain();
const plans = new Map([
  ...descriptions().map(([name, file]) => [name, planOf(file)] as const),
  ['repaired-ring', again.plan],
]);

function lie(plan: PlanDocument, name: string, random = seeded(seed)): PlanDocument | undefined {
  const copy = structuredClone(plan) as unknown as OpenPlan;
  if (!mutations[name](copy, random)) return undefined;
  // With the digest put right only the real checks can see it.
  const changed = copy as unknown as PlanDocument;
  return { ...changed, digest: planDigest(changed) };
}

describe('the verifier', () => {
  it.each([...plans])('accepts the plan of %s', (_name, plan) => {
    expect(verifyPlan(plan)).toEqual([]);
  });

  it('refuses a wrong digest', () => {
    const plan = { ...plans.get('ring')!, digest: `sha256:${'0'.repeat(64)}` };
    expect(verifyPlan(plan).map((d) => d.code)).toEqual(['digest']);
  });

  it('refuses what is no plan', () => {
    for (const json of [null, 1, 'plan', [], {}, { formatVersion: plans.get('ring')!.formatVersion }])
      expect(verifyPlan(json as never)).not.toEqual([]);
  });

  it(`refuses ${wanted} plans that lie, seed ${seed}`, () => {
    const random = seeded(seed);
    const names = Object.keys(mutations);
    const used = new Set<string>();
    const accepted: string[] = [];
    for (let n = 0; n < wanted;) {
      const name = names[n % names.length];
      // The example alone has everything: half of the lies are told there.
      const on = random.chance(0.5) ? 'six-regions' : random.pick([...plans.keys()]);
      const mutated = lie(plans.get(on)!, name, random) ?? lie(plans.get('six-regions')!, name, random);
      // The example refuses nothing: refusals are there in the network of policies. Nor has it classes of
      // bandwidth; and only a plan made again says what moved.
      const plan =
        mutated ??
        lie(plans.get('policies')!, name, random) ??
        lie(plans.get('bandwidth-classes')!, name, random) ??
        lie(again.plan, name, random);
      if (!plan) throw new Error(`no plan has ${name}`);
      n++;
      used.add(name);
      if (verifyPlan(plan).length === 0) accepted.push(`${n}: ${name} in ${plan.network}`);
    }
    expect(accepted).toEqual([]);
    expect(used.size).toBe(names.length);
  }, 300_000);

  it('imports no planner: at run time only what has no plan in it', () => {
    const folder = path.join(__dirname, '..', '..', 'lib', 'verify');
    const rooms =
      'units|net|escape|diagnostics|shape|catalog|tunnels|model/qos|plan/plan-shape|plan/objective-text';
    const allowed = new RegExp(`^(\\./[a-z-]+|\\.\\./(${rooms})|node:crypto)$`);
    const wrong = readdirSync(folder).flatMap((file) => {
      const text = readFileSync(path.join(folder, file), 'utf8');
      const imports = [...text.matchAll(/^(import|export)\s+(type\s)?[^'"`;]*?from\s+['"]([^'"]+)['"]/gm)];
      const dynamic = /\b(require|import)\(/.test(text) ? [`${file} imports while running`] : [];
      const found = imports.filter(([, , type, from]) => !type && !allowed.test(from));
      return [...found.map(([, , , from]) => `${file} imports ${from}`), ...dynamic];
    });
    expect(wrong).toEqual([]);
  });
});
