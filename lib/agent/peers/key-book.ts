import type { GatewayState } from '../../gateway';
import type { GatewayKeys } from '../../net/keys';
import { farKeys, type EarlierKeys, type SeenPeer, type TunnelOrder } from '../apply';
import type { EndpointNews } from './endpoint-choice';
import { beginWatch, isDone, watchKeys, type KeyWatch } from './key-choice';

/** Peers in the kernel by WireGuard interface. */
export type SeenPeers = ReadonlyMap<string, readonly SeenPeer[]>;

/** Watches of the tunnels whose far end may use one of two keys, by tunnel id; empty: no rotation. */
export type KeyWatches = ReadonlyMap<
  string,
  KeyWatch & { readonly keys: readonly string[]; readonly fromMs: number }
>;

/** A gateway with its opened keys, as its bundle gives them. */
export interface KeyedGateway {
  readonly gateway: GatewayState;
  readonly keys: GatewayKeys | null;
  /** Keys of before, where a rotation is being finished. */
  readonly earlier?: EarlierKeys;
}

export interface KeyBookStep {
  readonly watches: KeyWatches;
  readonly orders: readonly {
    readonly tunnel: string;
    readonly order: TunnelOrder;
    readonly news?: EndpointNews;
  }[];
  /** Every far end that had an earlier key at a tunnel of ours has left it. */
  readonly done: boolean;
}

/** Watches for a plan: kept where the tunnel stays in rotation. */
export function openWatches(
  before: KeyWatches,
  { gateway, keys, earlier }: KeyedGateway,
  nowMs: number,
): KeyWatches {
  return new Map(
    gateway.tunnels.flatMap((tunnel) => {
      const all = farKeys(gateway, tunnel, keys, earlier).map(({ publicKey }) => publicKey);
      if (all.length < 2) return [];
      const watch = before.get(tunnel.id) ?? { ...beginWatch(nowMs), fromMs: nowMs };
      return [[tunnel.id, { ...watch, sinceMs: nowMs, tries: 0, keys: all }]];
    }),
  );
}

/** Takes in what the kernel says of all peers. */
export function readKeys(
  before: KeyWatches,
  bundle: KeyedGateway,
  seen: SeenPeers,
  nowMs: number,
): KeyBookStep {
  const watches = new Map(before);
  const orders: KeyBookStep['orders'][number][] = [];
  for (const { id, interfaceName: device, keepaliveSeconds } of bundle.gateway.tunnels) {
    const watch = before.get(id);
    const peers = (seen.get(device) ?? []).filter((peer) => watch?.keys.includes(peer.publicKey));
    if (!watch || peers.length < 2) continue;
    const step = watchKeys(watch, peers, nowMs);
    watches.set(id, { ...watch, ...step.watch });
    if (!step.give) continue;
    const { publicKey, heard } = step.give;
    const holder = peers.find((peer) => peer.publicKey !== publicKey)!;
    const order = {
      device,
      publicKey,
      others: [holder.publicKey],
      keepaliveSeconds: Math.min(65535, Math.ceil(Math.max(0, keepaliveSeconds))),
      endpoint: heard ? null : holder.endpoint,
    };
    const cause = heard ? 'the peer speaks under this key' : 'silence under the other key';
    // Of those that are tried in vain, the first is told.
    const news = heard || watch.tries === 0 ? { from: holder.publicKey, to: publicKey, cause } : undefined;
    orders.push({ tunnel: id, order, ...(news && { news }) });
  }
  const { earlier } = bundle;
  const done =
    earlier !== undefined &&
    earlier.peers.size > 0 &&
    [...watches.values()].every((watch) => isDone(watch, watch.keys[0], watch.keys[1], watch.fromMs, nowMs));
  return { watches, orders, done };
}
