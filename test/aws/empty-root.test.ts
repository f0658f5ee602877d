import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pages } from '../docs/pages';
import { skipped } from '../net/skipped';
import { runInCloud } from './deployment';
import { overrideFor } from './override';
import { providerCloud, type ProviderCloud } from './provider-cloud';
import { cacheFolder, isBuilt, mirror, missing, notBuilt } from './provider-mirror';
import { terrain } from './terrain';

const root = path.join(__dirname, '..', '..');
const debian = path.join(cacheFolder, 'empty-root-1');

/** What differs in the test from the page: what to put in the place of what, each found once. */
const instead: readonly (readonly [string, string])[] = [
  // The version of this working tree is in no registry.
  ['npm install dwcp-multiregion\n', 'npm install /dwcp.tgz\n'],
  [
    'cd backbone\nnpm install\n',
    'cd backbone\nsed -i \'s#"dwcp-multiregion": "[^"]*"#"dwcp-multiregion": "file:/dwcp.tgz"#\' package.json\nnpm install\n',
  ],
  // A type that the stand-in offers, the override for it, and nobody to ask.
  [
    'npx dwcp keys exec backbone.keys.json -- npx cdktn deploy\n',
    [
      'export CI=true',
      "echo 'defaults: { gateways: { instanceType: c7g.large } }' >> network.yaml",
      'npx dwcp plan network.yaml > /dev/null',
      "sed -i 's#node main.js#node main.js \\&\\& node /suit.js#' cdktf.json",
      'npx dwcp keys exec backbone.keys.json -- npx cdktn deploy --auto-approve --skip-provider-lock',
      'npx dwcp keys exec backbone.keys.json -- npx cdktn destroy --auto-approve --skip-provider-lock\n',
    ].join('\n'),
  ],
];

/** The page as one script: its commands and its files, without the lab and without what asks a gateway. */
function story(): string {
  const { blocks } = pages.find(({ name }) => name === 'docs/first-network.md')!;
  const parts = blocks.flatMap(({ language, text }) => {
    const [, file] = /^# (\S+\.yaml)\n/.exec(text) ?? [];
    if (language === 'yaml' && file) return [`cat > ${file} <<'END'\n${text}\nEND\n`];
    return language === 'sh' && !/^(sudo|dwcp-agent) /m.test(text) ? [`${text}\n`] : [];
  });
  return instead.reduce(
    (script, [from, to]) => {
      expect([from, script.split(from).length - 1]).toEqual([from, 1]);
      return script.replace(from, () => to);
    },
    `set -euxo pipefail\ncd /home\n${parts.join('')}`,
  );
}

describe('the page for the first network, word by word', () => {
  let cloud: ProviderCloud;
  let lacking = missing;

  beforeAll(async () => {
    if (!lacking && !isBuilt) lacking = notBuilt;
    if (!lacking && !terrain()) lacking = 'Node 22 cannot be installed here';
    if (
      !lacking &&
      spawnSync(path.join(__dirname, 'empty-root.sh'), [debian], { stdio: 'inherit' }).status !== 0
    )
      lacking = 'debootstrap makes no Debian here';
    if (lacking) return;
    cloud = await providerCloud('empty-root');
  }, 600_000);
  afterAll(async () => {
    if (lacking) return;
    await cloud.stop();
  });

  it('leads from an empty root with Node and Terraform alone to a deployed network', async () => {
    if (lacking) return skipped(lacking);
    const place = path.join(cloud.folder, 'root');
    execFileSync('cp', ['-a', debian, place]);
    const local = path.join(place, 'usr', 'local');
    cpSync(path.join(terrain()!.node, 'node'), path.join(local, 'bin', 'node'));
    const npm = path.join(execFileSync('npm', ['root', '-g'], { encoding: 'utf8' }).trim(), 'npm');
    cpSync(npm, path.join(local, 'lib', 'node_modules', 'npm'), { recursive: true });
    for (const name of ['npm', 'npx'])
      execFileSync('ln', ['-s', `../lib/node_modules/npm/bin/${name}-cli.js`, path.join(local, 'bin', name)]);
    const terraform = execFileSync('which', ['terraform'], { encoding: 'utf8' }).trim();
    cpSync(terraform, path.join(local, 'bin', 'terraform'), { dereference: true });
    // Where this machine finds packages, and whom it trusts.
    for (const file of [
      '/etc/resolv.conf',
      '/etc/npmrc',
      '/root/.npmrc',
      '/etc/ssl/certs/ca-certificates.crt',
    ])
      if (existsSync(file)) cpSync(file, path.join(place, file), { dereference: true });
    cpSync(cloud.hostsFile, path.join(place, 'etc', 'hosts'));
    const packing = ['pack', '--json', '--ignore-scripts', '--silent', '--pack-destination', cloud.folder];
    const packed = execFileSync('npm', packing, { cwd: root, encoding: 'utf8' });
    const [{ filename }] = JSON.parse(packed.replace(/^[^[]*/, '')) as { filename: string }[];
    cpSync(path.join(cloud.folder, filename), path.join(place, 'dwcp.tgz'));
    mkdirSync(path.join(place, 'mirror'));
    const rc = readFileSync(path.join(cloud.folder, 'terraform.rc'), 'utf8').replace(
      /path = .*/,
      'path = "/mirror"',
    );
    writeFileSync(path.join(place, 'terraform.rc'), rc);
    writeFileSync(path.join(place, 'suit.js'), suit(cloud.providerVersion));
    writeFileSync(path.join(place, 'story.sh'), story());
    const script =
      'mount -t proc proc "$0/proc" && mount --rbind /dev "$0/dev" && mount --bind "$1" "$0/mirror" && ' +
      'exec chroot "$0" bash /story.sh';
    const env = {
      ...cloud.env,
      // Whoever follows the page sits at a terminal: Jest writes the first snapshot there, in CI it does not.
      CI: 'false',
      HOME: '/root',
      PATH: '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin',
      TF_CLI_CONFIG_FILE: '/terraform.rc',
      ...Object.fromEntries(
        ['AUTHOR', 'COMMITTER'].flatMap((who) => [
          [`GIT_${who}_NAME`, 'test'],
          [`GIT_${who}_EMAIL`, 'test@example.org'],
        ]),
      ),
    };
    const { status, text } = await runInCloud({ ...cloud, env }, cloud.folder, [
      'sh',
      '-c',
      script,
      place,
      mirror,
    ]);
    expect([status, status === 0 ? '' : text.slice(-2000)]).toEqual([0, '']);
    expect(text).toMatch(/Apply complete! Resources: [1-9]\d+ added, 0 changed, 0 destroyed/);
    expect(text).toMatch(/Destroy complete! Resources: [1-9]\d+ destroyed/);
  }, 900_000);
});

/** The override for the stand-in, in plain JavaScript. */
const suit = (version: string) => `
const { readFileSync, writeFileSync } = require('node:fs');
const overrideFor = ${overrideFor.toString()};
const folder = 'cdktf.out/stacks/backbone/';
const whole = JSON.parse(readFileSync(folder + 'cdk.tf.json', 'utf8'));
writeFileSync(folder + 'stand_in_override.tf.json', JSON.stringify(overrideFor(whole, '${version}')));
`;
