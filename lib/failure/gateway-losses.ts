import { yearSeconds } from '../catalog';
import type { Evaluator } from './evaluate';
import type { Scenario } from './scenario';

/** The share of time that one gateway's deaths cost each flow, by number in the flow table. */
export interface GatewayLoss {
  /** Gateway id. */
  readonly id: string;
  readonly lostRatio: Float64Array;
}

/**
 * What deaths of gateways cost: a flow that a dead gateway takes along is lost until the gateway is back, one
 * that begins or ends behind it until its routes have moved. O(gateways x flows).
 */
export function gatewayLosses(evaluator: Evaluator, deaths: GatewayDeaths | undefined): GatewayLoss[] {
  const { count, source, target } = evaluator.base.table;
  return (deaths?.failures ?? []).flatMap((scenario) => {
    const { id, outage } = scenario;
    if (outage === null) return [];
    const ratio = (seconds: number) => Math.min(1, (deaths!.perYear * seconds) / yearSeconds);
    const waits = outage.share > 0 ? ratio(outage.seconds) : 0;
    const behind = (f: number) => source[f] === outage.region || target[f] === outage.region;
    const lostRatio = Float64Array.from({ length: count }, (_, f) => (behind(f) ? waits : 0));
    const { stranded, cut, congested } = evaluator.evaluate(scenario);
    for (const f of [...stranded, ...cut, ...congested.map((c) => c.flow)])
      lostRatio[f] = Math.max(lostRatio[f], ratio(outage.backSeconds));
    return [{ id, lostRatio }];
  });
}

/** What gateways do when they die; only those count whose outage is known. */
export interface GatewayDeaths {
  readonly failures: readonly Scenario[];
  /** How often each of them dies. */
  readonly perYear: number;
}
