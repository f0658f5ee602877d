import { replaceKeys, type KeyFileChange } from './change-keys';
import { moveToNewEpochs, newPresharedKey, nextIfAny } from './gateway-entry';
import type { GatewayEntry, KeyFile2 } from './key-file-shape';
import { makeKeyPair, type Random } from './key-pair';
import { authenticate, type OpenedKeyFile } from './open-key-file';
import { openAsGateway, sealedPartOf, sealPresharedKey, sealPrivateKey } from './sealed-part';
import { makeSigningKey } from './signing';
import { gatewaySecretBytes, unsealText } from './unseal-text';

/**
 * Begins a rotation in two phases: makes the next pairs of the named gateways and the next preshared keys of
 * the named tunnels and of all tunnels of those gateways, because who held a gateway's keys held theirs.
 * The keys in use stay in use; the gateways get new unsealing secrets, under which everything of theirs is
 * sealed anew. What is being rotated already keeps its next keys.
 *
 * @throws RangeError for an id that the file does not hold.
 */
export function beginRotation(opened: OpenedKeyFile, ids: readonly string[], random: Random): KeyFileChange {
  const { file, master } = opened;
  const named = namedIn(file, ids);
  const fresh = named.gateways.filter((id) => !file.gateways[id].next);
  const moved = moveToNewEpochs(opened, master, fresh, random);
  const gateways: Record<string, GatewayEntry> = { ...moved.gateways };
  for (const id of fresh) {
    const { publicKey, privateKey } = makeKeyPair(random);
    const secret = gatewaySecretBytes(master, file.network, id, gateways[id].secretVersion);
    const next = { publicKey, sealedPrivateKey: sealPrivateKey(privateKey, secret, random, 'next') };
    gateways[id] = { ...gateways[id], next };
  }
  const nextPresharedKeys = { ...moved.nextPresharedKeys };
  const tunnels = named.tunnels.filter(({ id }) => !Object.hasOwn(nextPresharedKeys, id));
  for (const { id, ends } of tunnels)
    nextPresharedKeys[id] = newPresharedKey(opened, gateways, id, ends, random, 'next');
  const after = authenticate(master, { ...file, ...moved, gateways, ...nextIfAny(nextPresharedKeys) });
  return change(
    after,
    fresh,
    tunnels.map(({ id }) => id),
  );
}

/**
 * Ends the rotation: the next keys become those in use. Tunnels stay up only where every gateway has fetched
 * the deployment with the next keys before.
 */
export function finishRotation(opened: OpenedKeyFile, random: Random): KeyFileChange {
  const { file, master } = opened;
  const gateways: Record<string, GatewayEntry> = { ...file.gateways };
  const presharedKeys: Record<string, Record<string, string>> = {};
  for (const [id, ends] of Object.entries(file.presharedKeys)) presharedKeys[id] = { ...ends };
  for (const [id, { next, ...entry }] of Object.entries(file.gateways)) {
    const keys = openAsGateway(sealedPartOf(file, id), unsealText(opened, id));
    if (!keys.ok) throw new Error(keys.problem.message);
    const secret = gatewaySecretBytes(master, file.network, id, entry.secretVersion);
    if (next) {
      const sealedPrivateKey = sealPrivateKey(keys.value.nextPrivateKey!, secret, random);
      gateways[id] = { ...entry, publicKey: next.publicKey, sealedPrivateKey };
    }
    for (const [tunnel, key] of keys.value.nextPresharedKeys)
      presharedKeys[tunnel][id] = sealPresharedKey(key, tunnel, secret, random);
  }
  const after = authenticate(master, { ...file, gateways, presharedKeys, nextPresharedKeys: undefined });
  const rotated = Object.keys(file.gateways).filter((id) => file.gateways[id].next);
  return change(after, rotated, Object.keys(file.nextPresharedKeys ?? {}));
}

/**
 * Replaces at once the named gateways' key pairs and unsealing secrets and the preshared keys of the named
 * tunnels and of those gateways' tunnels. A tunnel carries nothing until both its ends have fetched theirs.
 *
 * @throws RangeError for an id that the file does not hold.
 */
export function rotateNow(opened: OpenedKeyFile, ids: readonly string[], random: Random): KeyFileChange {
  const { gateways, tunnels } = namedIn(opened.file, ids);
  return replaceKeys(opened, gateways, tunnels, random);
}

/**
 * A new signing key, endorsed by the one before (the first, where there is none).
 *
 * @throws RangeError where the chain is full.
 */
export function rotateSigning({ file, master }: OpenedKeyFile, random: Random): KeyFileChange {
  const signing = makeSigningKey(master, file.network, file.signing, random);
  return { ...change(authenticate(master, { ...file, signing }), [], []), signing: true };
}

/** The named gateways, and the named tunnels with all tunnels of those gateways. */
function namedIn(file: KeyFile2, ids: readonly string[]) {
  const named = new Set(ids);
  const known = (id: string) => Object.hasOwn(file.gateways, id) || Object.hasOwn(file.presharedKeys, id);
  const unknown = ids.find((id) => !known(id));
  if (unknown !== undefined) throw new RangeError(`the key file has no '${unknown}'`);
  const gateways = Object.keys(file.gateways).filter((id) => named.has(id));
  const tunnels = Object.keys(file.presharedKeys)
    .map((id) => ({ id, ends: Object.keys(file.presharedKeys[id]) as [string, string] }))
    .filter(({ id, ends }) => named.has(id) || ends.some((end) => named.has(end)));
  return { gateways, tunnels };
}

function change(opened: OpenedKeyFile, gateways: string[], tunnels: string[]): KeyFileChange {
  return { opened, gateways: gateways.sort(), tunnels: tunnels.sort(), signing: false };
}
