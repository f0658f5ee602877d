import { loadSolver } from '../../lib/project/solver';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { encodeLock, readLock } from '../../lib/addressing';
import { explain, renderExplanations } from '../../lib/report/explain';
import { evaluateFailures, renderFailures } from '../../lib/report/failures-report';
import { visibleWidth } from '../../lib/report/paint';
import { renderPlan, renderPlanMarkdown } from '../../lib/report/report';
import { parseDescription, readDescription, type Network, type NetworkDescription } from '../../lib/model';
import { buildPlan, diffPlans, encodePlan, isEmptyDiff, readPlan, type PlanDocument } from '../../lib/plan';
import { seeded, type Seeded } from '../support/random-seeded';

/**
 * A description in; plan, lock file, reports and the explanation of a pair out. A folder of
 * test/golden/plans is one network, named after its topology; `pair` names two regions, or nothing.
 * `UPDATE_GOLDEN=1` rewrites what comes out.
 */
const root = path.join(__dirname, '..', 'golden', 'plans');
const update = process.env.UPDATE_GOLDEN === '1';
const topologies = readdirSync(root).sort();
const inputs = ['description.yaml', 'pair'];
const outputs = ['explain.txt', 'lock.json', 'plan.json', 'report.md', 'report.txt'];

function read(topology: string, file: string): string {
  return readFileSync(path.join(root, topology, file), 'utf8');
}

function networkOf(topology: string): Network {
  const { network, diagnostics } = readDescription(read(topology, 'description.yaml'), 'description.yaml');
  expect(diagnostics.filter((d) => d.severity === 'error')).toEqual([]);
  return network!;
}

function planOf(network: Network): { readonly plan: PlanDocument; readonly lock: string } {
  const { plan, lock, diagnostics } = buildPlan(network, { lock: null, keys: null, solver: loadSolver });
  expect(diagnostics.filter((d) => d.severity === 'error')).toEqual([]);
  return { plan: plan!, lock: encodeLock(lock!) };
}

function explanation(plan: PlanDocument, pair: string, width = 100): string {
  const [from, to] = pair.trim().split(' ');
  return to === undefined ? '' : renderExplanations(plan, explain(plan, from, to), { width });
}

/** The same description, declared in another order: entries of maps and lists, not the ends of a link. */
function shuffled(description: NetworkDescription, random: Seeded): NetworkDescription {
  const shuffle = <T>(list: readonly T[]): T[] => {
    const mixed = [...list];
    for (let i = mixed.length - 1; i > 0; i--) {
      const j = random.whole(0, i);
      [mixed[i], mixed[j]] = [mixed[j], mixed[i]];
    }
    return mixed;
  };
  const map = <T extends object>(entries: T | undefined) =>
    entries && (Object.fromEntries(shuffle(Object.entries(entries))) as T);
  const list = (ids: readonly string[] | 'all' | undefined) =>
    Array.isArray(ids) ? shuffle(ids as string[]) : ids;
  const regions = Object.entries(description.regions).map(
    ([id, region]) =>
      [id, { ...region, prefixes: region.prefixes && list(region.prefixes as string[]) }] as const,
  );
  const links = description.links?.map((link) => ({ ...link, mesh: list(link.mesh), srlg: list(link.srlg) }));
  const mixed = {
    ...description,
    regions: map(Object.fromEntries(regions))!,
    links: links && shuffle(links),
    policies: map(description.policies),
    demands: description.demands && shuffle(description.demands),
    reservations: map(description.reservations),
    objectives: map(description.objectives),
    tags: map(description.tags),
  };
  return map(JSON.parse(JSON.stringify(mixed)) as NetworkDescription)!;
}

describe('golden plans', () => {
  it('cover every topology of the fixtures', () => {
    const wanted = [
      'bandwidth-classes',
      'external-site',
      'grid',
      'line',
      'parallel-ring',
      'partitioned',
      'policies',
      'prefixes',
      'ring',
      'single',
      'star',
      'two-gateways',
    ];
    expect(topologies).toEqual(wanted);
  });

  it('have no orphaned files', () => {
    const strange = topologies.flatMap((t) =>
      readdirSync(path.join(root, t))
        .filter((f) => ![...inputs, ...outputs].includes(f))
        .map((f) => `${t}/${f}`),
    );
    expect(strange).toEqual([]);
  });
});

