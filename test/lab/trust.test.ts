import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from '../../lib/agent/client';
import { foreignMarks, hex } from '../../lib/agent/apply/packet-marks';
import { loadSolver } from '../../lib/project/solver';
import { gatewayState, type GatewayState } from '../../lib/gateway';
import { bringUp } from '../../lib/lab/bring-up';
import { healFaults, makeFault } from '../../lib/lab/fault/make-fault';
import { withLabKeys } from '../../lib/lab/lab-keys';
import { onGateway } from '../../lib/lab/processes';
import type { Lab } from '../../lib/lab/record';
import { inside, run } from '../../lib/lab/run';
import { agentSocket } from '../../lib/lab/start-agent';
import { measureStream } from '../../lib/lab/stream/measure-stream';
import { openStreams, type Streams } from '../../lib/lab/stream/streams';
import { takeDown } from '../../lib/lab/take-down';
import { classPort, streamPorts } from '../../lib/lab/test-ports';
import { readDescription } from '../../lib/model';
import { buildPlan } from '../../lib/plan';
import { skipped } from '../net/skipped';
import { builtAgent } from '../support/built-agent';
import { labGap } from '../support/lab-gap';
import { typescript } from '../support/lab-process';

// A workload and a gateway that somebody has taken over do what they can against a triangle of gateways.
// The stream of class critical that is reserved from a to b, and all probes, must not notice.

jest.setTimeout(240_000);
// Other machines of the same host take time from this one: what fails for that is tried again, and said.
jest.retryTimes(1, { logErrorsBeforeRetry: true });

const description = `
network: trust
regions:
  a: { place: eu-west-1 }
  b: { place: eu-west-2 }
  c: { place: eu-west-3 }
links:
  - { between: [a, b], latency: 5 ms, bandwidth: 10 Mbps }
  - { between: [b, c], latency: 5 ms, bandwidth: 10 Mbps }
  - { between: [a, c], latency: 8 ms, bandwidth: 10 Mbps }
reservations:
  alarm: { from: a, to: b, bandwidth: 2 Mbps, class: critical }
`;

const why = labGap(['python3', '--version']);
const source = (file: string) => path.join(__dirname, '..', '..', 'lib', 'lab', file);
/** Where a service that nobody opened listens, on every gateway; where marked packets arrive. */
const [hiddenPort, seenPort] = [8022, 4999];
/** Where a flood goes, and the code points that only the network itself gives. */
const floodPort = 17_760;
const controlPoints = [48, 56];
const [cs6, cs7] = controlPoints;
/** Ports of gateways that nobody opened. */
const closedPorts = [22, seenPort, hiddenPort, 9469];
let directory: string;
let agent: ReturnType<typeof builtAgent>;
let lab: Lab;
let streams: Streams;
const listeners: ChildProcess[] = [];

const region = (id: string) => lab.layout.regions.find((r) => r.id === id)!;
const host = (id: string) => region(id).hosts[0];
const wire = (id: string) => lab.layout.gateways.find((g) => g.id === `${id}/1`)!;
const among = (id: string, ...command: string[]) => run(inside(region(id).namespace, command));
const on = (id: string, ...command: string[]) => run(onGateway(lab, `${id}/1`, command));
const state = (id: string): GatewayState => gatewayState(lab.plan, `${id}/1`);
const client = (id: string) => connect({ socket: agentSocket(lab, `${id}/1`) });
const ids = ['a', 'b', 'c'] as const;

/** A burst for raw-packets.py. */
interface Burst {
  readonly source: string;
  readonly destination: string;
  readonly port: number;
  readonly count: number;
  readonly perSecond: number;
  readonly dscp?: number;
  readonly bytes?: number;
  readonly device?: string;
  readonly outer?: string;
  readonly inner?: string;
  readonly segments?: readonly string[];
}

function send(command: readonly string[], bursts: readonly Burst[]): Promise<void> {
  const [program, ...words] = [...command, 'python3', path.join(__dirname, 'raw-packets.py')];
  const child = spawn(program, words, { stdio: ['pipe', 'ignore', 'inherit'] });
  child.stdin.end(JSON.stringify(bursts));
  return new Promise((resolve, reject) => {
    child.once('close', (code) => (code === 0 ? resolve() : reject(new Error(`python3 ended with ${code}`))));
  });
}

/** What tables of counters say, behind all filters of ours. */
const counts = {
  /** Among the workloads of a region. */
  region: `table inet seen { counter past { }; counter control { }; counter flood { };
    chain in { type filter hook prerouting priority 0; udp dport ${seenPort} counter name past;
      udp dport ${floodPort} counter name flood;
      udp dport ${floodPort} ip dscp { ${controlPoints.join(', ')} } counter name control; }; }`,
  /** On a gateway: what it lets in for itself, and what it sends on. */
  gateway: `table inet seen { counter past { };
    chain in { type filter hook input priority 10; udp dport { ${closedPorts.join(', ')} } counter name past; };
    chain on { type filter hook forward priority 10; udp dport ${seenPort} counter name past; }; }`,
};

