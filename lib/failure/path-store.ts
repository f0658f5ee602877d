import type { Topology } from '../graph';
import type { PathInput } from './failure-input';

/** Paths as flat arrays, numbered from 0 in the order in which they were added. */
export interface PathStore {
  /** The arcs of path p are arc[first[p]] to arc[first[p + 1] - 1]. */
  readonly first: Int32Array;
  readonly arc: Int32Array;
  /** One way, by path. */
  readonly latencyMs: Float64Array;
}

/** Adds units to the load of every arc of a path. */
export function addToPath({ first, arc }: PathStore, path: number, units: number, load: Float64Array): void {
  for (let i = first[path], end = first[path + 1]; i < end; i++) load[arc[i]] += units;
}

/** Takes paths in and checks each: `add` gives its number, `done` the arrays. */
export interface PathStoreBuilder {
  add(path: PathInput, source: number, target: number): number;
  done(): PathStore;
}

/**
 * A builder for one topology. `add` throws RangeError on what no plan of this topology holds: an unknown arc
 * or link (a drained one, too), hops that do not lead from source to target, or a region passed twice.
 */
export function newPathStore(topology: Topology): PathStoreBuilder {
  const { tail, head, nodes, latencyMs } = topology;
  const first = [0];
  let arcs = new Int32Array(1024);
  const latency: number[] = [];
  const nanoseconds = latencyMs.map((ms) => Math.round(ms * 1e6));
  const passed = new Int32Array(nodes.length).fill(-1);
  return {
    add(path, source, target) {
      const number = first.length - 1;
      let here = source;
      let sum = 0;
      let end = first[number];
      passed[source] = number;
      const { hops } = path;
      for (let i = 0; i < hops.length; i++) {
        const hop = hops[i];
        const a = typeof hop === 'number' ? hop : arcOf(topology, hop, here);
        if (!(a >= 0 && a < topology.arcCount) || tail[a] !== here || passed[head[a]] === number) {
          const what = typeof hop === 'number' ? `arc ${hop}` : `link '${hop}'`;
          throw new RangeError(
            `a path from '${nodes[source]}' to '${nodes[target]}': ${what} does not lead on from '${nodes[here]}'`,
          );
        }
        here = head[a];
        passed[here] = number;
        if (end === arcs.length) {
          const grown = new Int32Array(2 * end);
          grown.set(arcs);
          arcs = grown;
        }
        arcs[end++] = a;
        sum += nanoseconds[a];
      }
      if (here !== target || source === target) {
        throw new RangeError(`a path from '${nodes[source]}' to '${nodes[target]}' ends in '${nodes[here]}'`);
      }
      first.push(end);
      latency.push(path.latencyMs ?? sum / 1e6);
      return number;
    },
    done: () => ({
      first: Int32Array.from(first),
      arc: arcs.slice(0, first[first.length - 1]),
      latencyMs: Float64Array.from(latency),
    }),
  };
}

/** The arc of a link that leaves a node; -1 where there is none. */
function arcOf({ linkIndex, linkArc, tail }: Topology, link: string, from: number): number {
  const l = linkIndex.get(link);
  if (l === undefined) return -1;
  if (tail[linkArc[2 * l]] === from) return linkArc[2 * l];
  const back = linkArc[2 * l + 1];
  return back >= 0 && tail[back] === from ? back : -1;
}
