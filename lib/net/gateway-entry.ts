import { mostEarlier, type GatewayEntry, type KeyFile, type KeyFile2 } from './key-file-shape';
import { draw, makeKeyPair, makePresharedKey, type Random } from './key-pair';
import type { MasterKey } from './master-key';
import type { OpenedKeyFile } from './open-key-file';
import { openAsGateway, sealedPartOf, sealPresharedKey, sealPrivateKey, type When } from './sealed-part';
import { gatewaySecretBytes, keepSecret, secretOfEpoch, unsealText } from './unseal-text';

/** The parts of a key file that gateways' keys stand in. */
export type Entries = Pick<KeyFile2, 'gateways' | 'presharedKeys' | 'nextPresharedKeys'>;

/** A gateway's first pair, or with `before` a new one in place of the old, under a new epoch. */
export function newGateway(
  { file, master }: OpenedKeyFile,
  id: string,
  before: GatewayEntry | undefined,
  random: Random,
): GatewayEntry {
  const secretVersion = drawEpoch(before, random);
  const { publicKey, privateKey } = makeKeyPair(random);
  const secret = gatewaySecretBytes(master, file.network, id, secretVersion);
  const entry = { publicKey, sealedPrivateKey: sealPrivateKey(privateKey, secret, random), secretVersion };
  if (!before) return entry;
  const own = gatewaySecretBytes(master, file.network, id, before.secretVersion);
  const kept = keepSecret(master, file.network, id, before.secretVersion, own, random);
  return { ...entry, earlier: [kept, ...(before.earlier ?? [])].slice(0, mostEarlier) };
}

/** A tunnel's new preshared key, sealed for both its ends in `gateways`. */
export function newPresharedKey(
  { file, master }: OpenedKeyFile,
  gateways: Entries['gateways'],
  tunnel: string,
  ends: readonly string[],
  random: Random,
  when: When = 'now',
): Record<string, string> {
  const key = makePresharedKey(random);
  const sealed = ends.map((end) => {
    const secret = gatewaySecretBytes(master, file.network, end, gateways[end].secretVersion);
    return [end, sealPresharedKey(key, tunnel, secret, random, when)];
  });
  return Object.fromEntries(sealed) as Record<string, string>;
}

/**
 * Everything that is sealed for the named gateways, sealed anew under a new epoch: no key changes. Their
 * secrets of before are kept for bundles of before.
 *
 * @param master of the file that comes of it: that of `opened`, or a new one, which takes all gateways.
 */
export function moveToNewEpochs(
  opened: OpenedKeyFile,
  master: MasterKey,
  ids: readonly string[],
  random: Random,
): Entries {
  const { file } = opened;
  const gateways: Record<string, GatewayEntry> = { ...file.gateways };
  const presharedKeys = copy(file.presharedKeys);
  const nextPresharedKeys = copy(file.nextPresharedKeys ?? {});
  for (const id of ids) {
    const before = file.gateways[id];
    const text = unsealText(opened, id);
    const keys = openAsGateway(sealedPartOf(file, id), text);
    if (!keys.ok) throw new Error(keys.problem.message);
    const { privateKey, nextPrivateKey } = keys.value;
    const secretVersion = drawEpoch(before, random);
    const secret = gatewaySecretBytes(master, file.network, id, secretVersion);
    const epochs = [before.secretVersion, ...(before.earlier ?? []).map((e) => e.secretVersion)];
    const earlier = epochs.slice(0, mostEarlier).map((epoch) => {
      const old = new Uint8Array(Buffer.from(secretOfEpoch(text, epoch)!, 'base64'));
      return keepSecret(master, file.network, id, epoch, old, random);
    });
    gateways[id] = {
      publicKey: before.publicKey,
      sealedPrivateKey: sealPrivateKey(privateKey, secret, random),
      secretVersion,
      ...(before.next && {
        next: {
          publicKey: before.next.publicKey,
          sealedPrivateKey: sealPrivateKey(nextPrivateKey!, secret, random, 'next'),
        },
      }),
      earlier,
    };
    for (const [tunnel, key] of keys.value.presharedKeys)
      presharedKeys[tunnel][id] = sealPresharedKey(key, tunnel, secret, random);
    for (const [tunnel, key] of keys.value.nextPresharedKeys)
      nextPresharedKeys[tunnel][id] = sealPresharedKey(key, tunnel, secret, random, 'next');
  }
  return { gateways, presharedKeys, ...nextIfAny(nextPresharedKeys) };
}

/** As a field of the file: it is not there where nothing is in it. */
export function nextIfAny(keys: KeyFile['presharedKeys']): Pick<KeyFile2, 'nextPresharedKeys'> {
  return { nextPresharedKeys: Object.keys(keys).length > 0 ? keys : undefined };
}

function copy(keys: KeyFile['presharedKeys']): Record<string, Record<string, string>> {
  return Object.fromEntries(Object.entries(keys).map(([id, ends]) => [id, { ...ends }]));
}

/** An epoch that the gateway has not had as far as is known. */
function drawEpoch(before: GatewayEntry | undefined, random: Random): number {
  const taken = before ? [before, ...(before.earlier ?? [])].map((e) => e.secretVersion) : [];
  let epoch = Buffer.from(draw(random, 4)).readUInt32BE() >>> 1 || 1;
  while (taken.includes(epoch)) epoch = (epoch % (2 ** 31 - 1)) + 1;
  return epoch;
}
