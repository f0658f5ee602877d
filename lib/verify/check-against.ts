import type { PlanDocument } from '../plan';
import { allocatedIn } from './allocated';
import { checkDigest } from './check-digest';
import type { Refuse } from '../shape';
import { withSameIds } from './same-ids';

type Split = readonly { readonly path: string; readonly weight: number }[];

/**
 * What a plan says of the one before, against that one: everything that stands in both and is another now is
 * said to have moved, nothing else is, and what is said to stand stood.
 */
export function checkAgainst(plan: PlanDocument, given: PlanDocument, refuse: Refuse): void {
  checkDigest(given, (code, path, message) => refuse(code, `previous.${path}`, message));
  if (given.identity !== plan.identity)
    refuse('previous', 'previous', `it is a plan of network '${given.network}', not '${plan.network}'`);
  if (given.digest === plan.digest) return;
  const before = withSameIds(given, plan);
  const { previous } = plan;
  if (previous?.digest !== before.digest) {
    refuse('previous', 'previous.digest', `it was made from ${previous?.digest ?? 'no other plan'}`);
    return;
  }
  if (plan.generation <= before.generation)
    refuse(
      'generation',
      'generation',
      `it is ${plan.generation}, and that of the plan before ${before.generation}`,
    );
  const [was, is] = [waysOf(before), waysOf(plan)];
  for (const { id, regions, links } of previous.paths) {
    if (was(id) !== wayOf(regions, links))
      refuse('previous-paths', `previous.paths.${id}`, 'it had other links');
  }
  const compare = (what: string, stated: readonly string[], right: readonly string[]) => {
    for (const id of right)
      if (!stated.includes(id)) refuse('moved', `previous.${what}.${id}`, 'it moved, too');
    for (const id of stated)
      if (!right.includes(id)) refuse('moved', `previous.${what}.${id}`, 'it did not move');
  };
  const [had, has] = [allocatedIn(before), allocatedIn(plan)];
  compare(
    'moved.allocations',
    previous.moved.allocations.map((a) => `${a.id} ${a.field} ${a.before}`),
    [...had]
      .filter(([what, value]) => has.has(what) && has.get(what) !== value)
      .map(([what, value]) => `${what} ${value}`),
  );
  const old = primaries(before);
  compare(
    'moved.routes',
    previous.moved.routes.flatMap((r) => r.classes.map((c) => `${r.from} ${r.to} ${c} ${r.before}`)),
    [...primaries(plan)]
      .filter(([name, path]) => old.has(name) && was(old.get(name)!) !== is(path))
      .map(([name]) => `${name} ${old.get(name)}`),
  );
  const [splits, now] = [splitsOf(before), splitsOf(plan)];
  const text = (split: Split) => split.map((p) => `${p.path} ${p.weight}`).join(', ');
  compare(
    'moved.demands',
    previous.moved.demands.map((d) => `${d.id}: ${text(d.before)}`),
    [...splits]
      .filter(
        ([id, split]) => split.length > 0 && now.has(id) && parts(split, was) !== parts(now.get(id)!, is),
      )
      .map(([id, split]) => `${id}: ${text(split)}`),
  );
  const held = new Map(
    before.reservations.flatMap((r) => (r.path === null ? [] : [[r.id, r.path] as const])),
  );
  const stood = plan.reservations.filter((r) => held.has(r.id));
  // Who was displaced may be back on its path; who displaced it is checked where it is placed.
  const back = new Set(previous.moved.reservations.filter((m) => m.why === 'displaced').map((m) => m.id));
  const stays = (r: PlanDocument['reservations'][number]) =>
    !back.has(r.id) && is(r.path) === was(held.get(r.id)!);
  compare(
    'moved.reservations',
    previous.moved.reservations.map((r) => `${r.id} ${r.before}`),
    stood.filter((r) => !stays(r)).map((r) => `${r.id} ${held.get(r.id)}`),
  );
  compare(
    'kept.reservations',
    previous.kept.reservations,
    stood.filter(stays).map((r) => r.id),
  );
  checkKept(plan, before, refuse);
}

function checkKept(plan: PlanDocument, before: PlanDocument, refuse: Refuse): void {
  const { kept, moved } = plan.previous!;
  const [was, is] = [waysOf(before), waysOf(plan)];
  for (const k of kept.routes) {
    const own = (r: PlanDocument['routes'][number]) => r.from === k.from && r.to === k.to;
    const route = plan.routes.find((r) => own(r) && r.classes.includes(k.classes[0]))!;
    const old = before.routes.filter((r) => own(r) && r.classes.some((c) => k.classes.includes(c)));
    const primary = old.some((r) => was(r.primary) === is(route.primary));
    const backups = k.backups.every((b) => old.some((r) => r.backups.some((o) => was(o.path) === is(b))));
    if ((k.bestMetric !== null && !primary) || !backups)
      refuse(
        'kept-route',
        `previous.kept.${k.from}.${k.to}.${k.classes[0]}`,
        'it did not stand there before',
      );
  }
  const [splits, now] = [splitsOf(before), splitsOf(plan)];
  for (const id of kept.classes.flatMap((c) => c.demands)) {
    if (parts(splits.get(id) ?? [], was) !== parts(now.get(id) ?? [], is))
      refuse('kept-demand', `previous.kept.${id}`, 'it was split otherwise');
  }
  const asked = (p: PlanDocument) =>
    new Map(p.demands.map((d) => [d.id, `${d.from} ${d.to} ${d.class}`] as const));
  const [then, today] = [asked(before), asked(plan)];
  for (const { id, why } of moved.demands) {
    if ((why === 'asked') !== (then.get(id) !== today.get(id)))
      refuse('moved-demand', `previous.moved.${id}`, 'what is asked changed, or did not');
  }
}

/** Regions and links of a path by its id; null for none. */
function waysOf({ paths }: PlanDocument): (id: string | null) => string | null {
  const ways = new Map(paths.map((p) => [p.id, wayOf(p.regions, p.links)]));
  return (id) => (id === null ? null : (ways.get(id) ?? ''));
}

function wayOf(regions: readonly string[], links: readonly string[]): string {
  return `${regions.join()} ${links.join()}`;
}

function primaries({ routes }: PlanDocument): Map<string, string | null> {
  return new Map(routes.flatMap((r) => r.classes.map((c) => [`${r.from} ${r.to} ${c}`, r.primary] as const)));
}

function splitsOf({ traffic }: PlanDocument): Map<string, Split> {
  return new Map(traffic.classes.flatMap((c) => c.demands.map((d) => [d.id, d.paths] as const)));
}

/** Which part of a demand runs where, as text; whatever the order and the sum of the weights. */
function parts(split: Split, way: (id: string) => string | null): string {
  const sum = split.reduce((s, p) => s + p.weight, 0);
  return split
    .map((p) => `${way(p.path)} ${p.weight / sum}`)
    .sort()
    .join(';');
}
