import type { GatewayKeys } from '../../net/keys';
import type { EarlierKeys } from '../apply';
import { peersOf, type ProbeKeys, type ProbePeer } from '../probe';
import type { Bundle } from '../bundle/read-bundle';

/** Who is probed and answered; nobody while the keys of the bundle cannot be opened. */
export function peersOfBundle({ gateway, keys, earlier }: Bundle): ProbePeer[] {
  return keys === null ? [] : peersOf(gateway, probeKeysOf(keys, earlier));
}

/** The key in use signs what is sent; what comes in may be under any that peers know. */
export function probeKeysOf(keys: GatewayKeys, earlier: EarlierKeys | undefined): ProbeKeys {
  const more = [keys.nextPrivateKey, earlier?.privateKey ?? undefined];
  return {
    own: [keys.privateKey, ...more.filter((key) => key !== undefined)],
    before: earlier?.peers ?? new Map(),
  };
}
