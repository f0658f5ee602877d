import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const root = path.join(__dirname, '..', '..');
const minutes = 60_000;

/** Runs a command to its end; its output stands in the error. */
function run(cwd: string, command: string, args: readonly string[], expected = 0): string {
  const done = spawnSync(command, args, {
    cwd,
    encoding: 'utf8',
    timeout: 5 * minutes,
    env: { ...process.env, CI: 'true' },
  });
  const output = `${done.stdout}${done.stderr}`;
  if (done.status !== expected)
    throw new Error(`${command} ${args.join(' ')} ended with ${done.status}\n${output}`);
  return output;
}

/** Can packages be installed here? CI and developers can; a machine without a registry cannot. */
function registryAnswers(): boolean {
  return spawnSync('npm', ['view', 'constructs', 'version'], { timeout: minutes }).status === 0;
}

/** The worker of the installed package, on three links between two regions. */
const workerAlone = `
const { Worker } = require('node:worker_threads');
const folder = require('node:path').resolve('node_modules/dwcp-multiregion/dist/lib');
const { freezeTopology } = require(folder + '/graph');
const { compileFlows } = require(folder + '/failure');
const arc = (from, to, link) => ({ from, to, link, latencyMs: 1, costPerGbUsd: 0, availableMbps: 1 });
const arcs = ['x', 'y', 'z'].flatMap((link) => [arc('a', 'b', link), arc('b', 'a', link)]);
const table = compileFlows({ topology: freezeTopology({ nodes: ['a', 'b'], arcs }), routes: [], demands: [] });
const next = new Int32Array(new SharedArrayBuffer(4));
const workerData = { table, ranges: [{ from: 0, to: 3 }], next };
const worker = new Worker(folder + '/cli/pair-worker.js', { workerData });
worker.on('message', ({ rows }) => console.log(rows.first.length + ' rows'));
`;

/** The client loads no package and nothing of ours but itself. */
const clientAlone = `
const { connect } = require('dwcp-multiregion/client');
const others = Object.keys(require.cache).filter((file) => !file.includes('/dist/lib/agent/client/'));
connect({ socket: './none.sock' }).routes().catch(({ message }) => {
  console.log(message);
  console.log(others.length + ' others');
});
`;

/** The package as a tarball in a folder, from the last build. */
function pack(folder: string): { readonly filename: string; readonly files: readonly string[] } {
  const output = run(root, 'npm', [
    ...['pack', '--json', '--ignore-scripts', '--silent'],
    ...['--pack-destination', folder],
  ]);
  const [{ filename, files }] = JSON.parse(output.replace(/^[^[]*/, '')) as {
    filename: string;
    files: { path: string }[];
  }[];
  return { filename, files: files.map((file) => file.path) };
}

/** Of a fixture's identity. */
const ageRecipient = 'age1fu2trutckdjr49fm0e7d44k5s86hrdjd766cql6vrtxky0m82fmse4axrw';

/** What each way of use installs beside the package. */
const frameworks = {
  cdktf: ['cdktf', '@cdktf/provider-aws', 'constructs'],
  cdktn: ['cdktn', '@cdktn/provider-aws', 'constructs'],
} as const;

/** How packages are added: arguments of npx. */
const npm = ['npm', 'install', '--prefer-offline'] as const;
const pnpm = ['--yes', 'pnpm@10.34.9', 'add', '--prefer-offline'] as const;

/** A package at the version that this repository is developed with. */
function dated(name: string): string {
  const { devDependencies } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
    devDependencies: Record<string, string>;
  };
  return `${name}@${devDependencies[name]}`;
}