async function countersOf(run: (...command: string[]) => Promise<string>, table: string) {
  const { nftables } = JSON.parse(await run('nft', '-j', 'list', 'counters', 'table', 'inet', table)) as {
    nftables: { counter?: { name: string; packets: number } }[];
  };
  return Object.fromEntries(
    nftables.flatMap(({ counter }) => (counter ? [[counter.name, counter.packets]] : [])),
  ) as Record<string, number>;
}

/** What each gateway refused or marked anew so far, by counter. */
const counted = (id: string) => countersOf((...command) => on(id, ...command), 'dwcp');

/** Packets of attacks that passed the filters of a gateway, or came to the workloads of its region. */
async function seen(id: string): Promise<number> {
  const [there, here] = await Promise.all([
    countersOf((...command) => among(id, ...command), 'seen'),
    countersOf((...command) => on(id, ...command), 'seen'),
  ]);
  return there.past + here.past;
}

/** What is not where the plan has it, and every path that does not answer. */
async function amiss(): Promise<string[]> {
  const all = await Promise.all(
    ids.map(async (id) => {
      const [routes, paths] = await Promise.all([client(id).routes(), client(id).paths()]);
      return [
        ...routes.filter((r) => r.state !== 'planned').map((r) => `${id}: ${r.to} ${r.class} ${r.state}`),
        ...paths.filter((p) => p.health !== 'up').map((p) => `${id}: ${p.id} ${p.health}, ${p.cause}`),
      ];
    }),
  );
  return all.flat();
}

/** Sends the reserved stream from a to b while something happens; what was lost of it, and what moved. */
async function during(happen: () => Promise<void>) {
  const stream = {
    from: region('a').namespace,
    to: region('b').namespace,
    stream: 1,
    source: host('a').ipv4,
    sourcePort: 20_001,
    destination: host('b').ipv4,
    port: classPort('critical'),
    spacingMs: 5,
  };
  let looks = 0;
  const astray: string[] = [];
  let going = true;
  const watching = (async () => {
    for (; going; await sleep(300)) {
      looks++;
      astray.push(...(await amiss()));
    }
  })();
  await streams.start([stream]);
  await sleep(700);
  let finished: Awaited<ReturnType<Streams['finish']>>;
  try {
    await happen();
  } finally {
    going = false;
    await watching;
    finished = await streams.finish(500);
  }
  const [{ sentMs, sequences, receivedMs }] = finished;
  const { lost, sent } = measureStream(sentMs, sequences, receivedMs, sentMs[0] + 300, Infinity);
  return { lost, sent, looks, astray };
}

const table: string[] = [];
afterAll(() => {
  if (table.length > 0)
    process.stderr.write(`${['what | past | lost | not as planned', ...table].join('\n')}\n`);
});

beforeAll(async () => {
  if (why) return;
  agent = builtAgent();
  directory = mkdtempSync(path.join(tmpdir(), 'dwcp-trust-'));
  const { network, diagnostics } = readDescription(description, 'trust.yaml');
  if (!network) throw new Error(diagnostics.map((d) => d.message).join('\n'));
  const { plan } = buildPlan(network, { lock: null, keys: null, solver: loadSolver });
  const keyed = await withLabKeys(plan!, (n) => randomBytes(n));
  lab = await bringUp({
    ...keyed,
    lab: `trust${process.pid}`,
    directory,
    underlay: 'direct',
    seed: 1,
    foreground: true,
    agentOptions: ['--interval', '40', '--multiplier', '10'],
    programs: { agent: [process.execPath, agent.file], relay: [...typescript, source('relay/main.ts')] },
  });
  const program = [...typescript, source('stream/main.ts')];
  streams = await openStreams(
    program,
    lab.layout.regions.map((r) => r.namespace),
    streamPorts,
  );
  for (const id of ids) {
    await among(id, 'nft', counts.region);
    await on(id, 'nft', counts.gateway);
    const listen = `require('net').createServer((s) => s.end('hidden')).listen(${hiddenPort}, '::')`;
    const [ip, ...words] = onGateway(lab, `${id}/1`, [process.execPath, '-e', listen]);
    listeners.push(spawn(ip, words, { stdio: 'ignore' }));
  }
});

beforeEach(async () => {
  if (why) return;
  for (const end = Date.now() + 90_000; (await amiss()).length > 0; await sleep(200)) {
    if (Date.now() > end) throw new Error(`not as planned within 90 s: ${(await amiss()).join('; ')}`);
  }
});

