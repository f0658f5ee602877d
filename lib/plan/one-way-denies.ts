import { warning, type Diagnostic } from '../diagnostics';
import { qosClasses, type Policy, type QosClass } from '../model';
import { count } from '../units';
import type { PlannedRoute } from './document';

/**
 * A warning for each policy that denies one way of a pair while the other way passes: what needs answers on
 * the denied way, TCP foremost, works in neither. None for a policy that says `oneWay`.
 */
export function warnOneWayDenies(policies: readonly Policy[], routes: readonly PlannedRoute[]): Diagnostic[] {
  const denying = policies.filter((p) => p.action === 'deny' && !p.oneWay);
  if (denying.length === 0) return [];
  const denied = new Map<string, ReadonlySet<QosClass>>();
  for (const r of routes) {
    if (r.refusal?.code !== 'denied') continue;
    const pair = `${r.from} ${r.to}`;
    denied.set(pair, new Set([...(denied.get(pair) ?? []), ...r.classes]));
  }
  return denying.flatMap((policy) => {
    const open = routes.flatMap((r) => {
      if (r.policy !== policy.id || r.refusal?.code !== 'denied') return [];
      const back = denied.get(`${r.to} ${r.from}`);
      const classes = r.classes.filter((c) => !back?.has(c));
      return classes.length > 0 ? [{ from: r.from, to: r.to, classes }] : [];
    });
    if (open.length === 0) return [];
    const [{ from, to }] = open;
    const others = open.length > 1 ? `, and so ${count(open.length - 1, 'more pair')}` : '';
    const message = `denies ${from} to ${to}, but not ${to} to ${from}: what ${to} sends passes, the answers do not${others}`;
    const next = `deny the way back too: '${wayBack(policy, open)}'; if one way is meant: 'oneWay: true'`;
    return [warning('deny-one-way', `policies.${policy.id}`, message, next)];
  });
}

/** The policy that denies the ways back, as a line of a description. */
function wayBack(
  { id, from, to, priority }: Policy,
  open: readonly { readonly classes: readonly QosClass[] }[],
): string {
  const classes = qosClasses.filter((c) => open.some((o) => o.classes.includes(c)));
  const list = (key: string, items: readonly string[]) =>
    items.length > 0 ? [`${key}: [${items.join(', ')}]`] : [];
  const parts = [
    ...list('from', to),
    ...list('to', from),
    ...(classes.length < qosClasses.length ? list('classes', classes) : []),
    'action: deny',
    ...(priority === 0 ? [] : [`priority: ${priority}`]),
  ];
  // An id has 20 characters.
  return `${id.slice(0, 15)}-back: { ${parts.join(', ')} }`;
}
