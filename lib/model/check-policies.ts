import type { Code } from '../diagnostics';
import { known } from './link-ends';
import type { NetworkDescription, PolicyDescription, Selection } from './description';
import { checkId, readFigure, readWhole } from './figure-reader';
import { defaultWeights, type BalancedWeights, type Link, type Policy, type Region } from './network';
import { qosClasses } from './qos';
import type { RawPath, Reporter } from './reporter';

export const defaultBackups = 3;
export const defaultEcmpToleranceRatio = 0.1;
export const defaultEcmpPaths = 4;
/** Each is a bit of a label in the constrained search. */
const mostRequired = 30;

/** Checks and completes the policies, sorted by id. */
export function checkPolicies(
  description: NetworkDescription,
  regions: readonly Region[],
  links: readonly Link[],
  reporter: Reporter,
): Policy[] {
  const ids = Object.keys(description.policies ?? {}).sort();
  const policies = ids.map((id) => checkPolicy(id, description, regions, links, reporter));
  checkConflicts(
    policies,
    regions.map((r) => r.id),
    reporter,
  );
  return policies;
}

function checkPolicy(
  id: string,
  description: NetworkDescription,
  regions: readonly Region[],
  links: readonly Link[],
  reporter: Reporter,
): Policy {
  const raw = description.policies![id];
  const at: RawPath = ['policies', id];
  checkId(id, 'policy', at, reporter);
  const scope = checkScope(raw, at, description, reporter);
  const weights = checkWeights(raw, at, reporter);
  const avoid = checkSelection(raw.avoid, [...at, 'avoid'], description, regions, links, reporter);
  const require = checkSelection(raw.require, [...at, 'require'], description, regions, links, reporter);
  for (const kind of ['regions', 'links', 'countries'] as const) {
    for (const both of avoid[kind].filter((x) => require[kind].includes(x))) {
      const message = `${kind === 'countries' ? 'country' : kind.slice(0, -1)} '${both}' is both avoided and required`;
      const place = [...at, 'require', kind, raw.require?.[kind]?.indexOf(both) ?? 0];
      reporter.error('avoid-and-require', place, message, 'remove it from one of the two');
    }
  }
  const required = require.regions.length + require.links.length + require.countries.length;
  if (required > mostRequired) {
    const message = `requires ${required} things; a path search keeps track of ${mostRequired}`;
    reporter.error('too-many-required', [...at, 'require'], message, `require ${mostRequired} at most`);
  }
  checkAction(raw, at, reporter);
  return {
    id,
    ...scope,
    action: raw.action ?? 'route',
    oneWay: raw.oneWay ?? false,
    priority: readWhole(raw.priority, -1e6, 1e6, [...at, 'priority'], reporter) ?? 0,
    strategy: raw.strategy ?? null,
    weights,
    constraints: {
      maxLatencyMs:
        readFigure(raw.maxLatency, 'latency', [...at, 'maxLatency'], reporter, { above: 0 }) ?? null,
      maxHops: readWhole(raw.maxHops, 1, 255, [...at, 'maxHops'], reporter) ?? null,
      minBandwidthMbps:
        readFigure(raw.minBandwidth, 'bandwidth', [...at, 'minBandwidth'], reporter, { above: 0 }) ?? null,
      avoidRegions: avoid.regions,
      avoidLinks: avoid.links,
      avoidCountries: avoid.countries,
      requireRegions: require.regions,
      requireLinks: require.links,
      requireCountries: require.countries,
    },
    disjoint: raw.disjoint ?? 'none',
    backups: readWhole(raw.backups, 0, 8, [...at, 'backups'], reporter) ?? defaultBackups,
    ecmpToleranceRatio:
      readFigure(raw.ecmpTolerance, 'ratio', [...at, 'ecmpTolerance'], reporter, { min: 0, max: 1 }) ??
      defaultEcmpToleranceRatio,
    ecmpPaths: readWhole(raw.ecmpPaths, 1, 64, [...at, 'ecmpPaths'], reporter) ?? defaultEcmpPaths,
  };
}

/** Reports unknown regions in a scope; gives it sorted, classes in rank order. */
export function checkScope(
  raw: Pick<PolicyDescription, 'from' | 'to' | 'classes'>,
  at: RawPath,
  description: NetworkDescription,
  reporter: Reporter,
): Pick<Policy, 'from' | 'to' | 'classes'> {
  const side = (key: 'from' | 'to'): string[] => {
    const ids = raw[key] ?? [];
    ids.forEach((region, i) => known(region, [...at, key, i], description, reporter));
    if (raw[key]?.length === 0) {
      reporter.error(
        'empty-scope',
        [...at, key],
        'names no region',
        'name one, or leave the key out for every region',
      );
    }
    return [...new Set(ids)].sort();
  };
  if (raw.classes?.length === 0) {
    reporter.error(
      'empty-scope',
      [...at, 'classes'],
      'names no class',
      'name one, or leave the key out for every class',
    );
  }
  const classes = raw.classes ?? qosClasses;
  return { from: side('from'), to: side('to'), classes: qosClasses.filter((c) => classes.includes(c)) };
}

