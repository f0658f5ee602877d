import { TerraformResource } from 'cdktf';
import { awsArguments, type AwsType } from '../../lib/clouds/aws/arguments';
import type { CloudResource } from '../../lib/clouds/deployment';
import type { GlobalNetwork } from '../../constructs';
import type { Resource, Synthesized } from './fixture';

/** What Terraform's own meta-arguments are, and what cdktf adds. */
const meta = ['//', 'depends_on', 'lifecycle', 'provider'];

const account = /\$\{data\.aws_caller_identity\.[\w-]+\.account_id\}/g;

/** What cdktf writes into texts for what another resource's attribute will be. */
const reference = /\$\{(aws_\w+)\.([\w-]+)\.(\w+)\}/g;

/** A synthesized resource by the id that the inventory has for it. */
export interface SynthesizedResource {
  readonly id: string;
  readonly type: AwsType;
  /** Arguments as text, nested ones with dots; of lists of blocks, all of them. */
  readonly values: Readonly<Record<string, string>>;
  /** Arguments that take what AWS makes up for other resources, and the ids of these. */
  readonly references: Readonly<Record<string, readonly string[]>>;
  /** Arguments that Terraform leaves as it finds them. */
  readonly ignored: readonly string[];
  /** Ids of the resources that it is replaced with. */
  readonly replacedWith: readonly string[];
}

/** Arguments of a resource, nested ones with dots (maps of tags are one argument). */
export function flatArguments(resource: Resource): [string, unknown][] {
  const flat = (value: unknown, at: string): [string, unknown][] => {
    const entries = Array.isArray(value) ? value : [value];
    const blocks = entries.every((e) => typeof e === 'object' && e !== null);
    if (!blocks || entries.length === 0 || at === 'tags' || at.endsWith('.tags')) return [[at, value]];
    return entries.flatMap((block: Resource) =>
      Object.entries(block).flatMap(([name, inner]) => flat(inner, `${at}.${name}`)),
    );
  };
  return Object.entries(resource)
    .filter(([name]) => !meta.includes(name))
    .flatMap(([name, value]) => flat(value, name));
}

/**
 * Every resource below a network's regions as synthesized, by the inventory's ids. A reference to what the
 * other resource's configuration says itself (a bucket's name) is put in its place; others are references.
 */
export function synthesizedResources(
  network: GlobalNetwork,
  synthesized: Synthesized,
): ReadonlyMap<string, SynthesizedResource> {
  const root = `${network.node.path}/regions/`;
  const ids = new Map(
    network.node
      .findAll()
      .filter((construct) => TerraformResource.isTerraformResource(construct))
      .map((r) => [
        `${r.terraformResourceType}.${r.friendlyUniqueId}`,
        `${r.terraformResourceType} ${r.node.path.slice(root.length)}`,
      ]),
  );
  const raw = (type: string, logical: string) => synthesized.resource![type][logical];
  const found = new Map<string, SynthesizedResource>();
  for (const [type, byLogical] of Object.entries(synthesized.resource ?? {})) {
    for (const [logical, resource] of Object.entries(byLogical)) {
      const id = ids.get(`${type}.${logical}`)!;
      const values: Record<string, string> = {};
      const references: Record<string, string[]> = {};
      const { ignore_changes: ignored = [], replace_triggered_by: triggers = [] } = (resource.lifecycle ??
        {}) as { ignore_changes?: string[]; replace_triggered_by?: string[] };
      for (const [argument, value] of flatArguments(resource)) {
        const text = JSON.stringify(value)
          .replace(account, '<account>')
          .replace(reference, (_, toType: string, to: string, name: string) => {
            const known: unknown = raw(toType, to)[name];
            if (known !== undefined) return String(known);
            const target = ids.get(`${toType}.${to}`)!;
            references[argument] = [...(references[argument] ?? []), target];
            return `(${name} of ${target})`;
          });
        values[argument] = argument in values ? `${values[argument]}, ${text}` : text;
      }
      // An id alone: any other change of what is referred to would replace the resource, too.
      const replacedWith = triggers.map((trigger) => ids.get(/^(aws_\w+\.[\w-]+)\.id$/.exec(trigger)![1])!);
      found.set(id, { id, type: type as AwsType, values, references, ignored, replacedWith });
    }
  }
  return found;
}

/** What Terraform would do, from what is synthesized and the provider's table alone: kinds by id. */
export function kindsSynthesized(
  before: ReadonlyMap<string, SynthesizedResource>,
  after: ReadonlyMap<string, SynthesizedResource>,
): ReadonlyMap<string, string> {
  const kinds = new Map<string, string>();
  const replaces = ({ type }: SynthesizedResource, argument: string) =>
    (awsArguments[type].replaces as readonly string[]).includes(argument);
  for (const id of before.keys()) if (!after.has(id)) kinds.set(id, 'removed');
  const mark = (resource: SynthesizedResource, argument: string): boolean =>
    set(resource, replaces(resource, argument) ? 'replaced' : 'changed');
  const replace = (resource: SynthesizedResource): boolean => set(resource, 'replaced');
  const set = (resource: SynthesizedResource, kind: string): boolean => {
    const known = kinds.get(resource.id);
    if (known === kind || known === 'replaced') return false;
    kinds.set(resource.id, kind);
    return true;
  };
  for (const [id, resource] of after) {
    const was = before.get(id);
    if (!was) {
      kinds.set(id, 'added');
      continue;
    }
    const names = new Set([...Object.keys(was.values), ...Object.keys(resource.values)]);
    for (const name of names)
      if (was.values[name] !== resource.values[name] && !resource.ignored.includes(name))
        mark(resource, name);
  }
  // Until nothing follows any more: slow, and obvious.
  for (let again = true; again;) {
    again = false;
    for (const resource of after.values()) {
      if (!before.has(resource.id)) continue;
      if (resource.replacedWith.some((id) => kinds.get(id) === 'replaced') && replace(resource)) again = true;
      for (const [argument, ids] of Object.entries(resource.references)) {
        if (resource.ignored.includes(argument)) continue;
        if (ids.some((id) => kinds.get(id) === 'replaced') && mark(resource, argument)) again = true;
      }
    }
  }
  return kinds;
}

/** An inventory's resource in the same form, for the arguments that both have. */
export function referencesOf({ references }: CloudResource): Record<string, readonly string[]> {
  return Object.fromEntries(Object.entries(references).map(([name, ids]) => [name, [...ids].sort()]));
}
