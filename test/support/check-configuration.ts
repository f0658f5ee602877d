import { bindingName, bindingOf, folderOf, type Arguments } from './provider-bindings';

type Json = unknown;
type Body = Readonly<Record<string, Json>>;
type ByType = Readonly<Record<string, Readonly<Record<string, Body>>>>;

/** A stack's configuration as cdktf writes it. */
export interface Configuration {
  readonly resource?: ByType;
  readonly data?: ByType;
  readonly variable?: Body;
  readonly output?: Readonly<Record<string, Body>>;
  readonly provider?: { readonly aws?: readonly Body[] };
}

/** What every resource takes beside its own arguments. */
const meta = new Set([
  'depends_on',
  'lifecycle',
  'provider',
  'count',
  'for_each',
  'provisioner',
  'connection',
]);

/**
 * What Terraform would refuse, or the provider's schema, without either: unknown and missing arguments,
 * references to what is not there or has no such attribute, unknown providers, circles. None: an empty list.
 *
 * @param stacks of one app, by id: they may read each other's outputs.
 */
export function faultsOf(stacks: ReadonlyMap<string, Configuration>): string[] {
  return [...stacks].flatMap(([id, stack]) =>
    [...argumentFaults(stack), ...referenceFaults(stack, stacks), ...circles(stack)].map(
      (fault) => `${id}: ${fault}`,
    ),
  );
}

/** Each resource and look-up as references name it. */
function* elements({ resource = {}, data = {} }: Configuration) {
  for (const [kind, types] of [['resource', resource] as const, ['data', data] as const]) {
    for (const [type, byId] of Object.entries(types)) {
      for (const [id, body] of Object.entries(byId)) {
        yield { kind, type, body, address: `${kind === 'data' ? 'data.' : ''}${type}.${id}` };
      }
    }
  }
}

function argumentFaults(stack: Configuration): string[] {
  const faults: string[] = [];
  const check = (at: string, given: Json, taken: Arguments) => {
    if (Array.isArray(given)) return given.forEach((one, i) => check(`${at}[${i}]`, one, taken));
    if (typeof given !== 'object' || given === null) return faults.push(`${at} is no block`);
    for (const [name, argument] of taken) {
      if (argument.required && !(name in given)) faults.push(`${at} lacks ${name}`);
    }
    for (const [name, value] of Object.entries(given)) {
      const argument = taken.get(name);
      if (!argument) faults.push(`${at} takes no ${name}`);
      else if (argument.block) check(`${at}.${name}`, value, argument.block);
    }
  };
  for (const { kind, type, body, address } of elements(stack)) {
    if (type === 'terraform_remote_state') continue;
    const binding = bindingOf(folderOf(kind, type));
    if (!binding) {
      faults.push(`${address}: no such type`);
      continue;
    }
    check(
      address,
      Object.fromEntries(Object.entries(body).filter(([name]) => !own(name))),
      binding.arguments,
    );
    const { ignore_changes: ignored = [] } = (body.lifecycle ?? {}) as { ignore_changes?: readonly string[] };
    for (const name of ignored) {
      if (!binding.arguments.has(name))
        faults.push(`${address} ignores changes of ${name}, which it takes not`);
    }
  }
  const { aws = [] } = stack.provider ?? {};
  aws.forEach((provider, i) => check(`provider.aws[${i}]`, provider, bindingOf('provider')!.arguments));
  return faults;
}

const own = (name: string) => meta.has(name) || name === '//';

/** A reference, with where it stands. */
interface Reference {
  readonly from: string;
  readonly to: string;
  /** Written as `self`, which a condition may say of what it stands on. */
  readonly self?: boolean;
}

