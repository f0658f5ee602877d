import { overlaps, tryParsePrefix } from '../../net';
import type { GatewayState } from '../../gateway';
import { defaultMarkBits } from '../../model/mark-bits';
import { interfaceStarts } from '../../tunnels';
import type { HostUse, HostUseKind } from '../apply/host-use';
import {
  aliasWord,
  groupProtocol,
  isOurId,
  nftTable,
  priorityRange,
  protocol,
  returnDevice,
} from '../apply/numbers';
import { fail, ok, some, warn, type Check } from './check';
import type { BaseChain, HostFacts, Rule } from './host-facts';
import { refuses, type ForwardedPacket } from './walk-chain';

const ours = String(protocol);

/** Whatever another program has that `hostUse` calls ours, or that comes before ours. */
export function checkClashes(
  facts: HostFacts,
  gateway: GatewayState | null,
  use: readonly HostUse[],
): Check[] {
  const within = (kind: HostUseKind, value: number) =>
    use.some(({ kind: of, range }) => of === kind && range && range[0] <= value && value <= range[1]);
  return [
    checkTables(facts, within),
    checkPriorities(facts, within),
    ...checkEarlierRules(facts, gateway),
    checkNexthops(facts),
    checkMarks(facts, gateway),
    checkInterfaces(facts, gateway),
    checkPorts(facts, gateway, within),
    checkForwarding(facts, gateway),
    checkConnectionStates(facts),
    checkWayBack(facts),
    checkInput(facts, gateway),
  ];
}

/** Interfaces of tunnels as a pattern that ends so. */
const ofTunnels = (end: string) => interfaceStarts.map((start) => `${start}${end}`).join(', ');

type Within = (kind: HostUseKind, value: number) => boolean;

const unread = (name: string, what: string): Check =>
  warn(name, `${what} cannot be read`, 'run doctor as root, with iproute2 and nftables installed');

function checkTables({ routes }: HostFacts, within: Within): Check {
  if (!routes) return unread('tables', 'routes');
  const theirs = routes.filter((r) => r.protocol !== ours && within('routing-table', Number(r.table)));
  if (theirs.length === 0) return ok('tables', 'no route of others stands in our routing tables');
  const named = theirs.map((r) => `${r.dst} in ${r.table}`);
  return fail('tables', `routes of others stand in our tables: ${some(named)}`, 'give them another table');
}

function checkPriorities({ rules }: HostFacts, within: Within): Check {
  if (!rules) return unread('priorities', 'rules');
  const theirs = rules.filter((r) => r.protocol !== ours && within('rule-priority', r.priority));
  if (theirs.length === 0) return ok('priorities', 'no rule of others has a priority of ours');
  const [first, last] = priorityRange;
  return fail(
    'priorities',
    `rules of others have our priorities: ${some(theirs.map(ruleText))}`,
    `move them behind ${last}, or before ${first} if they match none of our traffic`,
  );
}

/** Rules that are asked before ours, and whose tables have a route for what we carry. */
function checkEarlierRules({ rules, routes }: HostFacts, gateway: GatewayState | null): Check[] {
  if (!rules || !routes) return [];
  const mine = rules.filter((r) => r.protocol === ours).map((r) => r.priority);
  const first = mine.length > 0 ? Math.min(...mine) : priorityRange[0];
  const prefixes = (gateway?.routes ?? [])
    .flatMap((route) => [...route.ipv4Prefixes, ...route.ipv6Prefixes])
    .flatMap((text) => tryParsePrefix(text) ?? []);
  const carries = (table: string, shortest: number): string | undefined =>
    routes
      .filter((r) => r.table === table && r.protocol !== ours && r.type !== '7')
      .map((r) => r.dst)
      .find((dst) => {
        if (dst === 'default') return shortest < 0;
        const prefix = tryParsePrefix(dst.includes('/') ? dst : `${dst}/${dst.includes(':') ? 128 : 32}`);
        return prefix && prefix.length > shortest && prefixes.some((own) => overlaps(prefix, own));
      });
  // Table 255 is local's; l3mdev asks the table of an interface's VRF, and ours are in none.
  const before = rules.filter((r) => r.protocol !== ours && r.priority < first && r.priority > 0);
  const stealing = before.flatMap((rule) => {
    if (rule.table === undefined || rule.l3mdev !== undefined || rule.iif === 'lo') return [];
    const dst = carries(rule.table, rule.suppress_prefixlen ?? -1);
    return dst === undefined ? [] : [{ rule, dst, certain: isForAll(rule) }];
  });
  const text = stealing.map(({ rule, dst }) => `${ruleText(rule)} has ${dst}`);
  const next = `give the rule a priority above ${priorityRange[1]}, or add 'suppress_prefixlength 0' to it`;
  if (stealing.some(({ certain }) => certain)) {
    return [fail('earlier-rules', `rules before ours take traffic of ours: ${some(text)}`, next)];
  }
  if (stealing.length > 0) {
    return [warn('earlier-rules', `rules before ours may take traffic of ours: ${some(text)}`, next)];
  }
  return [ok('earlier-rules', 'no rule before ours has a route for what we carry')];
}

