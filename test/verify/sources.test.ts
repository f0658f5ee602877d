import path from 'node:path';
import type { PlanDocument } from '../../lib/plan';
import { planDigest } from '../../lib/plan/digest';
import { verifyPlan, type Sources } from '../../lib/verify';
import { seeded, type Seeded } from '../support/random-seeded';
import { lies, placesOf, replaced, valueAt } from './leaves';
import { contentOf, counting, make, planned, sealed, type Made } from './made-plans';
import { liesOfDescription, liesOfKeys, liesOfLock, strangeKey } from './plausible-lies';
import { descriptions } from './plans';

const seed = 20261130;

/** All of a list; of a plan that takes long, at most so many, drawn. */
function some<T>(list: readonly T[], { plan }: Made, most: number, random: Seeded): T[] {
  if (plan.routes.length < 90 || list.length <= most) return [...list];
  const left = [...list];
  return Array.from({ length: most }, () => left.splice(random.whole(0, left.length - 1), 1)[0]);
}

/** How lies of one kind went. */
class Tally {
  told = 0;
  accepted: string[] = [];

  /** A lie is held against the one source that can tell, and against all. */
  try(made: Made, what: string, lie: PlanDocument, one: Sources): void {
    const { network: description, lock, keys, plan } = made;
    if (contentOf(lie) === contentOf(plan) && lie.generation === plan.generation) return;
    this.told++;
    if (verifyPlan(lie, undefined, undefined, one).length === 0) this.accepted.push(`${made.name}: ${what}`);
    // Every fifth against all three, with a lock file that has counted the lie.
    if (this.told % 5 > 0) return;
    const all = { description, lock: counting(lock, lie), keys };
    if (verifyPlan(lie, undefined, undefined, all).length === 0)
      this.accepted.push(`${made.name}, all: ${what}`);
  }
}

const examples = descriptions();
const everything = path.join(__dirname, 'everything.yaml');
const all = [...examples, ['everything', everything] as const];