describe.each(topologies)('the %s network', (topology) => {
  const { plan, lock } = planOf(networkOf(topology));

  it('gives the plan, lock file, reports and explanation that were reviewed', () => {
    const made: Record<string, string> = {
      'plan.json': encodePlan(plan),
      'lock.json': lock,
      'report.txt': renderPlan(plan, { width: 100 }),
      'report.md': renderPlanMarkdown(plan),
      'explain.txt': explanation(plan, read(topology, 'pair')),
    };
    expect(Object.keys(made).sort()).toEqual(outputs);
    for (const [file, text] of Object.entries(made)) {
      const full = path.join(root, topology, file);
      if (update) writeFileSync(full, text);
      expect(existsSync(full) && readFileSync(full, 'utf8')).toBe(text);
    }
  });

  it('does not differ from itself', () => {
    const again = planOf(networkOf(topology)).plan;
    expect(isEmptyDiff(diffPlans(plan, plan))).toBe(true);
    expect(isEmptyDiff(diffPlans(plan, again))).toBe(true);
  });

  it('is read as it was written', () => {
    const text = encodePlan(plan);
    const { plan: back, diagnostics } = readPlan(text, 'plan.json');
    expect(diagnostics).toEqual([]);
    expect(back).toEqual(plan);
    expect(encodePlan(back!)).toBe(text);
  });

  it('keeps every address when planned again with its lock file', () => {
    const kept = readLock(lock, 'lock.json', plan.network);
    expect(kept.diagnostics).toEqual([]);
    const again = buildPlan(networkOf(topology), { lock: kept.lock!, keys: null, solver: loadSolver });
    expect(encodePlan(again.plan!)).toBe(encodePlan(plan));
    expect(encodeLock(again.lock!)).toBe(lock);
  });

  it('gives equal bytes in any order of declaration', () => {
    const described = parse(read(topology, 'description.yaml')) as NetworkDescription;
    // An empty region is what YAML writes for one with every default.
    const regions = Object.fromEntries(Object.entries(described.regions).map(([id, r]) => [id, r ?? {}]));
    for (let seed = 1; seed <= 8; seed++) {
      const { network, diagnostics } = parseDescription(shuffled({ ...described, regions }, seeded(seed)));
      const text = network ? encodePlan(planOf(network).plan) : JSON.stringify(diagnostics);
      expect({ seed, text }).toEqual({ seed, text: encodePlan(plan) });
    }
  });

  it.each([80, 100])('has reports of at most %i columns', (width) => {
    const wide = (text: string) => text.split('\n').filter((line) => visibleWidth(line) > width);
    expect(wide(renderPlan(plan, { width }))).toEqual([]);
    expect(wide(renderPlan(plan, { width, all: true }))).toEqual([]);
    expect(wide(renderFailures(evaluateFailures(plan, { dual: true }), { width }))).toEqual([]);
    expect(wide(explanation(plan, read(topology, 'pair'), width))).toEqual([]);
  });

  it('has a coloured report that differs from the plain one by escape sequences alone', () => {
    for (const all of [false, true]) {
      const coloured = renderPlan(plan, { width: 100, colour: true, all });
      // eslint-disable-next-line no-control-regex -- SGR sequences start with the escape character.
      expect(coloured.replace(/\u001b\[\d+m/g, '')).toBe(renderPlan(plan, { width: 100, all }));
      expect(coloured).toContain('\u001b[1m');
    }
  });

  it('says undefined, NaN or null in no report', () => {
    const texts = [renderPlan(plan, { all: true }), renderPlanMarkdown(plan, { all: true })];
    for (const text of texts) expect(text).not.toMatch(/undefined|NaN|null|Infinity|\[object /);
  });

  it('names paths, links, policies and gateways that the plan has', () => {
    const ids = (list: readonly { readonly id: string }[]) => new Set(list.map((entry) => entry.id));
    const [paths, links, policies, gateways] = [plan.paths, plan.links, plan.policies, plan.gateways].map(
      ids,
    );
    const used = plan.routes.flatMap((r) => [
      ...(r.primary ? [r.primary] : []),
      ...r.equalCost,
      ...r.backups.map((b) => b.path),
    ]);
    expect(used.filter((id) => !paths.has(id))).toEqual([]);
    expect(plan.paths.flatMap((p) => p.links).filter((id) => !links.has(id))).toEqual([]);
    expect(plan.routes.filter((r) => r.policy !== null && !policies.has(r.policy))).toEqual([]);
    expect(
      plan.tunnels.flatMap((t) => t.ends.map((e) => e.gateway)).filter((id) => !gateways.has(id)),
    ).toEqual([]);
    expect([...paths].filter((id) => !used.includes(id))).toEqual([]);
  });

  it('routes every ordered pair in every class once, or says why not', () => {
    const n = plan.regions.length;
    const seen = plan.routes.flatMap((r) => r.classes.map((c) => `${r.from} ${r.to} ${c}`));
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen.length).toBe(n * (n - 1) * 5);
    for (const r of plan.routes)
      expect([r.primary === null, r.metric === null]).toEqual([r.primary === null, r.primary === null]);
    expect(plan.routes.filter((r) => r.primary === null && r.refusal === null)).toEqual([]);
  });

  it('uses no drained link', () => {
    const drained = new Set(plan.links.filter((l) => l.drained).map((l) => l.id));
    expect(plan.paths.filter((p) => p.links.some((id) => drained.has(id)))).toEqual([]);
  });
});
