import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { FetchView } from '../api';
import type { GatewayKeys } from '../../net/keys';
import { linuxHost, type EarlierKeys } from '../apply';
import { defaultAgentSettings } from '../decide';
import {
  defaultProbeSettings,
  peersOf,
  sessionsOf,
  startProber,
  type ProbeKeys,
  type ProbePeer,
  type ProbeSettings,
} from '../probe';
import {
  applyBounds,
  eventLedger,
  metricsText,
  serveMetrics,
  type MetricsServer,
  type TelemetrySource,
} from '../telemetry';
import {
  forgetRotation,
  readGoodEndpoints,
  readRotation,
  rotationOf,
  writeGoodEndpoints,
  writeRotation,
} from '../peers';
import { pacer } from '../serve';
import { startPeerWatch, type PeerWatch } from './peer-watch';
import { startAgent, systemClock, type Agent, type TakeResult } from './agent';
import { agentVersion } from './agent-version';
import { readApplied, writeApplied } from './applied-record';
import { readKeptDrains, writeKeptDrains } from './kept-drains';
import { readBundle, type Bundle } from './read-bundle';
import { labClock } from './lab-clock';
import { startClockWatch } from './clock-watch';
import { startTrafficWatch, type TrafficWatch } from './traffic-watch';
import { readFetched } from './read-fetched';
import { takeSample, type Sample } from './sampler';
import { machineEnds, restartEvent, restartHoldMs } from './restart-notice';
import { runTakeover } from './run-takeover';
import type { Takeover } from '../takeover';
import { serveLocally, type LocalApi } from './serve-locally';
import { viewOf } from './view-of';
import { openWayIn, type WayIn } from './way-in';
import { print, printError } from './print';

export interface RunOptions {
  readonly bundle: string;
  readonly endpoints: string;
  readonly unseal: string;
  readonly runDir: string;
  readonly stateDir: string;
  /** Folder of the fetcher that brings bundles; there need be none. */
  readonly fetchDir: string;
  readonly socket: string;
  readonly metrics: { readonly host: string; readonly port: number } | null;
  readonly interval: number;
  readonly multiplier: number;
  readonly webhooks?: string;
  /** Endpoints on private addresses are taken: for networks on one machine. */
  readonly privateEndpoints?: boolean;
  /** Where the bootstrap wrote which bucket is the gateway's, see `TakeoverOptions`. */
  readonly source: string;
  readonly cloud?: string;
  readonly returnWait: number;
  /** See `labClock`. Absent: the machine's clock. */
  readonly labClock?: string;
  /** For so long traffic must arrive again before a path is trusted with it, ms. */
  readonly trafficRestore?: number;
}

/** Telemetry period (DESIGN section 10), ms. */
const samplePeriodMs = 10_000;
/**
 * How often the host is looked at for changes that nobody announced, ms, more or less a quarter drawn
 * at the start: gateways that started together are not all to be busy at once.
 */
const reconcilePeriodMs = 60_000;

/** How often the event loop's delay is looked at, ms. */
const loopResolutionMs = 100;

/**
 * `dwcp-agent run`: until SIGTERM or SIGINT. Prints `{"ready":true,...}` once the plan is applied. Forwarding
 * stays as it is when it ends, however it ends.
 *
 * @returns 0 after a signal, 1 if it could not begin.
 */
