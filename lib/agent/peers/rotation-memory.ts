import type { GatewayState } from '../../gateway';
import { openAsGateway, publicKeyFault, readSealedPart, type SealedPart } from '../../net/keys';
import type { EarlierKeys } from '../apply';
import { forgetStateFile, readStateFile, writeStateFile } from '../files/state-file';

const fileName = 'rotation.json';

/**
 * What was known while a rotation had begun: needed when it is finished here and not yet at other ends. Our
 * own keys stay sealed, so that no key lies on the disk in clear.
 */
export interface RotationMemory {
  readonly sealed: SealedPart;
  /** Public keys by gateway identity, of gateways that had a next one. */
  readonly peers: Readonly<Record<string, { readonly publicKey: string; readonly nextPublicKey: string }>>;
}

/** What is to be remembered of a bundle; null: no rotation has begun in it. */
export function rotationOf(gateway: GatewayState, sealed: SealedPart | undefined): RotationMemory | null {
  if (!sealed) return null;
  const peers = gateway.peers.flatMap(({ identity, publicKey, nextPublicKey }) =>
    publicKey === null || nextPublicKey === undefined
      ? []
      : [[identity, { publicKey, nextPublicKey }] as const],
  );
  const begun = peers.length > 0 || sealed.next !== undefined || sealed.nextPresharedKeys !== undefined;
  return begun ? { sealed, peers: Object.fromEntries(peers) } : null;
}

/**
 * The keys of before that may still be in use elsewhere: where a bundle has made the next keys of the memory
 * the present ones. Undefined: it has not.
 */
export function earlierKeys(
  memory: RotationMemory | null,
  gateway: GatewayState,
  unsealText: string,
): EarlierKeys | undefined {
  if (memory === null) return undefined;
  const { sealed } = memory;
  if (sealed.network !== gateway.networkIdentity || sealed.gateway !== gateway.identity) return undefined;
  const peers = gateway.peers.flatMap(({ identity, publicKey }): [string, string][] => {
    const was = Object.hasOwn(memory.peers, identity) ? memory.peers[identity] : undefined;
    return was?.nextPublicKey === publicKey ? [[identity, was.publicKey]] : [];
  });
  const ownReplaced = sealed.next !== undefined && sealed.next.publicKey === gateway.publicKey;
  if (peers.length === 0 && !ownReplaced) return undefined;
  const opened = openAsGateway(sealed, unsealText);
  return {
    peers: new Map(peers),
    ownReplaced,
    privateKey: opened.ok && ownReplaced ? opened.value.privateKey : null,
    presharedKeys: opened.ok ? opened.value.presharedKeys : new Map(),
  };
}

/** Null: there is none, or it is damaged. Without it tunnels wait until both ends have finished. */
export function readRotation(stateDir: string): RotationMemory | null {
  return readStateFile(stateDir, fileName, (raw) => {
    const { sealed: part, peers } = raw as RotationMemory;
    const sealed = readSealedPart(JSON.stringify(part));
    const fine = Object.values(peers).every(
      ({ publicKey, nextPublicKey }) => !publicKeyFault(publicKey) && !publicKeyFault(nextPublicKey),
    );
    return sealed.ok && fine ? { sealed: sealed.value, peers } : undefined;
  });
}

/** Whole or not at all. */
export function writeRotation(stateDir: string, memory: RotationMemory): void {
  writeStateFile(stateDir, fileName, memory);
}

/** When every other end has been heard under its new key, and after `down`. */
export function forgetRotation(stateDir: string): void {
  forgetStateFile(stateDir, fileName);
}
