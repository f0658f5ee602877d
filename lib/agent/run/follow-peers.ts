import {
  apply,
  type Host,
  type HostCommand,
  type HostSettings,
  type WireguardDevice,
  type WireguardPeer,
} from '../apply';
import { wantedHost, type WantedHost } from '../apply/wanted/wanted-host';
import {
  goodOf,
  openWatches,
  readKeys,
  readPeers,
  type BookStep,
  type EndpointBook,
  type EndpointNews,
  type GoodEndpoints,
  type KeyWatches,
  type SeenPeers,
} from '../peers';
import type { Clock } from './clock';
import type { ArrivalMemory } from './earlier-arrivals';
import type { Bundle } from '../bundle/read-bundle';

/** What a running agent holds of its host and peers; the parts of its loop share it. */
export interface Running {
  bundle: Bundle | null;
  wanted: WantedHost | null;
  book: EndpointBook;
  watches: KeyWatches;
  /** What the plan lets in by tunnels, and those before it did; null: there is no plan. */
  arrivals: ArrivalMemory | null;
}

export interface PeerParts {
  readonly host: Host;
  readonly clock: Clock;
  readonly running: Running;
  /** The agent has stopped, or a plan is being taken: what was seen may be of another. */
  readonly idle: () => boolean;
  readonly alone: <T>(what: () => Promise<T>) => Promise<T>;
  /** Neither a switch nor a mend is beside it. */
  readonly apart: <T>(what: () => Promise<T>) => Promise<T>;
  readonly settingsOf: (bundle: Bundle, book: EndpointBook) => HostSettings;
  /** What is known not to be mended, by identity: it holds up nothing else. */
  readonly unhealed: () => ReadonlySet<string>;
  readonly remember?: (good: GoodEndpoints) => void;
  readonly probe: (bundle: Bundle) => void;
  readonly onRotated: () => void;
  /** The host was found otherwise than it was taken to be. */
  readonly onDoubt: () => void;
  readonly tell: (event: 'endpoint' | 'key', what: string, news: EndpointNews) => void;
  readonly log: (message: string) => void;
}

/** Looks at WireGuard's peers, and sets another endpoint or key where one is silent. */
export async function followPeers(parts: PeerParts): Promise<void> {
  const { host, clock, running, log } = parts;
  const of = running.bundle;
  if (of === null) return;
  const seen = await host.peers();
  if (parts.idle() || running.bundle !== of) return;
  await followKeys(parts, of, seen);
  if (parts.idle() || running.bundle !== of) return;
  const step = readPeers(running.book, of.gateway, seen, clock.nowMs());
  running.book = step.book;
  tellNews(parts, step);
  if (step.learned) {
    try {
      parts.remember?.(goodOf(step.book, of.gateway));
    } catch (error) {
      log(`endpoints that answer are not remembered: ${String(error)}`);
    }
  }
  if (step.set.length > 0) await parts.alone(() => setEndpoints(parts, step.set, seen));
}

export function tellNews({ tell }: Pick<PeerParts, 'tell'>, { news }: BookStep): void {
  for (const { tunnel, ...told } of news) tell('endpoint', tunnel, told);
}

async function followKeys(parts: PeerParts, of: Bundle, seen: SeenPeers): Promise<void> {
  const { host, clock, running, tell, log } = parts;
  const step = readKeys(running.watches, of, seen, clock.nowMs());
  running.watches = step.watches;
  for (const { tunnel, order, news } of step.orders) {
    const failure = await host.giveTo(order);
    if (failure) log(`${tunnel}: the peer's other key could not be tried (${failure.message})`);
    else if (news) tell('key', tunnel, news);
  }
  if (step.done && !parts.idle()) await parts.apart(() => dropEarlier(parts, of));
}

/**
 * Every far end of a tunnel has left its key of before. Our own key of before stays for probes alone: ends
 * that have not finished sign them under it, and nothing tells when the last has.
 */
async function dropEarlier(parts: PeerParts, of: Bundle): Promise<void> {
  const { host, clock, running, log } = parts;
  if (running.bundle !== of || parts.idle() || !of.earlier) return;
  const { ownReplaced, ...earlier } = of.earlier;
  const rest: Bundle = {
    ...of,
    earlier: ownReplaced ? { ...earlier, ownReplaced, peers: new Map() } : undefined,
  };
  const next = wantedHost(rest.gateway, parts.settingsOf(rest, running.book));
  const report = await apply(host, next, parts.unhealed());
  if (report.failures.length > 0) return log(`keys of before could not go (${report.failures[0].message})`);
  running.bundle = rest;
  running.wanted = next;
  running.watches = openWatches(running.watches, rest, clock.nowMs());
  parts.probe(rest);
  if (!ownReplaced) parts.onRotated();
  log('the rotation of keys is finished at the far end of every tunnel: their keys of before are gone');
}

/** Sets endpoints that a taken plan resets: an alias may name them already, and the kernel others. */
export async function resetEndpoints(parts: PeerParts, tunnels: readonly string[]): Promise<void> {
  if (tunnels.length > 0) await setEndpoints(parts, tunnels, await parts.host.peers());
}

/** One that cannot be set holds up no other. */
async function setEndpoints(parts: PeerParts, tunnels: readonly string[], seen: SeenPeers): Promise<void> {
  const { host, running, log } = parts;
  if (running.bundle === null) return;
  running.wanted = wantedHost(running.bundle.gateway, parts.settingsOf(running.bundle, running.book));
  const commands = running.wanted.objects.flatMap((object): HostCommand[] => {
    const { tunnel } = object;
    if (!tunnel || !tunnels.includes(tunnel.tunnel)) return [];
    // The kernel may be elsewhere than was set, and under the other key.
    const holder = seen.get(tunnel.name)?.find(({ holds }) => holds)?.publicKey;
    const was = { ...object, tunnel: { ...tunnel, ...withoutEndpoint(tunnel, holder) } };
    return [{ verb: 'change', object, was }];
  });
  const failures = await host.attempt(commands);
  for (const { message } of failures) log(`an endpoint could not be set (${message})`);
  if (failures.length > 0) parts.onDoubt();
}

function withoutEndpoint(
  { peer, other }: WireguardDevice,
  holder: string | undefined,
): Pick<WireguardDevice, 'peer' | 'other'> {
  const bare = (of: WireguardPeer) => ({ ...of, endpoint: null });
  const [first, second] = other?.publicKey === holder ? [other, peer] : [peer, other];
  return {
    peer: first ? bare(first) : null,
    ...(second && { other: { ...bare(second), keepaliveSeconds: 0 } }),
  };
}
