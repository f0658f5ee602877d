import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { median } from './measure';

/** One program from a cold start to its end. */
export interface StartUp {
  readonly name: string;
  readonly medianMs: number;
  readonly leastMs: number;
  readonly mostMs: number;
  /** CPU time of all threads of the process, median over the runs. */
  readonly cpuMs: number;
  /** Largest resident set of the process, median over the runs. */
  readonly peakMb: number;
}

const root = path.join(__dirname, '..', '..', '..');
const rounds = 7;

/**
 * Starts Node for each program in turn, `rounds` times after one warm-up. The two diffs compare the mesh with
 * itself and with one more objective. @throws if a run fails.
 */
export function startUps(): StartUp[] {
  const work = mkdtempSync(path.join(tmpdir(), 'dwcp-bench-'));
  try {
    const cli = path.join(root, 'dist', 'lib', 'cli', 'main.js');
    const synth = path.join(root, 'dist', 'test', 'bench', 'synth-file.js');
    const example = (name: string) => path.join(root, 'stacks', 'examples', `${name}.yaml`);
    const locks = (name: string) => ['--lock', path.join(work, `${name}.lock.json`)];
    const [before, after] = [path.join(work, 'mesh.plan.json'), path.join(work, 'after.yaml')];
    once(
      [cli, 'plan', example('aws-mesh'), '--lock', path.join(work, 'one.lock.json'), '--out', before],
      work,
    );
    const objective = 'objectives: { narrow: { maxUtilisation: 80 % } }\n';
    writeFileSync(after, readFileSync(example('aws-mesh'), 'utf8') + objective);
    const programs: { name: string; args: string[]; exitCode?: number }[] = [
      { name: 'node that does nothing', args: ['-e', '0'] },
      { name: 'help', args: [cli, '--help'] },
      { name: 'check, 6 regions', args: [cli, 'check', example('six-regions')] },
      { name: 'diff, mesh of 33, plan and plan', args: [cli, 'diff', before, before] },
      { name: 'diff, mesh of 33, plan and description', args: [cli, 'diff', before, after], exitCode: 2 },
      { name: 'plan, 6 regions', args: [cli, 'plan', example('six-regions'), ...locks('six')] },
      { name: 'plan, mesh of 33 regions', args: [cli, 'plan', example('aws-mesh'), ...locks('mesh')] },
      { name: 'synth, 6 regions', args: [synth, example('six-regions'), path.join(work, 'six')] },
      { name: 'synth, mesh of 33 regions', args: [synth, example('aws-mesh'), path.join(work, 'mesh')] },
    ];
    const runs = programs.map(() => [] as Run[]);
    for (let round = -1; round < rounds; round++) {
      programs.forEach((program, i) => {
        const run = once(program.args, work, program.exitCode);
        if (round >= 0) runs[i].push(run);
      });
    }
    return programs.map(({ name }, i) => {
      const ms = runs[i].map((r) => r.ms).sort((x, y) => x - y);
      return {
        name,
        medianMs: median(ms),
        leastMs: ms[0],
        mostMs: ms[ms.length - 1],
        cpuMs: median(runs[i].map((r) => r.cpuMs)),
        peakMb: median(runs[i].map((r) => r.mb)),
      };
    });
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

interface Run {
  readonly ms: number;
  readonly cpuMs: number;
  readonly mb: number;
}

function once(args: readonly string[], work: string, exitCode = 0): Run {
  const report = path.join(work, 'peak');
  const probe = path.join(__dirname, 'report-peak.js');
  const start = process.hrtime.bigint();
  const run = spawnSync(process.execPath, ['--require', probe, ...args], {
    cwd: work,
    env: { ...process.env, DWCP_BENCH_PEAK: report },
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: 120_000,
  });
  const ms = Number(process.hrtime.bigint() - start) / 1e6;
  if (run.status !== exitCode) throw new Error(`${args.join(' ')} failed:\n${String(run.stderr)}`);
  // maxRSS is in kilobytes (getrusage).
  const { maxRssKb, cpuUs } = JSON.parse(readFileSync(report, 'utf8')) as Record<string, number>;
  return { ms, cpuMs: cpuUs / 1000, mb: maxRssKb / 1000 };
}
