import { tryCloudOf } from '../catalog';
import { takesOver, type PlanDocument, type PlannedRegion } from '../plan';
import { formatDuration, listFirst } from '../units';

/** How long a region's workloads wait when a gateway dies, where no other takes over; cloud by cloud. */
export function deathTexts({ regions }: PlanDocument, all: boolean): string[] {
  const clouds = [...new Set(regions.flatMap((region) => tryCloudOf(region) ?? []))];
  return clouds.flatMap((cloud) => {
    const back = formatDuration(cloud.backSeconds);
    const here = regions.filter((region) => tryCloudOf(region) === cloud);
    const named = (list: readonly PlannedRegion[]) =>
      listFirst(
        list.map((r) => r.id),
        all ? Infinity : 4,
      );
    const single = here.filter((r) => r.gatewayCount === 1);
    const unmoved = here.filter((r) => r.gatewayCount > 1 && !takesOver(r));
    return [
      ...(single.length === 0
        ? []
        : [
            `One gateway in ${named(single)}: when it dies, its region is gone for up to ${back}, until ` +
              `${cloud.title} has restarted it.`,
          ]),
      ...(unmoved.length === 0
        ? []
        : [
            `No route tables in ${named(unmoved)}: when a gateway dies, its workloads wait up to ${back}, or ` +
              'until you move their routes.',
          ]),
    ];
  });
}
