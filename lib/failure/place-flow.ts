import { apportion } from './apportion';
import type { FlowTable } from './flow-table';

/** Where the traffic of one flow goes: paths and units, the first `count` entries. Working memory. */
export interface Placement {
  count: number;
  readonly path: number[];
  readonly units: number[];
}

/**
 * Where flow f goes while arcs are dead (1): over its living parts, their weights against each other as
 * before; with no living part over its first living spare path; nowhere (`count` 0) without one. Reads
 * nothing but its arguments, so it cannot depend on what failed before.
 */
export function placeFlow(table: FlowTable, dead: Uint8Array, f: number, into: Placement): void {
  const { paths, partFirst, partPath, partShare, units, spareFirst, spareEnd } = table;
  into.count = 0;
  const end = partFirst[f + 1];
  if (end - partFirst[f] === 1) {
    if (lives(paths.first, paths.arc, dead, partPath[end - 1])) {
      into.path[0] = partPath[end - 1];
      into.units[0] = units[f];
      into.count = 1;
      return;
    }
  } else {
    const shares: number[] = [];
    for (let p = partFirst[f]; p < end; p++) {
      if (!lives(paths.first, paths.arc, dead, partPath[p])) continue;
      into.path[into.count++] = partPath[p];
      shares.push(partShare[p]);
    }
    if (into.count > 0) {
      apportion(units[f], shares).forEach((u, i) => (into.units[i] = u));
      return;
    }
  }
  for (let p = spareFirst[f]; p < spareEnd[f]; p++) {
    if (!lives(paths.first, paths.arc, dead, p)) continue;
    into.path[0] = p;
    into.units[0] = units[f];
    into.count = 1;
    return;
  }
}

function lives(first: Int32Array, arc: Int32Array, dead: Uint8Array, path: number): boolean {
  for (let i = first[path], end = first[path + 1]; i < end; i++) if (dead[arc[i]] === 1) return false;
  return true;
}
