import type { QosClass } from '../../model';

/** How the traffic of one class to one region leaves this gateway now. */
export interface Selection {
  readonly to: string;
  readonly class: QosClass;
  /**
   * Paths with whole weights of 1 to 256 against each other. Empty: no planned path lives, so the
   * destination goes to the fallback plane or becomes unreachable at once.
   */
  readonly members: readonly SelectedPath[];
}

export interface SelectedPath {
  /** Path id. */
  readonly path: string;
  readonly weight: number;
}

/** The kernel's greatest weight of a next hop. */
export const mostWeight = 256;

/** Whole weights of 1 to 256, the kernel's range, near given ones above 0; greatest first, then by path. */
export function wholeWeights(weights: ReadonlyMap<string, number>): SelectedPath[] {
  const most = Math.max(...weights.values());
  return [...weights]
    .map(([path, weight]) => ({ path, weight: Math.max(1, Math.round((mostWeight * weight) / most)) }))
    .sort((x, y) => y.weight - x.weight || (x.path < y.path ? -1 : 1));
}

export function sameMembers(a: readonly SelectedPath[], b: readonly SelectedPath[]): boolean {
  return a.length === b.length && a.every((m, i) => m.path === b[i].path && m.weight === b[i].weight);
}

/** For people: `<path>*<weight>`, comma between; one path without weight; empty: nothing. */
export function membersText(members: readonly SelectedPath[]): string {
  return members.length === 1 ? members[0].path : members.map((m) => `${m.path}*${m.weight}`).join(',');
}
