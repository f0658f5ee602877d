import type { Topology } from '../graph';
import type { PlannedPath } from './document';

/** The arcs of a planned path, in order. @throws RangeError if the topology lacks one of its links. */
export function arcsOf(topology: Topology, path: Pick<PlannedPath, 'regions' | 'links'>): number[] {
  return path.links.map((id, i) => {
    const arc = tryArc(topology, id, path.regions[i]);
    if (arc === undefined) throw new RangeError(`no link '${id}' from '${path.regions[i]}' in the topology`);
    return arc;
  });
}

/** As `arcsOf`; undefined where a link is gone, drained, or leads elsewhere now. */
export function tryArcsOf(
  topology: Topology,
  path: Pick<PlannedPath, 'regions' | 'links'>,
): number[] | undefined {
  const arcs = path.links.map((id, i) => tryArc(topology, id, path.regions[i]));
  const leads = (arc: number | undefined, i: number) =>
    arc !== undefined && topology.nodes[topology.head[arc]] === path.regions[i + 1];
  return arcs.every(leads) ? (arcs as number[]) : undefined;
}

function tryArc(topology: Topology, link: string, from: string): number | undefined {
  const l = topology.linkIndex.get(link);
  const tail = topology.nodeIndex.get(from);
  const ends = l === undefined ? [] : [topology.linkArc[2 * l], topology.linkArc[2 * l + 1]];
  return ends.find((a) => a >= 0 && topology.tail[a] === tail);
}
