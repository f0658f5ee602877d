import type { HostCommand } from '../host';
import { groupProtocol, protocol } from '../numbers';

/** A line for a tool that stays. */
export interface BatchLine {
  /** `ip6` is ip(8) for IPv6 alone: a rule without an address does not tell its family. */
  readonly tool: 'ip' | 'ip6' | 'tc';
  readonly line: string;
}

/** The line that a command is; undefined for those that need a process of their own. */
export function tryBatchLine({ verb, object }: HostCommand): BatchLine | undefined {
  const { kind, key, value, also = '' } = object;
  const words = (...all: string[]) => all.filter((word) => word !== '').join(' ');
  const ours = `proto ${protocol}`;
  switch (kind) {
    case 'address': {
      const nodad = key.includes(':') ? 'nodad' : '';
      // A change of lifetimes is a change in place.
      const does = { add: 'add', change: 'change', delete: 'del' }[verb];
      return { tool: 'ip', line: words('address', does, key, verb === 'delete' ? '' : words(value, nodad)) };
    }
    case 'segment':
    case 'route': {
      const does = { add: 'add', change: 'replace', delete: 'del' }[verb];
      return { tool: 'ip', line: words('route', does, key, ours, verb === 'delete' ? '' : value) };
    }
    case 'nexthop':
    case 'group': {
      if (verb === 'delete') return { tool: 'ip', line: words('nexthop del', key) };
      const whose = kind === 'group' ? `proto ${groupProtocol}` : ours;
      return { tool: 'ip', line: words('nexthop', verb === 'add' ? 'add' : 'replace', key, whose, value) };
    }
    case 'rule4':
    case 'rule6': {
      const tool = kind === 'rule4' ? 'ip' : 'ip6';
      return { tool, line: words('rule', verb === 'delete' ? 'del' : 'add', key, `protocol ${protocol}`) };
    }
    case 'qdisc':
    case 'leaf': {
      if (verb === 'delete') return { tool: 'tc', line: words('qdisc del', key) };
      return { tool: 'tc', line: words('qdisc replace', key, value) };
    }
    case 'class': {
      if (verb === 'delete') return { tool: 'tc', line: words('class del', key) };
      return { tool: 'tc', line: words('class', verb, key, value, also) };
    }
    default:
      return undefined;
  }
}
