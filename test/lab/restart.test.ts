import { copyFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from '../../lib/agent/client';
import { monotonicMs } from '../../lib/lab/clock';
import type { RouteWatch, WatchedEvent } from '../../lib/lab/drill';
import { healFaults, makeFault } from '../../lib/lab/fault/make-fault';
import { onGateway, tryAgentProcess } from '../../lib/lab/processes';
import { isAlive, type Lab } from '../../lib/lab/record';
import { restartAgent } from '../../lib/lab/restart-agent';
import { run } from '../../lib/lab/run';
import { agentSocket, metricsPort, startAgent } from '../../lib/lab/start-agent';
import { measureStream } from '../../lib/lab/stream/measure-stream';
import type { Streams, WantedStream } from '../../lib/lab/stream/streams';
import { classPort } from '../../lib/lab/test-ports';
import { watchAgents } from '../../lib/lab/watch-agents';
import { skipped } from '../net/skipped';
import { fourRegions } from '../support/four-regions';
import { labGap } from '../support/lab-gap';
import { realLab, type RealLab } from '../support/real-lab';

// What the restart of an agent costs its neighbours, with real tunnels, agents and packets: streams to,
// from and through the region of a gateway whose agent is restarted, upgraded, and killed.

jest.setTimeout(240_000);
// Other machines of the same host take time from this one: what fails for that is tried again, and said.
jest.retryTimes(1, { logErrorsBeforeRetry: true });

const why = labGap(['curl', '--version'], ['nsenter', '--version']);
const gateway = 'london/1';
const spacingMs = 5;
let real: RealLab;
let lab: Lab;
let watch: RouteWatch;
let streams: Streams;

beforeAll(async () => {
  if (why) return;
  real = await realLab('restart', fourRegions(), ['--interval', '40', '--multiplier', '5']);
  ({ lab } = real);
  watch = await watchAgents(lab);
  streams = await real.openStreams();
});

afterAll(async () => {
  if (why) return;
  watch?.close();
  await real?.close();
});

beforeEach(async () => {
  if (why) return;
  await healFaults(lab, gateway);
  await untilCalm();
});

/** Waits until every path answers and all traffic is where the plan has it. */
async function untilCalm(): Promise<void> {
  const all = lab.layout.gateways.map(({ id }) => connect({ socket: agentSocket(lab, id) }));
  for (const end = Date.now() + 100_000; ; await sleep(200)) {
    const routes = (await Promise.all(all.map((one) => one.routes().catch(() => null)))).flat();
    const paths = (await Promise.all(all.map((one) => one.paths().catch(() => null)))).flat();
    if (routes.every((r) => r?.state === 'planned') && paths.every((p) => p?.health === 'up' && !p.waiting))
      return;
    if (Date.now() > end) throw new Error('not as planned within 100 s');
  }
}

/** To, from and through the region whose agent is restarted. */
const pairs = [
  ['dublin', 'london'],
  ['london', 'frankfurt'],
  ['dublin', 'frankfurt'],
  ['paris', 'london'],
] as const;

const asked = (where: string) =>
  run(onGateway(lab, gateway, ['curl', '--silent', `http://127.0.0.1:${metricsPort}${where}`]));
const healthz = () => asked('/healthz');
const scrape = async () => (await asked('/metrics')).split('\n');

interface Outcome {
  readonly lost: readonly number[];
  readonly sent: number;
  readonly events: readonly WatchedEvent[];
  readonly awayMs: number;
}

/** Sends datagrams while something happens, and for some seconds after it. */
async function during(what: () => Promise<number>): Promise<Outcome> {
  await watch.takeEvents();
  const region = (id: string) => lab.layout.regions.find((r) => r.id === id)!;
  await streams.start(
    pairs.map(([from, to], i): WantedStream => ({
      from: region(from).namespace,
      to: region(to).namespace,
      stream: i + 1,
      source: region(from).hosts[0].ipv4,
      sourcePort: 20_001 + i,
      destination: region(to).hosts[0].ipv4,
      port: classPort('critical'),
      spacingMs,
    })),
  );
  await sleep(1000);
  const fromMs = monotonicMs();
  const awayMs = await what();
  await sleep(3000);
  const recorded = await streams.finish(500);
  const measured = recorded.map((r) => measureStream(r.sentMs, r.sequences, r.receivedMs, fromMs));
  return {
    lost: measured.map(({ lost }) => lost),
    sent: measured.reduce((sum, { sent }) => sum + sent, 0),
    events: await watch.takeEvents(),
    awayMs,
  };
}

const ofNeighbours = ({ events }: Outcome) => events.filter((event) => event.gateway !== gateway);
const worse = (event: WatchedEvent) =>
  event.kind === 'damping' || (event.kind === 'health' && ['down', 'degraded'].includes(event.to));

function print(what: string, outcome: Outcome): void {
  const neighbours = ofNeighbours(outcome);
  const count = (kind: string, to?: string) =>
    neighbours.filter((e) => e.kind === kind && (to === undefined || e.to === to)).length;
  process.stdout.write(
    `${what.padEnd(28)} away ${outcome.awayMs.toFixed(0).padStart(5)} ms; lost ${outcome.lost.join(' + ')} of ` +
      `${outcome.sent}; at neighbours: restart ${count('restart')}, down ${count('health', 'down')}, ` +
      `select ${count('select')}, damping ${count('damping')}\n`,
  );
}

function expectNothingLost(outcome: Outcome): void {
  expect(outcome.sent).toBeGreaterThan(1000);
  expect(outcome.lost).toEqual(pairs.map(() => 0));
  process.stdout.write(
    ofNeighbours(outcome)
      .filter(worse)
      .map((event) => `  ${JSON.stringify(event)}\n`)
      .join(''),
  );
  expect(ofNeighbours(outcome).filter(worse)).toEqual([]);
  expect(ofNeighbours(outcome).filter(({ kind }) => kind === 'select')).toEqual([]);
  const told = ofNeighbours(outcome).filter(({ kind }) => kind === 'restart');
  expect(new Set(told.map(({ to }) => to))).toEqual(new Set(['restarting', 'running']));
}

describe('a restart of an agent', () => {
  test('costs nothing: no packet, no "down", no penalty', async () => {
    if (why) return skipped(why);
    const outcome = await during(() => restartAgent(lab, gateway));
    print('restart', outcome);
    expectNothingLost(outcome);
  });

  test('to another program costs nothing either', async () => {
    if (why) return skipped(why);
    const other = path.join(real.directory, 'other-agent.cjs');
    copyFileSync(real.agentFile, other);
    const outcome = await during(() => restartAgent(lab, gateway, [process.execPath, other]));
    print('upgrade', outcome);
    expectNothingLost(outcome);
  });

  test.each([undefined, 'read-only'])(
    'costs nothing where nothing can be written (disk-full %s), and says so',
    async (value) => {
      if (why) return skipped(why);
      await makeFault(lab, gateway, 'disk-full', value);
      const outcome = await during(() => restartAgent(lab, gateway));
      print(`restart, disk ${value ?? 'full'}`, outcome);
      const found = await scrape();
      process.stdout.write(
        `${found.filter((line) => /_file_written|_write_failures/.test(line)).join('\n')}\n`,
      );
      expectNothingLost(outcome);
      expect(found).toContain('dwcp_agent_file_written{file="starts.json"} 0');
      const told = outcome.events.filter(({ kind }) => kind === 'write');
      expect(told.map(({ what, to }) => [what, to])).toContainEqual(['starts.json', 'unwritten']);
      const health = await healthz();
      expect(health).toMatch(/^ok; starts\.json cannot be written: E(NOSPC|ROFS)/);
      await healFaults(lab, gateway);
      // It is tried again every ten seconds.
      for (const end = Date.now() + 15_000; !/^ok\n$/.test(await healthz()); await sleep(500)) {
        if (Date.now() > end) throw new Error(`still ${await healthz()}`);
      }
    },
  );

  test('that nobody could announce costs what a failure of its probes costs, and is over in seconds', async () => {
    if (why) return skipped(why);
    const outcome = await during(async () => {
      const { pid } = tryAgentProcess(lab, gateway)!;
      const start = performance.now();
      process.kill(pid, 'SIGKILL');
      while (isAlive(tryAgentProcess(lab, gateway)!)) await sleep(5);
      // As systemd does (RestartSec).
      await sleep(300);
      await startAgent(lab, gateway);
      return performance.now() - start;
    });
    print('kill -9, started again', outcome);
  });
});
