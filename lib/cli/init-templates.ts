/** A framework that a project is made for, and what it needs besides. */
export interface Framework {
  /** npm package of the framework, and of its command. */
  readonly name: 'cdktn' | 'cdktf';
  readonly cli: string;
  readonly provider: string;
  /** Entry of this package. */
  readonly entry: string;
  readonly node: string;
  /** Ranges of the packages above and of `constructs`. */
  readonly versions: Readonly<Record<string, string>>;
}

/** The frameworks of a project; version ranges are the same as of this package's peers. */
export const frameworks: Readonly<Record<Framework['name'], Framework>> = {
  cdktn: {
    name: 'cdktn',
    cli: 'cdktn-cli',
    provider: '@cdktn/provider-aws',
    entry: 'dwcp-multiregion/cdktn',
    node: '22.19',
    versions: {
      cdktn: '^0.24.0',
      'cdktn-cli': '^0.24.0',
      '@cdktn/provider-aws': '^25.7.0',
      constructs: '>=10.6.0 <10.8.0',
    },
  },
  cdktf: {
    name: 'cdktf',
    cli: 'cdktf-cli',
    provider: '@cdktf/provider-aws',
    entry: 'dwcp-multiregion',
    node: '20.19',
    versions: {
      cdktf: '^0.21.0',
      'cdktf-cli': '^0.21.0',
      '@cdktf/provider-aws': '^21.22.1',
      constructs: '^10.6.0',
    },
  },
};

/** The inputs of a project's files. */
export interface Project {
  readonly network: string;
  readonly framework: Framework;
  /** Of this package. */
  readonly version: string;
}

/** The files of a new project by name; what is written is theirs from then on. */
export function projectFiles(project: Project): Readonly<Record<string, string>> {
  const { network } = project;
  return {
    'network.yaml': description(project),
    'network.js': app(project),
    'main.js': main,
    'network.test.js': test,
    'package.json': packageJson(project),
    'cdktf.json': `${JSON.stringify(
      { language: 'typescript', app: 'node main.js', sendCrashReports: 'false', projectId: network },
      null,
      2,
    )}\n`,
    '.gitattributes': attributes,
    '.gitignore': ['node_modules', 'cdktf.out', '.terraform', 'terraform.*.tfstate*', ''].join('\n'),
    '.github/workflows/network.yml': workflow(project),
  };
}

const description = ({
  network,
}: Project) => `# yaml-language-server: $schema=node_modules/dwcp-multiregion/schema.json
network: ${network}
regions:
  virginia: { place: us-east-1 }
  dublin: { place: eu-west-1 }
  singapore: { place: ap-southeast-1 }
links:
  - { between: [virginia, dublin], bandwidth: 2 Gbps }
  - { between: [dublin, singapore], bandwidth: 1 Gbps }
  - { between: [virginia, singapore], bandwidth: 1 Gbps }
objectives:
  one-backup: { minBackups: 1 }
`;

const main = `const { build } = require('./network');

const { app, network } = build();
network.plan();
app.synth();
`;

/** A line of theirs, that nobody takes for an import of ours. */
const imported = (what: string, from: string) => `const ${what} = require(${`'${from}'`});\n`;

const app = ({ network, framework: { name, provider, entry } }: Project) =>
  imported('{ App, TerraformStack }', name) +
  imported('{ AwsProvider }', `${provider}/lib/provider`) +
  imported('{ GlobalNetwork }', entry) +
  `
exports.build = function build(app = new App()) {
  const stack = new TerraformStack(app, '${network}');
  new AwsProvider(stack, 'aws', { region: 'us-east-1' });
  const network = GlobalNetwork.fromFile(stack, 'network', 'network.yaml');
  return { app, stack, network };
};
`;

const test = `const { build } = require('./network');

const { plan, diagnostics } = build().network.plan();

test('the network is as it should be', () => {
  expect(diagnostics.filter((d) => d.severity === 'error')).toEqual([]);
});

test('every pair has the routes that were reviewed', () => {
  expect(plan.routes.map((r) => [r.from, r.to, ...r.classes, r.primary].join(' '))).toMatchSnapshot();
});
`;

function packageJson({ network, framework, version }: Project): string {
  const { versions, cli, node } = framework;
  const own = Object.entries(versions).filter(([name]) => name !== cli);
  const content = {
    name: network,
    version: '1.0.0',
    private: true,
    engines: { node: `>=${node}` },
    scripts: {
      check: 'dwcp check network.yaml',
      plan: 'dwcp plan network.yaml',
      test: 'jest',
      deploy: `dwcp keys exec ${network}.keys.json -- ${framework.name} deploy`,
    },
    dependencies: sorted({ ...Object.fromEntries(own), 'dwcp-multiregion': `^${version}` }),
    devDependencies: sorted({ [cli]: versions[cli], jest: '^30.0.0' }),
  };
  return `${JSON.stringify(content, null, 2)}\n`;
}

const sorted = (map: Record<string, string>) =>
  Object.fromEntries(Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1)));

/** Lock and key files are merged by `dwcp` or by hand, never line by line. */
const attributes = '*.lock.json merge=dwcp-lock\n*.keys.json -merge\n';

const workflow = ({ network, framework: { node } }: Project) => `name: network
on:
  pull_request:
  push: { branches: [main] }
permissions: { contents: read }
jobs:
  check:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
        with: { fetch-depth: 0 }
      - uses: actions/setup-node@v4
        with: { node-version: '${node}', cache: npm }
      - run: npm ci
      - run: npx dwcp check network.yaml --frozen-lock
      - run: npm test -- --ci
      - if: github.event_name == 'pull_request'
        run: |
          git worktree add ../before "origin/$GITHUB_BASE_REF"
          npx dwcp diff ../before/network.yaml network.yaml --format markdown >>"$GITHUB_STEP_SUMMARY" || [ $? -eq 2 ]
      - run: npx dwcp plan network.yaml --frozen-lock --out ${network}.plan.json
      - uses: actions/upload-artifact@v4
        with: { name: plan, path: ${network}.plan.json }
`;
