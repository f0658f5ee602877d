import type { StandInView } from '../api';
import type { TakeoverView } from '../takeover';

/** What the local API says of a gateway and its partner; undefined: it has none. */
export function standInOf(view: TakeoverView | undefined): StandInView | undefined {
  if (!view) return undefined;
  const { state, obstacle } = view;
  const { plan, tables, serving, why, neighbour } = state;
  const at = (table: string): string[] => {
    const found = tables?.find((one) => one.table === table);
    if (!found || !plan) return [];
    const owners: [string, number][] = [
      [plan.own, found.own.length],
      [plan.partner, found.partner.length],
      ['elsewhere', found.foreign.length],
    ];
    return owners.filter(([, count]) => count > 0).map(([owner]) => owner);
  };
  return {
    partner: plan?.partner ?? null,
    serving,
    why,
    heard: neighbour === 'unknown' ? null : neighbour === 'heard',
    obstacle: obstacle ?? (state.failures > 0 ? "the cloud's API does not answer" : null),
    tables: (plan?.tables ?? []).map(({ name, home }) => ({ table: name, home, at: at(name) })),
  };
}

/** The same for people, a line each. */
export function standInLines(view: StandInView | undefined): string[] {
  if (!view) return [];
  const { partner, serving, why, heard, obstacle, tables } = view;
  const partnerIs = heard === null ? 'not known yet' : heard ? 'heard' : 'not heard';
  const away = tables.filter(({ home, at }) => at.length > 0 && at.join() !== home);
  return [
    ...(partner === null ? [] : [`partner: ${partner}, ${partnerIs}`]),
    ...(serving ? [] : [`does not serve: ${why}`]),
    ...(obstacle === null ? [] : [`cannot stand in: ${obstacle}`]),
    ...away.map(({ table, home, at }) => `route table ${table} of ${home} leads to ${at.join(' and ')}`),
  ];
}
