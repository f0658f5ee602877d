import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { stringify } from 'yaml';
import { encodeLock, withTimes } from '../../lib/addressing';
import { parseDescription, readDescriptionText, type NetworkDescription } from '../../lib/model';
import { loadSolver } from '../../lib/project/solver';
import { buildPlan, encodePlan } from '../../lib/plan';
import { seeded } from '../support/random-seeded';
import { shuffleDescription } from '../support/shuffle-description';

const example = path.join(__dirname, '..', '..', 'stacks', 'examples', 'six-regions.yaml');
const seed = 20261123;
/** Unix seconds: the lock says when a plan was made. */
const plannedAt = 1796061600;

function planBytes(description: NetworkDescription): { plan: string; lock: string } {
  const parsed = parseDescription(description);
  const built = buildPlan(parsed.network!, { lock: null, keys: null, solver: loadSolver });
  return { plan: encodePlan(built.plan!), lock: encodeLock(withTimes(null, built.lock!, plannedAt * 1000)) };
}

describe('a plan', () => {
  const description = readDescriptionText(readFileSync(example, 'utf8'), 'six-regions.yaml')
    .input as NetworkDescription;

  it(`has the same bytes in 100 declaration orders (seed ${seed})`, () => {
    const random = seeded(seed);
    const first = planBytes(description);
    for (let run = 0; run < 100; run++)
      expect(planBytes(shuffleDescription(description, random))).toEqual(first);
  });

  it('has the same bytes from another process, working directory, locale and time zone', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'dwcp-determinism-'));
    try {
      const here = planBytes(description);
      writeFileSync(path.join(folder, 'net.yaml'), stringify(description));
      const cli = path.join(__dirname, '..', '..', 'lib', 'cli', 'main.ts');
      const run = spawnSync(
        process.execPath,
        ['-r', path.join(__dirname, '..', 'support', 'register-swc.js'), cli, 'plan', 'net.yaml', '--json'],
        {
          cwd: folder,
          env: {
            ...process.env,
            LC_ALL: 'tr_TR.UTF-8',
            TZ: 'Pacific/Auckland',
            SOURCE_DATE_EPOCH: String(plannedAt),
          },
          encoding: 'utf8',
        },
      );
      expect(run.stdout).toBe(here.plan);
      expect(readFileSync(path.join(folder, 'six-regions.lock.json'), 'utf8')).toBe(here.lock);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