/** A project of a user's that is gone afterwards. */
function inProject(use: (folder: string) => void): void {
  const folder = mkdtempSync(path.join(tmpdir(), 'dwcp-package-'));
  try {
    writeFileSync(path.join(folder, 'package.json'), '{ "name": "user", "private": true }\n');
    use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Bytes of all files below a folder, each counted once, as `du --apparent-size` counts them. */
function mebibytes(folder: string): number {
  return Number(run(folder, 'du', ['-sm', '--apparent-size', '.']).split('\t')[0]);
}

/** The six regions, synthesized by one framework; prints the stack as JSON. */
const synthesize = (framework: string, entry: string) => `
const { App, TerraformStack } = require('${framework}');
const { AwsProvider } = require('@${framework}/provider-aws/lib/provider');
const { GlobalNetwork } = require('${entry}');
const stack = new TerraformStack(new App(), 'six');
new AwsProvider(stack, 'aws', { region: 'us-east-1' });
const file = 'node_modules/dwcp-multiregion/stacks/examples/six-regions.yaml';
const network = GlobalNetwork.fromFile(stack, 'six', file, { lockFile: false, keysFile: false });
const { diagnostics } = network.plan();
const errors = diagnostics.filter((d) => d.severity === 'error');
if (errors.length > 0) throw new Error(JSON.stringify(errors));
console.log(JSON.stringify(stack.toTerraform()));
`;

/** Files that a page links to, from the root. */
function linkedFiles(page: string): string[] {
  const text = readFileSync(path.join(root, page), 'utf8');
  const links = [...text.matchAll(/\]\((?!https?:)([^)#\s]+)/g)];
  return links.map(([, link]) => path.join(path.dirname(page), link));
}

/** What the two frameworks sign with their own name: metadata, and the version of their provider. */
function unsigned(text: string): unknown {
  const { terraform, ...rest } = JSON.parse(text) as {
    '//'?: unknown;
    terraform: { required_providers: Record<string, { source: string }> };
  };
  delete rest['//'];
  const { required_providers: providers, ...settings } = terraform;
  // `aws` is short for `hashicorp/aws`.
  const sources = Object.values(providers).map(({ source }) => source.replace(/^hashicorp\//, ''));
  return { ...rest, settings, sources };
}

describe('the packed package', () => {
  const reachable = registryAnswers();
  // eslint-disable-next-line no-console -- a skip is never silent
  if (!reachable) console.warn('skipped: no package registry answers, so nothing can be installed');

  beforeAll(() => {
    if (reachable) run(root, 'npm', ['run', '--silent', 'build']);
  }, 5 * minutes);

  (reachable ? it : it.skip)(
    'is a CLI of at most 32 MB without any cloud',
    () => {
      inProject((folder) => {
        const { filename } = pack(folder);
        run(folder, 'npm', ['install', '--prefer-offline', `./${filename}`]);
        rmSync(path.join(folder, filename));
        // eslint-disable-next-line no-console -- the figure that the README quotes
        console.info(`CLI alone: ${mebibytes(folder)} MiB`);
        expect(mebibytes(folder)).toBeLessThanOrEqual(32);
        const { stdout } = spawnSync(
          'npx',
          ['dwcp', 'check', 'node_modules/dwcp-multiregion/stacks/examples/six-regions.yaml'],
          {
            cwd: folder,
            encoding: 'utf8',
          },
        );
        expect(stdout).toMatch(/6 regions/);
        // The SDK of AWS is not part of it: whoever seals for a key of KMS is told what to install.
        const description = 'node_modules/dwcp-multiregion/stacks/examples/six-regions.yaml';
        const key = 'arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-0000-0000-000000000000';
        const kms = ['dwcp', 'keys', 'init', description, '--out', 'kms.json', '--recipient', key];
        const refused = spawnSync('npx', kms, { cwd: folder, encoding: 'utf8' });
        expect(refused).toMatchObject({ status: 1, stdout: '' });
        expect(refused.stderr).toContain(
          'next: install it beside dwcp-multiregion: npm install --save-dev @aws-sdk',
        );
        const made = ['dwcp', 'keys', 'init', description, '--out', 'age.json', '--recipient', ageRecipient];
        run(folder, 'npx', made);
        const env = { ...process.env, DWCP_PASSPHRASE: 'passwordpassword' };
        const weak = spawnSync('npx', ['dwcp', 'keys', 'init', description, '--out', 'weak.json'], {
          ...{ cwd: folder, encoding: 'utf8', env },
        });
        expect(weak.stderr).toContain('the passphrase is weak');
      });
    },
    5 * minutes,
  );

  (reachable ? it : it.skip)(
    'synthesizes the same with cdktf alone and with cdktn alone, and begins a project for each',
    () => {
      const ways = [
        ['cdktf', npm],
        ['cdktn', npm],
        ['cdktn', pnpm],
      ] as const;
      const texts = ways.map(([framework, install]) => {
        let text = '';
        inProject((folder) => {
          const { filename } = pack(folder);
          const start = Date.now();
          run(folder, 'npx', [...install, `./${filename}`, ...[...frameworks[framework], 'jest'].map(dated)]);
          const seconds = ((Date.now() - start) / 1000).toFixed(0);
          // eslint-disable-next-line no-console -- the figures that the documentation quotes
          console.info(
            `${framework} by ${install === npm ? 'npm' : 'pnpm'}: ${mebibytes(folder)} MiB, ${seconds} s`,
          );
          const entry = framework === 'cdktf' ? 'dwcp-multiregion' : 'dwcp-multiregion/cdktn';
          text = run(folder, 'node', ['-e', synthesize(framework, entry)]);
          const other = framework === 'cdktf' ? 'dwcp-multiregion/cdktn' : 'dwcp-multiregion';
          expect(run(folder, 'node', ['-e', `require('${other}')`], 1)).toMatch(/Cannot find module/);
          run(folder, 'npx', ['dwcp', 'init', 'made', '--framework', framework]);
          // What its own npm install would bring is here already.
          const made = path.join(folder, 'made');
          symlinkSync(path.join('..', 'node_modules'), path.join(made, 'node_modules'));
          run(made, 'npx', ['jest', '--ci=false']);
          expect(run(made, 'npx', ['jest', '--ci'])).toMatch(/2 passed/);
          run(made, 'node', ['main.js']);
          const stack = path.join(made, 'cdktf.out', 'stacks', 'made', 'cdk.tf.json');
          expect(Object.keys(JSON.parse(readFileSync(stack, 'utf8')) as object)).toContain('resource');
        });
        return text;
      });
      for (const text of texts) expect(unsigned(text)).toEqual(unsigned(texts[0]));
      expect(Object.keys(JSON.parse(texts[0]) as object)).toContain('resource');
    },
    15 * minutes,
  );

  (reachable ? it : it.skip)(
    "is installed, typed, run and snapshot-tested by a user's own project",
    () => {
      const folder = mkdtempSync(path.join(tmpdir(), 'dwcp-package-'));
      try {
        const packed = pack(folder);
        const { files } = packed;
        expect(files.filter((file) => /^(test|dist\/test|stacks\/.*\.ts|dist\/stacks)/.test(file))).toEqual(
          [],
        );
        for (const wanted of [
          'dist/lib/cli/main.js',
          'dist/lib/cli/pair-worker.js',
          'dist/lib/agent/client/index.js',
          'dist/lib/agent/client/index.d.ts',
          'dist/constructs/index.js',
          'dist/constructs/index.d.ts',
          'schema.json',
          'README.md',
          'LICENSE',
          ...linkedFiles('README.md'),
          ...linkedFiles('docs/index.md'),
          ...linkedFiles('docs/examples.md'),
        ]) {
          expect(files).toContain(wanted);
        }

        cpSync(path.join(__dirname, 'project'), folder, { recursive: true });
        writeFileSync(path.join(folder, 'package.json'), '{ "name": "user", "private": true }\n');
        const tools = ['jest', 'typescript', '@types/node', ...frameworks.cdktf];
        run(folder, 'npm', ['install', '--prefer-offline', `./${packed.filename}`, ...tools.map(dated)]);

        expect(readFileSync(path.join(folder, 'network.test.js'), 'utf8').split('\n').length).toBeLessThan(
          30,
        );
        run(folder, 'npx', ['jest', '--ci=false']);
        expect(run(folder, 'npx', ['jest', '--ci'])).toMatch(/2 passed/);
        const strict = ['--noEmit', '--strict', '--module', 'node16', '--skipLibCheck'];
        run(folder, 'npx', ['tsc', ...strict, 'app.ts', 'client.ts']);
        // As an ES module, which finds the names of a CommonJS package by reading it.
        const esm = ['--strict', '--module', 'nodenext', '--skipLibCheck'];
        run(folder, 'npx', ['tsc', ...esm, 'module.mts']);
        expect(run(folder, 'node', ['module.mjs'])).toBe('function,function,function typed\n');

        expect(run(folder, 'npx', ['dwcp', '--version'])).toContain('0.');
        expect(run(folder, 'npx', ['dwcp', 'schema'])).toContain('"$schema"');
        writeFileSync(
          path.join(folder, 'net.yaml'),
          'network: net\nregions:\n  us-east-1:\n  eu-west-1:\nlinks:\n  - mesh: all\n',
        );
        expect(run(folder, 'npx', ['dwcp', 'plan', 'net.yaml'])).toContain('eu-west-1 ↔ us-east-1');
        run(folder, 'npx', ['dwcp', 'diff', 'net.yaml', 'net.yaml']);
        expect(run(folder, 'node', ['-e', workerAlone])).toBe('3 rows\n');
        expect(run(folder, 'node', ['-e', clientAlone])).toBe('no agent listens on ./none.sock\n0 others\n');
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
    10 * minutes,
  );
});