function checkWeights(raw: PolicyDescription, at: RawPath, reporter: Reporter): BalancedWeights {
  if (raw.weights === undefined) return defaultWeights;
  if (raw.strategy !== undefined && raw.strategy !== 'balanced') {
    const next = "use 'strategy: balanced', or remove the weights";
    reporter.error(
      'weights-without-balanced',
      [...at, 'weights'],
      `strategy '${raw.strategy}' has no weights`,
      next,
    );
  }
  for (const [key, value] of Object.entries(raw.weights)) {
    if (value >= 0 && value <= 1e6) continue;
    reporter.error(
      'bad-weight',
      [...at, 'weights', key],
      `${value} is no weight`,
      'give a figure from 0 to 1000000',
    );
  }
  const { latency = 0, cost = 0, utilisation = 0 } = raw.weights;
  if (latency === 0 && cost === 0 && utilisation === 0) {
    reporter.error(
      'bad-weight',
      [...at, 'weights'],
      'all weights are zero',
      'give one of them a figure above zero',
    );
  }
  return { latency, cost, utilisation };
}

interface CheckedSelection {
  readonly regions: string[];
  readonly links: string[];
  readonly countries: string[];
}

function checkSelection(
  raw: Selection | undefined,
  at: RawPath,
  description: NetworkDescription,
  regions: readonly Region[],
  links: readonly Link[],
  reporter: Reporter,
): CheckedSelection {
  (raw?.regions ?? []).forEach((id, i) => known(id, [...at, 'regions', i], description, reporter));
  // A faulty region or link is left out: who names it is not at fault.
  const whole = !reporter.diagnostics.some(
    (d) => d.severity === 'error' && /^(regions|links)\b/.test(d.path),
  );
  const linkIds = links.map((l) => l.id);
  const countries = [...new Set(regions.flatMap((r) => r.country ?? []))].sort();
  const check = (
    kind: 'links' | 'countries',
    all: readonly string[],
    code: Code,
    lack: (id: string) => string,
  ) =>
    (raw?.[kind] ?? []).forEach((id, i) => {
      if (all.includes(id) || !whole) return;
      // Two letters that differ are another country.
      const near = kind === 'links' ? reporter.nearest(id, all) : all.find((c) => c === id.toUpperCase());
      const list =
        all.length === 0
          ? 'there is none'
          : `known: ${all.slice(0, 12).join(', ')}${all.length > 12 ? ', …' : ''}`;
      const next = near ? `did you mean '${near}'?` : list;
      reporter.error(code, [...at, kind, i], lack(id), next);
    });
  check('links', linkIds, 'unknown-link', (id) => `no link '${id}' in this network`);
  check('countries', countries, 'unknown-country', (id) => `no region of this network is in country '${id}'`);
  const unique = (list: readonly string[] | undefined) => [...new Set(list ?? [])].sort();
  return { regions: unique(raw?.regions), links: unique(raw?.links), countries: unique(raw?.countries) };
}

const routeKeys = [
  'strategy',
  'weights',
  'maxLatency',
  'maxHops',
  'minBandwidth',
  'avoid',
  'require',
  'disjoint',
  'backups',
  'ecmpTolerance',
  'ecmpPaths',
] as const;

function checkAction(raw: PolicyDescription, at: RawPath, reporter: Reporter): void {
  if (raw.action !== 'deny') {
    if (raw.oneWay === undefined) return;
    reporter.error('one-way-without-deny', [...at, 'oneWay'], "'oneWay' is about a deny", 'remove it');
    return;
  }
  const extra = routeKeys.filter((key) => raw[key] !== undefined);
  if (extra.length === 0) return;
  reporter.error(
    'deny-with-route',
    at,
    `denies, and yet says ${extra.join(', ')}`,
    'remove them, or the deny',
  );
}

/** How specific a scope is: one point for each side and for classes that it narrows. */
export function specificity(policy: Policy): number {
  return (
    Number(policy.from.length > 0) +
    Number(policy.to.length > 0) +
    Number(policy.classes.length < qosClasses.length)
  );
}

/** Two policies of equal rank must not match one pair and class: nobody could say which rules. */
function checkConflicts(policies: readonly Policy[], regionIds: readonly string[], reporter: Reporter): void {
  const every = new Set(regionIds);
  const scopes = policies.map(({ from, to }) => ({
    from: from.length === 0 ? every : new Set(from),
    to: to.length === 0 ? every : new Set(to),
  }));
  const common = (x: ReadonlySet<string>, y: ReadonlySet<string>) => [...x].filter((id) => y.has(id));
  policies.forEach((b, i) => {
    // One that it clashes with is enough to know.
    const a = policies.slice(0, i).find((other, k) => {
      if (other.priority !== b.priority || specificity(other) !== specificity(b)) return false;
      if (!b.classes.some((c) => other.classes.includes(c))) return false;
      const from = common(scopes[i].from, scopes[k].from);
      const to = common(scopes[i].to, scopes[k].to);
      return from.length > 0 && to.length > 0 && (from.length > 1 || to.length > 1 || from[0] !== to[0]);
    });
    if (!a) return;
    const shared = b.classes.find((c) => a.classes.includes(c))!;
    const message = `rules the same traffic as policy '${a.id}' (${shared}) with the same priority ${b.priority}`;
    reporter.error('policy-conflict', ['policies', b.id], message, "give one of them a higher 'priority'");
  });
}