describe(`a plan and what it was made from, seed ${seed}`, () => {
  const made = all.map(([name, file]) => make(name, file));

  it.each(made.map((m) => [m.name, m] as const))('%s is accepted as it was made', (_name, m) => {
    const sources = { description: m.network, lock: m.lock, keys: m.keys };
    expect(verifyPlan(m.plan, undefined, undefined, sources)).toEqual([]);
  });

  it('is accepted after a rename, with and then without its `was`', () => {
    const m = made.find(({ name }) => name === 'everything')!;
    const renamed = JSON.parse(JSON.stringify(m.raw).replaceAll('"dublin"', '"eire"')) as typeof m.raw;
    const regions = renamed.regions as Record<string, object>;
    const was = { ...renamed, regions: { ...regions, eire: { ...regions.eire, was: 'dublin' } } };
    const first = planned(was, m.lock, m.keys)!;
    const second = planned(renamed, first.lock, m.keys)!;
    for (const { network: description, plan, lock } of [first, second]) {
      expect(plan.gateways.map((g) => g.identity)).toContain('dublin/2');
      expect(verifyPlan(plan, undefined, undefined, { description, lock, keys: m.keys })).toEqual([]);
    }
    const other = planned(renamed, m.lock, m.keys)!;
    const counted = counting(first.lock, other.plan);
    expect(verifyPlan(other.plan, undefined, undefined, { lock: counted })).not.toEqual([]);
    // Another region has no keys yet, and its plan says so.
    const keyless = other.plan.gateways.filter((g) => g.publicKey === null).map((g) => g.id);
    expect(keyless).toEqual(['eire/1', 'eire/2']);
  });

  it('accepts no plan of another description, sound as it is', () => {
    const tally = new Tally();
    let alone = 0;
    for (const m of made) {
      // One value for each place: a description of two hundred places is planned two hundred times.
      const random = seeded(seed);
      const byPlace = new Map<string, { what: string; value: Record<string, unknown> }[]>();
      for (const lie of liesOfDescription(m.raw)) {
        const place = lie.what.split(':')[0];
        byPlace.set(place, [...(byPlace.get(place) ?? []), lie]);
      }
      for (const choices of some([...byPlace.values()], m, 12, random)) {
        const { what, value } = random.pick(choices);
        const other = planned(value, m.lock, m.keys);
        if (!other) continue;
        const lie = sealed(other.plan, m.plan.generation);
        tally.try(m, what, lie, { description: m.network });
        alone++;
      }
    }
    process.stderr.write(
      `${tally.told} of ${alone} plans of other descriptions differ, ${tally.accepted.length} accepted\n`,
    );
    expect(tally.accepted).toEqual([]);
    expect(tally.told).toBeGreaterThan(200);
  }, 900_000);

  it('accepts no plan of another lock file, sound as it is', () => {
    const tally = new Tally();
    let [tried, sound] = [0, 0];
    for (const m of made) {
      for (const { what, value } of some([...liesOfLock(m.lock)], m, 12, seeded(seed))) {
        const other = planned(m.raw, value, m.keys);
        if (!other) continue;
        const lie = sealed(other.plan, m.plan.generation);
        // By itself it is a plan like any other; every tenth is tried.
        if (tally.told % 10 === 0) {
          tried++;
          if (verifyPlan(lie).length === 0) sound++;
        }
        tally.try(m, what, lie, { lock: counting(m.lock, lie) });
      }
    }
    process.stderr.write(
      `${tally.told} plans of other lock files, ${sound} of ${tried} tried sound by themselves, ` +
        `${tally.accepted.length} accepted\n`,
    );
    expect(tally.accepted).toEqual([]);
    expect(tally.told).toBeGreaterThan(200);
    expect(sound).toBeGreaterThan(tried / 2);
  }, 900_000);

  it('accepts no plan of other keys', () => {
    const tally = new Tally();
    for (const m of made) {
      for (const { what, value } of liesOfKeys(m.keys, strangeKey(seeded(1)))) {
        const gateways = m.plan.gateways.map((g) => ({
          ...g,
          publicKey: value.gateways[g.identity] ?? null,
        }));
        const tunnels = m.plan.tunnels.map((t) => ({
          ...t,
          presharedKey: value.presharedKeys.includes(t.identity),
        }));
        const lie = sealed({ ...m.plan, gateways, tunnels }, m.plan.generation);
        tally.try(m, what, lie, { keys: m.keys });
      }
    }
    process.stderr.write(`${tally.told} plans of other keys, ${tally.accepted.length} accepted\n`);
    expect(tally.accepted).toEqual([]);
    expect(tally.told).toBeGreaterThan(100);
  }, 300_000);

  it('accepts no other leaf of what the plan took from its description, wherever it stands', () => {
    const described =
      /^(network|tags|pools|regions|links|policies|demands|admission|reservations|objectives)\b/;
    const answers = /\.(identity|admitted|path|reason|nearest|verdict|ipv[46]Block)$|\.evidence\b/;
    const tally = new Tally();
    const random = seeded(seed);
    for (const m of made) {
      for (const [pattern, places] of placesOf(m.plan)) {
        if (!described.test(pattern) || answers.test(pattern)) continue;
        const values = places.map((p) => valueAt(m.plan, p));
        for (const place of some(places, m, 1, random).slice(0, 5)) {
          const [what, value] = random.pick(lies(valueAt(m.plan, place), values, random));
          const lie = sealed(replaced(m.plan, place, value), m.plan.generation);
          tally.try(m, `${place.join('.')}: ${what}`, lie, { description: m.network });
        }
      }
    }
    process.stderr.write(`${tally.told} leaves of descriptions, ${tally.accepted.length} accepted\n`);
    expect(tally.accepted).toEqual([]);
    expect(tally.told).toBeGreaterThan(1000);
  }, 900_000);

  it('accepts no other advice, price or number beside the lock file that counted the plan', () => {
    const asserted =
      /(\.(next|nearest|message|hint|listenPort|asOf|usdPerMonth|gapRatio|fullest|slowest)|^generation)$/;
    const m = made.find(({ name }) => name === 'everything')!;
    const random = seeded(seed);
    const accepted: string[] = [];
    let told = 0;
    for (const [pattern, places] of placesOf(m.plan)) {
      if (!asserted.test(pattern)) continue;
      const place = random.pick(places);
      const values = places.map((p) => valueAt(m.plan, p));
      for (const [what, value] of lies(valueAt(m.plan, place), values, random)) {
        const changed = replaced(m.plan, place, value);
        const lie = { ...changed, digest: planDigest(changed) };
        told++;
        if (verifyPlan(lie, undefined, undefined, { lock: m.lock }).length === 0)
          accepted.push(`${place.join('.')}: ${what}`);
      }
    }
    process.stderr.write(`${told} other advices and numbers, ${accepted.length} accepted\n`);
    expect(accepted).toEqual([]);
    expect(told).toBeGreaterThan(20);
  }, 300_000);
});
