import type { Topology } from '../graph';

/** Whether the graph without the dead arcs leads from one node to another. */
export type Connection = (source: number, target: number) => boolean;

/**
 * Makes connections of a topology for sets of dead arcs; what one answers is of its own set alone. Where
 * every link that lives lives both ways and every region carries transit (nearly always) parts are found once
 * in O(n + m); else each target asked for costs a backward search.
 */
export function newConnection(
  topology: Topology,
): (dead: Uint8Array, failed: readonly number[]) => Connection {
  const { nodes, first, head, inFirst, inTail, inArc, link, linkArc } = topology;
  let twoWay = true;
  for (let l = 0; l < topology.links.length; l++) twoWay &&= linkArc[2 * l + 1] !== -1;
  const { noTransit } = topology;
  // Through a region without transit nothing leads on: then there are no parts.
  twoWay &&= !noTransit.includes(1);
  const twin = (a: number) => linkArc[2 * link[a]] + linkArc[2 * link[a] + 1] - a;

  return (dead, failed) => {
    if (twoWay && failed.every((a) => dead[twin(a)] === 1)) {
      const part = new Int32Array(nodes.length).fill(-1);
      const list: number[] = [];
      for (let start = 0; start < nodes.length; start++) {
        if (part[start] !== -1) continue;
        part[start] = start;
        list.length = 0;
        list.push(start);
        for (const v of list) {
          for (let a = first[v]; a < first[v + 1]; a++) {
            if (dead[a] === 1 || part[head[a]] !== -1) continue;
            part[head[a]] = start;
            list.push(head[a]);
          }
        }
      }
      return (source, target) => part[source] === part[target];
    }
    const gone = dead.slice();
    const reached = new Map<number, Uint8Array>();
    return (source, target) => {
      let from = reached.get(target);
      if (!from) {
        from = new Uint8Array(nodes.length);
        from[target] = 1;
        const list = [target];
        for (const v of list) {
          if (v !== target && noTransit[v] === 1) continue;
          for (let i = inFirst[v]; i < inFirst[v + 1]; i++) {
            if (gone[inArc[i]] === 1 || from[inTail[i]] === 1) continue;
            from[inTail[i]] = 1;
            list.push(inTail[i]);
          }
        }
        reached.set(target, from);
      }
      return from[source] === 1;
    };
  };
}
