import { formatBandwidth, formatMoney, listFirst } from '../units';
import type { PlannedConflict } from './document';

/** Names of a list that are written out. */
const mostNames = 8;

/** A conflict in words. */
export interface ConflictText {
  /** Who cannot be carried together, and where. */
  readonly message: string;
  /** What to do next. */
  readonly next: string;
}

/** Says who is in conflict, on which links, and what would mend it at what price. */
export function describeConflict(conflict: PlannedConflict): ConflictText {
  const { demands, reservations, policies, links } = conflict;
  const parties = [
    `${named('demand', demands)} (${formatBandwidth(conflict.askedMbps)})`,
    ...(reservations.length > 0 ? [named('reservation', reservations)] : []),
    ...(policies.length > 0 ? [named('policy', policies, 'policies')] : []),
  ];
  const several = demands.length + reservations.length + policies.length > 1;
  const who = parties.length > 1 ? `${parties.slice(0, -1).join(', ')} and ${parties.at(-1)!}` : parties[0];
  const full = links.map(({ link, from, availableMbps, reservedMbps }) => {
    const held = reservedMbps > 0 ? `, ${formatBandwidth(reservedMbps)} of it reserved` : '';
    return `${link} from ${from} has ${formatBandwidth(availableMbps)}${held}`;
  });
  const where = full.length === 0 ? '' : `: ${listFirst(full, mostNames, 'link')}`;
  const size = !several
    ? ''
    : conflict.smallest
      ? '; no smaller set is in conflict'
      : '; each of them is needed, and whether a smaller set is in conflict was not tried to the end';
  return {
    message: `${who} ${several ? 'do not fit together' : 'does not fit'}${where}${size}`,
    next: nextOf(conflict),
  };
}

function nextOf({ repair, relaxing }: PlannedConflict): string {
  const ways: string[] = [];
  if (repair !== null) {
    const upgrades = repair.upgrades.map(
      ({ link, from, addMbps }) => `${formatBandwidth(addMbps)} more on ${link} from ${from}`,
    );
    const price =
      repair.usdPerMonth === null
        ? 'at an unknown price'
        : `for ${formatMoney(repair.usdPerMonth)} a month of traffic`;
    ways.push(`the cheapest repair: ${listFirst(upgrades, mostNames, 'upgrade')}, ${price}`);
  }
  if (relaxing.length > 0) ways.push(`${repair ? 'or relax' : 'relax'} policy ${relaxing.join(' or ')}`);
  return ways.length === 0 ? 'ask for less, or add links' : ways.join('; ');
}

function named(kind: string, ids: readonly string[], plural = `${kind}s`): string {
  return `${ids.length === 1 ? kind : plural} ${listFirst(ids, mostNames)}`;
}
