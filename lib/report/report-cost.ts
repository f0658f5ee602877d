// The cost of the network: a section of the report, and the figure in its head.
import { inClouds } from '../catalog';
import type { PlanDocument } from '../plan';
import { formatMoney, groupThousands } from '../units';
import type { Paint } from './paint';
import type { Section } from './report-section';
import type { Column } from './table';

/** The cost a month, item by item over all regions; items without a price stand last. */
export function costSection(plan: PlanDocument, p: Paint): Section | undefined {
  const byItem = new Map<string, { quantity: number; usd: number | null; estimated: boolean }>();
  for (const item of plan.cost.items) {
    const sum = byItem.get(item.item) ?? { quantity: 0, usd: 0, estimated: false };
    byItem.set(item.item, {
      quantity: sum.quantity + item.quantity,
      usd: sum.usd === null || item.usdPerMonth === null ? null : sum.usd + item.usdPerMonth,
      estimated: sum.estimated || item.origin === 'estimated',
    });
  }
  // Items without a price stand last, in any order of the regions.
  const [known, unknown] = [true, false].map((has) =>
    [...byItem].filter(([, s]) => (s.usd !== null) === has),
  );
  const rows = [...known, ...unknown].map(([item, sum]) => [
    item,
    String(sum.quantity),
    sum.usd === null ? 'unknown' : formatMoney(sum.usd) + (sum.estimated ? ' ~' : ''),
  ]);
  const { traffic, knownUsdPerMonth } = plan.cost;
  if (traffic !== null) {
    const gb = `${groupThousands(String(Math.round(traffic.gbPerMonth)))} GB`;
    rows.push(['traffic of demands', gb, formatMoney(traffic.knownUsdPerMonth)]);
  }
  if (rows.length === 0) return undefined;
  const total = formatMoney(knownUsdPerMonth + (traffic?.knownUsdPerMonth ?? 0));
  rows.push([p.bold('known'), '', p.bold(total)]);
  const columns: Column[] = [
    { title: 'item' },
    { title: 'number', align: 'right' },
    { title: 'a month', align: 'right' },
  ];
  const left = plan.cost.unknown.length === 0 ? '' : `not in the sum: ${plan.cost.unknown.join(', ')}; `;
  const mean = traffic === null ? '' : '; demands taken as the mean of the month';
  const priceRegions = inClouds(({ priceRegion }) => priceRegion, ' and ');
  const sentences = [p.dim(`${left}prices of ${plan.cost.asOf}; ~ from ${priceRegions}${mean}`)];
  return { title: 'Cost', columns, rows, sentences };
}
/** The whole known cost, as the cost table adds it up; without demands nobody knows what traffic costs. */
export function headlineCost({ knownUsdPerMonth, traffic }: PlanDocument['cost']): string {
  if (traffic === null) return `${formatMoney(knownUsdPerMonth)} a month before traffic`;
  const sum = formatMoney(knownUsdPerMonth + traffic.knownUsdPerMonth);
  return `${sum} a month known, ${formatMoney(traffic.knownUsdPerMonth)} of it traffic`;
}
