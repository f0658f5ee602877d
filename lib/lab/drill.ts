import { setTimeout as sleep } from 'node:timers/promises';
import type { QosClass } from '../model';
import { monotonicMs } from './clock';
import { drillSteps, measuredMoves, type DrillKind, type DrillStep } from './drill-plan';
import type { PredictedMove } from './predict';
import type { Lab } from './record';
import { setFailures } from './set-failures';
import { measureStream } from './stream/measure-stream';
import { openStreams, type RecordedStream, type Streams, type WantedStream } from './stream/streams';
import { classPort, streamPorts } from './test-ports';

/** What is asked of the agents. */
export interface RouteWatch {
  /** Paths in use, sorted, by `<gateway> <to> <class>`. */
  inUse(): Promise<ReadonlyMap<string, readonly string[]>>;
  /** Tunnels and paths that are not up, as `<gateway> <id>`, sorted. */
  ailing(): Promise<readonly string[]>;
  /** Events since the last call, in order. */
  takeEvents(): Promise<readonly WatchedEvent[]>;
  close(): void;
}

/** What an agent said of a change. */
export interface WatchedEvent {
  readonly gateway: string;
  /** `health`, `select` and others, see the agent. */
  readonly kind: string;
  readonly what: string;
  readonly to: string;
  /** In words; absent: not told. */
  readonly cause?: string;
  /** CLOCK_MONOTONIC ms. */
  readonly atMs: number;
}

export interface DrillOptions {
  readonly kinds: readonly DrillKind[];
  /** Times that every failure is tried. */
  readonly runs: number;
  /** Most test streams at once; the paths taken are checked for all traffic that moves. */
  readonly streams: number;
  /** Between two packets of a stream, ms. */
  readonly spacingMs: number;
  readonly watch: RouteWatch;
  /** Command line of the stream program. */
  readonly streamProgram: readonly string[];
  /** Wall clock, ms since 1970. */
  readonly now: () => number;
  readonly progress?: (what: string) => void;
  /** Ends the drill at once; failures are healed. */
  readonly signal?: AbortSignal;
}

/** A failure once tried. */
export interface DrillRun {
  readonly kind: DrillKind;
  readonly title: string;
  /** From 1. */
  readonly run: number;
  readonly moves: readonly DrilledMove[];
  /** Gateways and destinations that were not back on their path in time after it; empty: all were. */
  readonly notRestored: readonly string[];
  /** Tunnels and paths that were not up before the failure, however long was waited; empty: all were. */
  readonly ailingBefore: readonly string[];
}

/** Traffic that was to move, and did or did not. */
export interface DrilledMove extends PredictedMove {
  /** Paths in use when the failure had been in force for a while, sorted. */
  readonly taken: readonly string[];
  readonly asPredicted: boolean;
  /** From the failure to the first session found down or degraded, ms; null: none was. */
  readonly detectionMs: number | null;
  /** From the failure to the selection of the path taken, ms; null: none was made. */
  readonly switchMs: number | null;
  /** What a test stream saw; null: none was sent. */
  readonly stream: StreamFigures | null;
}

export interface StreamFigures {
  /** Longest time without an arrival during the failure, ms: the latency of the new path is in it. */
  readonly outageMs: number | null;
  readonly lost: number;
  /** After the failure was over. */
  readonly restoreLost: number;
  /** Before it: a machine too busy for the lab. */
  readonly lostBefore: number;
}

/** Steady traffic before a failure. */
const steadyMs = 700;
/** How long agents may take to find out and to move everything. */
const blackholePatienceMs = 3_000;
const brownoutPatienceMs = 12_000;
/** A session that flaps is held back for a minute at most. */
const restorePatienceMs = 90_000;
/** Backups are probed seldom, and held back after an outage of their own. */
const settlePatienceMs = 90_000;
const pollMs = 100;

/** Fails everything in turn and measures what becomes of traffic. */
export async function drill(lab: Lab, options: DrillOptions): Promise<DrillRun[]> {
  const { kinds, runs, watch, progress = () => undefined } = options;
  const steps = drillSteps(lab, kinds, options.now()).filter((s) => s.moves.length > 0);
  const namespaces = lab.layout.regions.map((r) => r.namespace);
  const streams = await openStreams(options.streamProgram, namespaces, streamPorts);
  const done: DrillRun[] = [];
  try {
    for (let run = 1; run <= runs; run++) {
      for (const step of steps) {
        progress(`${done.length + 1}/${steps.length * runs} ${step.title}`);
        done.push(await drillStep(lab, step, run, streams, options));
      }
    }
  } catch (error) {
    // Told to stop: what was measured by then is worth showing.
    if (!options.signal?.aborted || done.length === 0) throw error;
  } finally {
    streams.close();
    await setFailures(lab, []);
    watch.close();
  }
  return done;
}