const isForAll = ({ src, dst, iif, oif, fwmark, not }: Rule) =>
  src === 'all' && [dst, iif, oif].every((x) => x === undefined) && (fwmark === undefined || not === null);

function ruleText({ priority, fwmark, table }: Rule): string {
  return `${priority}${fwmark === undefined ? '' : ` fwmark ${fwmark}`} lookup ${table ?? 'none'}`;
}

function checkNexthops({ nexthops }: HostFacts): Check {
  if (!nexthops) return unread('nexthops', 'nexthops');
  const theirs = nexthops.filter(
    ({ id, protocol: by, group }) => isOurId(id) && by !== ours && !(group && by === String(groupProtocol)),
  );
  if (theirs.length === 0) return ok('nexthops', 'no nexthop of others has an id of ours');
  const ids = some(theirs.map(({ id }) => String(id)));
  return warn('nexthops', `nexthops of others have our ids: ${ids}`, 'keep theirs below 0x10000000');
}

/** Rules that set marks. One that keeps our bits is none of our business. */
function checkMarks({ chains, markRules }: HostFacts, gateway: GatewayState | null): Check {
  if (!chains) return unread('marks', 'nftables');
  const mask = gateway?.edge.markBits ?? defaultMarkBits;
  const touched = new Set<string>();
  for (const rule of markRules) {
    const [, , value, bits] =
      /--(set-xmark|set-mark|or-mark) (0x[0-9a-f]+)(?:\/(0x[0-9a-f]+))?/.exec(rule) ?? [];
    if (value !== undefined && (Number(bits ?? value) & mask) !== 0) touched.add(rule);
  }
  for (const { table, rules } of chains) {
    if (table === `inet ${nftTable}` || rules.some((rule) => rule.includes('xt target "MARK"'))) continue;
    for (const rule of rules) {
      const [, keeps] = /meta mark set meta mark (?:and|&) (0x[0-9a-f]+)/.exec(rule) ?? [];
      // To set bits, or to turn them.
      const [, sets] = /meta mark set meta mark (?:.*?)(?:x?or|[|^]) (0x[0-9a-f]+)/.exec(rule) ?? [];
      const kept = keeps === undefined ? (sets === undefined ? 0 : 0xffffffff) : Number(keeps);
      const changes = ~kept | Number(sets ?? 0);
      if (/meta mark set/.test(rule) && (changes & mask) !== 0) touched.add(rule);
    }
  }
  const bits = `0x${mask.toString(16)}`;
  if (touched.size === 0) return ok('marks', `nobody else sets the bits ${bits} of packet marks`);
  return warn(
    'marks',
    `rules of others set our bits ${bits}: ${some([...touched])}`,
    "name other bits in the description's 'edge.marks', or mask theirs",
  );
}

function checkInterfaces({ links }: HostFacts, gateway: GatewayState | null): Check {
  if (!links) return unread('interfaces', 'interfaces');
  const names = new Set((gateway?.tunnels ?? []).map((tunnel) => tunnel.interfaceName));
  const foreign = links.filter((l) => names.has(l.ifname) && !isOurs(l.ifalias)).map((l) => l.ifname);
  if (foreign.length > 0) {
    const next = 'rename or remove them; the agent makes its own within seconds';
    return fail('interfaces', `interfaces of others have names of our tunnels: ${some(foreign)}`, next);
  }
  const down = [...names].filter((name) => !links.some((l) => l.ifname === name));
  if (down.length > 0) {
    const next = "start the agent, or see 'dwcp-agent status'";
    return warn('interfaces', `interfaces of tunnels are not there: ${some(down)}`, next);
  }
  return ok('interfaces', gateway ? 'all interfaces of tunnels are ours' : 'no plan says which are ours');
}

