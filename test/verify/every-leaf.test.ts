import path from 'node:path';
import type { PlanDocument } from '../../lib/plan';
import { planDigest } from '../../lib/plan/digest';
import { verifyPlan } from '../../lib/verify';
import { seeded } from '../support/random-seeded';
import { lies, placesOf, replaced, valueAt } from './leaves';
import { planAgain, planOf } from './plans';

const seed = 20261125;

const described = 'the description, by which the rest is judged, may say so as well';
const given = 'what was given to the planner, and nothing in a plan follows from it';
const catalog = 'a fact of the catalog of its day, which a plan repeats';
const advice = 'a sentence of advice; what it is about is recomputed';
const rounding = 'the same figure, but for rounding';

/** Where changes may be accepted, and why. Everywhere else every change is refused. */
const free: readonly (readonly [RegExp, string])[] = [
  [/^network$/, given],
  [/^(identity|tunnels\[\]\.identity)$/, 'under which name resources and keys were made the lock file knows'],
  [/^generation$/, 'plans are counted in the lock file: only beside the plan before can a number be wrong'],
  [/^tags\b|^regions\[\]\.tags\b/, given],
  [/^regions\[\]\.(city|country|lat|lon|place)$/, catalog],
  [/^regions\[\]\.(gatewayMbps|instanceType|endpoint|drained)$/, given],
  [/^regions\[\]\.(vpc|prefixes)\b/, given],
  [/^regions\[\]\.transit$/, described],
  [/^links\[\]\.(srlgs|keepaliveSeconds|standby)\b/, described],
  [/^links\[\]\.directions\[\]\.(bandwidthMbps|latencyMs|costPerGbUsd|utilisationRatio|metric)$/, described],
  [/^links\[\]\.directions\[\]\.(lossRatio|availabilityRatio)$/, given],
  [/^links\[\]\.directions\[\]\.(bandwidthOrigin|latencyOrigin|costOrigin)$/, given],
  [/^tunnels\[\]\.ends\[\]\.listenPort$/, 'any free port will do: which one was taken the lock file knows'],
  [/^policies(\[\])?(\.|$)/, described],
  [/^demands\[\]\.(bandwidthMbps|maxLatencyMs)$/, described],
  [/^traffic\.(paths|units)$/, described],
  [/^traffic\.classes\[\]\.certificate\.gapRatio$/, rounding],
  [/^admission\.(headroomRatio|criticalHeadroomRatio|model|shares\b.*)$/, described],
  [/^rollout\.waitSeconds$/, described],
  [/^edge\b/, described],
  [/^operations\b/, described],
  [/^links\[\]\.classShares\b/, described],
  [
    /^reservations\[\]\.(id|from|to|bandwidthMbps|class|setupPriority|holdingPriority|window\b.*)$/,
    described,
  ],
  [/^reservations\[\]\.nearest$/, advice],
  [/^routes\[\]\.refusal\.(message|nearest)$/, advice],
  [/^failures\.(noFailure|failures\[\])\.(fullest|slowest)$/, 'an equal is the fullest, or the slowest, too'],
  [/^objectives(\[\]\.(id|from|to|classes|statement)\b.*)?$/, described],
  [
    /^objectives\[\]\.evidence\.(from|to|classes)\b/,
    'an equal is the slowest, or has the fewest backups, too',
  ],
  [/^cost\.asOf$/, catalog],
  [/^cost\.items\[\]\.usdPerMonth$/, catalog],
  [/^warnings\[\]\.next$/, advice],
];

const plan = planOf(path.join(__dirname, 'everything.yaml'));

