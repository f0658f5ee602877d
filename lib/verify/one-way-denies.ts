import type { PlanDocument, PlanWarning } from '../plan';
import { count } from '../units';
import { qosClasses } from '../model/qos';

/** A deny that leaves the way back open is told, with the line that closes it, unless it says `oneWay`. */
export function oneWayDenies({ policies, routes }: PlanDocument): PlanWarning[] {
  const denied = new Set<string>();
  for (const r of routes)
    if (r.refusal?.code === 'denied') for (const c of r.classes) denied.add(`${r.from} ${r.to} ${c}`);
  const found: PlanWarning[] = [];
  for (const p of policies) {
    if (p.action !== 'deny' || p.oneWay) continue;
    const open: (readonly [string, string])[] = [];
    const passing = new Set<string>();
    for (const r of routes) {
      if (r.policy !== p.id || r.refusal?.code !== 'denied') continue;
      const back = r.classes.filter((c) => !denied.has(`${r.to} ${r.from} ${c}`));
      if (back.length > 0) open.push([r.from, r.to]);
      for (const c of back) passing.add(c);
    }
    if (open.length === 0) continue;
    const [from, to] = open[0];
    const more = open.length > 1 ? `, and so ${count(open.length - 1, 'more pair')}` : '';
    const line = [
      p.to.length > 0 ? `from: [${p.to.join(', ')}], ` : '',
      p.from.length > 0 ? `to: [${p.from.join(', ')}], ` : '',
      passing.size < 5 ? `classes: [${qosClasses.filter((c) => passing.has(c)).join(', ')}], ` : '',
      'action: deny',
      p.priority === 0 ? '' : `, priority: ${p.priority}`,
    ].join('');
    found.push({
      code: 'deny-one-way',
      path: `policies.${p.id}`,
      message: `denies ${from} to ${to}, but not ${to} to ${from}: what ${to} sends passes, the answers do not${more}`,
      next: `deny the way back too: '${p.id.slice(0, 15)}-back: { ${line} }'; if one way is meant: 'oneWay: true'`,
    });
  }
  return found;
}
