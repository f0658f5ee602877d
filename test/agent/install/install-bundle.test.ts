import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { serveApi, type AgentView, type LocalServer } from '../../../lib/agent/api';
import { writeApplied } from '../../../lib/agent/bundle/applied-record';
import { installBundle, type InstallOptions } from '../../../lib/agent/install/install-bundle';
import { agentFiles, gatewayFiles } from '../../../lib/gateway';
import { unsealText, sealedPartOf } from '../../../lib/net/keys';
import { linePlan, type PlannedFixture } from '../../gateway/plan-fixture';
import { catchOutput } from '../../support/catch-output';

const gateway = 'b/1';
const digest = (generation: number) => `sha256:${String(generation).repeat(64)}`;
let fixture: PlannedFixture;
let folder: string;
let agent: LocalServer | undefined;
/** `up`: health of its one tunnel in each generation that it has run. */
let running: { generation: number; reloads: number; refusal: string };
let up: (generation: number) => boolean;
let said: string[];

const at = (...parts: string[]) => path.join(folder, ...parts);
const installed = () => path.basename(readlinkSync(at('home/current')));

beforeAll(async () => {
  fixture = await linePlan();
});
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'dwcp-install-'));
  for (const name of ['bin', 'home/releases', 'run', 'run/secrets', 'state', 'units']) {
    mkdirSync(at(name), { recursive: true });
  }
  writeFileSync(at('bin/systemctl'), `#!/bin/sh\necho "$*" >>${at('calls')}\n`);
  chmodSync(at('bin/systemctl'), 0o755);
  running = { generation: 0, reloads: 0, refusal: '' };
  up = () => true;
  said = catchOutput();
});
afterEach(async () => {
  jest.restoreAllMocks();
  await agent?.close();
  agent = undefined;
  rmSync(folder, { recursive: true, force: true });
});

/** An unpacked bundle with its secret and addresses. */
function release(generation: number, program = 'program'): string {
  const target = at('home/releases', `r${generation}`);
  const files = gatewayFiles(
    { ...fixture.plan, generation, digest: digest(generation) },
    gateway,
    sealedPartOf(fixture.keys.file, gateway),
  );
  mkdirSync(path.join(target, 'wireguard'), { recursive: true });
  for (const [name, text] of [...files, ...agentFiles(program)]) writeFileSync(path.join(target, name), text);
  writeFileSync(at('endpoints.json'), `{"a/1":"192.0.2.${generation}"}\n`);
  writeFileSync(at(`run/secrets/r${generation}`), unsealText(fixture.keys, gateway));
  return target;
}

const install = (target: string, more: Partial<InstallOptions> = {}) =>
  installBundle(target, {
    home: at('home'),
    runDir: at('run'),
    stateDir: at('state'),
    units: at('units'),
    endpoints: at('endpoints.json'),
    unseal: at('run/secrets', path.basename(target)),
    socket: at('agent.sock'),
    startMs: 500,
    readyMs: 50,
    steadyMs: 10,
    ...more,
    systemctl: at('bin/systemctl'),
  });

/** What systemd was asked since the last look. */
function calls(): string[] {
  const lines = existsSync(at('calls')) ? readFileSync(at('calls'), 'utf8').trimEnd().split('\n') : [];
  rmSync(at('calls'), { force: true });
  return lines;
}
const prepared = ['daemon-reload', 'enable --quiet dwcp-agent.service', 'start dwcp-host.service'];
const started = [...prepared, 'restart dwcp-agent.service'];

/** An agent that runs this generation, and takes at a reload what is installed. */
async function startAgent(generation: number): Promise<void> {
  running.generation = generation;
  agent = await serveApi(
    {
      state: () => ({ planDigest: digest(running.generation), generation: running.generation, ready: true }),
      tunnels: () => [{ health: up(running.generation) ? 'up' : 'down' }],
      reload: () => {
        running.reloads++;
        if (running.refusal !== '') return Promise.resolve({ ok: false, message: running.refusal, next: '' });
        running.generation = Number(installed().slice(1));
        return Promise.resolve({ ok: true, message: '', next: '' });
      },
    } as unknown as AgentView,
    { socket: at('agent.sock') },
  );
}

