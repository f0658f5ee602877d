import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
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
  type RotationMemory,
} from '../peers';
import { pacer } from '../serve';
import { startPeerWatch, type PeerWatch } from './peer-watch';
import { startAgent, systemClock, type Agent, type TakeResult } from './agent';
import { agentVersion } from './agent-version';
import { healthOf, mostUnsentMs, startPulse, watchHost } from './agent-health';
import { keepApplied, tryReadApplied } from './applied-record';
import { arrivalsName, readArrivals, writeArrivals } from './earlier-arrivals';
import { readKeptDrains, writeKeptDrains } from './kept-drains';
import { readBundle, type Bundle } from './read-bundle';
import { labClock } from './lab-clock';
import { notifier } from './notify';
import { startClockWatch } from './clock-watch';
import { startTrafficWatch, type TrafficWatch } from './traffic-watch';
import { examineFromWithin } from './examine-gateway';
import { lastFetchUtcMs, readFetched } from './read-fetched';
import { readJournalFigures } from './run-logs';
import { takeSample, type Sample } from './sampler';
import { machineEnds, restartEvent, restartHoldMs } from './restart-notice';
import { runTakeover } from './run-takeover';
import type { JournalFigures } from '../journal/send-journal';
import type { Takeover } from '../takeover';
import { callWebhooks, serveLocally, type Audience } from './serve-locally';
import { countStart, startedWell, startWaitMs } from './starts';
import { faultText, isForWantOfRoom, stateKeeper } from './state-keeper';
import { viewOf } from './view-of';
import { openWayIn, type WayIn } from './way-in';
import { print, printError } from './print';
import { places } from './places';

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

