import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from '../../lib/agent/client';
import { bringUp } from '../../lib/lab/bring-up';
import { tryAgentProcess } from '../../lib/lab/processes';
import { isAlive, type Lab } from '../../lib/lab/record';
import { inside, run } from '../../lib/lab/run';
import { agentSocket, startAgent } from '../../lib/lab/start-agent';
import { takeDown } from '../../lib/lab/take-down';
import { openKeyFile } from '../../lib/net/keys';
import { readPlan } from '../../lib/plan';
import { runCaptured } from '../golden/captured-io';
import { skipped } from '../net/skipped';
import { builtAgent } from '../support/built-agent';
import { labGap } from '../support/lab-gap';
import { typescript } from '../support/lab-process';
import { startEcho, startStream, type StreamResult } from '../support/udp-stream';

// Operators get in: from a host among the workloads of region a, `dwcp ops` asks and drains all gateways.
// The short way from a to b leads over c. Region b has two gateways.
const description = `# Drained from outside.
network: ops
regions:
  a: { place: us-east-1 }
  b: { place: eu-west-1, gateways: { count: 2 } }
  c: { place: us-east-2 }
links:
  - { between: [a, c], bandwidth: 1 Gbps, latency: 10 ms }
  - { between: [c, b], bandwidth: 1 Gbps, latency: 40 ms }
  - { between: [a, b], bandwidth: 1 Gbps, latency: 80 ms }
operations: { metrics: { port: 9400 } }
`;

jest.setTimeout(240_000);
const why = labGap();
const root = path.join(__dirname, '..', '..');
const children: ChildProcess[] = [];
let folder: string;
let agent: ReturnType<typeof builtAgent>;
let lab: Lab;

const file = (name: string) => path.join(folder, name);
const region = (id: string) => lab.layout.regions.find((r) => r.id === id)!;
const agentOf = (id: string) => connect({ socket: agentSocket(lab, id) });

beforeAll(async () => {
  if (why) return;
  folder = mkdtempSync(path.join(tmpdir(), 'dwcp-ops-'));
  writeFileSync(file('net.yaml'), description);
  writeFileSync(file('secret'), randomBytes(32));
  for (const args of [
    ['plan', 'net.yaml'],
    ['keys', 'init', 'net.yaml', '--key-file', 'secret'],
    ['plan', 'net.yaml', '--out', 'plan.json'],
  ]) {
    const { code, stderr } = await runCaptured(args, { cwd: folder });
    if (code !== 0) throw new Error(`${args.join(' ')}: ${stderr}`);
  }
  const keys = await openKeyFile(readFileSync(file('ops.keys.json'), 'utf8'), {
    keyFile: readFileSync(file('secret')),
  });
  const { plan } = readPlan(readFileSync(file('plan.json'), 'utf8'), 'plan.json');
  if (!keys.ok || !plan) throw new Error('no keys or no plan');
  agent = builtAgent();
  lab = await bringUp({
    plan,
    keys: keys.value,
    lab: `ops${process.pid}`,
    directory: folder,
    underlay: 'direct',
    seed: 1,
    foreground: true,
    agentOptions: ['--interval', '40', '--multiplier', '10'],
    programs: { agent: [process.execPath, agent.file], relay: [] },
  });
  for (const end = Date.now() + 60_000; ; await sleep(100)) {
    const all = await Promise.all(
      lab.layout.gateways.map(async ({ id }) => [
        ...(await agentOf(id).tunnels()),
        ...(await agentOf(id).paths()),
      ]),
    );
    if (all.every((list) => list.every(({ health }) => health === 'up'))) break;
    if (Date.now() > end) throw new Error('not all paths are up after 60 s');
  }
  children.push(await startEcho(region('b').namespace));
});

afterAll(async () => {
  if (why) return;
  for (const child of children) child.kill('SIGKILL');
  if (lab) await takeDown(folder, lab.record.lab);
  agent?.remove();
  if (folder) rmSync(folder, { recursive: true, force: true });
});

/** `dwcp ops` on a host among the workloads of region a. */
function ops(...args: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  return opsWith('secret', ...args);
}

function opsWith(secret: string, ...args: string[]) {
  return started(secret, ...args).ended;
}

