import path from 'node:path';
import { App } from 'cdktf';
import { renderPlan } from '../lib/report/report';
import { formatDiagnostic } from '../lib/diagnostics';
import { buildSixRegions } from './six-regions';
import { projectRoot } from './project-root';

/** Synthesizes the example into `cdktf.out` of the project, prints its plan, and says what to do next. */
function start(): number {
  const outdir = path.join(projectRoot(), 'cdktf.out');
  const app = new App({ outdir });
  const { plan, stack, diagnostics } = buildSixRegions(app);
  if (!plan) {
    process.stderr.write(`${diagnostics.map(formatDiagnostic).join('\n')}\n`);
    return 1;
  }
  app.synth();
  const { columns = 100, isTTY } = process.stdout;
  const colour = isTTY && process.env.NO_COLOR === undefined;
  const shown = (...parts: string[]) => path.relative('', path.join(outdir, ...parts));
  process.stdout.write(renderPlan(plan, { width: Math.min(columns, 120), colour }));
  process.stdout.write(`
plan       ${shown('plans', `${plan.network}.json`)}
terraform  ${shown('stacks', stack.node.id, 'cdk.tf.json')}
bundles    ${shown('stacks', stack.node.id, 'gateways')}

next: change stacks/six-regions.ts or stacks/examples/six-regions.yaml and run this again;
      to deploy your own: dwcp keys init net.yaml, then dwcp keys exec net.keys.json -- npx cdktf deploy
      (the example's keys are a published fixture: never deploy them)
`);
  return 0;
}

process.exitCode = start();
