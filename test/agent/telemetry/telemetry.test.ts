import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { decide, defaultAgentSettings, initialAgentState, type AgentEvent } from '../../../lib/agent/decide';
import type { SessionStatistics } from '../../../lib/agent/probe';
import {
  eventLedger,
  busyRatio,
  metricsText,
  parseHostSample,
  serveMetrics,
  type TelemetrySource,
} from '../../../lib/agent/telemetry';
import { pacer } from '../../../lib/agent/serve';
import { gatewayState } from '../../../lib/gateway';
import { loadSolver } from '../../../lib/project/solver';
import { readDescription } from '../../../lib/model';
import { buildPlan } from '../../../lib/plan';
import { exampleFile } from '../../../stacks/project-root';

const bounds = Float64Array.from([0.001, 0.01, 0.1, 1]);
const netDev = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo:  100 1 0 0 0 0 0 0 100 1 0 0 0 0 0 0
  eth0: 5000 10 0 0 0 0 0 0 7000 12 0 0 0 0 0 0
 wg-x: 1000 10 0 0 0 0 0 0 2000 12 0 0 0 0 0 0
`;
const host = parseHostSample(
  netDev,
  'cpu  100 0 50 800 50 0 0 0 0 0\ncpu0 1 2 3\n',
  'MemTotal:       1000 kB\nMemAvailable:    400 kB\n',
);

function statistics(): SessionStatistics {
  return {
    sent: 100,
    late: 0,
    received: 97,
    lostForward: 2,
    lostBackward: 1,
    lossRatio: 0.03,
    rtt: { bounds, counts: Float64Array.from([1, 2, 3, 4, 5]), sum: 7.5, count: 15 },
    smoothedRtt: 0.0004,
    jitterForward: 0.0001,
    jitterBackward: 0.0002,
    oneWay: null,
    intervalMs: 20,
    detectionMs: 60,
  };
}

/** A gateway of an example network with all its sessions up. */
function sourceOf(example: string, gatewayId: string): TelemetrySource & { events: AgentEvent[] } {
  const { network } = readDescription(readFileSync(exampleFile(example), 'utf8'), example);
  const plan = buildPlan(network!, { lock: null, keys: null, solver: loadSolver }).plan!;
  const gateway = gatewayState(plan, gatewayId);
  const ledger = eventLedger();
  const events: AgentEvent[] = [];
  let state = initialAgentState;
  const input = (i: Parameters<typeof decide>[1], nowMs: number) => {
    const decision = decide(state, i, nowMs);
    state = decision.state;
    for (const action of decision.actions) {
      if (action.kind !== 'publish') continue;
      ledger.take(action.event);
      events.push(action.event);
    }
  };
  input({ kind: 'plan', gateway, settings: defaultAgentSettings, utcOffsetMs: 0 }, 0);
  for (const session of state.sessions.keys())
    input({ kind: 'health', session, health: 'up', cause: 'test' }, 10);
  const one = statistics();
  return {
    gateway,
    get state() {
      return state;
    },
    ledger,
    events,
    nowMs: 20,
    agent: {
      version: '0',
      startedUtcMs: 0,
      applySeconds: { counts: [0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0], sum: 0.04, count: 1 },
      applyFailures: 0,
      refusedPlans: 0,
      residentBytes: 1,
      cpuSeconds: 1,
      loopDelaySeconds: { mean: 0.001, most: 0.002 },
      probeStretch: 1,
      restarts: 2,
      lookAgeSeconds: 30,
      fetchAgeSeconds: null,
      healthy: true,
      files: [{ file: 'applied.json', failures: 3, fault: 'no space left on device' }],
    },
    healing: { unhealed: [], lost: new Set(), drifts: 0, driftedObjects: 0 },
    statistics: () => one,
    host,
    cpuRatio: 0.25,
    rates: new Map(gateway.tunnels.map((t) => [t.interfaceName, { receivedMbps: 1, sentMbps: 2 }])),
    tunnels: new Map(
      gateway.tunnels.map((t) => [
        t.id,
        { peers: 1, handshakeAgeSeconds: 3, receivedBytes: 4, sentBytes: 5 },
      ]),
    ),
    reservationMbps: new Map(gateway.reservations.map((r) => [r.id, 6])),
    fetched: { result: 'waiting', health: 'good', atUtcMs: 5000, reason: 'x', latestUtcMs: 9000 },
  };
}

/** A whole scrape. */
async function textOf(source: TelemetrySource | undefined): Promise<string> {
  let text = '';
  for await (const piece of metricsText(source)) text += piece;
  return text;
}

/** Values by series, as a scrape prints them. */
function series(text: string): Map<string, number> {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(lines.map((l) => [l.slice(0, l.lastIndexOf(' ')), Number(l.slice(l.lastIndexOf(' ') + 1))]));
}

describe('the metrics of a gateway', () => {
  it('keep the nine names of the origin, with their labels and units', async () => {
    const text = await textOf(sourceOf('six-regions.yaml', 'capetown/1'));
    const found = series(text);
    // 0.4 ms of round trip is 0.2 ms one way: a latency below one millisecond is not rounded to zero.
    expect(found.get('dwcp_link_latency_milliseconds{link_id="link-dublin-capetown"}')).toBeCloseTo(0.2, 9);
    // Two tunnels, one a plane, of 2 Mbps each on a link of 2 Gbps.
    expect(found.get('dwcp_link_throughput_mbps{link_id="link-dublin-capetown"}')).toBe(4);
    expect(found.get('dwcp_link_utilization_percent{link_id="link-dublin-capetown"}')).toBeCloseTo(0.2, 9);
    expect(found.get('dwcp_link_packet_loss_percent{link_id="link-dublin-capetown"}')).toBe(3);
    expect(found.get('dwcp_link_health{link_id="link-dublin-capetown"}')).toBe(2);
    expect(found.get('dwcp_region_active_instances{region_id="dublin"}')).toBe(2);
    expect(found.get('dwcp_region_cpu_utilization{region_id="capetown"}')).toBe(25);
    // Without the loopback; wg-x is no tunnel of this gateway.
    expect(found.get('dwcp_region_network_in_bytes{region_id="capetown"}')).toBe(6000);
    expect(found.get('dwcp_region_network_out_bytes{region_id="capetown"}')).toBe(9000);
  });

  it('say what became of the last attempt to fetch a bundle, where something fetches', async () => {
    const source = sourceOf('six-regions.yaml', 'capetown/1');
    const found = series(await textOf(source));
    expect(found.get('dwcp_agent_fetch_state{result="waiting"}')).toBe(1);
    expect(found.get('dwcp_agent_fetch_state{result="installed"}')).toBe(0);
    expect(found.get('dwcp_agent_fetch_state_timestamp_seconds')).toBe(5);
    expect(found.get('dwcp_agent_bundle_latest_seconds')).toBe(9);
    const without = await textOf({ ...source, state: source.state, fetched: null });
    expect([...series(without).keys()].filter((name) => /fetch|bundle/.test(name))).toEqual([]);
  });

  it('say what the agent could not write, and when it last looked at the host', async () => {
    const found = series(await textOf(sourceOf('six-regions.yaml', 'capetown/1')));
    expect(found.get('dwcp_agent_write_failures_total{file="applied.json"}')).toBe(3);
    expect(found.get('dwcp_agent_file_written{file="applied.json"}')).toBe(0);
    expect(found.get('dwcp_agent_last_look_age_seconds')).toBe(30);
    expect(found.has('dwcp_agent_last_fetch_age_seconds')).toBe(false);
    expect([found.get('dwcp_agent_restarts'), found.get('dwcp_agent_healthy')]).toEqual([2, 1]);
  });

  it('turn a histogram of probes into cumulative buckets in seconds', async () => {
    const found = series(await textOf(sourceOf('six-regions.yaml', 'capetown/1')));
    const of = (end: string, le = '') =>
      found.get(
        `dwcp_probe_round_trip_seconds_${end}{kind="tunnel",id="tunnel-dublin-capetown"${le && `,le="${le}"`}}`,
      );
    expect(['0.001', '0.01', '0.1', '1', '+Inf'].map((le) => of('bucket', le))).toEqual([1, 3, 6, 10, 15]);
    expect([of('sum'), of('count')]).toEqual([7.5, 15]);
  });

  it('are clean under promtool, but for the one name that is kept for compatibility', async () => {
    if (spawnSync('promtool', ['--version']).error) {
      process.stderr.write('skipped: promtool is not installed (package prometheus)\n');
      return;
    }
    const input = await textOf(sourceOf('six-regions.yaml', 'virginia/1'));
    const { stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], { input, encoding: 'utf8' });
    const complaints = `${stdout}${stderr}`.split('\n').filter((line) => line !== '');
    expect(complaints).toEqual([expect.stringMatching(/^dwcp_link_latency_milliseconds .*"seconds"/)]);
  });

  it('are nothing before a plan is applied', async () => {
    expect(series(await textOf(undefined)).size).toBe(0);
  });

  it('of 33 regions are scraped in under 50 ms, with series that follow from the plan alone', async () => {
    const source = sourceOf('aws-mesh.yaml', 'us-east-1/1');
    const first = await textOf(source);
    const times: number[] = [];
    for (let i = 0; i < 21; i++) {
      const start = performance.now();
      await textOf(source);
      times.push(performance.now() - start);
    }
    const [least, , , , , , , , , , median] = times.sort((a, b) => a - b);
    const sessions = source.state.sessions.size;
    process.stdout.write(
      `33 regions: ${series(first).size} series of ${sessions} sessions, scraped in ${median.toFixed(1)} ms\n`,
    );
    // The least: other work on the machine is not the scrape's.
    expect(least).toBeLessThan(50);
    const { gateway } = source;
    const perSession = 4 + 2 * 2 + 2 + bounds.length + 3;
    const bound =
      sessions * perSession + gateway.tunnels.length * 9 + gateway.paths.length * 3 + 33 * 20 + 100;
    expect(series(first).size).toBeLessThan(bound);
  });

  it('are served over HTTP beside health and readiness, to readers alone', async () => {
    const source = sourceOf('six-regions.yaml', 'sydney/1');
    let [healthy, health, ready] = [true, '', false];
    const readiness = () => ({ healthy, health, ready, reason: 'tunnels are being made' });
    const server = await serveMetrics(() => metricsText(source), readiness, pacer(), {
      host: '127.0.0.1',
      port: 0,
    });
    const get = async (path: string, method = 'GET') => {
      const response = await fetch(`http://127.0.0.1:${server.port}${path}`, { method });
      return [response.status, await response.text()] as const;
    };
    try {
      expect((await get('/metrics'))[1]).toContain(
        'dwcp_agent_info{network="six-regions",gateway="sydney/1"',
      );
      expect(await get('/healthz')).toEqual([200, 'ok\n']);
      expect(await get('/readyz')).toEqual([503, 'tunnels are being made\n']);
      ready = true;
      expect(await get('/readyz')).toEqual([200, 'ok\n']);
      health = 'applied.json cannot be written: no space left on device';
      expect(await get('/healthz')).toEqual([200, `ok; ${health}\n`]);
      healthy = false;
      expect(await get('/healthz')).toEqual([503, `${health}\n`]);
      expect((await get('/secrets'))[0]).toBe(404);
      expect((await get('/metrics', 'POST'))[0]).toBe(405);
    } finally {
      await server.close();
    }
  });
});

