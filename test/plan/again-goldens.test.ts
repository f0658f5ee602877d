import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { loadSolver } from '../../lib/project/solver';
import { explain } from '../../lib/report/explain';
import { visibleWidth } from '../../lib/report/paint';
import { renderPlan, renderPlanMarkdown } from '../../lib/report/report';
import {
  parseDescription,
  readDescription,
  readDescriptionText,
  type Network,
  type NetworkDescription,
} from '../../lib/model';
import { buildPlan, diffPlans, encodePlan, readPlan, readPrevious, type PlanDocument } from '../../lib/plan';
import { verifyPlan } from '../../lib/verify';
import { seeded } from '../support/random-seeded';
import { shuffleDescription } from '../support/shuffle-description';

/**
 * A network before and after in, the plan made again and its reports out. A folder of test/golden/again is
 * one case. `UPDATE_GOLDEN=1` rewrites what comes out.
 */
const root = path.join(__dirname, '..', 'golden', 'again');
const update = process.env.UPDATE_GOLDEN === '1';
const cases = readdirSync(root).sort();
const inputs = ['before.yaml', 'description.yaml'];
const outputs = ['plan.json', 'report.md', 'report.txt'];

function networkOf(name: string, file: string): Network {
  const text = readFileSync(path.join(root, name, file), 'utf8');
  const { network, diagnostics } = readDescription(text, file);
  expect(diagnostics.filter((d) => d.severity === 'error')).toEqual([]);
  return network!;
}

function planOf(network: Network, previous?: PlanDocument): PlanDocument {
  const { plan, diagnostics } = buildPlan(network, {
    lock: null,
    keys: null,
    solver: loadSolver,
    previous: previous && readPrevious(encodePlan(previous), 'before.json', network.name).previous,
  });
  expect(diagnostics.filter((d) => d.severity === 'error')).toEqual([]);
  return plan!;
}

describe('plans made again', () => {
  it('have no orphaned files', () => {
    for (const name of cases) {
      const files = readdirSync(path.join(root, name)).sort();
      expect([name, files]).toEqual([name, [...inputs, ...outputs].sort()]);
    }
  });
});

describe.each(cases)('the %s', (name) => {
  const before = planOf(networkOf(name, 'before.yaml'));
  const plan = planOf(networkOf(name, 'description.yaml'), before);

  it('gives the plan and the reports that were reviewed', () => {
    const made: Record<string, string> = {
      'plan.json': encodePlan(plan),
      'report.txt': renderPlan(plan, { width: 100, previous: before }),
      'report.md': renderPlanMarkdown(plan, { previous: before }),
    };
    expect(Object.keys(made).sort()).toEqual(outputs);
    for (const [file, text] of Object.entries(made)) {
      const full = path.join(root, name, file);
      if (update) writeFileSync(full, text);
      expect(existsSync(full) && readFileSync(full, 'utf8')).toBe(text);
    }
  });

  it('has moves and keeps of every kind, and is accepted by the verifier with the plan before and without', () => {
    const { moved, kept } = plan.previous!;
    for (const list of [...Object.values(moved), ...Object.values(kept)])
      expect(list.length).toBeGreaterThan(0);
    expect(verifyPlan(plan)).toEqual([]);
    expect(verifyPlan(plan, undefined, before)).toEqual([]);
  });

  it('is refused as made from another plan', () => {
    const other = planOf(networkOf(name, 'description.yaml'));
    expect(verifyPlan(plan, undefined, other).map((d) => d.code)).toEqual(['previous']);
  });

  it('gives the same bytes again, and with the network declared in another order', () => {
    expect(encodePlan(planOf(networkOf(name, 'description.yaml'), plan))).toBe(encodePlan(plan));
    const random = seeded(20261125);
    const text = readFileSync(path.join(root, name, 'description.yaml'), 'utf8');
    const { input } = readDescriptionText(text, 'description.yaml');
    for (let i = 0; i < 5; i++) {
      const { network } = parseDescription(shuffleDescription(input as NetworkDescription, random));
      expect(encodePlan(planOf(network!, before))).toBe(encodePlan(plan));
    }
  });

  it('differs from the plan before in exactly the primaries that it says moved', () => {
    const changed = diffPlans(before, plan).routes.flatMap((change) => {
      const [pair, classes] = [change.id.split(' ').slice(0, 3), change.id.split(' ').slice(3).join(' ')];
      const moved = change.fields.some((f) => f.field === 'primary');
      return moved ? classes.split(', ').map((c) => `${pair[0]} ${pair[2]} ${c}`) : [];
    });
    const stated = plan.previous!.moved.routes.flatMap((m) => m.classes.map((c) => `${m.from} ${m.to} ${c}`));
    expect(stated.sort()).toEqual(changed.sort());
  });

  it('is read as it was written', () => {
    const { plan: back, diagnostics } = readPlan(encodePlan(plan), 'plan.json');
    expect(diagnostics).toEqual([]);
    expect(encodePlan(back!)).toBe(encodePlan(plan));
  });

  it('has reports of at most 100 columns, coloured as plain, that say undefined, NaN or null nowhere', () => {
    for (const all of [false, true]) {
      const text = renderPlan(plan, { width: 100, all });
      expect(text.split('\n').filter((line) => visibleWidth(line) > 100)).toEqual([]);
      // eslint-disable-next-line no-control-regex -- SGR sequences start with the escape character.
      expect(renderPlan(plan, { width: 100, all, colour: true }).replace(/\u001b\[\d+m/g, '')).toBe(text);
      expect(text + renderPlanMarkdown(plan, { all })).not.toMatch(/undefined|NaN|null|Infinity|\[object /);
    }
  });

  it('explains a primary that is kept as one', () => {
    const kept = plan.previous!.kept.routes.find(
      (k) => k.bestMetric !== null && k.classes.includes('realtime'),
    )!;
    const [{ reason }] = explain(plan, kept.from, kept.to, 'realtime');
    expect(reason).toMatch(/^it was the primary before, and is within 10 % of the best latency$/);
  });
});
