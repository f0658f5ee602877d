import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { loadSolver } from '../../lib/project/solver';
import { bringUp, type LabPrograms } from '../../lib/lab/bring-up';
import { monotonicMs } from '../../lib/lab/clock';
import type { RouteWatch, WatchedEvent } from '../../lib/lab/drill';
import { spreadOf } from '../../lib/lab/drill-report';
import { withLabKeys } from '../../lib/lab/lab-keys';
import { packagePrograms, streamProgram } from '../../lib/lab/programs';
import type { Lab } from '../../lib/lab/record';
import { inside } from '../../lib/lab/run';
import { setFailures } from '../../lib/lab/set-failures';
import { metricsPort } from '../../lib/lab/start-agent';
import { measureStream } from '../../lib/lab/stream/measure-stream';
import {
  openStreams,
  type RecordedStream,
  type Streams,
  type WantedStream,
} from '../../lib/lab/stream/streams';
import { takeDown } from '../../lib/lab/take-down';
import { classPort, streamPorts } from '../../lib/lab/test-ports';
import { watchAgents } from '../../lib/lab/watch-agents';
import { readDescription } from '../../lib/model';
import { buildPlan, type PlanDocument } from '../../lib/plan';
import { seeded } from '../support/random-seeded';

/* eslint-disable no-console -- a program that prints a table */

// Blackhole outages of our agent and of routing daemons, one after another in the same lab: four regions
// without delays, a datagram each 10 ms on four pairs, one link failed at a time. A datagram each millisecond
// on all of them fills both cores of a small machine with encryption, and everyone's timers are late. An
// outage is what was lost times 10 ms (RFC 6412, loss-derived); the longest silence is shown beside it.
// npm run bench:failover -- [--runs 24] [--only dwcp-agent,frr-ospf] [--timing 20x3,50x3] [--events]
// [--scrape] --scrape: our agents once more, while each is scraped every 100 ms, and by 25 clients that
// pipeline.

interface System {
  readonly name: string;
  readonly timing: { readonly intervalMs: number; readonly multiplier: number } | null;
  readonly agent: readonly string[];
  /** Link failures that it can find out about. */
  readonly scenarios: readonly Scenario[];
  readonly runs: number;
}

interface Scenario {
  readonly from: string;
  readonly to: string;
  readonly link: string;
}

/** Traffic and a link on its way, in turn; the second is not a link of the source. */
const scenarios: readonly Scenario[] = [
  { from: 'dublin', to: 'london', link: 'link-dublin-london' },
  { from: 'dublin', to: 'frankfurt', link: 'link-london-frankfurt' },
  { from: 'frankfurt', to: 'paris', link: 'link-frankfurt-paris' },
  { from: 'paris', to: 'dublin', link: 'link-paris-dublin' },
];
const local = scenarios.filter((s) => s.link.includes(s.from));

/** How long a failure lasts, and how long between two: more than our agents wait until they restore, 5 s. */
const failedMs = 1200;
const betweenMs = 8000;
const seed = 8;
const spacingMs = 10;

const root = path.join(__dirname, '..', '..', '..');
const peer = path.join(__dirname, 'peer-gateway.js');

