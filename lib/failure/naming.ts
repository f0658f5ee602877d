import { qosClasses } from '../model';
import type { EvidenceFailure, EvidenceFlow, EvidenceUse } from './failure-evidence';
import type { FlowTable } from './flow-table';
import type { ArcUse } from './outcome';
import type { Scenario } from './scenario';

/** How evidence names flows and arcs of a table. */
export interface Naming {
  /** A demand with splits by its id, any other flow as a route. */
  flow(f: number): EvidenceFlow;
  use(use: ArcUse): EvidenceUse;
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
        return { from, to, classes: [own.class], demand: own.id };
      }
      const classes = qosClasses.filter((c) => routes[route[f]].classes.includes(c));
      return { from, to, classes, demand: null };
    },
    use: ({ arc, ratio }) => ({
      link: links[link[arc]],
      from: nodes[tail[arc]],
      to: nodes[head[arc]],
      ratio: ratio === Infinity ? null : ratio,
    }),
  };
}

/** The failure of a scenario; null: nothing fails. */
export function failureIn({ kind, id }: Scenario): EvidenceFailure | null {
  return kind === 'none' || id === '' ? null : { kind, id };
}
