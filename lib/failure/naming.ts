import { qosClasses } from '../model';
import { formatRatio } from '../units';
import type { FlowTable } from './flow-table';
import type { ArcUse } from './outcome';
import type { Scenario } from './scenario';

/** What is said of flows, arcs and scenarios in sentences. */
export interface Naming {
  /** `a to b (critical, realtime)` for a route, `demand 'x' (bulk, a to b)` for a demand with splits. */
  flow(f: number): string;
  /** `'link-a-b' from a to b at 87 %`. */
  use(use: ArcUse): string;
}

export function naming({
  topology,
  routes,
  demands,
  route,
  demandFirst,
  demand,
  ...flows
}: FlowTable): Naming {
  const { nodes, links, tail, head, link } = topology;
  return {
    flow(f) {
      const [from, to] = [nodes[flows.source[f]], nodes[flows.target[f]]];
      const own = demandFirst[f + 1] === demandFirst[f] + 1 ? demands[demand[demandFirst[f]]] : null;
      if (own !== null && (route[f] === -1 || (own.splits ?? []).length > 0)) {
        return `demand '${own.id}' (${own.class}, ${from} to ${to})`;
      }
      const classes = qosClasses.filter((c) => routes[route[f]].classes.includes(c));
      return `${from} to ${to} (${classes.join(', ')})`;
    },
    use({ arc, ratio }) {
      const full = ratio === Infinity ? 'carries traffic without capacity' : `at ${formatRatio(ratio)}`;
      return `'${links[link[arc]]}' from ${nodes[tail[arc]]} to ${nodes[head[arc]]} ${full}`;
    },
  };
}

/** `when link 'x' fails`, `without a failure`. */
export function whenOf({ kind, id }: Scenario): string {
  if (kind === 'none' || id === '') return 'without a failure';
  if (kind === 'links') return `when links ${id} fail`;
  if (kind === 'events') return `when ${id} fail`;
  return `when ${kind === 'srlg' ? 'shared-risk group' : kind} '${id}' fails`;
}
