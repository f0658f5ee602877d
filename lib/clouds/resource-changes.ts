import { compare, type Change, type FieldChange, type PlanDocument } from '../plan';
import type { CloudResource } from './deployment';
import { cloudResources, forcesReplacement } from './deployments';

/** One argument that differs, or takes what the cloud makes up anew for a resource that is replaced. */
export interface ArgumentChange extends FieldChange {
  /** Is the resource replaced for it? */
  readonly forcesReplacement: boolean;
  /** Ids of the replaced resources that the argument refers to; empty: it differs itself. */
  readonly follows: readonly string[];
}

/**
 * The fate of a cloud resource. `replaced` is destroyed and created: it has another id, and its content and
 * counts are gone.
 */
export interface ResourceChange extends Omit<Change, 'kind' | 'fields'> {
  readonly kind: Change['kind'] | 'replaced';
  readonly fields: readonly ArgumentChange[];
}

/** How many resources come, change, are replaced and go. */
export interface ResourceTally {
  readonly created: number;
  readonly changed: number;
  readonly replaced: number;
  readonly destroyed: number;
}

/**
 * The fate of the cloud resources of a plan when another takes its place, sorted by id; empty for equal
 * plans. A resource is replaced when an argument differs for which the provider replaces it, or refers to a
 * resource that is replaced, or when it says itself that it is replaced with another. An argument that
 * Terraform leaves as it finds it does not count.
 */
export function resourceChanges(before: PlanDocument, after: PlanDocument): ResourceChange[] {
  return before.digest === after.digest
    ? []
    : compareResources(cloudResources(before), cloudResources(after));
}

/** The same of two lists of resources. */
export function compareResources(
  before: readonly CloudResource[],
  after: readonly CloudResource[],
): ResourceChange[] {
  const view = (list: readonly CloudResource[]) => new Map(list.map((r) => [r.id, argumentsOf(r)]));
  const now = new Map(after.map((r) => [r.id, r]));
  const old = new Set(before.map((r) => r.id));
  const changes = new Map<string, ResourceChange>();
  for (const { id, kind, fields } of compare(view(before), view(after))) {
    const resource = now.get(id);
    const seen = fields.filter(({ field }) => !resource?.ignored?.includes(field));
    if (kind === 'changed' && seen.length === 0) continue;
    const found = seen.map((field) => {
      const forces = resource !== undefined && forcesReplacement(resource.type, field.field);
      return { ...field, forcesReplacement: forces, follows: [] };
    });
    changes.set(id, { kind: kindOf(kind, found), id, fields: found });
  }
  const referring = referencesTo(after.filter(({ id }) => old.has(id)));
  const pending = [...changes.values()].filter((c) => c.kind === 'replaced').map((c) => c.id);
  for (let replaced = pending.pop(); replaced !== undefined; replaced = pending.pop()) {
    for (const [resource, argument] of referring.get(replaced) ?? []) {
      const known = changes.get(resource.id);
      const next = following(known, resource, argument, replaced);
      changes.set(resource.id, next);
      if (next.kind === 'replaced' && known?.kind !== 'replaced') pending.push(resource.id);
    }
  }
  return [...changes.values()].sort((x, y) => (x.id < y.id ? -1 : 1));
}

/** How many of each kind. */
export function tallyOf(changes: readonly ResourceChange[]): ResourceTally {
  const of = (kind: ResourceChange['kind']) => changes.filter((c) => c.kind === kind).length;
  return { created: of('added'), changed: of('changed'), replaced: of('replaced'), destroyed: of('removed') };
}

function kindOf(kind: ResourceChange['kind'], fields: readonly ArgumentChange[]): ResourceChange['kind'] {
  return fields.some((f) => f.forcesReplacement) ? 'replaced' : kind;
}

/** A resource's change with this argument in it, which refers to a resource that is replaced. */
function following(
  known: ResourceChange | undefined,
  resource: CloudResource,
  argument: string,
  replaced: string,
): ResourceChange {
  const others = known?.fields.filter((f) => f.field !== argument) ?? [];
  const own = known?.fields.find((f) => f.field === argument);
  const value = argumentsOf(resource)[argument];
  const isReplacedWith = resource.replacedWith?.includes(replaced) ?? false;
  const field: ArgumentChange = {
    field: argument,
    before: own ? own.before : value,
    after: own ? own.after : value,
    forcesReplacement: isReplacedWith || forcesReplacement(resource.type, argument),
    follows: [...(own?.follows ?? []), replaced].sort(),
  };
  const fields = [...others, field].sort((x, y) => (x.field < y.field ? -1 : 1));
  return { kind: kindOf(known?.kind ?? 'changed', fields), id: resource.id, fields };
}

/** By id of what is referred to: who does, and by which argument. */
function referencesTo(resources: readonly CloudResource[]): Map<string, [CloudResource, string][]> {
  const found = new Map<string, [CloudResource, string][]>();
  for (const resource of resources) {
    for (const [argument, ids] of Object.entries(resource.references)) {
      const ignored = resource.ignored?.includes(argument);
      for (const id of ids) {
        if (ignored && !resource.replacedWith?.includes(id)) continue;
        const list = found.get(id);
        if (list) list.push([resource, argument]);
        else found.set(id, [[resource, argument]]);
      }
    }
  }
  return found;
}

/** Every argument of a resource with its value, each tag by itself; of references what they refer to. */
function argumentsOf({ region, values, references }: CloudResource): Record<string, unknown> {
  const single = (ids: readonly string[]) => (ids.length === 1 ? ids[0] : ids);
  const found: Record<string, unknown> = region === null ? {} : { region };
  for (const [argument, ids] of Object.entries(references)) found[argument] = single(ids);
  // Where a text holds addresses of others, what else stands in it says more.
  for (const [argument, value] of Object.entries(values)) {
    if (argument !== 'tags' && !argument.endsWith('.tags')) found[argument] = value;
    else for (const [tag, text] of Object.entries(value as object)) found[`${argument}.${tag}`] = text;
  }
  return found;
}