const { etc, ssmDir, logsRunDir } = places;

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
  let api: Audience | undefined;
  let webhooks: Audience | undefined;
  let wayIn: WayIn | undefined;
  const watch: { now?: PeerWatch } = {};
  const systemd = notifier();
  const running: { agent?: Agent } = {};
  const tellWrite = (file: string, fault: string | null) => {
    const good = file === 'webhooks' ? 'read' : 'written';
    const [from, to] = fault === null ? [`un${good}`, good] : [good, `un${good}`];
    running.agent?.input({
      kind: 'tell',
      event: 'write',
      what: file,
      from,
      to,
      cause: fault ?? 'it can be again',
    });
  };
  const keeper = stateKeeper((file, fault) => {
    log(fault === null ? `${file} is as it should be again` : faultText(file, fault));
    tellWrite(file, fault);
  });
  const { restarts, failed } = countStart(options.runDir, startedUtcMs, (write) =>
    keeper.keep('starts.json', write),
  );
  const waitMs = startWaitMs(failed);
  if (waitMs > 0) {
    log(`the last ${failed} agents could not apply their plan: this one begins in ${waitMs / 1000} s`);
    await sleep(waitMs);
  }
  // What is installed was judged when it was; only a reload is held against what was applied then.
  const stored = tryReadApplied(stateDir, options.runDir);
  if (stored.damaged) log(`${stored.damaged} is damaged: what is installed is taken, and it is written anew`);
  let applied = stored.record;
  let rotationInMemory: RotationMemory | null = readRotation(stateDir);
  const keepRotation = (rotation: RotationMemory | null) => {
    rotationInMemory = rotation;
    keeper.keep('rotation.json', () =>
      rotation ? writeRotation(stateDir, rotation) : forgetRotation(stateDir),
    );
  };
  const watched = watchHost(linuxHost({ folder: options.runDir, onWrite: keeper.note }));
  const traffic: TrafficWatch | undefined = await startTrafficWatch(
    () => running.agent,
    peersOfBundle,
    log,
    options.trafficRestore,
  );
  const agent: Agent = await startAgent({
    host: watched.host,
    clock,
    settings: defaultAgentSettings,
    read: () => readBundle({ ...files, rotation: rotationInMemory }, applied),
    isKnown: ({ gateway: { generation, planDigest } }) =>
      applied?.generation === generation && applied.planDigest === planDigest,
    record: ({ gateway, sealed, earlier }) => {
      const rotation = rotationOf(gateway, sealed);
      if (rotation || !earlier) keepRotation(rotation);
      const { networkIdentity, identity, generation, planDigest } = gateway;
      const record = { network: networkIdentity, gateway: identity, generation, planDigest };
      applied = record;
      keeper.keep('applied.json', () => keepApplied(stateDir, options.runDir, record));
    },
    endpoints: {
      read: () => readGoodEndpoints(stateDir),
      write: (good) => keeper.keep('endpoints-good.json', () => writeGoodEndpoints(stateDir, good)),
    },
    arrivals: {
      read: () => readArrivals(stateDir),
      write: (memory) => keeper.keep(arrivalsName, () => writeArrivals(stateDir, memory)),
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
    onRotated: () => keepRotation(null),
    publish: (event) => {
      ledger.take(event);
      if (event.kind === 'drain') keeper.keep('drains.json', () => writeKeptDrains(stateDir, agent.state));
      traffic?.follow(event);
      api?.publish(event);
      webhooks?.publish(event);
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

  const untold = keeper.all;
  running.agent = agent;
  const first = await take();
  if (!first.ok) {
    await traffic.close();
    await agent.stop();
    print(JSON.stringify({ ready: false, code: first.code, message: first.message, next: first.next }));
    return 1;
  }
  // What failed before there was a plan to tell it with.
  for (const { file, fault } of untold) if (fault !== null) tellWrite(file, fault);
  // Before any probe is answered: what was drained when it ended takes no traffic meanwhile.
  agent.input({ kind: 'drains', drains: readKeptDrains(stateDir) });
  const delay = monitorEventLoopDelay({ resolution: loopResolutionMs });
  delay.enable();
  let loopDelaySeconds = { mean: 0, most: 0 };
  let sample: Sample | undefined;
  const fetched = () => readFetched(options.fetchDir, options.bundle);
  let sampledFetch: FetchView | null = null;
  let journal: JournalFigures | null = null;
  let fetchedUtcMs: number | null = null;
  const pulse = startPulse(
    () => agent.prober.sent,
    () => {
      // A host whose tools hang is told, not answered with a restart: that would not end them.
      if (systemd.watchdogMs !== null && probes()) systemd.alive();
    },
  );
  const probes = () => agent.prober.sessions.length === 0 || performance.now() - pulse.sentMs < mostUnsentMs;
  const health = () =>
    healthOf({
      nowMs: performance.now(),
      stalledMs: pulse.stalledMs,
      busySinceMs: watched.busySinceMs,
      lookedMs: watched.lookedMs,
      sentMs: agent.prober.sessions.length === 0 ? null : pulse.sentMs,
      keeping: keeper.all,
    });
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
        restarts,
        lookAgeSeconds: ageSeconds(clock.nowMs(), watched.lookedMs),
        fetchAgeSeconds: ageSeconds(clock.utcMs(), fetchedUtcMs ?? -Infinity),
        healthy: health().healthy,
        files: keeper.all,
      },
      healing: agent.healing,
      statistics: (session) => agent.prober.statistics(session),
      host: sample?.host,
      cpuRatio: sample?.cpuRatio ?? NaN,
      rates: sample?.rates ?? new Map(),
      tunnels: sample?.tunnels ?? new Map(),
      reservationMbps: sample?.reservationMbps ?? new Map(),
      edgePackets: sample?.edgePackets,
      fetched: sampledFetch,
      takeover: takeover?.view,
      ...(journal && { journal }),
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
    const { healthy, reason } = health();
    return { healthy, health: reason, ready, reason: trouble ?? 'no probe has been answered yet' };
  };
  let metrics: MetricsServer | undefined;
  const pace = pacer();
  const serve = async (): Promise<void> => {
    if (metrics || !options.metrics) return;
    try {
      metrics = await serveMetrics(() => metricsText(source()), readiness, pace, options.metrics);
      keeper.note('metrics', null);
    } catch (error) {
      // Whoever has the port keeps it from being read, and from nothing else.
      keeper.note('metrics', error as Error);
    }
  };
  const view = {
    ...viewOf(agent, source, take, () => readiness().ready, health, fetched),
    doctor: async () => ({
      checks: await examineFromWithin({ ...options, etc, ssmDir, logsRunDir }, health().reason),
    }),
  };
  const listen = async (): Promise<void> => {
    if (api) return;
    try {
      api = await serveLocally(view, options.socket, pace);
      keeper.note('agent.sock', null);
    } catch (error) {
      if (!isForWantOfRoom(error)) throw error;
      keeper.note('agent.sock', error as Error);
    }
  };
  /** Whatever is wrong with it, its subscribers are no reason not to forward. */
  const callOut = (): void => {
    if (webhooks || options.webhooks === undefined) return;
    try {
      webhooks = callWebhooks(options.webhooks, log);
      keeper.note('webhooks', null);
    } catch (error) {
      keeper.note('webhooks', error as Error);
    }
  };
  await serve();
  callOut();
  try {
    await listen();
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
    await Promise.all([metrics?.close(), webhooks?.close(), traffic.close()]);
    await agent.stop();
    const message = error instanceof Error ? error.message : String(error);
    print(
      JSON.stringify({ ready: false, code: 'listen', message, next: 'free the address, or name another' }),
    );
    return 1;
  }

  const sampling = async () => {
    keeper.retry();
    await serve();
    callOut();
    await listen().catch((error: unknown) => log(`the local API: ${String(error)}`));
    if (agent.bundle === null) return;
    try {
      sample = await takeSample(agent.bundle.gateway, sample, clock.nowMs(), clock.utcMs());
    } catch (error) {
      return log(`no sample: ${String(error)}`);
    }
    sampledFetch = fetched();
    journal = agent.bundle.gateway.operations?.logs ? readJournalFigures(logsRunDir) : null;
    fetchedUtcMs = lastFetchUtcMs(options.fetchDir);
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

  systemd.ready();
  startedWell(options.runDir, (write) => keeper.keep('starts.json', write));
  process.on('SIGHUP', () => void take());
  await ended();
  systemd.stopping();
  for (const timer of timers) clearInterval(timer);
  watch.now.stop();
  pulse.stop();
  // While it still answers: its silence is to say nothing.
  const restarting = !(await machineEnds());
  await takeover?.stop(restarting);
  if (restarting) await agent.prober.announceRestart(restartHoldMs);
  endClockWatch();
  await Promise.all([metrics, api, webhooks, wayIn, traffic].map((one) => one?.close()));
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

/** null: it never was. */
function ageSeconds(nowMs: number, atMs: number): number | null {
  return Number.isFinite(atMs) ? Math.max(0, nowMs - atMs) / 1000 : null;
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