describe('the ledger of events', () => {
  const event = (
    kind: AgentEvent['kind'],
    what: string,
    from: string,
    to: string,
    atMs: number,
  ): AgentEvent => ({
    id: 1,
    kind,
    what,
    from,
    to,
    cause: '',
    atMs,
    utcMs: 0,
  });

  it('counts switches and the time without a path, and forgets what left the plan', () => {
    const ledger = eventLedger();
    ledger.take(event('select', 'b bulk', '', 'a>b', 0));
    expect(ledger.switches('b bulk')).toBe(0);
    ledger.take(event('select', 'b bulk', 'a>b', '', 1000));
    expect(ledger.flowOutageSeconds('b bulk', 1500)).toBe(0.5);
    ledger.take(event('select', 'b bulk', '', 'a>c>b', 3000));
    expect([ledger.switches('b bulk'), ledger.flowOutageSeconds('b bulk', 9000)]).toEqual([1, 2]);
    ledger.take(event('health', 'path:a>c>b', 'up', 'down', 4000));
    ledger.take(event('health', 'path:a>c>b', 'down', 'up', 4250));
    expect(ledger.sessionOutageSeconds('path:a>c>b', 9000)).toBe(0.25);
    ledger.keep(new Set(), new Set());
    expect([ledger.switches('b bulk'), ledger.sessionOutageSeconds('path:a>c>b', 9000)]).toEqual([0, 0]);
  });
});

describe('what the kernel says', () => {
  it('is read from /proc, whatever stands around it', () => {
    expect(host.interfaces.get('eth0')).toEqual({ receivedBytes: 5000, sentBytes: 7000 });
    expect([host.busyTicks, host.totalTicks]).toEqual([150, 1000]);
    expect([host.memoryTotalBytes, host.memoryAvailableBytes]).toEqual([1_024_000, 409_600]);
    const later = { ...host, busyTicks: 200, totalTicks: 1100 };
    expect(busyRatio(host, later)).toBe(0.5);
    expect(busyRatio(host, host)).toBe(0);
    expect(parseHostSample('nonsense\n x: 1 2\n', '', '').interfaces.size).toBe(0);
  });
});
