import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runCaptured } from '../golden/captured-io';
import { ec2, motoHint, motoProgram, startMoto, type Moto } from '../support/moto';

// `dwcp ops --by ssm` against the stand-in of AWS: its Systems Manager runs what it is sent, on instances
// whose `dwcp-agent` keeps its drains in a file.
const program = motoProgram();
const why = program === undefined ? `no stand-in of AWS: ${motoHint}` : undefined;

const description = `network: ops
regions:
  a: { place: us-east-1 }
  b: { place: eu-west-1, gateways: { count: 2 } }
  c: { place: ap-northeast-1 }
links: [{ mesh: all, bandwidth: 1 Gbps }]
operations: { ssm: true }
`;
const places: Readonly<Record<string, string>> = {
  'a/1': 'us-east-1',
  'b/1': 'eu-west-1',
  'b/2': 'eu-west-1',
  'c/1': 'ap-northeast-1',
};

let folder: string;
let moto: Moto;
const instances = new Map<string, string>();
const before = { ...process.env };

/** Answers as the agent does; 900 routes, so that what is printed is more than Systems Manager keeps. */
const agent = (id: string) => `#!${process.execPath}
const fs = require('fs');
const file = __dirname + '/drained.json';
const [verb, of, place, , time] = process.argv.slice(2);
let drained = fs.existsSync(file) ? JSON.parse(fs.readFileSync(file)) : [];
if (fs.existsSync(__dirname + '/broken')) {
  process.stderr.write('dwcp-agent: no agent listens on /run/dwcp/agent.sock; start it, or name its socket\\n');
  process.exit(1);
}
if (verb === 'drain') drained = [of + ' ' + place];
if (verb === 'undrain') drained = [];
fs.writeFileSync(file, JSON.stringify(drained));
if (verb === 'drain') fs.writeFileSync(__dirname + '/time', String(time));
const state = { gateway: '${id}', generation: 1, ready: true, drained, drainedUntil: {} };
const route = { to: 'b', class: 'bulk', prefixes: ['10.1.0.0/16'], paths: [], state: 'planned' };
const routes = Array.from({ length: 900 }, () => route);
const look = { state, tunnels: [], routes };
const checks = [{ name: 'clock', state: 'warn', says: 'it is not set by anybody', next: 'start chrony' }];
process.stdout.write(JSON.stringify(verb === 'status' ? look : verb === 'doctor' ? { checks } : state, null, 2));
`;

beforeAll(async () => {
  if (why) return;
  folder = mkdtempSync(path.join(tmpdir(), 'dwcp-ssm-'));
  process.env.DWCP_STAND_IN_INSTANCES = path.join(folder, 'instances');
  moto = await startMoto(program!, folder);
  Object.assign(process.env, moto.env);
  writeFileSync(path.join(folder, 'net.yaml'), description);
  for (const [id, place] of Object.entries(places)) {
    const tags: Record<string, string> = { Name: `dwcp-ops--${id.replace('/', '-')}`, 'dwcp:network': 'ops' };
    const parameters = Object.entries(tags).flatMap(([key, value], i) => [
      [`TagSpecification.1.Tag.${i + 1}.Key`, key],
      [`TagSpecification.1.Tag.${i + 1}.Value`, value],
    ]);
    const answer = await ec2(moto, place, 'RunInstances', {
      ImageId: 'ami-0123456789abcdef0',
      MinCount: '1',
      MaxCount: '1',
      'TagSpecification.1.ResourceType': 'instance',
      ...(Object.fromEntries(parameters) as Record<string, string>),
    });
    const instance = /<instanceId>(i-\w+)</.exec(answer)![1];
    instances.set(id, instance);
    mkdirSync(path.join(folder, 'instances', instance), { recursive: true });
    writeFileSync(of(id, 'dwcp-agent'), agent(id), { mode: 0o755 });
  }
}, 120_000);

afterAll(async () => {
  process.env = before;
  await moto?.stop();
  if (folder) rmSync(folder, { recursive: true, force: true });
});

const of = (id: string, name: string) => path.join(folder, 'instances', instances.get(id)!, name);
const drainedAt = (id: string) => JSON.parse(readFileSync(of(id, 'drained.json'), 'utf8')) as string[];
const ops = (...args: string[]) =>
  runCaptured(['ops', ...args, '--by', 'ssm', '--timeout', '30'], { cwd: folder });
const tried = why ? it.skip : it;
if (why) process.stderr.write(`skipped: ${why}\n`);

tried(
  'asks every gateway by its tags, whatever it prints',
  async () => {
    const { code, stdout, stderr } = await ops('status', 'net.yaml');
    expect([code, stderr]).toEqual([0, '']);
    for (const id of Object.keys(places))
      expect(stdout).toMatch(new RegExp(`^${id} +ready +1 +0/0 +900/900`, 'm'));
  },
  60_000,
);

tried(
  'drains a region by one command, for a time, and ends it',
  async () => {
    const { code, stdout } = await ops('drain', 'region', 'c', 'net.yaml', '--for', '2h');
    process.stderr.write(stdout);
    expect(code).toBe(0);
    expect(stdout).toContain('region c is drained at 4 of 4 gateways');
    for (const id of Object.keys(places)) expect(drainedAt(id)).toEqual(['region c']);
    expect(readFileSync(of('b/2', 'time'), 'utf8')).toBe('7200s');
    expect(readFileSync(path.join(folder, 'net.yaml'), 'utf8')).toBe(description);
    expect((await ops('undrain', 'region', 'c', 'net.yaml')).code).toBe(0);
    for (const id of Object.keys(places)) expect(drainedAt(id)).toEqual([]);
  },
  120_000,
);

tried(
  'says which gateway does not do it, and in its own words',
  async () => {
    writeFileSync(of('b/2', 'broken'), '');
    const { code, stdout } = await ops('drain', 'link', 'link-a-c', 'net.yaml');
    expect(code).toBe(1);
    expect(stdout).toContain('b/2 does not know: no agent listens on /run/dwcp/agent.sock');
    expect(stdout).toContain('--only b/2');
    rmSync(of('b/2', 'broken'));
    expect(readFileSync(path.join(folder, 'net.yaml'), 'utf8')).toBe(description);
  },
  120_000,
);

tried(
  'shows what doctors find, and refuses events',
  async () => {
    const { code, stdout } = await ops('doctor', 'net.yaml', '--only', 'b');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^b\/1 +warn +clock +it is not set by anybody; start chrony$/m);
    const events = await ops('events', 'net.yaml');
    expect([events.code, events.stderr]).toEqual([2, expect.stringContaining('over the overlay alone')]);
  },
  60_000,
);
