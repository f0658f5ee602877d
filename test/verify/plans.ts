import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { loadSolver } from '../../lib/project/solver';
import { readDescription } from '../../lib/model';
import { buildPlan, type PlanDocument } from '../../lib/plan';

const root = path.join(__dirname, '..', '..');
const goldens = path.join(root, 'test', 'golden', 'plans');

/** The descriptions that the verifier is tried on, by name: every golden network and the example. */
export function descriptions(): readonly (readonly [string, string])[] {
  const files = readdirSync(goldens)
    .map((name): readonly [string, string] => [name, path.join(goldens, name, 'description.yaml')])
    .filter(([, file]) => existsSync(file));
  return [...files, ['six-regions', path.join(root, 'stacks', 'examples', 'six-regions.yaml')]];
}

/** A description's plan, made afresh with the real solver. Throws where it does not plan. */
export function planOf(
  file: string,
  change: (text: string) => string = (text) => text,
  previous?: PlanDocument,
): PlanDocument {
  const { network, diagnostics } = readDescription(change(readFileSync(file, 'utf8')), file);
  if (!network) throw new Error(diagnostics.map((d) => d.message).join('\n'));
  const built = buildPlan(network, {
    lock: null,
    keys: null,
    solver: loadSolver,
    previous: previous && { plan: previous, toleranceRatio: 0.1 },
  });
  if (!built.plan) throw new Error(built.diagnostics.map((d) => d.message).join('\n'));
  // As it comes from a file: JSON alone, nothing shared.
  return JSON.parse(JSON.stringify(built.plan)) as PlanDocument;
}

/** A plan that was made again, and the one before. */
export function planAgain(): { readonly plan: PlanDocument; readonly before: PlanDocument } {
  const folder = path.join(root, 'test', 'golden', 'again', 'repaired-ring');
  const before = planOf(path.join(folder, 'before.yaml'));
  return { plan: planOf(path.join(folder, 'description.yaml'), undefined, before), before };
}
