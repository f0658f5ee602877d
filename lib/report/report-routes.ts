import { qosClasses, type QosClass } from '../model';
import type { PlanDocument, PlannedPath, PlannedRoute } from '../plan';
import { formatBandwidth, formatLatency, formatPrice } from '../units';
import { constraintTexts } from './explain';
import type { Paint } from './paint';
import { limit, type Section } from './report-section';
import type { Column } from './table';

/** From this many regions on, the matrix gives way to the list of findings. */
const matrixLimit = 8;

/** Routes of the same strategy and classes. */
interface StrategyGroup {
  readonly title: string;
  readonly routes: readonly PlannedRoute[];
}

function strategyGroups(plan: PlanDocument): StrategyGroup[] {
  const groups = new Map<string, PlannedRoute[]>();
  for (const route of plan.routes) {
    const by = route.policy === null ? '' : `, policy ${route.policy}`;
    const title = `Routes by ${route.strategy}: ${route.classes.join(', ')}${by}`;
    const group = groups.get(title);
    if (group) group.push(route);
    else groups.set(title, [route]);
  }
  return [...groups].map(([title, routes]) => ({ title, routes }));
}

/**
 * Small networks as a matrix for each kind of class, or a list where that is too wide; of large ones the
 * findings below tell.
 */
export function routeSections(
  plan: PlanDocument,
  paths: ReadonlyMap<string, PlannedPath>,
  all: boolean,
  p: Paint,
  width: number,
): Section[] {
  if (all) return strategyGroups(plan).map((group) => routeList(group, paths, p));
  const ids = plan.regions.map((r) => r.id);
  if (ids.length < 2 || ids.length > matrixLimit) return [];
  const widest =
    2 +
    Math.max(...ids.map((id) => id.length)) +
    ids.reduce((sum, id) => sum + 2 + Math.max(id.length, cellWidth), 0);
  if (widest <= width) return classMatrices(plan, paths, p);
  return strategyGroups(plan).map((group) => {
    const section = routeList(group, paths, p);
    return { ...section, ...limit(section.rows ?? [], false, 'route') };
  });
}

/** Of the longest cell, `*168.5 +2`. */
const cellWidth = 9;

function routeList(group: StrategyGroup, paths: ReadonlyMap<string, PlannedPath>, p: Paint): Section {
  const rows = group.routes.map((route) => {
    const path = route.primary === null ? undefined : paths.get(route.primary);
    return [
      `${route.from} → ${route.to}`,
      path
        ? path.links.length === 1
          ? 'direct'
          : `via ${path.regions.slice(1, -1).join(', ')}`
        : p.red('no route'),
      path ? formatLatency(path.latencyMs) : '',
      path ? formatBandwidth(path.bandwidthMbps) : '',
      path
        ? path.costPerGbUsd === null
          ? 'unknown'
          : formatPrice(path.costPerGbUsd).replace(' USD/GB', '')
        : '',
      String(route.backups.length),
      String(route.equalCost.length) + (route.equalCostMore ? '+' : ''),
    ];
  });
  const columns: Column[] = [
    { title: 'pair', elastic: true },
    { title: 'path', elastic: true },
    { title: 'one way', align: 'right' },
    { title: 'available', align: 'right' },
    { title: 'USD/GB', align: 'right' },
    { title: 'backups', align: 'right' },
    { title: 'equal', align: 'right' },
  ];
  return { title: group.title, columns, rows };
}

const matrixFigure: Readonly<
  Record<PlannedRoute['strategy'], { note: string; of: (path: PlannedPath) => string }>
> = {
  latency: { note: 'one way, ms', of: (path) => formatLatency(path.latencyMs).replace(' ms', '') },
  metric: { note: 'one way, ms', of: (path) => formatLatency(path.latencyMs).replace(' ms', '') },
  balanced: { note: 'one way, ms', of: (path) => formatLatency(path.latencyMs).replace(' ms', '') },
  cost: {
    note: 'USD/GB',
    of: (path) => (path.costPerGbUsd === null ? '?' : formatPrice(path.costPerGbUsd).replace(' USD/GB', '')),
  },
  bandwidth: { note: 'available Gbps', of: (path) => String(Math.round(path.bandwidthMbps / 10) / 100) },
};

