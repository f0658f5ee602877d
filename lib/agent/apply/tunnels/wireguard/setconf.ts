import { peersOf, type WireguardDevice, type WireguardPeer } from './device';

/** Every address: what goes where is decided by routes. */
export const allAddresses = '0.0.0.0/0,::/0';

/** Configuration for wg setconf, keys and all. */
export function configuration(tunnel: WireguardDevice): string {
  return `[Interface]\nListenPort = ${tunnel.listenPort}\n${configurationOf(tunnel)}`;
}

/** All lines but the port; those that differ from what is there, for wg addconf; empty: none. */
export function configurationOf(to: WireguardDevice, from?: WireguardDevice): string {
  const { privateKey } = to;
  const own = privateKey && to.publicKey !== from?.publicKey ? `PrivateKey = ${privateKey.reveal()}` : '';
  const before = new Map(from ? peersOf(from).map((peer) => [peer.publicKey, peer]) : []);
  const all = peersOf(to);
  // Whoever holds the addresses keeps them.
  const holder = all.find((peer) => peer.publicKey === from?.peer?.publicKey) ?? to.peer;
  const peers = all.flatMap((peer) => {
    const lines = peerLines(peer, before.get(peer.publicKey), peer === holder, privateKey !== null);
    const same = lines.length === 0 && before.has(peer.publicKey);
    return same ? [] : ['[Peer]', `PublicKey = ${peer.publicKey}`, ...lines];
  });
  const lines = [...(own === '' ? [] : ['[Interface]', own]), ...peers];
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}

/** 32 zero bytes: no preshared key (wg(8)). */
const noKey = `${'A'.repeat(43)}=`;

function peerLines(
  peer: WireguardPeer,
  from: WireguardPeer | undefined,
  holds: boolean,
  keysAtHand: boolean,
): string[] {
  const lines: string[] = [];
  const preshared = peer.presharedKey;
  if (keysAtHand && (from === undefined || preshared?.digest() !== from.presharedKey?.digest())) {
    lines.push(`PresharedKey = ${preshared?.reveal() ?? noKey}`);
  }
  if (peer.endpoint !== null && peer.endpoint !== from?.endpoint) lines.push(`Endpoint = ${peer.endpoint}`);
  const keepalive = holds ? peer.keepaliveSeconds : 0;
  if (keepalive !== (from?.keepaliveSeconds ?? 0)) lines.push(`PersistentKeepalive = ${keepalive}`);
  // wg addconf replaces them in any case, within the same message.
  const addresses = holds ? [`AllowedIPs = ${allAddresses}`] : [];
  return lines.length > 0 || from === undefined ? [...lines, ...addresses] : [];
}
