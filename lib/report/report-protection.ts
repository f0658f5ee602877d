// Routes that a single failure can take, and pairs without a route: two sections of the report.
import { qosClasses } from '../model';
import type { PlanDocument } from '../plan';
import { count } from '../units';
import { weakRoutes } from './findings';
import type { Paint } from './paint';
import { limit, type Section } from './report-section';
import type { Column } from './table';

/** The routes without a backup that shares nothing with them. */
export function weakSection(plan: PlanDocument, all: boolean, p: Paint): Section | undefined {
  const weak = weakRoutes(plan);
  const routed = plan.routes.filter((r) => r.primary !== null).length;
  if (routed === 0) return undefined;
  const title = 'Protection';
  if (weak.length === 0) {
    const every = p.green('every route');
    return {
      title,
      sentences: [`${every} has a backup that shares no link, transit region or risk group with it`],
    };
  }
  const rows = weak.map(({ route, shared }) => [
    `${route.from} → ${route.to}`,
    route.classes.join(', '),
    String(route.backups.length),
    route.backups.length === 0 ? p.red('no backup') : p.yellow(shared),
  ]);
  const columns: Column[] = [
    { title: 'pair', elastic: true },
    { title: 'classes', elastic: true },
    { title: 'backups', align: 'right' },
    { title: 'first backup shares', elastic: 'beneath' },
  ];
  const which =
    weak.length === routed ? `all ${count(routed, 'route')}` : `${weak.length} of ${count(routed, 'route')}`;
  const note = `${which} without a fully disjoint backup`;
  return { title, note, columns, ...limit(rows, all, 'route') };
}

/** The pairs without a route, and why. */
export function refusalSection(plan: PlanDocument, all: boolean, p: Paint): Section | undefined {
  const refused = plan.routes.filter((route) => route.primary === null);
  if (refused.length === 0) return undefined;
  const rows = refused.map((route) => [
    `${route.from} → ${route.to}`,
    route.classes.length === qosClasses.length ? 'all' : route.classes.join(', '),
    route.refusal?.code === 'denied' ? p.dim('denied') : p.red(route.refusal?.code ?? 'none'),
    [route.refusal?.message, route.refusal?.nearest].filter(Boolean).join('; '),
  ]);
  const columns: Column[] = [
    { title: 'pair', elastic: true },
    { title: 'classes', elastic: true },
    { title: 'why' },
    { title: 'no route', elastic: 'beneath' },
  ];
  return { title: 'Without a route', columns, ...limit(rows, all, 'route') };
}
