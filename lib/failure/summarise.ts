import type { FlowTable } from './flow-table';
import type { ArcUse, Outcome } from './outcome';
import type { ScenarioKind } from './scenario';

/** A directed link and how full it is; plain data. */
export interface LinkUse {
  readonly link: string;
  readonly from: string;
  readonly to: string;
  /** Load over capacity; null: traffic on a link without capacity. */
  readonly utilisationRatio: number | null;
}

/** One scenario in a line; plain data. Counts are of routes unless they name demands. */
export interface FailureSummary {
  readonly kind: ScenarioKind;
  readonly id: string;
  readonly routesAffected: number;
  readonly routesStranded: number;
  readonly routesCut: number;
  /** Begin or end in the failed region; not counted as lost. */
  readonly routesEnded: number;
  readonly demandsAffected: number;
  /** Stranded and cut. */
  readonly demandsLost: number;
  /** They have a path that does not carry them whole. */
  readonly demandsCongested: number;
  readonly movedMbps: number;
  readonly lostMbps: number;
  readonly endedMbps: number;
  readonly fullest: LinkUse | null;
  /** Directed links above their capacity. */
  readonly linksOverloaded: number;
  /** The pair whose one-way latency grew most. */
  readonly slowest: {
    readonly from: string;
    readonly to: string;
    readonly beforeMs: number;
    readonly afterMs: number;
  } | null;
  /**
   * What the workloads behind a gateway lose for a time, whatever is counted above: that is the network once
   * their routes lead to another gateway. Absent: nothing, or it is not known (sites outside a cloud).
   */
  readonly interruption?: Interruption;
}

/** Traffic that waits until routes have moved to another gateway, or the gateway is back; plain data. */
export interface Interruption {
  /** Routes that begin or end in the gateway's region: each of them in part. */
  readonly routes: number;
  readonly demands: number;
  /** Of these demands the share of the workloads behind the gateway. */
  readonly mbps: number;
  /** How long, at most. */
  readonly seconds: number;
}

/** O(flows in the outcome's lists). */
export function summarise(table: FlowTable, outcome: Outcome): FailureSummary {
  const { topology, leads, demandFirst, unitsPerMbps, source, target } = table;
  const { scenario, stranded, cut, ended, slowest, interrupted } = outcome;
  const routes = (flows: readonly number[]) => flows.reduce((s, f) => s + leads[f], 0);
  const demands = (flows: readonly number[]) =>
    flows.reduce((s, f) => s + demandFirst[f + 1] - demandFirst[f], 0);
  return {
    kind: scenario.kind,
    id: scenario.id,
    routesAffected: outcome.routesAffected,
    routesStranded: routes(stranded),
    routesCut: routes(cut),
    routesEnded: routes(ended),
    demandsAffected: outcome.demandsAffected,
    demandsLost: demands(stranded) + demands(cut),
    demandsCongested: demands(outcome.congested.map((c) => c.flow)),
    movedMbps: outcome.movedUnits / unitsPerMbps,
    lostMbps: outcome.lostUnits / unitsPerMbps,
    endedMbps: outcome.endedUnits / unitsPerMbps,
    fullest: outcome.fullest && linkUse(table, outcome.fullest),
    linksOverloaded: outcome.overloaded.length,
    slowest: slowest && {
      from: topology.nodes[source[slowest.flow]],
      to: topology.nodes[target[slowest.flow]],
      beforeMs: slowest.beforeMs,
      afterMs: slowest.afterMs,
    },
    ...(interrupted && {
      interruption: {
        routes: interrupted.routes,
        demands: interrupted.demands,
        mbps: interrupted.units / unitsPerMbps,
        seconds: interrupted.seconds,
      },
    }),
  };
}

export function linkUse({ topology }: FlowTable, { arc, ratio }: ArcUse): LinkUse {
  return {
    link: topology.links[topology.link[arc]],
    from: topology.nodes[topology.tail[arc]],
    to: topology.nodes[topology.head[arc]],
    utilisationRatio: ratio === Infinity ? null : ratio,
  };
}
