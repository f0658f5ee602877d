import type { BaseChain } from './host-facts';

/** A packet that begins a connection, as far as the rules of others are asked about it. */
export interface ForwardedPacket {
  readonly from: string;
  readonly to: string;
  readonly family: 'ipv4' | 'ipv6';
}

/** Chains within chains that are followed; the kernel allows 16. */
const deepest = 16;

/**
 * Does a chain at a hook drop a packet? Rules that ask for interfaces and families alone are followed, into
 * the chains that they jump to. One that asks for anything else (ports, addresses, states, marks) is taken
 * not to match: there is always a packet that it does not match.
 */
export function refuses(chain: BaseChain, packet: ForwardedPacket): boolean {
  const [family] = chain.table.split(' ');
  const other = packet.family === 'ipv4' ? 'ip6' : 'ip';
  if (family === other || !['inet', 'ip', 'ip6'].includes(family)) return false;
  return (
    (walk(chain.own, chain, packet, 0) ?? (chain.policy === 'drop' ? 'refused' : 'passes')) === 'refused'
  );
}

type Verdict = 'passes' | 'refused';

/** @returns undefined: its end was reached, so whoever called goes on. */
function walk(
  rules: readonly string[],
  chain: BaseChain,
  packet: ForwardedPacket,
  depth: number,
): Verdict | undefined {
  for (const rule of rules) {
    const [, asks, verdict, , target] = parts.exec(rule.replace(remarks, ' ').trim()) ?? [];
    if (verdict === undefined || !matches(asks, packet)) continue;
    if (verdict === 'accept') return 'passes';
    if (verdict === 'return') return undefined;
    if (target === undefined) return 'refused';
    const below = depth < deepest ? (chain.chains.get(target) ?? []) : [];
    const found = walk(below, chain, packet, depth + 1);
    // What `goto` leads to goes back to where this chain was called.
    if (found !== undefined || verdict.startsWith('goto')) return found;
  }
  return undefined;
}

/** What neither asks nor decides. */
const remarks = new RegExp(
  [
    '\\bcounter( packets \\d+ bytes \\d+)?',
    '\\bcomment "[^"]*"',
    '\\blog( (prefix "[^"]*"|(level|flags|group|snaplen) \\S+))*',
  ].join('|'),
  'g',
);

const parts = /^(.*?)\s*(accept|drop|return|reject\b.*|xt target "REJECT".*|(jump|goto) (\S+))$/;

function matches(asks: string, { from, to, family }: ForwardedPacket): boolean {
  let rest = asks.trim();
  while (rest !== '') {
    const [all, what, not, names] =
      /^(iifname|oifname|iif|oif|meta nfproto) (!= )?(\{[^}]*\}|"[^"]*"|\S+)\s*/.exec(rest) ?? [];
    if (all === undefined) return false;
    const value = what === 'meta nfproto' ? family : what.startsWith('iif') ? from : to;
    const hit = names
      .replace(/[{}"]/g, '')
      .split(',')
      .map((name) => name.trim())
      .some((name) => (name.endsWith('*') ? value.startsWith(name.slice(0, -1)) : value === name));
    if (hit === (not !== undefined)) return false;
    rest = rest.slice(all.length);
  }
  return true;
}
