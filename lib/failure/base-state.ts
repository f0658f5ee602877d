import type { FlowTable } from './flow-table';

/** The network without failures, and who uses each arc in it. */
export interface BaseState {
  readonly table: FlowTable;
  /** Units by arc. */
  readonly load: Float64Array;
  /** The flows on arc a are flow[flowFirst[a]] and so on, rising; each once. */
  readonly flowFirst: Int32Array;
  readonly flow: Int32Array;
}

/** O(sum of path lengths + m). */
export function baseState(table: FlowTable): BaseState {
  const { topology, paths, partFirst, partPath, partUnits } = table;
  const m = topology.arcCount;
  const load = new Float64Array(m);
  const flowFirst = new Int32Array(m + 1);
  const last = new Int32Array(m).fill(-1);
  const eachUse = (visit: (arc: number, flow: number) => void) => {
    last.fill(-1);
    for (let f = 0; f < table.count; f++) {
      for (let p = partFirst[f]; p < partFirst[f + 1]; p++) {
        for (let i = paths.first[partPath[p]]; i < paths.first[partPath[p] + 1]; i++) {
          const a = paths.arc[i];
          if (last[a] !== f) visit(a, f);
          last[a] = f;
        }
      }
    }
  };
  eachUse((a) => flowFirst[a + 1]++);
  for (let a = 0; a < m; a++) flowFirst[a + 1] += flowFirst[a];
  const flow = new Int32Array(flowFirst[m]);
  const next = flowFirst.slice();
  eachUse((a, f) => (flow[next[a]++] = f));
  for (let p = 0; p < partPath.length; p++) {
    for (let i = paths.first[partPath[p]]; i < paths.first[partPath[p] + 1]; i++) {
      load[paths.arc[i]] += partUnits[p];
    }
  }
  return { table, load, flowFirst, flow };
}

/** Load over capacity; nothing on nothing is 0, something on nothing Infinity. */
export function utilisation(load: number, capacity: number): number {
  return load === 0 ? 0 : load / capacity;
}