/** The same while it runs: what it has said so far, and the promise of its end. */
function started(secret: string, ...args: string[]) {
  const command = [
    ...typescript,
    path.join(root, 'lib/cli/main.ts'),
    'ops',
    ...args,
    '--key-file',
    file(secret),
  ];
  const [program, ...rest] = inside(region('a').namespace, command);
  const child = spawn(program, rest, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  const out = { stdout: '', stderr: '' };
  child.stdout.on('data', (part: Buffer) => (out.stdout += part.toString()));
  child.stderr.on('data', (part: Buffer) => (out.stderr += part.toString()));
  const ended = new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve) =>
    child.once('close', (code) => resolve({ code, ...out })),
  );
  return { child, out, ended };
}

async function end(id: string, signal: NodeJS.Signals): Promise<void> {
  const identity = tryAgentProcess(lab, id)!;
  process.kill(identity.pid, signal);
  while (isAlive(identity)) await sleep(20);
}

const drained = async () =>
  Object.fromEntries(
    await Promise.all(
      lab.layout.gateways.map(async ({ id }) => [id, (await agentOf(id).state()).drained] as const),
    ),
  );
const everywhere = (list: string[]) => ({ 'a/1': list, 'b/1': list, 'b/2': list, 'c/1': list });
const pathsToB = async () => (await agentOf('a/1').routes()).flatMap((r) => (r.to === 'b' ? r.paths : []));

/** Packets from a to b and back, each 2 ms, while some work is done. */
async function streaming(work: () => Promise<void>): Promise<StreamResult> {
  const { namespace, hosts } = region('b');
  const stream = startStream(region('a').namespace, namespace, hosts[0].ipv4, 2);
  await sleep(500);
  await work();
  await sleep(500);
  return stream.stop();
}

const tried = why ? (skipped(why), it.skip) : it;

