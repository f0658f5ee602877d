import type { GatewayEntry } from './key-file-shape';
import { toBase64, type Random } from './key-pair';
import type { MasterKey } from './master-key';
import type { OpenedKeyFile } from './open-key-file';
import { seal, tryUnseal } from './seal';

/**
 * The secret with which one gateway opens what is sealed for it in one epoch, and nothing else: 32 bytes.
 * Format 1 derived them alike, so that a file's secrets stay when it is written anew.
 */
export function gatewaySecretBytes(
  master: MasterKey,
  network: string,
  gatewayId: string,
  epoch: number,
): Uint8Array {
  return master.derive('dwcp key file 1', 'gateway', network, gatewayId, String(epoch));
}

/**
 * The unsealing secrets of one gateway: a line for each epoch, newest first, `<epoch> <base64 of 32 bytes>`.
 * The first opens its sealed part now, the others bundles of before. The gateway gets them at deploy time and
 * keeps them off disk.
 *
 * @throws RangeError if the file has no such gateway.
 */
export function unsealText({ file, master }: OpenedKeyFile, gatewayId: string): string {
  if (!Object.hasOwn(file.gateways, gatewayId)) throw new RangeError(`no keys for gateway '${gatewayId}'`);
  const { secretVersion, earlier = [] } = file.gateways[gatewayId];
  const own = gatewaySecretBytes(master, file.network, gatewayId, secretVersion);
  const before = earlier.map((entry) => {
    const secret = tryUnseal(entry.sealedSecret, earlierKey(master, file.network, gatewayId, entry));
    if (!secret) throw new Error(`epoch ${entry.secretVersion} of '${gatewayId}' does not open`);
    return [entry.secretVersion, secret] as const;
  });
  const lines = [[secretVersion, own] as const, ...before];
  return lines.map(([epoch, secret]) => `${epoch} ${toBase64(secret)}\n`).join('');
}

/** The base64 secret of an epoch in a text that `unsealText` made; undefined: it is not there. */
export function secretOfEpoch(text: string, epoch: number): string | undefined {
  for (const line of text.split('\n')) {
    const found = /^([1-9]\d{0,9}) ([A-Za-z0-9+/]{43}=)$/.exec(line);
    if (found && Number(found[1]) === epoch) return found[2];
  }
  return undefined;
}

type Earlier = NonNullable<GatewayEntry['earlier']>[number];

/** Keeps a secret of before, sealed so that whoever opens the key file can hand it out again. */
export function keepSecret(
  master: MasterKey,
  network: string,
  gatewayId: string,
  epoch: number,
  secret: Uint8Array,
  random: Random,
): Earlier {
  const key = earlierKey(master, network, gatewayId, { secretVersion: epoch });
  return { secretVersion: epoch, sealedSecret: seal(secret, key, random) };
}

function earlierKey(
  master: MasterKey,
  network: string,
  gatewayId: string,
  { secretVersion }: { readonly secretVersion: number },
): Uint8Array {
  return master.derive('dwcp key file 2', 'earlier', network, gatewayId, String(secretVersion));
}