const isOurs = (alias: string | undefined) => alias?.split(' ')[0] === aliasWord;

function checkPorts({ udp, tcp }: HostFacts, gateway: GatewayState | null, within: Within): Check {
  if (!udp || !tcp) return unread('ports', 'sockets');
  const tunnels = new Set((gateway?.tunnels ?? []).map((tunnel) => tunnel.listenPort));
  // The agent is a node, and wireguard-go and the kernel hold the ports of tunnels.
  const own = /^(|node|MainThread|wireguard-go|dwcp-agent)$/;
  const wanted = (port: number, kind: 'udp-port' | 'tcp-port') =>
    kind === 'udp-port' && port >= 1024 ? tunnels.has(port) : within(kind, port);
  const theirs = [
    ...udp.filter((l) => wanted(l.port, 'udp-port')).map((l) => ({ ...l, of: 'UDP' })),
    ...tcp.filter((l) => wanted(l.port, 'tcp-port')).map((l) => ({ ...l, of: 'TCP' })),
  ].filter(({ program }) => !own.test(program));
  if (theirs.length === 0) return ok('ports', 'no program of others has a port of ours');
  const named = theirs.map(({ of, port, program }) => `${of} ${port} by ${program}`);
  return fail('ports', `ports of ours are taken: ${some(named)}`, 'give that program another port');
}

const isForeign = ({ table }: BaseChain) => table !== `inet ${nftTable}`;

/** Kinds of interfaces behind which there are containers or other tunnels, and no region. */
const inner = ['bridge', 'dummy', 'tun', 'wireguard', 'vxlan', 'vrf'];

function checkForwarding(facts: HostFacts, gateway: GatewayState | null): Check {
  const { chains, units } = facts;
  if (!chains) return unread('forwarding', 'nftables');
  const foreign = chains.filter((chain) => chain.hook === 'forward' && isForeign(chain));
  const ways = waysThrough(facts, gateway);
  const dropping = foreign.flatMap((chain) => {
    const dropped = ways.filter(({ packets }) => packets.every((packet) => refuses(chain, packet)));
    return dropped.length === 0 ? [] : [{ name: chain.name, dropped }];
  });
  if (dropping.length === 0) return ok('forwarding', 'no chain of others drops what we forward');
  const docker =
    units.includes('docker') || chains.some((c) => c.rules.some((r) => r.includes('DOCKER-USER')));
  const next = docker
    ? `accept ${ofTunnels('+')} and dwcp+ in DOCKER-USER, both ways: docs/beside.md has the lines`
    : `accept what comes in or goes out by ${ofTunnels('*')} and dwcp*: docs/beside.md has the lines`;
  // A table of one family drops no more than half of them.
  const dropped = [...new Set(dropping.flatMap((one) => one.dropped.map(({ says }) => says)))];
  const all = dropped.length === new Set(ways.map(({ says }) => says)).size;
  const which = all ? 'forwarded packets' : `packets ${some(dropped)}`;
  return fail('forwarding', `${which} are dropped by ${some(dropping.map((c) => c.name))}`, next);
}

interface Way {
  readonly says: string;
  /** By each interface that the region may be behind. */
  readonly packets: readonly ForwardedPacket[];
}

/** Ways that packets take through this host, in each family. */
function waysThrough({ links }: HostFacts, gateway: GatewayState | null): Way[] {
  const names = (gateway?.tunnels ?? []).map((tunnel) => tunnel.interfaceName);
  const tunnels = names.length > 0 ? names : interfaceStarts;
  const others = (links ?? []).filter(
    (l) =>
      l.ifname !== 'lo' &&
      l.ifname !== returnDevice &&
      !isOurs(l.ifalias) &&
      l.master === undefined &&
      !inner.includes(l.linkinfo?.info_kind ?? ''),
  );
  const regions = others.length > 0 ? others.map((l) => l.ifname) : ['eth0'];
  return (['ipv4', 'ipv6'] as const).flatMap((family) =>
    tunnels.flatMap((tunnel) => [
      {
        says: `from ${tunnel} to the region`,
        packets: regions.map((to) => ({ from: tunnel, to, family })),
      },
      {
        says: `from the region to ${tunnel}`,
        packets: regions.map((from) => ({ from, to: tunnel, family })),
      },
      ...tunnels.map((to) => ({ says: `from ${tunnel} to ${to}`, packets: [{ from: tunnel, to, family }] })),
    ]),
  );
}

