import type { FlowTable } from './flow-table';
import type { Interrupted } from './outcome';
import type { Outage } from './scenario';

/** Of a region's served flows, both ways. */
interface Served {
  readonly routes: number;
  readonly demands: number;
  readonly units: number;
}

/**
 * Counts what the workloads of an outage wait for. O(flows) at a region's first outage, then O(1).
 */
export function newInterruption(table: FlowTable): (outage: Outage | null) => Interrupted | null {
  const { count, source, target, partFirst, leads, demandFirst, units } = table;
  const known = new Map<number, Served>();
  const servedOf = (region: number): Served => {
    let sum: Served = { routes: 0, demands: 0, units: 0 };
    for (let f = 0; f < count; f++) {
      if (source[f] !== region && target[f] !== region) continue;
      if (partFirst[f] === partFirst[f + 1]) continue;
      sum = {
        routes: sum.routes + leads[f],
        demands: sum.demands + demandFirst[f + 1] - demandFirst[f],
        units: sum.units + units[f],
      };
    }
    known.set(region, sum);
    return sum;
  };
  return (outage) => {
    if (outage === null || outage.share === 0) return null;
    const { routes, demands, units: whole } = known.get(outage.region) ?? servedOf(outage.region);
    return { routes, demands, units: Math.round(whole * outage.share), seconds: outage.seconds };
  };
}
