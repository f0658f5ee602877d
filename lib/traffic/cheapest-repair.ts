import type { Floats, Topology } from '../graph';
import type { FlowDemand } from './flow-problem';
import { flowProblem } from './flow-problem';
import { tryGenerateColumns } from './generate-columns';
import { tieLengths } from './min-max-flow';
import { priceColumns } from './price-column';
import type { Solver } from './solver';

/** GB that 1 Mbps carries in a month of 730 h: 10^6 bit/s x 2,628,000 s / 8 / 10^9. */
export const gbPerMbpsMonth = 328.5;

/** More capacity for one direction of a link. */
export interface Upgrade {
  readonly link: string;
  readonly from: string;
  readonly to: string;
  readonly addMbps: number;
  /** The list price of the traffic that it would carry; null: the link's price is not known. */
  readonly usdPerMonth: number | null;
}

/** The upgrades after which all demands fit. */
export interface Repair {
  /** By link, from. */
  readonly upgrades: readonly Upgrade[];
  /** null when a price is not known. */
  readonly usdPerMonth: number | null;
  /** Upgraded links whose price is not known; they were counted as the dearest known price. */
  readonly unknownCostLinks: readonly string[];
}

/** A link of no or unknown price is not upgraded for nothing: USD per GB. */
const leastUsd = 1e-6;

/**
 * The cheapest capacity to add so that all demands fit: min sum (price x added Mbps) over all permitted
 * splits, by column generation; within 1e-6 of the optimum. null: without a solver, when the solver gave
 * up, or when some demand has no permitted path at all, which no capacity mends.
 */
export function cheapestRepair(
  topology: Topology,
  capacity: Floats,
  demands: readonly FlowDemand[],
  solver: Solver | null,
): Repair | null {
  if (solver === null) return null;
  const problem = flowProblem(topology, capacity, demands, { openFull: true });
  const price = pricesOf(topology);
  const first = priceColumns(problem, price);
  if (first.cost.some((c) => c === Infinity)) return null;
  const scale = Float64Array.from(capacity as Float64Array, (c) => Math.max(c, 1));
  const count = problem.commodities.length;
  const found = tryGenerateColumns(
    solver,
    problem,
    {
      levelCost: 0,
      mostLevel: 0,
      levelCapacity: null,
      capacity,
      levelShare: new Float64Array(count),
      fixedShare: new Float64Array(count).fill(1),
      extraCost: price,
      scale,
    },
    first.columns,
    tieLengths(problem, scale),
    1e-6,
  );
  return found === undefined ? null : repairOf(topology, found.answer.extra);
}

/** The repair that adds these Mbps by arc; rounded up to the bit per second. */
export function repairOf(topology: Topology, extraMbps: Floats): Repair {
  const { tail, head, link, links, nodes, costPerGbUsd } = topology;
  const upgrades: Upgrade[] = [];
  for (let a = 0; a < extraMbps.length; a++) {
    const addMbps = Math.ceil(extraMbps[a] * 1e6 - 0.5) / 1e6;
    if (!(addMbps > 0)) continue;
    const usd = costPerGbUsd[a];
    const usdPerMonth = Number.isNaN(usd) ? null : Math.round(usd * gbPerMbpsMonth * addMbps * 1e6) / 1e6;
    upgrades.push({ link: links[link[a]], from: nodes[tail[a]], to: nodes[head[a]], addMbps, usdPerMonth });
  }
  upgrades.sort((x, y) => (x.link < y.link ? -1 : x.link > y.link ? 1 : x.from < y.from ? -1 : 1));
  const unknown = [...new Set(upgrades.filter((u) => u.usdPerMonth === null).map((u) => u.link))];
  const sum = upgrades.reduce((total, u) => total + (u.usdPerMonth ?? 0), 0);
  return { upgrades, usdPerMonth: unknown.length > 0 ? null : sum, unknownCostLinks: unknown };
}

/** USD per Mbps-month by arc; unknown as the dearest known, 1 USD/GB where none is known. */
function pricesOf({ costPerGbUsd }: Topology): Float64Array {
  const known = Array.from(costPerGbUsd as Float64Array).filter((usd) => !Number.isNaN(usd));
  const dearest = known.length > 0 ? Math.max(...known) : 1;
  return Float64Array.from(
    costPerGbUsd as Float64Array,
    (usd) => Math.max(leastUsd, Number.isNaN(usd) ? dearest : usd) * gbPerMbpsMonth,
  );
}
