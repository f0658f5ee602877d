import { z } from 'zod';
import {
  gatewayId,
  keyFileVersion,
  networkName,
  publicKey,
  sealedKey,
  secretVersion,
  tunnelId,
  type KeyFile,
} from './key-file';
import { publicKeyOf, toBase64, type Random } from './key-pair';
import { refuse, type KeyResult } from './key-problem';
import { deriveKey, seal, tryUnseal } from './seal';

const sealedPart = z.strictObject({
  formatVersion: z.literal(keyFileVersion),
  network: networkName,
  gateway: gatewayId,
  secretVersion,
  publicKey,
  sealedPrivateKey: sealedKey,
  presharedKeys: z.record(tunnelId, sealedKey),
});

/** One gateway's sealed entries, for its bundle. Preshared keys by tunnel id. */
export type SealedPart = Readonly<z.infer<typeof sealedPart>>;

/** One gateway's keys in clear: base64. Never leaves the gateway. */
export interface GatewayKeys {
  readonly privateKey: string;
  /** By tunnel id. */
  readonly presharedKeys: ReadonlyMap<string, string>;
}

/** @throws RangeError if the file has no such gateway. */
export function sealedPartOf(file: KeyFile, id: string): SealedPart {
  if (!Object.hasOwn(file.gateways, id)) throw new RangeError(`no keys for gateway '${id}'`);
  const own = Object.entries(file.presharedKeys).filter(([, ends]) => Object.hasOwn(ends, id));
  return {
    formatVersion: keyFileVersion,
    network: file.network,
    gateway: id,
    ...file.gateways[id],
    presharedKeys: Object.fromEntries(own.map(([tunnel, ends]) => [tunnel, ends[id]])),
  };
}

/** Reads the sealed entries from a bundle. Problem: `sealed-part-shape`. */
export function readSealedPart(text: string): KeyResult<SealedPart> {
  const next = 'fetch the bundle again, or deploy again';
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    return refuse('sealed-part-shape', 'the sealed keys are not JSON', next);
  }
  const parsed = sealedPart.safeParse(data);
  if (parsed.success) return { ok: true, value: parsed.data };
  const { path, message } = parsed.error.issues[0];
  return refuse(
    'sealed-part-shape',
    `the sealed keys are malformed at '${path.join('.')}': ${message}`,
    next,
  );
}

/**
 * Opens one gateway's own keys with its unsealing secret (`gatewaySecret`, base64).
 *
 * Problem `sealed-part-secret`: the secret is another gateway's or an older one, an entry was moved or
 * changed, or the private key does not belong to the public key that the plan shows to peers.
 */
export function openAsGateway(part: SealedPart, secret: string): KeyResult<GatewayKeys> {
  const bytes = Buffer.from(secret, 'base64');
  const privateKey = tryUnseal(part.sealedPrivateKey, privateKeyContext(bytes));
  if (!privateKey) return cannotOpen(part.gateway, 'private key');
  if (publicKeyOf(toBase64(privateKey)) !== part.publicKey) return cannotOpen(part.gateway, 'public key');
  const presharedKeys = new Map<string, string>();
  for (const tunnel of Object.keys(part.presharedKeys).sort()) {
    const key = tryUnseal(part.presharedKeys[tunnel], presharedKeyContext(bytes, tunnel));
    if (!key) return cannotOpen(part.gateway, `preshared key of ${tunnel}`);
    presharedKeys.set(tunnel, toBase64(key));
  }
  return { ok: true, value: { privateKey: toBase64(privateKey), presharedKeys } };
}

function cannotOpen(gateway: string, what: string) {
  const message = `the ${what} of gateway '${gateway}' does not match its unsealing secret`;
  return refuse(
    'sealed-part-secret',
    message,
    'deploy again with `dwcp keys exec`, which hands the gateway its secret',
  );
}

/** Seals a private key for its gateway. Both keys as base64 and bytes are the gateway's own. */
export function sealPrivateKey(privateKey: string, gatewaySecret: Uint8Array, random: Random): string {
  return seal(Buffer.from(privateKey, 'base64'), privateKeyContext(gatewaySecret), random);
}

/** Seals a tunnel's preshared key for one of its two gateways. */
export function sealPresharedKey(
  key: string,
  tunnel: string,
  gatewaySecret: Uint8Array,
  random: Random,
): string {
  return seal(Buffer.from(key, 'base64'), presharedKeyContext(gatewaySecret, tunnel), random);
}

function privateKeyContext(gatewaySecret: Uint8Array): Uint8Array {
  return deriveKey(gatewaySecret, 'dwcp sealed 1', 'private-key');
}

function presharedKeyContext(gatewaySecret: Uint8Array, tunnel: string): Uint8Array {
  return deriveKey(gatewaySecret, 'dwcp sealed 1', 'preshared-key', tunnel);
}