export async function runAgent(options: RunOptions): Promise<number> {
  const clock = options.labClock === undefined ? systemClock : labClock(options.labClock);
  const probing: ProbeSettings = {
    ...defaultProbeSettings,
    active: { intervalMs: options.interval, multiplier: options.multiplier },
  };
  const log = (message: string) =>
    printError(JSON.stringify({ at: new Date(clock.utcMs()).toISOString(), message }));
  const ledger = eventLedger();
  const figures = {
    applySeconds: { counts: new Array<number>(applyBounds.length + 1).fill(0), sum: 0, count: 0 },
    applyFailures: 0,
    refusedPlans: 0,
  };
  const startedUtcMs = clock.utcMs();
  const { bundle, endpoints, unseal, privateEndpoints, stateDir } = options;
  const files = { bundle, endpoints, unseal, privateEndpoints };
  let api: LocalApi | undefined;
  let wayIn: WayIn | undefined;
  const watch: { now?: PeerWatch } = {};
  const keepDrains = () => {
    try {
      writeKeptDrains(stateDir, agent.state);
    } catch (error) {
      log(`what is drained would not outlive a restart: ${String(error)}`);
    }
  };
  const running: { agent?: Agent } = {};
  const traffic: TrafficWatch | undefined = await startTrafficWatch(
    () => running.agent,
    peersOfBundle,
    log,
    options.trafficRestore,
  );
  const agent: Agent = await startAgent({
    host: linuxHost({ folder: options.runDir }),
    clock,
    settings: defaultAgentSettings,
    read: () => readBundle({ ...files, rotation: readRotation(stateDir) }, readApplied(stateDir)),
    isKnown: ({ gateway: { generation, planDigest } }) => {
      const applied = readApplied(stateDir);
      return applied?.generation === generation && applied.planDigest === planDigest;
    },
    record: ({ gateway, sealed, earlier }) => {
      const rotation = rotationOf(gateway, sealed);
      if (rotation) writeRotation(stateDir, rotation);
      else if (!earlier) forgetRotation(stateDir);
      const { networkIdentity, identity, generation, planDigest } = gateway;
      const record = { network: networkIdentity, gateway: identity, generation, planDigest };
      writeApplied(stateDir, record);
    },
    endpoints: {
      read: () => readGoodEndpoints(stateDir),
      write: (good) => writeGoodEndpoints(stateDir, good),
    },
    probe: (listener) =>
      startProber({
        settings: probing,
        listener: {
          ...listener,
          onRestart: (...news) => agent.input({ kind: 'tell', event: 'restart', ...restartEvent(...news) }),
        },
      }),
    sessions: (of) => ({
      sessions: of.keys === null ? [] : sessionsOf(of.gateway, probing),
      peers: peersOfBundle(of),
    }),
    onDoubt: () => watch.now?.hurry(),
    onRotated: () => forgetRotation(stateDir),
    publish: (event) => {
      ledger.take(event);
      if (event.kind === 'drain') keepDrains();
      traffic?.follow(event);
      api?.publish(event);
      wayIn?.publish(event);
    },
    log,
  });
  let takeover: Takeover | undefined;
  const ownKeys = () => {
    const { keys, earlier } = agent.bundle!;
    return keys === null ? null : probeKeysOf(keys, earlier);
  };
  /** Another plan may share tables, or share none any more. */
  const followTakeover = async () => {
    const keys = ownKeys();
    if (takeover && keys) takeover.take(agent.bundle!.gateway, keys);
    else takeover ??= await runTakeover(agent, options, ownKeys, clock, log);
  };
  const take = async (): Promise<TakeResult> => {
    const result = await agent.take();
    if (result.ok) {
      await followTakeover();
      note(figures.applySeconds, result.report.durationMs / 1000);
      const { sessions, selections } = agent.state;
      ledger.keep(new Set(sessions.keys()), new Set(selections.keys()));
      log(`applied generation ${agent.bundle!.gateway.generation} with ${result.report.commands} commands`);
    } else if (result.code === 'apply') figures.applyFailures++;
    else figures.refusedPlans++;
    if (!result.ok) log(`${result.message}; ${result.next}`);
    if (agent.bundle !== null) void wayIn?.follow(agent.bundle);
    return result;
  };

  running.agent = agent;
  const first = await take();
  if (!first.ok) {
    await traffic.close();
    await agent.stop();
    print(JSON.stringify({ ready: false, code: first.code, message: first.message, next: first.next }));
    return 1;
  }
  // Before any probe is answered: what was drained when it ended takes no traffic meanwhile.
  agent.input({ kind: 'drains', drains: readKeptDrains(stateDir) });
  const delay = monitorEventLoopDelay({ resolution: loopResolutionMs });
  delay.enable();
  let loopDelaySeconds = { mean: 0, most: 0 };
  let sample: Sample | undefined;
  const fetched = () => readFetched(options.fetchDir, options.bundle);
  let sampledFetch: FetchView | null = null;
  const source = (): TelemetrySource | undefined => {
    if (agent.bundle === null) return undefined;
    const { user, system } = process.cpuUsage();
    return {
      gateway: agent.bundle.gateway,
      state: agent.state,
      ledger,
      nowMs: clock.nowMs(),
      agent: {
        version: agentVersion,
        startedUtcMs,
        ...figures,
        residentBytes: process.memoryUsage.rss(),
        cpuSeconds: (user + system) / 1e6,
        loopDelaySeconds,
        probeStretch: agent.prober.stretch,
      },
      healing: agent.healing,
      statistics: (session) => agent.prober.statistics(session),
      host: sample?.host,
      cpuRatio: sample?.cpuRatio ?? NaN,
      rates: sample?.rates ?? new Map(),
      tunnels: sample?.tunnels ?? new Map(),
      reservationMbps: sample?.reservationMbps ?? new Map(),
      fetched: sampledFetch,
      takeover: takeover?.view,
      traffic: traffic.figures(),
      refusals: {
        sender: agent.prober.refusals,
        reflector: agent.prober.reflector.refusals,
        ...(traffic.refusals && { traffic: traffic.refusals }),
      },
    };
  };
  const readiness = () => {
    const unknown = [...agent.state.sessions.values()].every((s) => s.health === 'unknown');
    const { trouble } = agent.healing;
    const ready = agent.bundle !== null && !unknown && trouble === undefined;
    return { healthy: true, ready, reason: trouble ?? 'no probe has been answered yet' };
  };
  let metrics: MetricsServer | undefined;
  const pace = pacer();
  try {
    if (options.metrics) {
      metrics = await serveMetrics(() => metricsText(source()), readiness, pace, options.metrics);
    }
    const view = viewOf(agent, source, take, () => readiness().ready, fetched);
    api = await serveLocally(view, options, log, pace);
    wayIn = openWayIn({
      view,
      pace,
      unseal,
      metrics: (host, port, admits) =>
        serveMetrics(() => metricsText(source()), readiness, pace, { host, port, admits }),
      log,
    });
    await wayIn.follow(agent.bundle!);
  } catch (error) {
    await Promise.all([metrics?.close(), traffic.close()]);
    await agent.stop();
    const message = error instanceof Error ? error.message : String(error);
    print(
      JSON.stringify({ ready: false, code: 'listen', message, next: 'free the address, or name another' }),
    );
    return 1;
  }

  const sampling = async () => {
    if (agent.bundle === null) return;
    try {
      sample = await takeSample(agent.bundle.gateway, sample, clock.nowMs(), clock.utcMs());
    } catch (error) {
      return log(`no sample: ${String(error)}`);
    }
    sampledFetch = fetched();
    loopDelaySeconds = { mean: loopDelay(delay.mean), most: loopDelay(delay.max) };
    delay.reset();
    agent.input({ kind: 'load', utilisation: sample.utilisation });
    void wayIn?.follow(agent.bundle);
  };
  const look = () =>
    void agent.reconcile().catch((error: unknown) => log(`looking at the host failed: ${String(error)}`));
  watch.now = startPeerWatch(() => agent.followPeers(), log);
  const timers = [
    setInterval(() => void sampling(), samplePeriodMs),
    setInterval(look, reconcilePeriodMs * (0.75 + Math.random() / 2)),
  ];
  const endClockWatch = startClockWatch(agent, clock);
  await sampling();
  const { gateway, generation } = agent.bundle!.gateway;
  const port = metrics?.port ?? null;
  print(JSON.stringify({ ready: true, gateway, generation, metricsPort: port, socket: options.socket }));

  process.on('SIGHUP', () => void take());
  await ended();
  for (const timer of timers) clearInterval(timer);
  watch.now.stop();
  // While it still answers: its silence is to say nothing.
  const restarts = !(await machineEnds());
  await takeover?.stop(restarts);
  if (restarts) await agent.prober.announceRestart(restartHoldMs);
  endClockWatch();
  await Promise.all([metrics?.close(), api.close(), wayIn.close(), traffic.close()]);
  await agent.stop();
  return 0;
}

function peersOfBundle({ gateway, keys, earlier }: Bundle): ProbePeer[] {
  return keys === null ? [] : peersOf(gateway, probeKeysOf(keys, earlier));
}

/** The key in use signs what is sent; what comes in may be under any that peers know. */
function probeKeysOf(keys: GatewayKeys, earlier: EarlierKeys | undefined): ProbeKeys {
  const more = [keys.nextPrivateKey, earlier?.privateKey ?? undefined];
  return {
    own: [keys.privateKey, ...more.filter((key) => key !== undefined)],
    before: earlier?.peers ?? new Map(),
  };
}

function note(histogram: { counts: number[]; sum: number; count: number }, seconds: number): void {
  const at = applyBounds.findIndex((bound) => seconds <= bound);
  histogram.counts[at === -1 ? applyBounds.length : at]++;
  histogram.sum += seconds;
  histogram.count++;
}

/** Node records the whole time between two looks, ns; the delay is what it exceeds the resolution by, s. */
function loopDelay(betweenNs: number): number {
  return Number.isFinite(betweenNs) ? Math.max(0, betweenNs / 1e9 - loopResolutionMs / 1000) : 0;
}

function ended(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve());
  });
}
