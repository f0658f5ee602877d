import type { GatewayState, GatewayTunnel } from '../../gateway';
import type { GatewayKeys } from '../../net/keys';

/**
 * Keys that were in use before a rotation was finished here. The other ends may finish minutes later; until
 * then they know nothing of ours that is newer than the next keys, and use their old ones.
 */
export interface EarlierKeys {
  /** Public keys of gateways that have another one now, by gateway identity. */
  readonly peers: ReadonlyMap<string, string>;
  /** Has our own key pair been replaced as well? */
  readonly ownReplaced: boolean;
  /** Our private key of before, base64; null: it is the same, or can no longer be opened. */
  readonly privateKey: string | null;
  /** Preshared keys of before by tunnel identity; empty where they can no longer be opened. */
  readonly presharedKeys: ReadonlyMap<string, string>;
}

/** A key that the far end of a tunnel may use, and the preshared key of the pair with ours. */
export interface FarKey {
  readonly publicKey: string;
  readonly presharedKey: string | null;
}

/**
 * The keys that the far end of a tunnel may use now, one or two, the plan's first.
 *
 * A pair's preshared key is the next one if either end uses its next key, else the present one. Both ends
 * reckon alike, whichever has finished: to who has finished, the next is the present one, and the present one
 * that of before.
 */
export function farKeys(
  gateway: Pick<GatewayState, 'peers'>,
  tunnel: GatewayTunnel,
  keys: GatewayKeys | null,
  earlier: EarlierKeys | undefined,
): FarKey[] {
  const { peer, identity } = tunnel;
  if (peer.publicKey === null) return [];
  const held = (of: ReadonlyMap<string, string> | undefined): string | null =>
    (tunnel.presharedKey ? of?.get(identity) : null) ?? null;
  const present = held(keys?.presharedKeys);
  const plain = { publicKey: peer.publicKey, presharedKey: present };
  if (keys === null) return [plain];
  if (peer.nextPublicKey !== undefined) {
    const presharedKey = held(keys.nextPresharedKeys) ?? present;
    return [plain, { publicKey: peer.nextPublicKey, presharedKey }];
  }
  const farIdentity = gateway.peers.find((p) => p.gateway === peer.gateway)?.identity ?? peer.gateway;
  const before = earlier?.peers.get(farIdentity);
  if (earlier === undefined || before === undefined) return [plain];
  if (earlier.ownReplaced) return [plain, { publicKey: before, presharedKey: present }];
  const presharedKey = held(earlier.presharedKeys);
  // Without the preshared key of before no handshake with the key of before succeeds.
  return presharedKey === null && present !== null ? [plain] : [plain, { publicKey: before, presharedKey }];
}
