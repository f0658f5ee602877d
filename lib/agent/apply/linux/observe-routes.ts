import type { HostObject } from '../host-object';
import { groupProtocol, isOurId, protocol, tables } from '../numbers';
import { groupWords } from '../wanted/wanted-paths';
import { routeKey } from '../wanted/wanted-segments';
import { flatEncap } from './flat-encap';
import type { LinuxPlace } from './linux-place';
import { output } from './run-process';

/** Types of routes by number, as `ip -N` prints them (linux/rtnetlink.h). */
const unicast = '1';
const local = '2';
const unreachable = '7';

interface ListedRoute {
  readonly dst: string;
  readonly type?: string;
  readonly table?: string;
  readonly metric?: number;
  readonly metrics?: readonly { readonly mtu?: number }[];
  readonly nhid?: number;
  readonly prefsrc?: string;
  readonly gateway?: string;
  readonly dev?: string;
  readonly encap?: string;
  readonly action?: string;
  readonly nh4?: string;
  readonly nh6?: string;
}

interface ListedNexthop {
  readonly id: number;
  readonly gateway?: string;
  readonly dev?: string;
  readonly segs?: readonly string[];
  readonly protocol?: string;
  readonly group?: readonly { readonly id: number; readonly weight?: number }[];
}

interface ListedRule {
  readonly priority: number;
  readonly iif?: string;
  readonly src: string;
  readonly srclen?: number;
  readonly dst?: string;
  readonly dstlen?: number;
  readonly fwmark?: string;
  readonly fwmask?: string;
  readonly table: string;
  readonly protocol?: string;
}

/** Our nexthops, groups, routes and rules, known by their protocol number; groups by their ids, too. */
export async function observeRoutes({ prefix, look }: LinuxPlace): Promise<HostObject[]> {
  const read = async <T extends object>(...words: string[]): Promise<T[]> => {
    const text = await output([...prefix, 'ip', '-j', '-N', ...words], '', look);
    return text.trim() === '' ? [] : (JSON.parse(text) as T[]).map((listed) => flatEncap(listed) as T);
  };
  const ours = ['proto', String(protocol)];
  const [nexthops, routes4, routes6, rules4, rules6] = await Promise.all([
    read<ListedNexthop>('nexthop', 'show'),
    read<ListedRoute>('-4', 'route', 'show', 'table', 'all', ...ours),
    read<ListedRoute>('-6', 'route', 'show', 'table', 'all', ...ours),
    read<ListedRule>('-4', '-d', 'rule', 'show'),
    read<ListedRule>('-6', '-d', 'rule', 'show'),
  ]);
  const mine = (rules: readonly ListedRule[]) => rules.filter((rule) => rule.protocol === String(protocol));
  return [
    ...nexthops.filter(isOurNexthop).map(nexthopObject),
    ...routes4.map((route) => routeObject(route, 32)),
    ...routes6.map((route) => routeObject(route, 128)),
    ...mine(rules4).map((rule): HostObject => ({ kind: 'rule4', key: ruleKey(rule, 32), value: '' })),
    ...mine(rules6).map((rule): HostObject => ({ kind: 'rule6', key: ruleKey(rule, 128), value: '' })),
  ];
}

function isOurNexthop({ id, group, protocol: by }: ListedNexthop): boolean {
  return by === String(protocol) || (group !== undefined && by === String(groupProtocol) && isOurId(id));
}

function nexthopObject({ id, gateway, dev, segs, group, protocol: by }: ListedNexthop): HostObject {
  if (group) {
    const members = group.map((member) => [member.id, member.weight ?? 1] as const);
    // One of an earlier agent, by the protocol of all the rest, is made anew.
    const earlier = by === String(groupProtocol) ? '' : ` proto ${by}`;
    return { kind: 'group', key: `id ${id}`, value: `${groupWords(members)}${earlier}` };
  }
  const encap = segs ? ` encap seg6 mode encap.red segs ${segs.join(',')}` : '';
  return { kind: 'nexthop', key: `id ${id}`, value: `via ${gateway} dev ${dev}${encap}` };
}

function routeObject(route: ListedRoute, bits: number): HostObject {
  const { dst, type, metric = 0, nhid, dev } = route;
  // The argument `table` of a seg6local action hides that of the route: such routes of ours stand in main.
  const table = route.encap === 'seg6local' ? tables.main : (route.table ?? tables.main);
  const prefix = dst.includes('/') ? dst : `${dst}/${bits}`;
  const key = routeKey(prefix, Number(table), metric);
  if (type === local) return { kind: 'route', key: `local ${key}`, value: `dev ${dev}` };
  if (type !== undefined && type !== unicast) {
    return { kind: 'route', key: `${type === unreachable ? 'unreachable' : type} ${key}`, value: '' };
  }
  if (route.encap === 'seg6local') return { kind: 'segment', key, value: localWords(route) };
  if (route.gateway !== undefined && nhid === undefined) {
    return { kind: 'segment', key, value: `via ${route.gateway} dev ${dev}` };
  }
  const mtu = route.metrics?.find((m) => m.mtu !== undefined)?.mtu;
  const words = [
    nhid === undefined ? `dev ${dev}` : `nhid ${nhid}`,
    ...(mtu === undefined ? [] : [`mtu ${mtu}`]),
    ...(route.prefsrc === undefined ? [] : [`src ${route.prefsrc}`]),
  ];
  return { kind: 'route', key, value: words.join(' ') };
}

function localWords({ action, nh4, nh6, dev }: ListedRoute): string {
  const argument =
    nh4 !== undefined ? `nh4 ${nh4}` : nh6 !== undefined ? `nh6 ${nh6}` : `table ${tables.local}`;
  return `encap seg6local action ${action} ${argument} dev ${dev}`;
}

function ruleKey(rule: ListedRule, bits: number): string {
  const side = (word: string, address: string, length = bits) =>
    `${word} ${length === bits ? address : `${address}/${length}`}`;
  const words = [
    `priority ${rule.priority}`,
    ...(rule.src === 'all' ? [] : [side('from', rule.src, rule.srclen)]),
    ...(rule.dst === undefined ? [] : [side('to', rule.dst, rule.dstlen)]),
    ...(rule.iif === undefined ? [] : [`iif ${rule.iif}`]),
    ...(rule.fwmark === undefined ? [] : [`fwmark ${rule.fwmark}/${rule.fwmask}`]),
    `lookup ${rule.table}`,
  ];
  return words.join(' ');
}