afterAll(async () => {
  if (why) return;
  for (const child of listeners) child.kill('SIGKILL');
  streams?.close();
  if (lab) await takeDown(directory, lab.record.lab);
  agent?.remove();
  if (directory) rmSync(directory, { recursive: true, force: true });
});

/** Does something, and says what got past, was lost and moved; the counters that it raised. */
async function attack(
  what: string,
  victims: readonly string[],
  does: () => Promise<void>,
  concerns: (line: string) => boolean = () => true,
) {
  const before = await Promise.all(ids.map(counted));
  const passed = await Promise.all(victims.map(seen));
  const { lost, looks, astray: all } = await during(does);
  const astray = [...new Set(all.filter(concerns))];
  const after = await Promise.all(ids.map(counted));
  const past = (await Promise.all(victims.map(seen))).reduce((sum, n, i) => sum + n - passed[i], 0);
  const raised: Record<string, number> = {};
  after.forEach((counters, i) => {
    for (const [name, n] of Object.entries(counters)) {
      const more = n - before[i][name];
      if (more > 0) raised[`${ids[i]} ${name}`] = more;
    }
  });
  table.push(
    [
      what,
      victims.length === 0 ? '-' : past,
      lost,
      `${astray.join('; ') || 'nothing'} in ${looks} looks`,
      JSON.stringify(raised),
    ].join(' | '),
  );
  return { past, lost, astray, raised };
}

const times = { count: 50, perSecond: 1000, port: seenPort } as const;

test('a workload: foreign sources, segments and tunnels', async () => {
  if (why) return skipped(why);
  const [a, c] = [state('a'), state('c')];
  const from = { source: host('a').ipv6, ...times };
  const infrastructure = [
    a.segmentDx4,
    a.segmentDx6,
    a.segmentLocal,
    c.segmentDx6,
    ...a.tunnels.flatMap((t) => [t.segment, t.ipv6, t.peer.ipv6]),
    ...a.paths.flatMap((p) => (p.probe ? [p.probe.destination] : [])),
  ];
  const result = await attack('workload: sources and segments', ['a', 'b', 'c'], () =>
    send(inside(region('a').namespace, []), [
      { ...times, source: host('b').ipv4, destination: host('c').ipv4 },
      { ...times, source: '203.0.113.7', destination: host('c').ipv4 },
      { ...times, source: host('b').ipv6, destination: host('c').ipv6 },
      ...infrastructure.map((destination) => ({ ...from, destination })),
      // Its own segment routing, to a gateway that would take the inner packet on.
      { ...from, outer: host('a').ipv6, destination: a.segmentDx6, segments: [], inner: host('c').ipv6 },
    ]),
  );
  expect(result).toMatchObject({ past: 0, lost: 0, astray: [] });
  expect(result.raised['a refused-workload']).toBe(150);
  expect(result.raised['a refused-segment']).toBe(50 * (infrastructure.length + 1));
});

test('a workload: a scan of the gateway', async () => {
  if (why) return skipped(why);
  const ports = [22, 80, 179, 443, 862, hiddenPort, 9469, 9470, 51820];
  const addresses = [wire('a').ipv4, wire('a').ipv6, state('a').ipv4, state('a').ipv6, state('b').ipv6];
  let answers = '';
  const result = await attack('workload: scan of ports', ['a', 'b'], async () => {
    answers = await among('a', process.execPath, '-e', scan, JSON.stringify({ ports, addresses }));
  });
  expect(JSON.parse(answers)).toEqual([]);
  expect(result).toMatchObject({ past: 0, lost: 0, astray: [] });
  expect(result.raised['a refused-input']).toBeGreaterThan(ports.length);
});

test('a workload: floods of CS6 and CS7', async () => {
  if (why) return skipped(why);
  const flood = { source: host('a').ipv4, destination: host('b').ipv4, port: floodPort, bytes: 1100 };
  const result = await attack('workload: CS6 and CS7 floods', [], () =>
    send(inside(region('a').namespace, []), [
      { ...flood, dscp: cs6, count: 6_000, perSecond: 2000 },
      { ...flood, dscp: cs7, count: 6_000, perSecond: 2000 },
    ]),
  );
  expect(result).toMatchObject({ lost: 0, astray: [] });
  expect(result.raised['a remarked-control']).toBe(12_000);
  const { flood: arrived, control } = await countersOf((...command) => among('b', ...command), 'seen');
  expect(arrived).toBeGreaterThan(1000);
  expect(control).toBe(0);
});