async function drillStep(
  lab: Lab,
  step: DrillStep,
  run: number,
  streams: Streams,
  { watch, streams: most, spacingMs, signal }: DrillOptions,
): Promise<DrillRun> {
  const { moves, failure } = step;
  const measured = measuredMoves(moves, most);
  // Whatever is chosen among the plan's paths is as predicted only where all of them live.
  const ailingBefore = await untilNone(() => watch.ailing(), settlePatienceMs, signal);
  await streams.start(measured.map((move, i) => streamOf(lab, move, i + 1, spacingMs)));
  await sleep(steadyMs, undefined, { signal });
  await watch.takeEvents();
  const startMs = monotonicMs();
  const failedMs = await setFailures(lab, [failure]);
  const patience = failure.blackhole ? blackholePatienceMs : brownoutPatienceMs;
  await until(watch, moves, 'after', patience, signal);
  await sleep(steadyMs, undefined, { signal });
  const taken = await watch.inUse();
  const events = (await watch.takeEvents()).filter((e) => e.atMs >= startMs);
  const healedMs = await setFailures(lab, []);
  const missing = await until(watch, moves, 'before', restorePatienceMs, signal);
  await sleep(steadyMs, undefined, { signal });
  const recorded = await streams.finish(latencyOf(lab));
  return {
    kind: step.kind,
    title: step.title,
    run,
    moves: moves.map((move): DrilledMove => {
      const at = measured.indexOf(move);
      return {
        ...move,
        ...takenOf(move, taken),
        ...timesOf(move, events, failedMs),
        stream: at === -1 ? null : figuresOf(recorded[at], failedMs, healedMs),
      };
    }),
    notRestored: missing,
    ailingBefore,
  };
}

/** Waits until all is as planned; what is not by then. */
async function until(
  watch: RouteWatch,
  moves: readonly PredictedMove[],
  when: 'before' | 'after',
  patienceMs: number,
  signal?: AbortSignal,
): Promise<readonly string[]> {
  const missing = async () => {
    const inUse = await watch.inUse();
    return moves.flatMap((move) =>
      move.classes
        .map((qos) => flowKey(move, qos))
        .filter((key) => inUse.get(key)?.join() !== [...move[when]].join()),
    );
  };
  return untilNone(missing, patienceMs, signal);
}

/** Asks until nothing is left, or for so long; what is left by then. */
async function untilNone(
  ask: () => Promise<readonly string[]>,
  patienceMs: number,
  signal?: AbortSignal,
): Promise<readonly string[]> {
  const end = monotonicMs() + patienceMs;
  for (;;) {
    const left = await ask();
    if (left.length === 0 || monotonicMs() > end) return left;
    await sleep(pollMs, undefined, { signal });
  }
}

function flowKey({ gateway, to }: PredictedMove, qos: QosClass): string {
  return `${gateway} ${to} ${qos}`;
}

function takenOf(move: PredictedMove, inUse: ReadonlyMap<string, readonly string[]>) {
  const all = move.classes.map((qos) => inUse.get(flowKey(move, qos)) ?? []);
  const other = all.find((paths) => paths.join() !== move.after.join());
  return { taken: other ?? move.after, asPredicted: other === undefined };
}

function timesOf(move: PredictedMove, events: readonly WatchedEvent[], failedMs: number) {
  const own = events.filter((e) => e.gateway === move.gateway);
  const found = own.find((e) => e.kind === 'health' && e.to !== 'up');
  const flows = new Set(move.classes.map((qos) => `${move.to} ${qos}`));
  const moved = own.find((e) => e.kind === 'select' && flows.has(e.what));
  const since = (event: WatchedEvent | undefined) => (event ? event.atMs - failedMs : null);
  return { detectionMs: since(found), switchMs: since(moved) };
}

function figuresOf(
  { sentMs, sequences, receivedMs }: RecordedStream,
  failedMs: number,
  healedMs: number,
): StreamFigures {
  const part = (from: number, to: number) => measureStream(sentMs, sequences, receivedMs, from, to);
  // What was on its way when the failure came is lost with it, so is what is on its way when it ends: both
  // belong to the failure. The first tenth of a second is for caches along the way.
  const start = sentMs.length > 0 ? sentMs[0] + 100 : 0;
  const first = Math.max(start, failedMs - steadyMs / 2);
  const during = part(first, healedMs);
  return {
    outageMs: during.longestGapMs,
    lost: during.lost,
    restoreLost: part(healedMs, Infinity).lost,
    lostBefore: part(start, first).lost,
  };
}

/** Enough for anything on its way to arrive, ms. */
function latencyOf({ plan }: Lab): number {
  return 300 + Math.max(0, ...plan.paths.map((p) => p.latencyMs));
}

function streamOf({ layout }: Lab, move: PredictedMove, stream: number, spacingMs: number): WantedStream {
  const region = (id: string) => layout.regions.find((r) => r.id === id)!;
  const [from, to] = [region(move.from), region(move.to)];
  return {
    from: from.namespace,
    to: to.namespace,
    stream,
    source: from.hosts.find((h) => h.gateway === move.gateway)!.ipv4,
    sourcePort: 20_000 + stream,
    destination: to.hosts[0].ipv4,
    port: classPort(move.classes[0]),
    spacingMs,
  };
}
