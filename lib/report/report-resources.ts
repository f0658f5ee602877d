import type { PlanDocument } from '../plan';
import { ordered, resourceTallyText } from './diff-report';
import type { Paint } from './paint';
import { limit, type Section } from './report-section';
import { resourceChanges, tallyOf, type ResourceChange } from '../clouds';

const mostLines = 12;

/**
 * The fate of the cloud resources of the plan before: how many, and by region the losses and their reasons.
 */
export function resourceSection(plan: PlanDocument, previous: PlanDocument, all: boolean, p: Paint): Section {
  const changes = ordered(resourceChanges(previous, plan));
  const title = 'Cloud resources';
  const note = resourceTallyText(tallyOf(changes));
  const none = 'no resource is created, changed, replaced or destroyed';
  if (changes.length === 0) return { title, sentences: [none] };
  const lines = [...byRegion(changes, 'replaced', p), ...byRegion(changes, 'removed', p)];
  if (lines.length === 0) return { title, note, sentences: ['none is replaced or destroyed'] };
  const { rows, more } = limit(lines, all, 'line', mostLines);
  return { title, note, sentences: [...rows, ...(more ? [p.dim(more)] : [])] };
}

/** `mumbai, 31 replaced: aws_vpc (cidr_block), 4 aws_subnet (cidr_block, vpc_id)`; `dwcp diff` has all. */
function byRegion(
  changes: readonly ResourceChange[],
  kind: 'replaced' | 'removed',
  p: Paint,
): readonly string[] {
  const regions = new Map<string, Map<string, ResourceChange[]>>();
  for (const change of changes.filter((c) => c.kind === kind)) {
    const [type, path] = change.id.split(' ');
    const region = path.split('/')[0];
    const types = regions.get(region) ?? new Map<string, ResourceChange[]>();
    regions.set(region, types.set(type, [...(types.get(type) ?? []), change]));
  }
  const word = kind === 'replaced' ? 'replaced' : 'destroyed';
  return [...regions]
    .sort(([x], [y]) => (x < y ? -1 : 1))
    .map(([region, types]) => {
      const texts = [...types].map(([type, list]) => {
        const forcing = list.flatMap((c) => c.fields.filter((f) => f.forcesReplacement).map((f) => f.field));
        const why = [...new Set(forcing)].sort().join(', ');
        return `${list.length > 1 ? `${list.length} ` : ''}${type}${why === '' ? '' : ` (${why})`}`;
      });
      const count = [...types.values()].reduce((sum, list) => sum + list.length, 0);
      return `${p.bold(region)}, ${count} ${word}: ${texts.join(', ')}`;
    });
}
