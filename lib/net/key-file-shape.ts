import { z } from 'zod';
import { base64, gatewayId, networkName, publicKey, sealedKey, secretVersion, tunnelId } from './key-shapes';
import { mostRecipients, recipientShape } from './recipients';
import { scryptShape } from './recipients/scrypt';
import { endorses } from './signing-chain';

/**
 * Version of the key file's format that is written; readers take `keyFileVersionsRead`.
 *
 * 1, 2026-11-23: the first; scrypt gives the master key itself.
 * 2, 2026-11-30: a random master key wrapped by recipients, signing keys, next and earlier keys.
 */
export const keyFileVersion = 2;
export const keyFileVersionsRead: readonly number[] = [1, 2];

/** Most secrets of epochs before that are kept for a gateway. */
export const mostEarlier = 3;
/** Most keys of a signing chain: every manifest carries all of them. */
export const mostSigningKeys = 64;

const pair = { publicKey, sealedPrivateKey: sealedKey };
const gatewayEntry1 = z.strictObject({ ...pair, secretVersion });
const gatewayEntry = z.strictObject({
  ...pair,
  secretVersion,
  next: z.strictObject(pair).optional(),
  earlier: z
    .array(z.strictObject({ secretVersion, sealedSecret: sealedKey }))
    .min(1)
    .max(mostEarlier)
    .optional(),
});
const presharedKeys = z.record(tunnelId, z.record(gatewayId, sealedKey));
const signing = z.strictObject({
  keys: z
    .array(z.strictObject({ publicKey: base64(32), endorsement: base64(64).optional() }))
    .min(1)
    .max(mostSigningKeys),
  sealedSeed: sealedKey,
});

const keyFile1 = z
  .strictObject({
    formatVersion: z.literal(1),
    network: networkName,
    kdf: scryptShape,
    verifier: base64(32),
    gateways: z.record(gatewayId, gatewayEntry1),
    presharedKeys,
    mac: base64(32),
  })
  .superRefine((file, context) => checkEntries(file, context));

const keyFile2 = z
  .strictObject({
    formatVersion: z.literal(2),
    network: networkName,
    recipients: z.array(recipientShape).min(1).max(mostRecipients),
    verifier: base64(32),
    signing: signing.optional(),
    gateways: z.record(gatewayId, gatewayEntry),
    presharedKeys,
    nextPresharedKeys: presharedKeys.optional(),
    mac: base64(32),
  })
  .superRefine((file, context) => {
    checkEntries(file, context);
    if (file.signing) checkChain(file.network, file.signing, context);
    if (file.recipients.filter(({ type }) => type === 'scrypt').length > 1) {
      context.addIssue({ code: 'custom', path: ['recipients'], message: 'holds more than one of scrypt' });
    }
  });

/** The shape of each format, by its version. */
export const keyFileShapes: Readonly<Record<number, typeof keyFile1 | typeof keyFile2>> = {
  1: keyFile1,
  2: keyFile2,
};

/**
 * One gateway's keys. `secretVersion` is the epoch of its unsealing secret: drawn anew with every new one,
 * for write-only arguments. `next` waits for `keys rotate --finish`; `earlier` are secrets of epochs before,
 * newest first.
 */
export type GatewayEntry = Readonly<z.infer<typeof gatewayEntry>>;
/** The signing keys, oldest first: each after the first endorsed by the one before. */
export type SigningSection = Readonly<z.infer<typeof signing>>;
/** Format 1, as it is read. */
export type KeyFile1 = Readonly<z.infer<typeof keyFile1>>;
/** Format 2, as it is written. */
export type KeyFile2 = Readonly<z.infer<typeof keyFile2>>;
/** The key file as data. Preshared keys by tunnel id, then sealed once for each of the two gateways. */
export type KeyFile = KeyFile1 | KeyFile2;

type Refine = { addIssue(issue: { code: 'custom'; path: PropertyKey[]; message: string }): void };

/** Public keys differ, epochs differ, and preshared keys are sealed for two gateways of the file. */
function checkEntries(file: Omit<KeyFile2, 'recipients' | 'formatVersion'>, context: Refine): void {
  const refuse = (path: PropertyKey[], message: string) =>
    context.addIssue({ code: 'custom', path, message });
  const holders = new Map<string, string>();
  for (const [id, { publicKey: own, next, secretVersion: now, earlier = [] }] of Object.entries(
    file.gateways,
  )) {
    for (const [key, path] of [
      [own, ['publicKey']],
      [next?.publicKey, ['next', 'publicKey']],
    ] as const) {
      if (key === undefined) continue;
      const other = holders.get(key);
      if (other !== undefined) refuse(['gateways', id, ...path], `is the public key of '${other}' too`);
      holders.set(key, id);
    }
    const epochs = [now, ...earlier.map((e) => e.secretVersion)];
    if (new Set(epochs).size !== epochs.length) refuse(['gateways', id, 'earlier'], 'repeats an epoch');
  }
  for (const part of ['presharedKeys', 'nextPresharedKeys'] as const) {
    for (const [id, ends] of Object.entries(file[part] ?? {})) {
      const known = Object.keys(ends).filter((end) => Object.hasOwn(file.gateways, end));
      if (known.length !== 2 || Object.keys(ends).length !== 2) {
        refuse([part, id], 'is not sealed for two gateways of the file');
      }
      const before = Object.hasOwn(file.presharedKeys, id) ? file.presharedKeys[id] : {};
      if (Object.keys(ends).some((end) => !Object.hasOwn(before, end))) {
        refuse([part, id], 'follows no preshared key of the same gateways');
      }
    }
  }
}

/** Whoever cannot open the file still sees that each signing key was endorsed by the one before. */
function checkChain(network: string, { keys }: SigningSection, context: Refine): void {
  for (const [i, { publicKey: key, endorsement }] of keys.entries()) {
    const good =
      i === 0
        ? endorsement === undefined
        : endorsement !== undefined && endorses(keys[i - 1].publicKey, network, i + 1, key, endorsement);
    if (good) continue;
    const message = i === 0 ? 'carries an endorsement' : 'is not endorsed by the key before it';
    context.addIssue({ code: 'custom', path: ['signing', 'keys', i], message });
  }
}
