import type { NetworkDescription } from '../../lib/model';
import type { Seeded } from './random-seeded';

/** The same description with every list and map in another order. */
export function shuffleDescription(description: NetworkDescription, random: Seeded): NetworkDescription {
  const list = <T>(items: readonly T[]): T[] => {
    const copy = [...items];
    for (let i = copy.length - 1; i > 0; i--) {
      const j = random.whole(0, i);
      [copy[i], copy[j]] = [copy[j], copy[i]];
    }
    return copy;
  };
  const map = <T>(entries: Readonly<Record<string, T>> | undefined) =>
    entries && Object.fromEntries(list(Object.entries(entries)));
  const regions = Object.entries(description.regions).map(
    ([id, region]) =>
      [id, region.prefixes ? { ...region, prefixes: list(region.prefixes) } : region] as const,
  );
  const parts = {
    ...description,
    regions: map(Object.fromEntries(regions)),
    links: list(description.links ?? []),
    policies: map(description.policies),
    demands: list(description.demands ?? []),
    reservations: map(description.reservations),
    objectives: map(description.objectives),
  };
  return Object.fromEntries(list(Object.entries(parts))) as unknown as NetworkDescription;
}
