import type { Link } from '../model';
import { gbPerMbpsMonth } from '../traffic';
import type { LinkLoad, TrafficCost } from './document';

/**
 * What the demands cost a month at the price of every direction they run over, their Mbps taken as the mean
 * of the month. What reservations hold is no traffic: the demands say what is sent. A price that is not known
 * is named, never zero.
 */
export function trafficCost(links: readonly Link[], loads: readonly LinkLoad[]): TrafficCost {
  const price = new Map(
    links.flatMap((l) => l.directions.map((d) => [`${l.id} ${d.from}`, d.costPerGbUsd] as const)),
  );
  const used = loads
    .filter((l) => l.demandMbps > 0)
    .map((l) => ({ ...l, gb: l.demandMbps * gbPerMbpsMonth, usdPerGb: price.get(`${l.link} ${l.from}`)! }));
  const unknown = used.filter((l) => l.usdPerGb === null).map((l) => l.link);
  const cents = (figure: number) => Math.round(figure * 100) / 100;
  return {
    gbPerMonth: cents(used.reduce((sum, l) => sum + l.gb, 0)),
    knownUsdPerMonth: cents(used.reduce((sum, l) => sum + l.gb * (l.usdPerGb ?? 0), 0)),
    unknownCostLinks: [...new Set(unknown)].sort(),
  };
}
