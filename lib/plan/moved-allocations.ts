import type { PlanDocument } from './document';
import { allocatedFields, type AllocatedField, type MovedAllocation } from './planned-previous';

/** What of a plan is allocated, placed or keyed. */
type Allocated = Pick<PlanDocument, 'regions' | 'gateways' | 'tunnels'>;

/**
 * What stands in both plans and is allocated, placed or keyed otherwise in the second; by id, then field. A
 * first key is not a move.
 */
export function movedAllocations(before: Allocated, after: Allocated): MovedAllocation[] {
  const now = new Map(allocations(after));
  return allocations(before)
    .flatMap(([id, old]) => {
      const values = now.get(id);
      if (values === undefined) return [];
      return allocatedFields
        .filter(
          (field) => has(old, field) && has(values, field) && String(old[field]) !== String(values[field]),
        )
        .map((field): MovedAllocation => ({ id, field, before: String(old[field]) }));
    })
    .sort((x, y) => (`${x.id} ${x.field}` < `${y.id} ${y.field}` ? -1 : 1));
}

type Values = Readonly<Partial<Record<AllocatedField, unknown>>>;

/** Absent, or not there yet: nothing that could move. */
function has(values: Values, field: AllocatedField): boolean {
  return values[field] !== undefined && values[field] !== null && values[field] !== false;
}

/** What each thing has got, by how it is called: regions, gateways, tunnels' ends. */
function allocations({ regions, gateways, tunnels }: Allocated): [string, Values][] {
  return [
    ...regions.map((r): [string, Values] => [`region ${r.id}`, r]),
    ...gateways.map((g): [string, Values] => [`gateway ${g.id}`, g]),
    ...tunnels.flatMap(({ id, ends }) =>
      ends.map((end): [string, Values] => [`${id} at ${end.gateway}`, end]),
    ),
  ];
}
