import { setTimeout as sleep } from 'node:timers/promises';
import { linuxHost } from '../apply';
import { defaultAgentSettings, type AgentEvent } from '../decide';
import { defaultProbeSettings, sessionsOf, startProber, type ProbeKeys, type ProbeSettings } from '../probe';
import { eventLedger, metricsText, type TelemetrySource } from '../telemetry';
import type { Takeover } from '../takeover';
import { startAgent, systemClock, type Agent } from './agent';
import { AgentDoors } from './agent-doors';
import { watchHost } from './agent-health';
import { AgentMemory } from './agent-memory';
import type { TakeResult } from './agent-parts';
import { AgentSigns } from './agent-signs';
import { ApplyFigures } from './apply-figures';
import type { Clock } from './clock';
import { startClockWatch } from './clock-watch';
import { examineFromWithin } from './examine-gateway';
import { labClock } from './lab-clock';
import { LastSample } from './last-sample';
import { notifier } from './notify';
import { startPeerWatch, type PeerWatch } from './peer-watch';
import { peersOfBundle, probeKeysOf } from './peers-of-bundle';
import { places } from '../files/places';
import { print, printError } from '../files/print';
import { readBundle } from '../bundle/read-bundle';
import { machineEnds, restartEvent, restartHoldMs } from './restart-notice';
import type { RunOptions } from './run-options';
import { runTakeover } from './run-takeover';
import { countStart, startedWell, startWaitMs } from './starts';
import { faultText, stateKeeper } from './state-keeper';
import { telemetryOf } from './telemetry-of';
import { startTrafficWatch, type TrafficWatch } from './traffic-watch';
import { viewOf } from './view-of';

/** Telemetry period (DESIGN section 10), ms. */
const samplePeriodMs = 10_000;
/**
 * How often the host is looked at for changes that nobody announced, ms, more or less a quarter drawn
 * at the start: gateways that started together are not all to be busy at once.
 */
const reconcilePeriodMs = 60_000;

const { etc, ssmDir, logsRunDir } = places;

/**
 * `dwcp-agent run`: until SIGTERM or SIGINT. Prints `{"ready":true,...}` once the plan is applied. Forwarding
 * stays as it is when it ends, however it ends.
 *
 * @returns 0 after a signal, 1 if it could not begin.
 */
export async function runAgent(options: RunOptions): Promise<number> {
  const program = new AgentProgram(options);
  await program.waitForTurn();
  const fault = await program.start();
  if (fault !== null) {
    print(JSON.stringify({ ready: false, ...fault }));
    return 1;
  }
  print(JSON.stringify({ ready: true, ...program.summary }));
  await program.serveUntil(ended());
  return 0;
}

/** Why an agent could not begin. */
interface StartFault {
  readonly code: string;
  readonly message: string;
  readonly next: string;
}

/** The process around an agent: its files, its clock, those who ask it and those who are told. */
class AgentProgram {
  readonly #options: RunOptions;
  readonly #clock: Clock;
  readonly #probing: ProbeSettings;
  readonly #ledger = eventLedger();
  readonly #figures = new ApplyFigures();
  readonly #startedUtcMs: number;
  readonly #systemd = notifier();
  readonly #keeper = stateKeeper((file, fault) => this.#tellFile(file, fault));
  readonly #watched: ReturnType<typeof watchHost>;
  readonly #doors: AgentDoors;
  readonly #starts: { readonly restarts: number; readonly failed: number };
  #memory!: AgentMemory;
  #sample!: LastSample;
  #agent: Agent | undefined;
  #traffic: TrafficWatch | undefined;
  #takeover: Takeover | undefined;
  #peerWatch: PeerWatch | undefined;
  #signs!: AgentSigns;
  /** Ends timers and watches. */
  readonly #ends: (() => void)[] = [];

