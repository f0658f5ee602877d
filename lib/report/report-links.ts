// The links of a network, and the linked pairs that other links serve better: two sections of the report.
import type { PlanDocument, PlannedPath } from '../plan';
import { formatPrice, formatLatency, formatBandwidth, formatRatio, count } from '../units';
import { distinctLinkPairs, relays } from './findings';
import type { Paint } from './paint';
import { limit, type Section } from './report-section';
import type { Column } from './table';

const originMark = { given: '', measured: '', estimated: ' ~', unknown: ' ?' } as const;

/** The links with their figures; a column that would say nothing is left out. */
export function linkSection(plan: PlanDocument, all: boolean, p: Paint): Section | undefined {
  if (plan.links.length === 0) return undefined;
  const rows = plan.links.map((link) => {
    const [there, back] = link.directions;
    const both = (figure: (d: (typeof link.directions)[number]) => string) => {
      const first = figure(there);
      const second = back ? figure(back) : first;
      return first === second ? first : `${first} / ${second}`;
    };
    const cost = both((d) =>
      d.costPerGbUsd === null ? 'unknown' : formatPrice(d.costPerGbUsd).replace(' USD/GB', ''),
    );
    return [
      `${link.a} ${back ? '↔' : '→'} ${link.b}`,
      both((d) => `${formatLatency(d.latencyMs)}${originMark[d.latencyOrigin]}`),
      both((d) => `${formatBandwidth(d.bandwidthMbps)}${originMark[d.bandwidthOrigin]}`),
      both((d) => formatBandwidth(d.availableMbps)),
      cost.includes('unknown') ? p.yellow(cost) : cost,
      there.availabilityRatio === null
        ? ''
        : both((d) => (d.availabilityRatio === null ? '' : formatRatio(d.availabilityRatio))),
      [
        link.drained ? 'drained' : '',
        link.standby ? 'standby' : '',
        link.directions.every((d) => d.metric === 10) ? '' : `metric ${both((d) => String(d.metric))}`,
        link.id === `link-${link.a}-${link.b}` ? '' : link.id,
        ...link.srlgs.map((g) => `#${g}`),
      ]
        .filter(Boolean)
        .join(' '),
    ];
  });
  const columns: Column[] = [
    { title: 'link', elastic: true },
    { title: 'one way', align: 'right' },
    { title: 'bandwidth', align: 'right' },
    { title: 'available', align: 'right' },
    { title: 'USD/GB', align: 'right' },
    { title: 'up', align: 'right' },
    { title: 'groups', elastic: 'beneath' },
  ];
  // Where nobody else uses a link all of it is available, and the column would say nothing.
  const shared = plan.links.some((l) => l.directions.some((d) => d.availableMbps !== d.bandwidthMbps));
  const used = columns.map((_, i) => (i === 3 ? shared : i < 5 || rows.some((row) => row[i] !== '')));
  const visible = <T>(cells: readonly T[]) => cells.filter((_, i) => used[i]);
  const note = plan.links.some((l) =>
    l.directions.some((d) => d.latencyOrigin === 'estimated' || d.bandwidthOrigin === 'estimated'),
  )
    ? '~ estimated'
    : undefined;
  const limited = limit(rows, all, 'link');
  return {
    title: 'Links',
    note,
    columns: visible(columns),
    rows: limited.rows.map(visible),
    more: limited.more,
  };
}

/** Linked pairs whose traffic is faster through other regions. */
export function relaySection(
  plan: PlanDocument,
  paths: ReadonlyMap<string, PlannedPath>,
  all: boolean,
): Section | undefined {
  const found = relays(plan);
  if (found.length === 0) return undefined;
  const rows = found.map((relay) => [
    `${relay.a} ↔ ${relay.b}`,
    paths.get(relay.path)!.regions.slice(1, -1).join(', '),
    formatLatency(relay.directRttMs),
    formatLatency(relay.rttMs),
    formatLatency(relay.directRttMs - relay.rttMs),
    formatRatio(Math.round((1 - relay.rttMs / relay.directRttMs) * 1000) / 1000),
  ]);
  const columns: Column[] = [
    { title: 'pair', elastic: true },
    { title: 'faster through', elastic: true },
    { title: 'direct rtt', align: 'right' },
    { title: 'planned rtt', align: 'right' },
    { title: 'gain', align: 'right' },
    { title: 'share', align: 'right' },
  ];
  const over = found.filter((r) => r.directRttMs - r.rttMs > 5).length;
  const pairs = `${count(found.length, 'pair')} of ${distinctLinkPairs(plan)} linked ones`;
  const note = `${pairs}; ${over} gain more than 5 ms`;
  return { title: 'Faster than their own link', note, columns, ...limit(rows, all, 'pair') };
}
