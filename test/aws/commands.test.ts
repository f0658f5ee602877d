import { mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { skipped } from '../net/skipped';
import { providerCloud, type ProviderCloud } from './provider-cloud';
import { runInCloud } from './deployment';
import { isBuilt, missing as lacking, notBuilt } from './provider-mirror';
import { terrain } from './terrain';

const root = path.join(__dirname, '..', '..');

/** Makes what the app synthesizes fit the stand-in; run after it, in the project. */
const suit = `
const { readFileSync, writeFileSync } = require('node:fs');
const folder = 'cdktf.out/stacks/' + process.argv[2] + '/';
const { overrideFor } = require(process.argv[3]);
const whole = JSON.parse(readFileSync(folder + 'cdk.tf.json', 'utf8'));
writeFileSync(folder + 'stand_in_override.tf.json', JSON.stringify(overrideFor(whole, process.argv[4])));
`;

const missing = lacking ?? (isBuilt ? undefined : notBuilt);

describe('a project of dwcp init', () => {
  let cloud: ProviderCloud;

  beforeAll(async () => {
    if (missing) return;
    cloud = await providerCloud('commands');
  }, 600_000);
  afterAll(async () => {
    if (missing) return;
    await cloud.stop();
  });

  it.each(['cdktf', 'cdktn'] as const)(
    'is deployed and destroyed by the command %s itself',
    async (framework) => {
      if (missing) return skipped(missing);
      const own = framework === 'cdktn' ? terrain() : undefined;
      if (framework === 'cdktn' && !own) return skipped('cdktn-cli cannot be installed here');
      const program = own?.program ?? path.join(root, 'node_modules', '.bin', 'cdktf');
      const project = path.join(cloud.folder, framework);
      const env = {
        ...cloud.env,
        PATH: `${own ? `${own.node}:` : ''}${process.env.PATH}`,
        DWCP_PASSPHRASE: 'a fixture, never a secret',
        CI: 'true',
        CHECKPOINT_DISABLE: '1',
        DISABLE_VERSION_CHECK: '1',
        SWC_NODE_PROJECT: root,
      };
      const dwcp = path.join(root, 'dist', 'lib', 'cli', 'main.js');
      const run = async (...command: string[]) => {
        const { status, text } = await runInCloud({ ...cloud, env }, project, command);
        expect([command.slice(0, 3), status, status === 0 ? '' : text.slice(-4000)]).toEqual([
          command.slice(0, 3),
          0,
          '',
        ]);
        return text;
      };
      mkdirSync(project);
      await run('node', dwcp, 'init', '--framework', framework, '--network', 'made');
      link(project, framework);
      // A type that the stand-in offers; and what the app writes is made to fit it.
      const description = path.join(project, 'network.yaml');
      const text = readFileSync(description, 'utf8');
      writeFileSync(description, `${text}defaults: { gateways: { instanceType: c7g.large } }\n`);
      writeFileSync(path.join(project, 'suit.js'), suit);
      const register = path.join(root, 'test', 'support', 'register-swc.js');
      const override = path.join(root, 'test', 'aws', 'override.ts');
      const config = path.join(project, 'cdktf.json');
      const app = `node main.js && node -r ${register} suit.js made ${override} ${cloud.providerVersion}`;
      writeFileSync(config, readFileSync(config, 'utf8').replace('node main.js', app));
      await run('node', dwcp, 'plan', 'network.yaml');
      const keysExec = ['node', dwcp, 'keys', 'exec', 'made.keys.json', '--', program];
      // What `providers lock` asks is answered by no mirror.
      const flags = ['--auto-approve', '--skip-provider-lock'];
      const deployed = await run(...keysExec, 'deploy', 'made', ...flags);
      expect(deployed).toMatch(/Apply complete! Resources: [1-9]\d+ added, 0 changed, 0 destroyed/);
      const again = await run(...keysExec, 'deploy', 'made', ...flags);
      expect(again).toMatch(/No changes|0 added, 0 changed, 0 destroyed/);
      const states = readdirSync(project).filter((name) => name.endsWith('.tfstate'));
      expect(states).toHaveLength(1);
      const destroyed = await run(...keysExec, 'destroy', 'made', ...flags);
      expect(destroyed).toMatch(/Destroy complete! Resources: [1-9]\d+ destroyed/);
      process.stderr.write(`${framework}: ${/Apply complete![^.]*\./.exec(deployed)![0]}\n`);
    },
    900_000,
  );
});

/** What `npm install` would bring, from this repository. */
function link(project: string, framework: 'cdktf' | 'cdktn'): void {
  const modules = path.join(project, 'node_modules');
  mkdirSync(modules);
  symlinkSync(root, path.join(modules, 'dwcp-multiregion'));
  for (const name of [framework, `@${framework}`, 'constructs'])
    symlinkSync(path.join(root, 'node_modules', name), path.join(modules, name));
}
