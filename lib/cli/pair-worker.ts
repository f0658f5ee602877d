import { parentPort, workerData } from 'node:worker_threads';
import { baseState, newEvaluator, newPairSweep } from '../failure';
import type { PairAnswer, PairTask } from './pair-threads';

// Runs in a separate thread: takes ranges of pairs as long as there are any.
const { table, ranges, next } = workerData as PairTask;
const sweep = newPairSweep(newEvaluator(baseState(table)));
for (let index = Atomics.add(next, 0, 1); index < ranges.length; index = Atomics.add(next, 0, 1)) {
  const rows = sweep(ranges[index]);
  const answer: PairAnswer = { index, rows };
  parentPort!.postMessage(
    answer,
    Object.values(rows).map((column: Int32Array | Float64Array) => column.buffer as ArrayBuffer),
  );
}