test('installs a first bundle and starts its agent; again, it does nothing', async () => {
  await startAgent(1);
  expect(await install(release(1))).toBe(0);
  expect([installed(), calls(), said]).toEqual([
    'r1',
    started,
    ['installed generation 1\n', 'health good\n'],
  ]);
  expect(readFileSync(at('units/dwcp-agent.service'), 'utf8')).toContain('ExecStart=');
  expect(readFileSync(at('run/unseal'), 'utf8')).toBe(unsealText(fixture.keys, gateway));
  expect(await install(release(1))).toBe(0);
  expect([calls(), said.length]).toEqual([[], 2]);
});

test('reloads for another plan, starts anew for another program, and removes what was before', async () => {
  await startAgent(1);
  await install(release(1));
  calls();
  expect(await install(release(2))).toBe(0);
  expect([installed(), calls(), running]).toEqual([
    'r2',
    prepared,
    { generation: 2, reloads: 1, refusal: '' },
  ]);
  expect(readFileSync(at('home/endpoints.json'), 'utf8')).toContain('192.0.2.2');
  expect(existsSync(at('home/releases/r1'))).toBe(false);
  running.generation = 3;
  expect(await install(release(3, 'another program'))).toBe(0);
  expect([installed(), calls(), running.reloads]).toEqual(['r3', started, 1]);
});

test('refuses an older plan and a secret that opens nothing, and changes nothing', async () => {
  await startAgent(2);
  await install(release(2));
  calls();
  const { network } = fixture.plan;
  writeApplied(at('state'), { network, gateway, generation: 2, planDigest: digest(2) });
  expect(await install(release(1))).toBe(1);
  expect(said.at(-1)).toMatch(/refused \(older\): the plan has generation 1; generation 2 is applied/);
  const next = release(3);
  writeFileSync(at('run/secrets/r3'), 'bm90IGl0\n');
  expect(await install(next)).toBe(1);
  expect(said.at(-1)).toMatch(/refused \(keys\)/);
  expect([installed(), calls(), running.reloads]).toEqual(['r2', [], 0]);
  expect(readFileSync(at('home/endpoints.json'), 'utf8')).toContain('192.0.2.2');
});

test('says how the gateway fares: good, bad where no tunnel carries any more, else unknown', async () => {
  await startAgent(1);
  await install(release(1));
  expect(said.at(-1)).toBe('health good\n');
  up = (generation) => generation === 1;
  expect(await install(release(2))).toBe(0);
  expect(said.at(-1)).toBe('health bad\n');
  // Nothing carried before, either: whose fault that is cannot be told.
  up = (generation) => generation === 3;
  expect(await install(release(3))).toBe(0);
  expect(said.at(-1)).toBe('health good\n');
  up = () => true;
  const lines = said.length;
  expect(await install(release(3), { health: true })).toBe(0);
  expect(said.slice(lines)).toEqual(['health good\n']);
  running.generation = 1;
  expect(await install(release(3), { health: true })).toBe(0);
  expect(said.at(-1)).toBe('health unknown\n');
});

test('takes back what the running agent cannot apply', async () => {
  await startAgent(1);
  await install(release(1));
  const next = release(2);
  running.refusal = 'applying failed';
  expect(await install(next)).toBe(1);
  expect(said.at(-1)).toMatch(/^dwcp-agent: not installed: applying failed; /);
  expect([installed(), existsSync(at('home/releases/r1'))]).toEqual(['r1', true]);
  expect(readFileSync(at('home/endpoints.json'), 'utf8')).toContain('192.0.2.1');
});

test('takes back a program that does not come up', async () => {
  await startAgent(1);
  await install(release(1));
  calls();
  // It says generation 1 whatever is started: the old one comes back, the new one never came.
  expect(await install(release(2, 'broken'))).toBe(1);
  expect(said.at(-1)).toMatch(/did not come up with the plan.*; what was there before is back\n$/);
  expect([installed(), calls()]).toEqual(['r1', [...started, ...started]]);
});

test('installs all the same where others on the host cannot be told what is ours, and says so', async () => {
  await startAgent(1);
  writeFileSync(at('bin/systemctl'), `#!/bin/sh\n[ "$1" != start ] || { echo no >&2; exit 1; }\n`);
  expect(await install(release(1))).toBe(0);
  expect(said[0]).toBe(
    'dwcp-agent: others on this host were not told what is ours: systemctl start dwcp-host.service: no\n',
  );
  expect(said.at(-1)).toBe('health good\n');
});

test('starts the agent anew where an earlier call was killed', async () => {
  await startAgent(1);
  await install(release(1));
  calls();
  writeFileSync(at('run/installing'), '');
  expect(await install(release(1))).toBe(0);
  expect([calls(), existsSync(at('run/installing'))]).toEqual([started, false]);
});
