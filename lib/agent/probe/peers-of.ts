import { hkdfSync } from 'node:crypto';
import type { GatewayState } from '../../gateway';
import { sharedSecret } from '../../net/keys';
import type { ProbePeer, SessionKeys } from './session';

/** Domain of every key derived here; the number changes with the scheme. */
const domain = 'dwcp stamp 1';

/** All keys of a gateway that its peers may know, the one in use first, and what it knows of theirs. */
export interface ProbeKeys {
  /** Private WireGuard keys, base64: the one in use, the next, the one of before. */
  readonly own: readonly string[];
  /** Public keys of before by gateway identity. */
  readonly before: ReadonlyMap<string, string>;
}

/**
 * The gateways that probe this one or are probed by it, with their keys. Those without a public key are left
 * out: nothing of theirs could be authenticated. Probes are signed under the keys in use. What comes in may
 * be signed under any that either end has while a rotation is under way: one end is always first.
 *
 * @param keys this gateway's WireGuard key, base64, or all of its keys.
 * @throws RangeError as `sharedSecret`.
 */
export function peersOf(gateway: GatewayState, keys: string | ProbeKeys): ProbePeer[] {
  const { own: mine, before } =
    typeof keys === 'string' ? { own: [keys], before: new Map<string, string>() } : keys;
  const { networkIdentity: network, identity: own } = gateway;
  return gateway.peers.flatMap(({ gateway: peer, identity, publicKey, nextPublicKey }): ProbePeer[] => {
    if (publicKey === null) return [];
    const theirs = [publicKey, nextPublicKey ?? null, before.get(identity) ?? null];
    const [first, ...others] = mine.flatMap((privateKey) =>
      theirs.flatMap((key) => {
        if (key === null) return [];
        const secret = sharedSecret(privateKey, key);
        return [
          {
            answering: sessionKeys(secret, network, own, identity),
            sending: sessionKeys(secret, network, identity, own),
          },
        ];
      }),
    );
    const tunnels = gateway.tunnels.filter((t) => t.peer.gateway === peer).map((t) => t.peer.ipv6);
    const paths = gateway.returns.filter((r) => r.gateway === peer).map((r) => r.probe.destination);
    return [
      { gateway: peer, sources: [...tunnels, ...paths], ...first, ...(others.length > 0 && { others }) },
    ];
  });
}

/**
 * The keys of the sessions that one gateway sends and another answers, equal at both: HKDF-SHA256 (RFC 5869)
 * of their shared secret, with the identities of network and both gateways in the info. Probes and answers
 * have a key each, so that nobody can hand a gateway its peer's answer as a probe.
 */
export function sessionKeys(
  secret: Uint8Array,
  network: string,
  sender: string,
  reflector: string,
): SessionKeys {
  const derive = (use: string) =>
    new Uint8Array(hkdfSync('sha256', secret, domain, [network, sender, reflector, use].join('\0'), 32));
  return { probe: derive('probe'), answer: derive('answer') };
}
