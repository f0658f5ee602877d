import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { AwsProvider } from '@cdktf/provider-aws/lib/provider';
import { App, LocalBackend, TerraformStack } from 'cdktf';
import { GlobalNetwork } from '../../constructs';
import { readDescriptionText, type NetworkDescription } from '../../lib/model';
import { exampleFile } from '../../stacks/project-root';
import { exampleFiles } from '../../stacks/six-regions';
import { seeded } from '../support/random-seeded';
import { seeds } from '../support/seeds';
import { shuffleDescription } from '../support/shuffle-description';

const seed = 41;
const runs = seeds(10, 100);

/** Every file that synth writes, by its name below the output folder. */
function synthesized(description: NetworkDescription, outdir: string): Map<string, string> {
  const app = new App({ outdir });
  const stack = new TerraformStack(app, 'six-regions');
  new LocalBackend(stack, { path: '../../../terraform.six-regions.tfstate' });
  new AwsProvider(stack, 'aws', { region: 'us-east-1' });
  GlobalNetwork.fromDescription(stack, 'six-regions', description, {
    ...exampleFiles(),
    frozenLock: true,
  }).plan();
  app.synth();
  const files = readdirSync(outdir, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  return new Map(
    files
      .map((entry) => path.join(entry.parentPath, entry.name))
      .sort()
      .map((file) => [path.relative(outdir, file), readFileSync(file, 'latin1')]),
  );
}

describe('what synth writes', () => {
  const home = process.cwd();
  afterEach(() => process.chdir(home));

  it(`has the same bytes in ${runs} runs with shuffled declarations from other folders (seed ${seed})`, () => {
    const text = readFileSync(exampleFile('six-regions.yaml'), 'utf8');
    const description = readDescriptionText(text, 'six-regions.yaml').input as NetworkDescription;
    const random = seeded(seed);
    const folder = mkdtempSync(path.join(tmpdir(), 'dwcp-synth-'));
    try {
      const first = synthesized(description, path.join(folder, 'first'));
      expect([...first.keys()]).toContain(path.join('plans', 'six-regions.json'));
      expect([...first.keys()]).toContain(path.join('stacks', 'six-regions', 'cdk.tf.json'));
      process.chdir(folder);
      for (let run = 0; run < runs; run++) {
        const outdir = path.join(folder, `run-${run}`);
        expect(synthesized(shuffleDescription(description, random), outdir)).toEqual(first);
        rmSync(outdir, { recursive: true });
      }
    } finally {
      process.chdir(home);
      rmSync(folder, { recursive: true, force: true });
    }
  }, 120_000);
});