test('a gateway that was taken over: foreign sources, segments, ports and floods', async () => {
  if (why) return skipped(why);
  const [a, c] = [state('a'), state('c')];
  const tunnel = c.tunnels.find((t) => t.peer.gateway === 'a/1')!;
  const onward = a.tunnels.find((t) => t.peer.gateway === 'b/1')!;
  const device = tunnel.interfaceName;
  const via = { ...times, device };
  const outer = tunnel.ipv6;
  const b = state('b');
  const through = { device, outer, destination: onward.segment, source: host('c').ipv6, bytes: 1000 };
  const result = await attack('gateway c: what is forbidden', ['a', 'b'], () =>
    send(onGateway(lab, 'c/1', []), [
      // Sources of nobody, and of the region itself.
      { ...via, source: '203.0.113.7', destination: host('a').ipv4 },
      { ...via, source: host('a').ipv4, destination: host('a').ipv4 },
      // On to another region without a segment.
      { ...via, source: host('c').ipv4, destination: host('b').ipv4 },
      // Segments from where no path comes.
      {
        ...via,
        outer: host('c').ipv6,
        source: host('c').ipv6,
        destination: a.segmentDx6,
        segments: [],
        inner: host('a').ipv6,
      },
      // What is inside is to be sent on: to another region, and to another gateway's segment.
      {
        ...via,
        outer,
        source: host('c').ipv6,
        destination: a.segmentDx6,
        segments: [],
        inner: host('b').ipv6,
      },
      { ...via, outer, source: onward.ipv6, destination: a.segmentDx6, segments: [], inner: b.segmentDx6 },
      // The gateway itself.
      ...[22, hiddenPort, 9469].map((port) => ({
        ...via,
        port,
        source: host('c').ipv6,
        destination: a.ipv6,
      })),
    ]),
  );
  expect(result).toMatchObject({ past: 0, lost: 0, astray: [] });
  expect(result.raised).toMatchObject({
    'a refused-source': 100,
    'a refused-transit': 50,
    'a refused-segment': 150,
    'a refused-input': 150,
  });
  // What goes by c is c's to spoil.
  const honest = (line: string) => !/\bc\b/.test(line);
  const flooding = () =>
    send(onGateway(lab, 'c/1', []), [
      {
        ...through,
        port: 17_761,
        dscp: cs6,
        segments: [b.segmentDx6],
        inner: host('b').ipv6,
        count: 4000,
        perSecond: 2000,
      },
      {
        ...through,
        port: 17_761,
        dscp: 40,
        segments: [b.segmentDx6],
        inner: host('b').ipv6,
        count: 4000,
        perSecond: 2000,
      },
      // Dressed as probes.
      {
        ...through,
        port: 862,
        dscp: cs6,
        segments: [b.segmentLocal],
        inner: b.ipv6,
        count: 4000,
        perSecond: 2000,
      },
    ]);
  const floods = await attack('gateway c: floods through a', [], flooding, honest);
  expect(floods).toMatchObject({ lost: 0, astray: [] });
  expect(floods.raised['a refused-flood']).toBeGreaterThan(1000);
});

test('marks of others, on all that comes in and all that is made, cost nothing', async () => {
  if (why) return skipped(why);
  const values = ['0x4000', '0x8000', '0x40000', '0x80000', '0xffff0000', '0xf00', '0xca6c', '0xffffefed'];
  for (const { bits, of } of foreignMarks) expect([of, hex(bits & 0x1012)]).toEqual([of, '0']);
  // A late answer on a busy machine is no work of marks; a path that goes down, or carries nothing, is.
  const dead = (line: string) => /down|vanish|unreachable/.test(line);
  const marking = async () => {
    for (const value of values) {
      for (const id of ids) await makeFault(lab, `${id}/1`, 'mark', value);
      await sleep(1500);
      await healFaults(lab);
    }
  };
  const result = await attack('marks of others', [], marking, dead);
  expect(result).toMatchObject({ lost: 0, astray: [] });
});

/** Prints the ports that answered a connection or an acknowledgement, or a datagram, within 1.5 s. */
const scan = `const { ports, addresses } = JSON.parse(process.argv[1]);
const net = require('net'), dgram = require('dgram');
const found = [];
for (const host of addresses) for (const port of ports) {
  const s = net.connect({ host, port });
  s.on('connect', () => found.push('tcp ' + host + ' ' + port));
  s.on('error', (e) => { if (e.code === 'ECONNREFUSED') found.push('refused ' + host + ' ' + port); });
  const u = dgram.createSocket(host.includes(':') ? 'udp6' : 'udp4');
  u.on('error', (e) => found.push('udp ' + e.code + ' ' + host + ' ' + port));
  u.on('message', () => found.push('udp ' + host + ' ' + port));
  u.connect(port, host, () => u.send('x', () => u.send('x')));
}
setTimeout(() => { process.stdout.write(JSON.stringify(found)); process.exit(0); }, 1500);`;
