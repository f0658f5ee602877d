import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { loadSolver } from '../../lib/project/solver';
import { readDescription } from '../../lib/model';
import { buildPlan, encodePlan } from '../../lib/plan';

const root = path.join(__dirname, '..', '..');
const readme = readFileSync(path.join(root, 'README.md'), 'utf8');

/** The first code block of a language. */
function block(language: string): string {
  const found = new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``).exec(readme);
  if (!found) throw new Error(`the README has no ${language} block`);
  return found[1];
}

describe('the README', () => {
  it('describes one network in YAML and in TypeScript, and it is planned without an error', () => {
    const parsed = readDescription(block('yaml'), 'net.yaml');
    const built = buildPlan(parsed.network!, { lock: null, keys: null, solver: loadSolver });
    const all = [...parsed.diagnostics, ...built.diagnostics];
    expect(all.filter((d) => d.severity === 'error')).toEqual([]);

    mkdirSync(path.join(root, 'cdktf.out'), { recursive: true });
    const folder = mkdtempSync(path.join(root, 'cdktf.out', 'readme-'));
    try {
      // Nothing else differs between the frameworks, the README says.
      const app = block('ts')
        .replace("'dwcp-multiregion/cdktn'", "'../../constructs'")
        .replace("'cdktn'", "'cdktf'")
        .replace("'@cdktn/", "'@cdktf/");
      writeFileSync(path.join(folder, 'app.ts'), app);
      const register = path.join(root, 'test', 'support', 'register-swc.js');
      const run = spawnSync(process.execPath, ['-r', register, 'app.ts'], { cwd: folder, encoding: 'utf8' });
      expect(run.stderr).not.toMatch(/Error/);
      expect(run.status).toBe(0);
      const plan = readFileSync(path.join(folder, 'cdktf.out', 'plans', 'net.json'), 'utf8');
      expect(plan).toBe(encodePlan(built.plan!));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('says first which Node it needs', () => {
    const start = readme.split('\n').slice(0, 12).join(' ');
    expect(start).toContain('Node 20.19');
    expect(start).toContain('Node 22.19');
  });

  it('leads to measured figures', () => {
    const measured = readFileSync(path.join(root, 'docs', 'measured.md'), 'utf8');
    const table = /<!-- bench -->([\s\S]*?)<!-- \/bench -->/.exec(measured)?.[1] ?? '';
    expect(table).toMatch(/one pair/);
    expect(table).toMatch(/plan, 6 regions/);
  });
});
