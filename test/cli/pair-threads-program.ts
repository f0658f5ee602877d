import { createHash } from 'node:crypto';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { sweepPairs, type PairAnswer, type PairTask } from '../../lib/cli/pair-threads';
import {
  baseState,
  compileFlows,
  joinPairs,
  linkPairs,
  newEvaluator,
  type PairOutcomes,
} from '../../lib/failure';
import { compileRequest, routeSet } from '../../lib/routing';
import { waxmanNetwork } from '../support/waxman-network';

// node [-r register-swc.js] pair-threads-program.ts: all pairs of link failures of one network, swept by one
// thread, by several, and by a worker alone. Prints the digests, and how many workers came up.
const topology = waxmanNetwork(40, 3, 1);
const request = compileRequest(topology, { strategy: 'latency' });
const pairs = topology.nodes.flatMap((from) => topology.nodes.map((to) => [from, to] as const));
const routes = pairs
  .filter(([from, to]) => from !== to)
  .map(([from, to]) => {
    const { primary, backups } = routeSet(topology, request, from, to, { backups: 1, ecmpPaths: 1 });
    const hops = backups.map((b) => ({ hops: b.path.arcs }));
    return { from, to, classes: ['bulk'] as const, primary: { hops: primary!.arcs }, backups: hops };
  });
const demands = routes.map(({ from, to }, i) => ({
  id: `d${i}`,
  from,
  to,
  class: 'bulk' as const,
  mbps: 1 + i,
}));
const evaluator = newEvaluator(baseState(compileFlows({ topology, routes, demands })));
const { table } = evaluator.base;

function digest(rows: PairOutcomes): string {
  const hash = createHash('sha256');
  for (const name of Object.keys(rows).sort() as (keyof PairOutcomes)[]) {
    const { buffer, byteOffset, byteLength } = rows[name];
    hash.update(name).update(new Uint8Array(buffer, byteOffset, byteLength));
  }
  return hash.digest('hex');
}

/** What the worker gives for these ranges when nobody else takes any; null if it does not come up. */
function byWorkerAlone(): Promise<PairOutcomes | null> {
  const n = topology.links.length;
  const ranges = [0, 3, 11, 30].map((from, i, all) => ({ from, to: all[i + 1] ?? n }));
  const next = new Int32Array(new SharedArrayBuffer(4));
  const workerData: PairTask = { table: { ...table, routes: [], demands: [] }, ranges, next };
  const file = path.join(__dirname, '../../lib/cli/pair-worker.ts');
  return new Promise((resolve) => {
    const parts: PairOutcomes[] = [];
    const worker = new Worker(file, { workerData });
    worker.on('message', ({ index, rows }: PairAnswer) => (parts[index] = rows));
    worker.on('error', () => resolve(null));
    worker.on('exit', (code) => resolve(code === 0 ? joinPairs(parts) : null));
  });
}

async function main(): Promise<void> {
  let online = 0;
  process.on('worker', (worker: Worker) => worker.on('online', () => online++));
  const one = digest(linkPairs(evaluator));
  const several: string[] = [];
  for (const threads of [1, 2, 3, 5]) several.push(digest(await sweepPairs(evaluator, threads, 0)));
  const small = digest(await sweepPairs(evaluator, 8, Infinity));
  const alone = await byWorkerAlone();
  const result = { one, several, small, alone: alone && digest(alone), online };
  process.stdout.write(`${JSON.stringify(result)}\n`);
}

void main();
