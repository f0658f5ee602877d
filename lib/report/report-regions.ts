// The regions of the network: a section of the report.
import type { Rollout } from '../model';
import type { PlanDocument } from '../plan';
import { formatDuration, listFirst } from '../units';
import type { Paint } from './paint';
import { deathTexts } from './report-deaths';
import { limit, type Section } from './report-section';
import type { Column } from './table';

/** Prefixes of a region that a table shows before it counts the others. */
const shownPrefixes = 3;

/** The regions with their places, blocks and gateways, and who installs first. */
export function regionSection(plan: PlanDocument, all: boolean, p: Paint): Section {
  const rows = plan.regions.map((r) => {
    const gateways = plan.gateways.filter((g) => g.region === r.id);
    const count = gateways.length > 1 ? `${gateways.length} x ` : '';
    return [
      `${r.id}${r.drained ? ` ${p.yellow('drained')}` : ''}${r.transit ? '' : ' no transit'}`,
      r.place ?? 'external',
      [r.city?.replace(/ \(.*/, ''), r.country].filter(Boolean).join(', '),
      r.ipv4Block,
      listFirst(r.prefixes ?? [], all ? Infinity : shownPrefixes),
      r.instanceType ? `${count}${r.instanceType}` : `at ${r.endpoint}`,
      gateways.map((g) => g.ipv4).join(' '),
    ];
  });
  const columns: Column[] = [
    { title: 'id' },
    { title: 'place' },
    { title: 'city', elastic: true },
    { title: 'IPv4 block' },
    { title: 'prefixes', elastic: true },
    { title: 'gateway', elastic: true },
    { title: 'gateway address', elastic: true },
  ];
  // Where every region is called after its place, or none has prefixes, the column would say nothing.
  const named = plan.regions.some((r) => r.id !== r.place);
  const behind = plan.regions.some((r) => r.prefixes);
  const visible = <T>(cells: readonly T[]) =>
    cells.filter((_, i) => (i !== 1 || named) && (i !== 4 || behind));
  const limited = limit(rows, all, 'region');
  const note = `IPv6 ${plan.pools.ipv6}, a /56 each`;
  return {
    title: 'Regions',
    note,
    columns: visible(columns),
    rows: limited.rows.map(visible),
    more: limited.more,
    sentences: [...(plan.rollout ? [rolloutText(plan.rollout)] : []), ...deathTexts(plan, all)],
  };
}

function rolloutText({ canary, waitSeconds }: Rollout): string {
  return (
    `${canary} installs a new plan first. The others wait for its report, ${formatDuration(waitSeconds)} at ` +
    'most, and never install what it reports to be bad.'
  );
}