/**
 * Paths there and back may differ, and what ends its segments here has no connection: to conntrack both look
 * invalid, unless our table says that they are not tracked.
 */
function checkConnectionStates({ chains }: HostFacts): Check {
  if (!chains) return unread('connections', 'nftables');
  const forward = chains.filter((chain) => chain.hook === 'forward');
  const spared = forward.some((c) => !isForeign(c) && c.own.some((rule) => /\bnotrack\b/.test(rule)));
  const strict = forward.filter(
    (c) => isForeign(c) && c.rules.some((r) => /(ctstate INVALID|ct state invalid).*drop/i.test(r)),
  );
  if (strict.length === 0 || spared) return ok('connections', 'half-seen connections are not dropped');
  return warn(
    'connections',
    `${some(strict.map((c) => c.name))} drops what conntrack calls invalid, such as one way of a connection`,
    'start the agent: its table says that what tunnels carry is not tracked',
  );
}

/** A filter of firewalld, and of anybody who writes what the manual of nft shows. */
function checkWayBack({ chains }: HostFacts): Check {
  if (!chains) return unread('way-back', 'nftables');
  const strict = chains.filter(
    (c) => isForeign(c) && c.rules.some((r) => /\bfib saddr\b.*\biif\b.*\boif missing\b.*\bdrop$/.test(r)),
  );
  if (strict.length === 0) return ok('way-back', 'no chain of others asks for the same way back');
  return warn(
    'way-back',
    `${some(strict.map((c) => c.name))} drops packets whose way back is another`,
    "set 'IPv6_rpfilter=no' in /etc/firewalld/firewalld.conf and restart firewalld, or let wg-* pass",
  );
}

/** What is not decided before is dropped. */
function dropsTheRest({ policy, own }: BaseChain): boolean {
  return (
    policy === 'drop' || /^(counter (packets \d+ bytes \d+ )?)?(drop|reject\b.*)$/.test(own.at(-1) ?? '')
  );
}

const namesOurs = new RegExp(['udp dport', ...interfaceStarts].join('|'));

/** A rule for our interfaces or ports, or for everything. */
const letsUsIn = ({ rules }: BaseChain) =>
  rules.some(
    (rule) =>
      (/\baccept\b/.test(rule) && namesOurs.test(rule)) ||
      /^([\w-]+: )?(counter (packets \d+ bytes \d+ )?)?accept$/.test(rule),
  );

function checkInput({ chains }: HostFacts, gateway: GatewayState | null): Check {
  if (!chains) return unread('input', 'nftables');
  const ports = (gateway?.tunnels ?? []).map((tunnel) => tunnel.listenPort);
  const closed = chains.filter((c) => {
    if (c.hook !== 'input' || !isForeign(c) || !dropsTheRest(c)) return false;
    const text = c.rules.join('\n');
    return !letsUsIn(c) || ports.some((port) => !isOpen(text, port));
  });
  if (closed.length === 0) return ok('input', 'no chain of others closes the ports of tunnels');
  const range = ports.length === 0 ? 'of tunnels' : `${Math.min(...ports)} to ${Math.max(...ports)}`;
  return warn(
    'input',
    `${some(closed.map((c) => c.name))} may drop tunnels that the other end begins`,
    `accept UDP ports ${range} from peers, and UDP 862 that comes in by ${ofTunnels('*')}`,
  );
}

function isOpen(text: string, port: number): boolean {
  return [...text.matchAll(/udp dport (\{[^}]*\}|\S+) .*?accept/g)].some(([, ports]) =>
    ports
      .replace(/[{}]/g, '')
      .split(',')
      .map((part) => part.trim().split('-').map(Number))
      .some(([from, to = from]) => from <= port && port <= to),
  );
}

/** Which interfaces of ours are the user's to know: for other checks. */
export function ourInterfaces({ links }: HostFacts): string[] {
  return (links ?? []).filter((l) => isOurs(l.ifalias) || l.ifname === returnDevice).map((l) => l.ifname);
}