function systems(timings: readonly string[], runs: number): System[] {
  const { agent } = packagePrograms();
  const of = (kind: string, i: number, m: number) => [process.execPath, peer, kind, String(i), String(m)];
  const timed = timings.flatMap((text): System[] => {
    const [intervalMs, multiplier] = text.split('x').map(Number);
    const timing = { intervalMs, multiplier };
    const one = (name: string, program: readonly string[], which = scenarios): System => ({
      name,
      timing,
      agent: program,
      scenarios: which,
      runs,
    });
    return [
      one('dwcp-agent', agent),
      one('frr-ospf', of('frr-ospf', intervalMs, multiplier)),
      one('frr-bgp', of('frr-bgp', intervalMs, multiplier)),
      one('bird-static', of('bird-static', intervalMs, multiplier), local),
    ];
  });
  return [...timed, { name: 'babel', timing: null, agent: of('babel', 0, 0), scenarios: local, runs: 3 }];
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      runs: { type: 'string', default: '24' },
      only: { type: 'string' },
      timing: { type: 'string', default: '20x3,50x3' },
      // Our agents' events from each failure on, ms after it was in force: for finding out why one took long.
      events: { type: 'boolean', default: false },
      scrape: { type: 'boolean', default: false },
    },
  });
  if (process.geteuid?.() !== 0) throw new Error('the lab needs root');
  const wanted = values.only?.split(',');
  const plan = fourRegions();
  const directory = mkdtempSync(path.join(tmpdir(), 'dwcp-failover-'));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      void takeDown(directory, 'failover').finally(() => process.exit(1));
    });
  }
  const load = loadavg()[0].toFixed(1);
  console.log(`Node ${process.version}, ${cpus().length} cores, load ${load} at the start, seed ${seed}`);
  console.log(
    'blackhole outages in ms; restore: packets lost between failures; found: failures that moved traffic\n',
  );
  console.log(
    line(['system', 'timing', 'found', 'median', '95th', 'most', 'silence', 'restore', 'CPU', 'MB']),
  );
  try {
    for (const system of systems(values.timing.split(','), Number(values.runs))) {
      if (wanted && !wanted.includes(system.name)) continue;
      const own = system.name === 'dwcp-agent';
      for (const scraped of values.scrape && own ? [false, true] : [false]) {
        console.log(
          await measured(plan, directory, system, values.events, scraped).catch((error: Error) =>
            line([system.name, error.message]),
          ),
        );
      }
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function measured(
  plan: PlanDocument,
  directory: string,
  system: System,
  withEvents: boolean,
  scraped: boolean,
): Promise<string> {
  const timing = scraped
    ? 'scraped'
    : system.timing
      ? `${system.timing.intervalMs} ms x ${system.timing.multiplier}`
      : 'defaults';
  const own = system.name === 'dwcp-agent' && system.timing;
  const options = own ? ['--interval', `${own.intervalMs}`, '--multiplier', `${own.multiplier}`] : [];
  const programs: LabPrograms = { ...packagePrograms(), agent: system.agent };
  const keyed = await withLabKeys(plan, (bytes) => randomBytes(bytes));
  const lab = await bringUp({
    ...keyed,
    lab: 'failover',
    directory,
    underlay: 'direct',
    seed,
    programs,
    agentOptions: options,
    foreground: true,
  });
  let streams: Streams | undefined;
  let watch: RouteWatch | undefined;
  const crowds: ChildProcess[] = [];
  try {
    const namespaces = lab.layout.regions.map((r) => r.namespace);
    streams = await openStreams(streamProgram(), namespaces, streamPorts);
    await untilCarried(lab, streams, system.scenarios);
    if (scraped) crowds.push(...lab.layout.gateways.map(({ namespace }) => startCrowd(namespace)));
    if (withEvents && own) watch = await watchAgents(lab);
    const run = await failInTurn(lab, streams, system);
    const events = (await watch?.takeEvents()) ?? [];
    if (watch) console.log(eventLines(system, run, events).join('\n'));
    return row(system, timing, run);
  } finally {
    watch?.close();
    streams?.close();
    for (const crowd of crowds) crowd.kill('SIGKILL');
    await takeDown(directory, 'failover');
  }
}

/** As many as there are requests under way for one gateway, a fourth of all. */
const crowdClients = 25;

/**
 * A scraper each 100 ms, and clients that each send 100 requests in one go, again and again. At the lowest
 * priority: they stand for other machines, whose processors are not the gateway's.
 */
function startCrowd(namespace: string): ChildProcess {
  const program = `
    const { connect } = require('node:net');
    const open = (depth, everyMs) => {
      const socket = connect(${metricsPort}, '127.0.0.1');
      let left = depth;
      const ask = () => socket.write('GET /metrics HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n'.repeat((left = depth)));
      socket.on('connect', ask);
      socket.on('error', () => undefined);
      socket.on('close', () => setTimeout(() => open(depth, everyMs), 100));
      socket.on('data', (part) => {
        left -= part.toString('latin1').split('HTTP/1.1 200').length - 1;
        if (left <= 0 && everyMs === 0) ask();
      });
      if (everyMs > 0) setInterval(() => left <= 0 && !socket.destroyed && ask(), everyMs);
    };
    open(1, 100);
    for (let i = 0; i < ${crowdClients}; i++) open(100, 0);`;
  const [command, ...words] = inside(namespace, ['nice', '-n', '19', process.execPath, '-e', program]);
  return spawn(command, words, { stdio: 'ignore' });
}

interface Failed {
  readonly scenario: number;
  /** Just before the failure, when it was in force, and when it was over. CLOCK_MONOTONIC ms. */
  readonly fromMs: number;
  readonly atMs: number;
  readonly toMs: number;
}

interface Run {
  readonly failed: readonly Failed[];
  readonly recorded: readonly RecordedStream[];
  /** CPU seconds a second and gateway. */
  readonly share: number;
  /** Resident memory of the programs of the gateway where they have most, MB. */
  readonly mostMb: number;
}

async function failInTurn(lab: Lab, streams: Streams, system: System): Promise<Run> {
  const random = seeded(seed);
  const failed: Failed[] = [];
  await streams.start(system.scenarios.map((s, i) => streamOf(lab, s, i)));
  await sleep(2000);
  const cpu = agentSeconds(lab);
  const start = monotonicMs();
  const babel = system.name === 'babel';
  for (let run = 0; run < system.runs; run++) {
    const scenario = run % system.scenarios.length;
    const target = system.scenarios[scenario].link;
    // Not in step with anyone's timers.
    await sleep(random.whole(0, 100));
    const fromMs = monotonicMs();
    const atMs = await setFailures(lab, [
      { target, blackhole: true, lossRatio: 0, extraMs: 0, towards: null },
    ]);
    await sleep(babel ? 40_000 : failedMs);
    failed.push({ scenario, fromMs, atMs, toMs: await setFailures(lab, []) });
    await sleep(babel ? 40_000 : betweenMs);
  }
  const share = (agentSeconds(lab) - cpu) / ((monotonicMs() - start) / 1000) / lab.layout.gateways.length;
  return { failed, recorded: await streams.finish(500), share, mostMb: mostResidentMb(lab) };
}

/** Each failure, its outage and what it lost later, and what agents said from then until the next. */
function eventLines(
  { scenarios: which }: System,
  { failed, recorded }: Run,
  events: readonly WatchedEvent[],
): string[] {
  return failed.flatMap(({ scenario, fromMs, atMs, toMs }, i) => {
    const next = failed[i + 1]?.fromMs ?? Infinity;
    const { link, from, to } = which[scenario];
    const { lost, longestGapMs, lastLossMs } = part(recorded[scenario], fromMs, toMs);
    const later = recorded.map((r) => part(r, toMs, next).lost).join(' ');
    const last = lastLossMs === null ? '' : `, the last sent at ${(lastLossMs - atMs).toFixed(0)}`;
    return [
      `${link}, ${from} to ${to}: ${lost} lost${last}, ${longestGapMs?.toFixed(0)} ms; later lost ${later}`,
      ...events
        .filter((e) => e.atMs >= fromMs && e.atMs < next)
        .map((e) => `  ${(e.atMs - atMs).toFixed(0).padStart(5)} ${e.gateway} ${e.kind} ${e.what}: ${e.to}`),
    ];
  });
}

function part({ sentMs, sequences, receivedMs }: RecordedStream, from: number, to: number) {
  return measureStream(sentMs, sequences, receivedMs, from, to);
}

function row({ name }: System, timing: string, { failed, recorded, share, mostMb }: Run): string {
  const hit = failed.flatMap(({ scenario, fromMs, toMs }) => {
    const { lost, longestGapMs } = part(recorded[scenario], fromMs, toMs);
    // Nothing lost: the traffic was not on that link.
    return lost > 0 ? [{ outageMs: lost * spacingMs, silenceMs: longestGapMs ?? toMs - fromMs }] : [];
  });
  const restoreLost = failed.map(({ toMs }, i) => {
    const next = failed[i + 1]?.fromMs ?? Infinity;
    return sum(recorded.map((r) => part(r, toMs, next).lost));
  });
  const spread = spreadOf(hit.map(({ outageMs }) => outageMs));
  const silence = spreadOf(hit.map(({ silenceMs }) => silenceMs));
  const ms = (figure: number | undefined) => (figure === undefined ? '' : figure.toFixed(0));
  const lost = String(sum(restoreLost));
  const figures = [ms(spread?.median), ms(spread?.p95), ms(spread?.most), ms(silence?.most), lost];
  const costs = [`${(100 * share).toFixed(1)} %`, mostMb.toFixed(0)];
  return line([name, timing, `${hit.length}/${failed.length}`, ...figures, ...costs]);
}

/** CPU seconds of the programs in the gateways' namespaces but WireGuard: what the routing costs. */
function agentSeconds(lab: Lab): number {
  const ticks = lab.layout.gateways.flatMap(({ namespace }) =>
    programsIn(namespace).map((pid) => {
      const stat = tryRead(`/proc/${pid}/stat`);
      if (stat === undefined) return 0;
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return Number(fields[11]) + Number(fields[12]);
    }),
  );
  // USER_HZ is 100 on every architecture that Node runs on.
  return sum(ticks) / 100;
}

/** Resident memory of the same programs, by the gateway where it is most. */
function mostResidentMb(lab: Lab): number {
  const kib = ({ namespace }: { readonly namespace: string }) =>
    sum(
      programsIn(namespace).map((pid) => {
        const shown = /^VmRSS:\s+(\d+) kB$/m.exec(tryRead(`/proc/${pid}/status`) ?? '');
        return Number(shown?.[1] ?? 0);
      }),
    );
  return (Math.max(...lab.layout.gateways.map(kib)) * 1024) / 1e6;
}

function programsIn(namespace: string): number[] {
  const isOther = (pid: number) =>
    tryRead(`/proc/${pid}/comm`)?.startsWith('wireguard') === true ||
    tryRead(`/proc/${pid}/cmdline`)?.includes('GET /metrics') === true;
  return pidsIn(namespace).filter((pid) => !isOther(pid));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function pidsIn(namespace: string): number[] {
  return execFileSync('ip', ['netns', 'pids', namespace], { encoding: 'utf8' })
    .split('\n')
    .filter(Boolean)
    .map(Number);
}

function tryRead(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

/** Waits until every pair's stream arrives whole for a second: routes are there, neighbours known. */
async function untilCarried(lab: Lab, streams: Streams, which: readonly Scenario[]): Promise<void> {
  for (let round = 0; round < 45; round++) {
    await streams.start(which.map((s, i) => streamOf(lab, s, i)));
    await sleep(1500);
    const recorded = await streams.finish(300);
    const whole = recorded.every(({ sentMs, sequences, receivedMs }) => {
      const { sent, lost } = measureStream(sentMs, sequences, receivedMs, sentMs[0] + 300);
      return sent > 500 / spacingMs && lost === 0;
    });
    // A moment more, for everything that is not on these paths.
    if (whole) return void (await sleep(10_000));
  }
  throw new Error('traffic does not flow');
}

function streamOf({ layout }: Lab, { from, to }: Scenario, i: number): WantedStream {
  const region = (id: string) => layout.regions.find((r) => r.id === id)!;
  return {
    from: region(from).namespace,
    to: region(to).namespace,
    stream: i + 1,
    source: region(from).hosts[0].ipv4,
    sourcePort: 20_001 + i,
    destination: region(to).hosts[0].ipv4,
    port: classPort('critical'),
    spacingMs,
  };
}

function fourRegions(): PlanDocument {
  const file = path.join(root, 'test', 'bench', 'failover.yaml');
  if (!existsSync(file)) throw new Error(`${file} is missing`);
  const { network } = readDescription(readFileSync(file, 'utf8'), file);
  return buildPlan(network!, { lock: null, keys: null, solver: loadSolver }).plan!;
}

function line(cells: readonly string[]): string {
  const widths = [12, 11, 7, 7, 7, 7, 8, 8, 7, 5];
  return cells
    .map((cell, i) => (i < 2 ? cell.padEnd(widths[i]) : cell.padStart(widths[i])))
    .join('  ')
    .trimEnd();
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