  constructor(options: RunOptions) {
    this.#options = options;
    this.#clock = options.labClock === undefined ? systemClock : labClock(options.labClock);
    this.#probing = {
      ...defaultProbeSettings,
      active: { intervalMs: options.interval, multiplier: options.multiplier },
    };
    this.#startedUtcMs = this.#clock.utcMs();
    this.#watched = watchHost(linuxHost({ folder: options.runDir, onWrite: this.#keeper.note }));
    this.#doors = new AgentDoors({
      ...options,
      metricsText: () => metricsText(this.#source()),
      readiness: () => this.#signs.readiness,
      keeper: this.#keeper,
      log: this.#log,
    });
    this.#starts = countStart(options.runDir, this.#startedUtcMs, (write) =>
      this.#keeper.keep('starts.json', write),
    );
  }

  /** What is told once it is ready. */
  get summary(): object {
    const { gateway, generation } = this.#running.bundle!.gateway;
    return { gateway, generation, metricsPort: this.#doors.metricsPort, socket: this.#options.socket };
  }

  /** Agents that could not apply their plan begin again ever later. */
  async waitForTurn(): Promise<void> {
    const { failed } = this.#starts;
    const waitMs = startWaitMs(failed);
    if (waitMs === 0) return;
    this.#log(`the last ${failed} agents could not apply their plan: this one begins in ${waitMs / 1000} s`);
    await sleep(waitMs);
  }

  /** @returns why it could not begin; null: the plan is applied, and all that is asked is answered. */
  async start(): Promise<StartFault | null> {
    const { trafficRestore } = this.#options;
    this.#memory = new AgentMemory(this.#keeper, this.#options, this.#log);
    this.#traffic = await startTrafficWatch(() => this.#agent, peersOfBundle, this.#log, trafficRestore);
    this.#agent = await this.#makeAgent();
    const untold = this.#keeper.all;
    const first = await this.#take();
    if (!first.ok) {
      await this.#traffic.close();
      await this.#running.stop();
      return { code: first.code, message: first.message, next: first.next };
    }
    // What failed before there was a plan to tell it with.
    for (const { file, fault } of untold) if (fault !== null) this.#tellWrite(file, fault);
    // Before any probe is answered: what was drained when it ended takes no traffic meanwhile.
    this.#running.input({ kind: 'drains', drains: this.#memory.readDrains() });
    this.#sample = new LastSample(this.#clock, this.#options, logsRunDir);
    this.#signs = new AgentSigns(this.#running, this.#watched, this.#keeper, () => {
      if (this.#systemd.watchdogMs !== null) this.#systemd.alive();
    });
    const view = this.#view();
    try {
      await this.#doors.open(view);
      await this.#doors.follow(this.#running.bundle!);
    } catch (error) {
      await Promise.all([this.#doors.close(), this.#traffic.close()]);
      await this.#running.stop();
      const message = error instanceof Error ? error.message : String(error);
      return { code: 'listen', message, next: 'free the address, or name another' };
    }
    this.#watchAll(view);
    await this.#lookAround(view);
    return null;
  }

  /** Runs until then, and ends it all. */
  async serveUntil(end: Promise<void>): Promise<void> {
    this.#systemd.ready();
    startedWell(this.#options.runDir, (write) => this.#keeper.keep('starts.json', write));
    process.on('SIGHUP', () => void this.#take());
    await end;
    this.#systemd.stopping();
    for (const endOne of this.#ends) endOne();
    // While it still answers: its silence is to say nothing.
    const restarting = !(await machineEnds());
    await this.#takeover?.stop(restarting);
    if (restarting) await this.#running.prober.announceRestart(restartHoldMs);
    await Promise.all([this.#doors.close(), this.#traffic!.close()]);
    await this.#running.stop();
  }

  get #running(): Agent {
    return this.#agent!;
  }

  readonly #log = (message: string): void =>
    printError(JSON.stringify({ at: new Date(this.#clock.utcMs()).toISOString(), message }));

  #tellFile(file: string, fault: string | null): void {
    this.#log(fault === null ? `${file} is as it should be again` : faultText(file, fault));
    this.#tellWrite(file, fault);
  }

  #tellWrite(file: string, fault: string | null): void {
    const good = file === 'webhooks' ? 'read' : 'written';
    const [from, to] = fault === null ? [`un${good}`, good] : [good, `un${good}`];
    const cause = fault ?? 'it can be again';
    this.#agent?.input({ kind: 'tell', event: 'write', what: file, from, to, cause });
  }

  #makeAgent(): Promise<Agent> {
    const memory = this.#memory;
    const { bundle, endpoints, unseal, privateEndpoints } = this.#options;
    const files = { bundle, endpoints, unseal, privateEndpoints };
    return startAgent({
      host: this.#watched.host,
      clock: this.#clock,
      settings: defaultAgentSettings,
      read: () => readBundle({ ...files, rotation: memory.rotation }, memory.applied),
      isKnown: (of) => memory.isApplied(of),
      record: (of) => memory.keepApplied(of),
      endpoints: memory.endpoints,
      arrivals: memory.arrivals,
      probe: (listener) =>
        startProber({
          settings: this.#probing,
          listener: {
            ...listener,
            onRestart: (...news) =>
              this.#running.input({ kind: 'tell', event: 'restart', ...restartEvent(...news) }),
          },
        }),
      sessions: (of) => ({
        sessions: of.keys === null ? [] : sessionsOf(of.gateway, this.#probing),
        peers: peersOfBundle(of),
      }),
      onDoubt: () => this.#peerWatch?.hurry(),
      onRotated: () => memory.keepRotation(null),
      publish: (event) => this.#publish(event),
      log: this.#log,
    });
  }

  #publish(event: AgentEvent): void {
    this.#ledger.take(event);
    if (event.kind === 'drain') this.#memory.keepDrains(this.#running.state);
    this.#traffic?.follow(event);
    this.#doors.publish(event);
  }

  async #take(): Promise<TakeResult> {
    const agent = this.#running;
    const result = await agent.take();
    if (result.ok) {
      await this.#followTakeover();
      this.#figures.noteApplied(result.report.durationMs / 1000);
      const { sessions, selections } = agent.state;
      this.#ledger.keep(new Set(sessions.keys()), new Set(selections.keys()));
      const { generation } = agent.bundle!.gateway;
      this.#log(`applied generation ${generation} with ${result.report.commands} commands`);
    } else {
      this.#figures.noteRefused(result.code);
      this.#log(`${result.message}; ${result.next}`);
    }
    if (agent.bundle !== null) void this.#doors.follow(agent.bundle);
    return result;
  }

  /** Another plan may share tables, or share none any more. */
  async #followTakeover(): Promise<void> {
    const agent = this.#running;
    const ownKeys = (): ProbeKeys | null => {
      const { keys, earlier } = agent.bundle!;
      return keys === null ? null : probeKeysOf(keys, earlier);
    };
    const keys = ownKeys();
    if (this.#takeover && keys) this.#takeover.take(agent.bundle!.gateway, keys);
    else this.#takeover ??= await runTakeover(agent, this.#options, ownKeys, this.#clock, this.#log);
  }

  #watchAll(view: ReturnType<typeof viewOf>): void {
    const agent = this.#running;
    const look = () =>
      void agent
        .reconcile()
        .catch((error: unknown) => this.#log(`looking at the host failed: ${String(error)}`));
    const peerWatch = (this.#peerWatch = startPeerWatch(() => agent.followPeers(), this.#log));
    const timers = [
      setInterval(() => void this.#lookAround(view), samplePeriodMs),
      setInterval(look, reconcilePeriodMs * (0.75 + Math.random() / 2)),
    ];
    this.#ends.push(
      () => timers.forEach((timer) => clearInterval(timer)),
      () => peerWatch.stop(),
      () => this.#signs.stop(),
      startClockWatch(agent, this.#clock),
    );
  }

  /** Once a telemetry period. */
  async #lookAround(view: ReturnType<typeof viewOf>): Promise<void> {
    const agent = this.#running;
    this.#keeper.retry();
    await this.#doors.openAgain(view);
    if (agent.bundle === null) return;
    try {
      const { utilisation } = await this.#sample.take(agent.bundle.gateway);
      agent.input({ kind: 'load', utilisation });
    } catch (error) {
      return this.#log(`no sample: ${String(error)}`);
    }
    void this.#doors.follow(agent.bundle);
  }

  #view(): ReturnType<typeof viewOf> {
    const options = { ...this.#options, etc, ssmDir, logsRunDir };
    return {
      ...viewOf(
        this.#running,
        () => this.#source(),
        () => this.#take(),
        () => this.#signs.readiness.ready,
        () => this.#signs.health,
        () => this.#sample.readFetched(),
      ),
      doctor: async () => ({ checks: await examineFromWithin(options, this.#signs.health.reason) }),
    };
  }

  #source(): TelemetrySource | undefined {
    return telemetryOf({
      agent: this.#running,
      clock: this.#clock,
      ledger: this.#ledger,
      figures: this.#figures,
      startedUtcMs: this.#startedUtcMs,
      restarts: this.#starts.restarts,
      lookedMs: this.#watched.lookedMs,
      healthy: this.#signs.health.healthy,
      files: this.#keeper.all,
      sample: this.#sample,
      takeover: this.#takeover,
      traffic: this.#traffic!,
    });
  }
}

function ended(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve());
  });
}