describe('the verifier, on a plan that has everything', () => {
  it('accepts it as it is', () => {
    expect(verifyPlan(plan)).toEqual([]);
  });

  it(`refuses a change of every leaf and list, but for those that assert nothing, seed ${seed}`, () => {
    const random = seeded(seed);
    const accepted: string[] = [];
    const stumbled: string[] = [];
    const used = new Set<RegExp>();
    let [tried, refused] = [0, 0];
    const patterns = placesOf(plan);
    for (const [pattern, places] of patterns) {
      if (pattern === 'digest') continue;
      const values = places.map((p) => valueAt(plan, p));
      const place = random.pick(places);
      for (const [what, value] of lies(valueAt(plan, place), values, random)) {
        const changed = replaced(plan, place, value);
        // With the digest put right only the real checks can see it.
        const found = verifyPlan({ ...changed, digest: planDigest(changed) });
        tried++;
        if (found.length > 0) refused++;
        const said = `${place.join('.')}: ${what}`;
        if (found.some((d) => d.code === 'plan-malformed')) stumbled.push(`${said}: ${found[0].message}`);
        if (found.length > 0) continue;
        const reason = free.find(([where]) => where.test(pattern));
        if (reason) used.add(reason[0]);
        else accepted.push(said);
      }
    }
    process.stderr.write(
      `${patterns.size} kinds of places, seed ${seed}: ${refused} of ${tried} changes refused\n`,
    );
    expect(accepted).toEqual([]);
    // A check that cannot read on says so, and that is no clean refusal.
    expect(stumbled).toEqual([]);
    expect(refused).toBeGreaterThan(tried * 0.8);
    expect(used.size).toBeGreaterThan(free.length / 2);
  }, 600_000);

  it('refuses each change where what is recomputed stands, wherever it stands', () => {
    const random = seeded(seed + 1);
    // Whatever is no description: lied about at three places each, by the smallest lie.
    const recomputed = [...placesOf(plan)].filter(
      ([pattern]) =>
        /^(paths|routes|traffic\.(classes|loads)|failures|cost\.items|tunnels|gateways)\b/.test(pattern) &&
        !free.some(([where]) => where.test(pattern)),
    );
    const accepted: string[] = [];
    for (const [, places] of recomputed) {
      const values = places.map((p) => valueAt(plan, p));
      for (let n = 0; n < Math.min(3, places.length); n++) {
        const place = random.pick(places);
        const [lie] = lies(valueAt(plan, place), values, random);
        if (!lie) continue;
        const changed = replaced(plan, place, lie[1]);
        if (verifyPlan({ ...changed, digest: planDigest(changed) }).length === 0)
          accepted.push(`${place.join('.')}: ${lie[0]}`);
      }
    }
    expect(accepted).toEqual([]);
  }, 600_000);
});

/** Chosen by who plans: what was kept has to keep to it, and so it does to a greater one. */
const chosen = /^previous\.toleranceRatio$/;

/**
 * Is a class left out of which no demand's whole split stands? Such a split is within the rounding of a fresh
 * one, too: only planning afresh would tell the two apart.
 */
function onlyParts({ previous }: PlanDocument, lied: PlanDocument): boolean {
  const [all, rest] = [previous!.kept.classes, lied.previous?.kept?.classes ?? []];
  const left = all.filter((k) => !rest.includes(k));
  return left.length > 0 && rest.length === all.length - left.length && left.every((k) => !k.demands.length);
}

describe('the verifier, on a plan made from another and with that one beside it', () => {
  const { plan: again, before } = planAgain();

  it('accepts it as it is', () => {
    expect(verifyPlan(again, undefined, before)).toEqual([]);
  });

  it(`refuses every change of what is said of the plan before, seed ${seed + 2}`, () => {
    const random = seeded(seed + 2);
    const said = [...placesOf(again)].filter(([pattern]) => /^(previous|generation)\b/.test(pattern));
    const accepted: string[] = [];
    const stumbled: string[] = [];
    let tried = 0;
    for (const [pattern, places] of said) {
      const values = places.map((p) => valueAt(again, p));
      const place = random.pick(places);
      for (const [what, value] of lies(valueAt(again, place), values, random)) {
        // A gateway takes any greater number.
        if (pattern === 'generation' && Number.isSafeInteger(value) && (value as number) > before.generation)
          continue;
        const changed = replaced(again, place, value);
        const found = verifyPlan({ ...changed, digest: planDigest(changed) }, undefined, before);
        tried++;
        const lie = `${place.join('.')}: ${what}`;
        const lost = found.find((d) => d.code === 'plan-malformed');
        if (lost) stumbled.push(`${lie}: ${lost.message}`);
        if (found.length === 0 && !chosen.test(pattern) && !onlyParts(again, changed)) accepted.push(lie);
      }
    }
    process.stderr.write(`${said.length} kinds of places of the plan before, ${tried} changes\n`);
    expect(accepted).toEqual([]);
    expect(stumbled).toEqual([]);
  }, 600_000);
});
