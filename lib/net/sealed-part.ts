import { z } from 'zod';
import { nextPresharedKeysOf } from './key-file';
import type { GatewayEntry, KeyFile } from './key-file-shape';
import { publicKeyOf, toBase64, type Random } from './key-pair';
import { refuse, type KeyResult } from './key-problem';
import { gatewayId, networkName, publicKey, sealedKey, secretVersion, tunnelId } from './key-shapes';
import { deriveKey, seal, tryUnseal } from './seal';
import { secretOfEpoch } from './unseal-text';

/** Version of the sealed part's own format. */
const sealedPartVersion = 1;

const sealedPart = z.strictObject({
  formatVersion: z.literal(sealedPartVersion),
  network: networkName,
  gateway: gatewayId,
  secretVersion,
  publicKey,
  sealedPrivateKey: sealedKey,
  presharedKeys: z.record(tunnelId, sealedKey),
  next: z.strictObject({ publicKey, sealedPrivateKey: sealedKey }).optional(),
  nextPresharedKeys: z.record(tunnelId, sealedKey).optional(),
});

/**
 * One gateway's sealed entries, for its bundle; all of one epoch. Preshared keys by tunnel id. `next` is
 * there while the gateway's pair is rotated, `nextPresharedKeys` while some of its tunnels' are.
 */
export type SealedPart = Readonly<z.infer<typeof sealedPart>>;

/** One gateway's keys in clear: base64. Never leaves the gateway. */
export interface GatewayKeys {
  readonly privateKey: string;
  /** By tunnel id. */
  readonly presharedKeys: ReadonlyMap<string, string>;
  /** The private key that it will have when a rotation is finished; undefined: the same. */
  readonly nextPrivateKey?: string;
  /** By tunnel id, those that will change then. */
  readonly nextPresharedKeys: ReadonlyMap<string, string>;
}

/** @throws RangeError if the file has no such gateway. */
export function sealedPartOf(file: KeyFile, id: string): SealedPart {
  if (!Object.hasOwn(file.gateways, id)) throw new RangeError(`no keys for gateway '${id}'`);
  const own = (of: KeyFile['presharedKeys']) =>
    Object.entries(of)
      .filter(([, ends]) => Object.hasOwn(ends, id))
      .map(([tunnel, ends]) => [tunnel, ends[id]] as const);
  const { publicKey: key, sealedPrivateKey, secretVersion: epoch, next }: GatewayEntry = file.gateways[id];
  const nextKeys = own(nextPresharedKeysOf(file));
  return {
    formatVersion: sealedPartVersion,
    network: file.network,
    gateway: id,
    publicKey: key,
    sealedPrivateKey,
    secretVersion: epoch,
    presharedKeys: Object.fromEntries(own(file.presharedKeys)),
    ...(next && { next }),
    ...(nextKeys.length > 0 && { nextPresharedKeys: Object.fromEntries(nextKeys) }),
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
 * Opens one gateway's own keys with its unsealing secrets (`unsealText`): the line of the part's epoch does.
 *
 * Problem `sealed-part-secret`: no line is of that epoch, the secret is another gateway's, an entry was moved
 * or changed, or a private key does not belong to the public key that the plan shows to peers.
 */
export function openAsGateway(part: SealedPart, unsealText: string): KeyResult<GatewayKeys> {
  const secret = secretOfEpoch(unsealText, part.secretVersion);
  if (secret === undefined) {
    const message = `gateway '${part.gateway}' has no unsealing secret of epoch ${part.secretVersion}`;
    return refuse('sealed-part-secret', message, deployAgain);
  }
  const bytes = Buffer.from(secret, 'base64');
  const openPair = (sealed: string, key: string, when: When) => {
    const opened = tryUnseal(sealed, privateKeyContext(bytes, when));
    if (!opened) return { fault: 'private key' };
    return publicKeyOf(toBase64(opened)) === key ? { key: toBase64(opened) } : { fault: 'public key' };
  };
  const { next } = part;
  const own = openPair(part.sealedPrivateKey, part.publicKey, 'now');
  if (own.key === undefined) return cannotOpen(part.gateway, own.fault);
  const after = next && openPair(next.sealedPrivateKey, next.publicKey, 'next');
  if (after && after.key === undefined) return cannotOpen(part.gateway, `next ${after.fault}`);
  const presharedKeys = openPresharedKeys(part.presharedKeys, bytes, 'now');
  if (typeof presharedKeys === 'string') return cannotOpen(part.gateway, presharedKeys);
  const nextPresharedKeys = openPresharedKeys(part.nextPresharedKeys ?? {}, bytes, 'next');
  if (typeof nextPresharedKeys === 'string') return cannotOpen(part.gateway, `next ${nextPresharedKeys}`);
  const nextPrivateKey = after?.key;
  return { ok: true, value: { privateKey: own.key, presharedKeys, nextPrivateKey, nextPresharedKeys } };
}

/** By tunnel id; or what does not open. */
function openPresharedKeys(
  sealed: Readonly<Record<string, string>>,
  secret: Uint8Array,
  when: When,
): ReadonlyMap<string, string> | string {
  const opened = new Map<string, string>();
  for (const tunnel of Object.keys(sealed).sort()) {
    const key = tryUnseal(sealed[tunnel], presharedKeyContext(secret, tunnel, when));
    if (!key) return `preshared key of ${tunnel}`;
    opened.set(tunnel, toBase64(key));
  }
  return opened;
}

const deployAgain = 'deploy again with `dwcp keys exec`, which hands the gateway its secret';

function cannotOpen(gateway: string, what: string) {
  const message = `the ${what} of gateway '${gateway}' does not match its unsealing secret`;
  return refuse('sealed-part-secret', message, deployAgain);
}

/** Sealed as a key in use, or as one that a rotation brings: neither is taken for the other. */
export type When = 'now' | 'next';

/** Seals a private key for its gateway. Both keys as base64 and bytes are the gateway's own. */
export function sealPrivateKey(
  privateKey: string,
  gatewaySecret: Uint8Array,
  random: Random,
  when: When = 'now',
): string {
  return seal(Buffer.from(privateKey, 'base64'), privateKeyContext(gatewaySecret, when), random);
}

/** Seals a tunnel's preshared key for one of its two gateways. */
export function sealPresharedKey(
  key: string,
  tunnel: string,
  gatewaySecret: Uint8Array,
  random: Random,
  when: When = 'now',
): string {
  return seal(Buffer.from(key, 'base64'), presharedKeyContext(gatewaySecret, tunnel, when), random);
}

const prefix = { now: '', next: 'next-' } as const;

function privateKeyContext(gatewaySecret: Uint8Array, when: When): Uint8Array {
  return deriveKey(gatewaySecret, 'dwcp sealed 1', `${prefix[when]}private-key`);
}

function presharedKeyContext(gatewaySecret: Uint8Array, tunnel: string, when: When): Uint8Array {
  return deriveKey(gatewaySecret, 'dwcp sealed 1', `${prefix[when]}preshared-key`, tunnel);
}
