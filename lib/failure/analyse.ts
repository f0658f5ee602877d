import { byText } from '../diagnostics';
import { baseState } from './base-state';
import { type Evaluator, newEvaluator } from './evaluate';
import type { FailureInput } from './failure-input';
import { compileFlows } from './flow-table';
import type { Outcome } from './outcome';
import {
  gatewayFailures,
  type GatewayOutage,
  type GatewayTunnel,
  groupFailures,
  linkFailures,
  noFailure,
  regionFailures,
  type Scenario,
} from './scenario';

/** What every failure does to what is planned. */
export interface FailureResults {
  readonly evaluator: Evaluator;
  readonly noFailure: Outcome;
  /** By kind, then id. */
  readonly outcomes: readonly Outcome[];
  /** Kinds that were evaluated, even where the network has none of them. */
  readonly kinds: readonly Scenario['kind'][];
  /** Flows without any planned path, with or without failures; rising. */
  readonly unserved: readonly number[];
}

export interface AnalyseOptions {
  /** The tunnels of the network, for gateway failures; absent: gateways are not evaluated. */
  readonly tunnels?: readonly GatewayTunnel[];
  /** What the workloads behind a gateway see of its failure, by gateway id; absent: it is not known. */
  readonly outages?: ReadonlyMap<string, GatewayOutage>;
  /** More scenarios, for example pairs of links. */
  readonly others?: readonly Scenario[];
}

/**
 * Evaluates the network as it is and every single failure of a link, region, gateway and shared-risk group.
 * Throws RangeError on input that no plan of the topology holds (see `compileFlows`).
 */
export function analyseFailures(input: FailureInput, options: AnalyseOptions = {}): FailureResults {
  const { topology } = input;
  const evaluator = newEvaluator(baseState(compileFlows(input)));
  const { count, partFirst } = evaluator.base.table;
  const scenarios = [
    ...linkFailures(topology),
    ...regionFailures(topology),
    ...groupFailures(topology),
    ...(options.tunnels ? gatewayFailures(topology, options.tunnels, options.outages) : []),
    ...(options.others ?? []),
  ].sort((a, b) => byText(a.kind, b.kind) || byText(a.id, b.id));
  const others = (options.others ?? []).map((s) => s.kind);
  const gateway = options.tunnels ? (['gateway'] as const) : [];
  return {
    evaluator,
    noFailure: evaluator.evaluate(noFailure),
    outcomes: scenarios.map((s) => evaluator.evaluate(s)),
    kinds: [...new Set(['link', 'region', 'srlg', ...gateway, ...others] as const)].sort(),
    unserved: Array.from({ length: count }, (_, f) => f).filter((f) => partFirst[f] === partFirst[f + 1]),
  };
}