function references(stack: Configuration): Reference[] {
  const found: Reference[] = [];
  const visit = (from: string, value: Json) => {
    if (typeof value === 'string')
      for (const to of referencesIn(value)) {
        const self = to.startsWith('self.');
        found.push({ from, to: self ? to.replace('self', from) : to, self });
      }
    else if (Array.isArray(value)) value.forEach((one) => visit(from, one));
    else if (typeof value === 'object' && value !== null)
      Object.entries(value).forEach(([name, one]) => name !== '//' && visit(from, one));
  };
  for (const { address, body } of elements(stack)) {
    const { depends_on: after = [], ...rest } = body as { depends_on?: readonly string[] };
    visit(address, rest);
    // Written without braces, as what it comes after is.
    const { replace_triggered_by: triggers = [] } = (body.lifecycle ?? {}) as {
      replace_triggered_by?: readonly string[];
    };
    for (const to of [...after, ...triggers]) found.push({ from: address, to });
  }
  for (const [name, output] of Object.entries(stack.output ?? {})) visit(`output.${name}`, output);
  for (const [name, variable] of Object.entries(stack.variable ?? {})) visit(`var.${name}`, variable);
  return found;
}

/** Dotted names in the expressions of a template; `$${` is text. */
function referencesIn(text: string): string[] {
  return expressions(text).flatMap((expression) => {
    const bare = expression.replaceAll(/"(?:\\.|[^"\\])*"/g, '""');
    return bare.match(/[A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*)+/g) ?? [];
  });
}

/** What stands in `${...}`, braces within it counted. */
function expressions(text: string): string[] {
  const found: string[] = [];
  for (let at = text.indexOf('${'); at >= 0; at = text.indexOf('${', at)) {
    const start = at + 2;
    let depth = 1;
    for (at = start; at < text.length && depth > 0; at++) {
      if (text[at] === '{') depth++;
      else if (text[at] === '}') depth--;
    }
    if (text[start - 3] !== '$') found.push(text.slice(start, at - 1));
  }
  return found;
}

function referenceFaults(stack: Configuration, stacks: ReadonlyMap<string, Configuration>): string[] {
  const known = new Set([...elements(stack)].map(({ address }) => address));
  const faults = references(stack).flatMap(({ from, to }) => {
    const why = wrong(to, stack, known, stacks);
    return why ? [`${from} refers to ${to}: ${why}`] : [];
  });
  const aliases = new Set(stack.provider?.aws?.map(({ alias }) => (alias ? `aws.${String(alias)}` : 'aws')));
  for (const { address, type, body } of elements(stack)) {
    const wanted = (body.provider as string | undefined) ?? 'aws';
    if (type.startsWith('aws_') && !aliases.has(wanted)) faults.push(`${address}: no provider ${wanted}`);
  }
  return faults;
}

/** Why a reference is wrong; undefined: it is right. */
function wrong(
  to: string,
  stack: Configuration,
  known: ReadonlySet<string>,
  stacks: ReadonlyMap<string, Configuration>,
): string | undefined {
  const parts = to.split('.');
  if (to === 'terraform.workspace') return undefined;
  if (parts[0] === 'var') return parts[1] in (stack.variable ?? {}) ? undefined : 'no such variable';
  const isData = parts[0] === 'data';
  const [type, id, attribute, output] = isData ? parts.slice(1) : parts;
  if (!known.has(`${isData ? 'data.' : ''}${type}.${id}`)) return 'not in this stack';
  if (attribute === undefined) return undefined;
  if (type === 'terraform_remote_state') {
    const other = stacks.get(id.replace('cross-stack-reference-input-', ''));
    return attribute === 'outputs' && output in (other?.output ?? {}) ? undefined : 'no such output there';
  }
  const attributes = bindingOf(folderOf(isData ? 'data' : 'resource', type))?.attributes;
  return attributes?.has(bindingName(attribute)) ? undefined : 'no such attribute';
}

function circles(stack: Configuration): string[] {
  const next = new Map<string, string[]>();
  for (const { from, to, self } of references(stack)) {
    if (self) continue;
    const parts = to.split('.');
    const target = parts.slice(0, parts[0] === 'data' ? 3 : 2).join('.');
    // A variable's validation is about the variable itself.
    if (from === target && from.startsWith('var.')) continue;
    next.set(from, [...(next.get(from) ?? []), target]);
  }
  const done = new Set<string>();
  const found: string[] = [];
  const visit = (at: string, way: readonly string[]) => {
    if (way.includes(at)) return void found.push(`circle ${[...way.slice(way.indexOf(at)), at].join(' > ')}`);
    if (done.has(at)) return;
    for (const to of next.get(at) ?? []) visit(to, [...way, at]);
    done.add(at);
  };
  for (const at of next.keys()) visit(at, []);
  return found;
}
