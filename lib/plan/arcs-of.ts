import type { Topology } from '../graph';
import type { PlannedPath } from './document';

/** The arcs of a planned path, in order. @throws RangeError if the topology lacks one of its links. */
export function arcsOf(topology: Topology, path: Pick<PlannedPath, 'regions' | 'links'>): number[] {
  return path.links.map((id, i) => {
    const l = topology.linkIndex.get(id);
    const tail = topology.nodeIndex.get(path.regions[i]);
    const ends = l === undefined ? [] : [topology.linkArc[2 * l], topology.linkArc[2 * l + 1]];
    const arc = ends.find((a) => a >= 0 && topology.tail[a] === tail);
    if (arc === undefined) throw new RangeError(`no link '${id}' from '${path.regions[i]}' in the topology`);
    return arc;
  });
}
