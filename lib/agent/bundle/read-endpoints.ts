import { readFileSync, statSync } from 'node:fs';
import type { GatewayState } from '../../gateway';
import { visible } from '../../escape';
import { contains, findRangeFault, parsePrefix, rangeOf, tryParseAddress, type Prefix } from '../../net';

/** What a gateway takes from `endpoints.json`. Nothing signs that file. */
export interface Endpoints {
  /** Public addresses of peers by gateway identity. */
  readonly addresses: ReadonlyMap<string, string>;
  /** What was not taken and why, one line each; empty: all was. */
  readonly ignored: readonly string[];
}

/** Most bytes of the file: 100,000 gateways would need about 5 MB, and a gateway has some dozens of peers. */
const mostBytes = 2 ** 20;
/** Lines of what was ignored; a forged file may hold thousands of entries. */
const mostLines = 8;

/**
 * Reads public addresses of peers. An entry that could do harm is left out and named; never throws, for a
 * file that a stranger broke must cost nothing that works (see `readPeers`).
 *
 * Taken is a unicast address of public IPv4 space (`special-ranges.ts`), outside this network's own prefixes,
 * for a peer whose address the signed plan does not know. Gateways in the cloud have Elastic IPs, which are
 * IPv4; sites with IPv6 addresses have theirs in the plan.
 *
 * @param privateToo also private and documentation addresses, IPv6, and addresses other than the plan's: for
 *   networks on one machine.
 */
export function readEndpoints(file: string, gateway: GatewayState, privateToo = false): Endpoints {
  const addresses = new Map<string, string>();
  const ignored: string[] = [];
  const entries = entriesOf(file);
  if (typeof entries === 'string') return { addresses, ignored: [entries] };
  const identities = new Map(gateway.peers.map((peer) => [peer.gateway, peer.identity]));
  const planned = new Map(
    gateway.tunnels.map(({ peer }) => [identities.get(peer.gateway) ?? peer.gateway, peer.endpoint]),
  );
  const inner = ownPrefixes(gateway);
  for (const [identity, address] of entries) {
    const why = privateToo
      ? faultOfAny(planned.has(identity), address)
      : faultOf(planned.get(identity), address, inner);
    if (why === undefined) addresses.set(identity, String(address));
    else ignored.push(visible(`the endpoint of '${identity.slice(0, 80)}' is ignored: ${why}`));
  }
  const more = ignored.length - mostLines;
  if (more > 0) ignored.splice(mostLines, more, `${more} more endpoints are ignored`);
  return { addresses, ignored };
}

/** @param planned the plan's own address; null: it has none; undefined: it knows no such peer. */
function faultOf(
  planned: string | null | undefined,
  address: unknown,
  inner: readonly Prefix[],
): string | undefined {
  if (planned === undefined) return 'the plan has no such peer';
  if (planned !== null && address === planned) return undefined;
  if (planned !== null) return 'the plan has its address';
  const parsed = typeof address === 'string' ? tryParseAddress(address) : undefined;
  if (!parsed) return 'it is no IP address';
  const fault = findRangeFault(parsed, 'endpoint');
  if (fault) return fault.message;
  if (parsed.family !== 4) return `${String(address)} is IPv6, and gateways reach each other over IPv4`;
  if (inner.some((prefix) => contains(prefix, parsed))) return `${String(address)} lies inside this network`;
  return undefined;
}

function faultOfAny(known: boolean, address: unknown): string | undefined {
  if (!known) return 'the plan has no such peer';
  const parsed = typeof address === 'string' ? tryParseAddress(address) : undefined;
  if (!parsed) return 'it is no IP address';
  const { kind, name } = rangeOf(parsed);
  return kind === 'reserved' ? `${String(address)} is ${name}` : undefined;
}

/** What is reached through tunnels: a tunnel to there would lead into itself. */
function ownPrefixes(gateway: GatewayState): Prefix[] {
  const { ipv4Block, ipv6Block, prefixes = [], routes } = gateway;
  const far = routes.flatMap((route) => [...route.ipv4Prefixes, ...route.ipv6Prefixes]);
  return [ipv4Block, ipv6Block, ...prefixes, ...far].map(parsePrefix).filter(({ length }) => length > 0);
}

/** The file's entries, or why there are none. */
function entriesOf(file: string): [string, unknown][] | string {
  const lost = (why: string) => `${file} ${why}: no endpoint is taken from it`;
  try {
    if (statSync(file).size > mostBytes) return lost(`has more than ${mostBytes} bytes`);
    const raw: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) return lost('is no map of addresses');
    return Object.entries(raw);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return lost(code === undefined ? 'is no JSON, or only a part of it' : `cannot be read (${code})`);
  }
}
