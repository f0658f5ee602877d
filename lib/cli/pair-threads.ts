import path from 'node:path';
import { Worker } from 'node:worker_threads';
import {
  joinPairs,
  linkPairs,
  newPairSweep,
  type Evaluator,
  type FlowTable,
  type PairOutcomes,
  type PairRange,
} from '../failure';

/** The input of a thread. */
export interface PairTask {
  /** Without routes and demands: pairs concern flows alone. */
  readonly table: FlowTable;
  readonly ranges: readonly PairRange[];
  /** The number of the next range, taken with `Atomics.add`. */
  readonly next: Int32Array;
}

/** The result of a thread for each range that it took. */
export interface PairAnswer {
  readonly index: number;
  readonly rows: PairOutcomes;
}

/** Pieces of work for each thread, so that all end at about the same time. */
const rangesEach = 6;

/**
 * Every pair of link failures, over several threads where the work is worth their start; the same rows as
 * `linkPairs` to the last bit, as each is whole in itself. A thread that cannot start or that fails leaves
 * its part to this one.
 *
 * @param threads this one included; 1: no other.
 */
export async function sweepPairs(
  evaluator: Evaluator,
  threads: number,
  least = leastWork,
): Promise<PairOutcomes> {
  if (threads < 2 || workOf(evaluator) < least) return linkPairs(evaluator);
  const { table } = evaluator.base;
  const ranges = rangesOf(table.topology.links.length, threads * rangesEach);
  const next = new Int32Array(new SharedArrayBuffer(4));
  const done = ranges.map((): PairOutcomes | null => null);
  const workers = Array.from({ length: Math.min(threads, ranges.length) - 1 }, () =>
    startWorker({ table: { ...table, routes: [], demands: [] }, ranges, next }, ({ index, rows }) => {
      done[index] = rows;
    }),
  );
  const sweep = newPairSweep(evaluator);
  for (let i = Atomics.add(next, 0, 1); i < ranges.length; i = Atomics.add(next, 0, 1)) {
    done[i] = sweep(ranges[i]);
  }
  await Promise.all(workers.map((worker) => worker.ended(() => done.every((rows) => rows !== null))));
  return joinPairs(done.map((rows, i) => rows ?? sweep(ranges[i])));
}

/**
 * Below this much work one thread is as fast: another takes about 0.1 s to start and repeats what ranges
 * share.
 */
export const leastWork = 1e6;

/** About how often a flow meets a pair of links, and a fiftieth of the loads that are added up. */
export function workOf({ base }: Evaluator): number {
  const { topology, count } = base.table;
  const pairs = (topology.links.length * (topology.links.length - 1)) / 2;
  return base.flow.length ** 2 / Math.max(1, count) + (pairs * topology.arcCount) / 50;
}

/** Cuts the pairs into ranges of about as many rows. */
function rangesOf(links: number, pieces: number): PairRange[] {
  const all = (links * (links - 1)) / 2;
  const ranges: PairRange[] = [];
  let [from, rows] = [0, 0];
  for (let i = 0; i < links; i++) {
    rows += links - 1 - i;
    if (i === links - 1 || rows >= (all * (ranges.length + 1)) / pieces) {
      ranges.push({ from, to: i + 1 });
      from = i + 1;
    }
  }
  return ranges;
}

interface RunningWorker {
  /** Resolves when the thread ends, or ends it once its help is not needed any more. */
  ended(enough: () => boolean): Promise<void>;
}

function startWorker(task: PairTask, answer: (found: PairAnswer) => void): RunningWorker {
  // Beside this file, in the sources and in the package.
  const file = path.join(__dirname, `pair-worker${path.extname(__filename)}`);
  let check = () => {};
  let worker: Worker;
  try {
    worker = new Worker(file, { workerData: task });
  } catch {
    return { ended: () => Promise.resolve() };
  }
  worker.on('message', (found: PairAnswer) => {
    answer(found);
    check();
  });
  const exit = new Promise<void>((resolve) => {
    worker.on('error', () => resolve());
    worker.on('exit', () => resolve());
  });
  return {
    async ended(enough) {
      const served = new Promise<void>((resolve) => {
        check = () => {
          if (enough()) resolve();
        };
        check();
      });
      await Promise.race([exit, served]);
      await worker.terminate();
    },
  };
}