/**
 * From row to column the figure, and behind it the number of transit regions where there are any; one for
 * alike classes.
 */
function classMatrices(plan: PlanDocument, paths: ReadonlyMap<string, PlannedPath>, p: Paint): Section[] {
  const ids = plan.regions.map((r) => r.id);
  const matrices = new Map<
    string,
    { classes: QosClass[]; strategy: PlannedRoute['strategy']; rows: string[][] }
  >();
  for (const qos of qosClasses) {
    const routes = plan.routes.filter((route) => route.classes.includes(qos));
    const byPair = new Map(routes.map((route) => [`${route.from} ${route.to}`, route]));
    const usual = mostFrequent(routes.map((route) => `${route.strategy} ${route.policy ?? ''}`));
    const strategy = usual.split(' ')[0] as PlannedRoute['strategy'];
    const cell = (from: string, to: string): string => {
      if (from === to) return p.dim('·');
      const route = byPair.get(`${from} ${to}`);
      const path = route?.primary ? paths.get(route.primary) : undefined;
      if (!route || !path) return p.red(route?.refusal?.code === 'denied' ? 'denied' : 'none');
      const own = `${route.strategy} ${route.policy ?? ''}` === usual ? '' : p.yellow('*');
      return (
        own +
        matrixFigure[strategy].of(path) +
        (path.links.length > 1 ? p.cyan(` +${path.links.length - 1}`) : '')
      );
    };
    const rows = ids.map((from) => [from, ...ids.map((to) => cell(from, to))]);
    const key = JSON.stringify([usual, rows]);
    const alike = matrices.get(key);
    if (alike) alike.classes.push(qos);
    else matrices.set(key, { classes: [qos], strategy, rows });
  }
  const columns: Column[] = [
    { title: 'from \\ to' },
    ...ids.map((id) => ({ title: id, align: 'right' as const })),
  ];
  return [...matrices.values()].map(({ classes, strategy, rows }) => {
    const marks = [
      '+n: through n regions',
      ...(rows.flat().some((c) => c.includes('*')) ? ['*: by a policy of its own'] : []),
    ];
    const note = [matrixFigure[strategy].note, ...marks].join('; ');
    return { title: `Routes by ${strategy}: ${classes.join(', ')}`, note, columns, rows };
  });
}

/** The first of the most frequent ones. */
function mostFrequent(values: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].reduce((most, entry) => (entry[1] > most[1] ? entry : most), ['latency ', 0] as [
    string,
    number,
  ])[0];
}

/** The policies, as described: whom they rule, by what, within which bounds. */
export function policySection(plan: PlanDocument, all: boolean): Section | undefined {
  if (plan.policies.length === 0) return undefined;
  const side = (ids: readonly string[]) => (ids.length === 0 ? 'all' : ids.join(', '));
  const rows = plan.policies.map((policy) => [
    policy.id,
    `${side(policy.from)} → ${side(policy.to)}`,
    policy.classes.length === qosClasses.length ? 'all' : policy.classes.join(', '),
    policy.action === 'deny' ? 'deny' : (policy.strategy ?? 'by class'),
    [
      ...constraintTexts(policy.constraints),
      ...(policy.disjoint === 'none' ? [] : [`${policy.disjoint}-disjoint`]),
    ].join('; '),
  ]);
  const columns: Column[] = [
    { title: 'id' },
    { title: 'pairs', elastic: true },
    { title: 'classes', elastic: true },
    { title: 'strategy' },
    { title: 'bounds', elastic: 'beneath' },
  ];
  return { title: 'Policies', columns, ...limit(rows, all, 'policy') };
}