describe('operators in a network of three regions', () => {
  tried('ask all gateways over the overlay, from a host among workloads', async () => {
    const from = performance.now();
    const { code, stdout, stderr } = await ops('status', 'net.yaml');
    process.stderr.write(`status, ${Math.round(performance.now() - from)} ms:\n${stdout}`);
    expect([code, stderr]).toEqual([0, '']);
    for (const id of ['a/1', 'b/1', 'b/2', 'c/1']) expect(stdout).toMatch(new RegExp(`^${id} +ready `, 'm'));
    expect(stdout).toContain('4 of 4 gateways answered');
  });

  tried('read metrics there, and nobody reads them from elsewhere', async () => {
    const b = lab.plan.gateways.find((g) => g.id === 'b/2')!;
    const get = (host: string) =>
      run(inside(region('a').namespace, ['curl', '-sS', '-m', '5', `http://${host}:9400/metrics`]));
    expect(await get(b.ipv4)).toContain('dwcp_agent_info');
    expect(await get(lab.layout.gateways[0].ipv4)).toContain('dwcp_agent_info');
    const underlay = lab.layout.gateways[0].address;
    const outside = inside(lab.layout.underlay, [
      'curl',
      '-sS',
      '-m',
      '2',
      `http://${underlay}:9400/metrics`,
    ]);
    await expect(run(outside)).rejects.toThrow();
  });

  tried(
    'drain a region by one command: nothing is lost, all agents know, and the description says so',
    async () => {
      // A path that a busy machine made late is used again after its wait to restore.
      const overC = async () => (await pathsToB()).some((p) => p.path.includes('a>c>b'));
      const untilMs = performance.now() + 30_000;
      while (!(await overC()) && performance.now() < untilMs) await sleep(200);
      expect((await pathsToB()).map((p) => p.path)).toContainEqual(expect.stringContaining('a>c>b'));
      let report = '';
      const loss = await streaming(async () => {
        const from = performance.now();
        const { code, stdout, stderr } = await ops('drain', 'region', 'c', 'net.yaml');
        report = `drain region c, ${Math.round(performance.now() - from)} ms:\n${stdout}`;
        expect([code, stderr]).toEqual([0, '']);
      });
      process.stderr.write(`${report}stream: ${loss.sent} sent, ${loss.sent - loss.received} lost\n`);
      expect(loss.sent - loss.received).toBe(0);
      expect(await drained()).toEqual(everywhere(['region c']));
      expect((await pathsToB()).every((p) => !p.path.includes('c'))).toBe(true);
      expect(report).toContain('region c is drained at 4 of 4 gateways');
      const text = readFileSync(file('net.yaml'), 'utf8');
      expect(text).toBe(description.replace('us-east-2 }', 'us-east-2, drained: true }'));
    },
  );

  tried('keep a drain over a restart of an agent, and end it by one command', async () => {
    await end('a/1', 'SIGTERM');
    await startAgent(lab, 'a/1');
    expect((await agentOf('a/1').state()).drained).toEqual(['region c']);
    writeFileSync(file('net.yaml'), description);
    const loss = await streaming(async () => {
      const { code, stdout } = await ops('undrain', 'region', 'c', 'net.yaml');
      expect([code, stdout]).toEqual([0, expect.stringContaining('says so already')]);
    });
    expect(loss.sent - loss.received).toBe(0);
    expect(await drained()).toEqual(everywhere([]));
  });

  tried('drain for a time: agents end it by themselves, one that was started anew as well', async () => {
    const { code } = await ops('drain', 'region', 'c', 'net.yaml', '--for', '12s');
    expect(code).toBe(0);
    const endMs = (await agentOf('a/1').state()).drainedUntil['region c'];
    expect(endMs - Date.now()).toBeLessThan(12_000);
    await end('a/1', 'SIGKILL');
    await startAgent(lab, 'a/1');
    expect((await agentOf('a/1').state()).drainedUntil).toEqual({ 'region c': endMs });
    expect(readFileSync(file('net.yaml'), 'utf8')).toBe(description);
    await sleep(Math.max(0, endMs - Date.now()) + 1_500);
    expect(await drained()).toEqual(everywhere([]));
  });

  tried(
    'hear events of all gateways as they come, also over a restart of an agent, until Ctrl-C',
    async () => {
      const { child, out, ended } = started('secret', 'events', 'net.yaml', '--json');
      children.push(child);
      type Heard = { gateway: string; kind: string; what: string; to: string };
      const heard = () =>
        out.stdout
          .split('\n')
          .filter(Boolean)
          .map((line) => JSON.parse(line) as Heard);
      const drains = (id: string, what: string) =>
        heard().filter((e) => e.gateway === id && e.kind === 'drain' && e.what === what);
      const until = async (what: string, holds: () => boolean) => {
        for (const end = Date.now() + 20_000; !holds(); await sleep(50))
          if (Date.now() > end) throw new Error(`${what}: not heard; ${JSON.stringify(out)}`);
      };
      // It follows each agent once all were asked: a drain is made until it is heard.
      const link = { of: 'link', id: 'link-a-b' } as const;
      for (const end = Date.now() + 30_000; drains('a/1', 'link link-a-b').length === 0; await sleep(200)) {
        if (Date.now() > end) throw new Error(`nothing was heard: ${JSON.stringify(out)}`);
        await agentOf('a/1').drain(link);
        await agentOf('a/1').undrain(link);
      }
      const fromMs = performance.now();
      await agentOf('b/2').drain(link);
      await until('a drain at b/2', () => drains('b/2', 'link link-a-b').length > 0);
      const heardMs = performance.now() - fromMs;
      await end('b/1', 'SIGTERM');
      await startAgent(lab, 'b/1');
      await until('a new agent', () => heard().some((e) => e.gateway === 'b/1'));
      await agentOf('b/1').drain(link);
      await until('a drain at b/1', () => drains('b/1', 'link link-a-b').length > 0);
      for (const id of ['b/1', 'b/2']) await agentOf(id).undrain(link);
      child.kill('SIGINT');
      const { code, stderr } = await ended;
      process.stderr.write(`events: heard ${Math.round(heardMs)} ms after the command at b/2\n`);
      expect([code, stderr]).toEqual([0, '']);
    },
  );

  tried('are refused with another key, and say who does not know of a drain', async () => {
    writeFileSync(file('other'), randomBytes(32));
    const wrong = await opsWith('other', 'status', 'net.yaml');
    expect(wrong.code).toBe(1);
    expect(wrong.stderr).toContain('key-file-secret');
    await end('b/2', 'SIGKILL');
    const { code, stdout } = await ops('drain', 'link', 'link-a-b', 'net.yaml', '--timeout', '5');
    process.stderr.write(`with b/2 dead:\n${stdout}`);
    expect(code).toBe(1);
    expect(stdout).toContain('is drained at 3 of 4 gateways');
    expect(stdout).toMatch(/b\/2 does not know: nothing listens/);
    expect(stdout).toContain('dwcp ops drain link link-a-b <network> --only b/2');
    expect(readFileSync(file('net.yaml'), 'utf8')).toBe(description);
    await startAgent(lab, 'b/2');
    const back = await ops('undrain', 'link', 'link-a-b', 'net.yaml', '--json');
    expect(back.code).toBe(0);
    expect(await drained()).toEqual(everywhere([]));
  });
});
