import nacl from 'tweetnacl';
import { mostSigningKeys, type KeyFile, type SigningSection } from './key-file-shape';
import { draw, toBase64, type Random } from './key-pair';
import type { MasterKey } from './master-key';
import type { OpenedKeyFile } from './open-key-file';
import { seal, tryUnseal } from './seal';
import { endorsementText, type SigningKey } from './signing-chain';

/** The chain of signing keys, oldest first; empty: the file has none yet. Needs no secret. */
export function signingChain(file: KeyFile): readonly SigningKey[] {
  return ('signing' in file && file.signing?.keys) || [];
}

/**
 * Signs texts (their UTF-8 bytes) with the network's newest signing key: Ed25519 (RFC 8032), base64 of 64
 * bytes each.
 *
 * @throws RangeError if the file has no signing key: `keys init` makes it.
 */
export function signTexts({ file, master }: OpenedKeyFile, texts: readonly string[]): string[] {
  if (!file.signing) throw new RangeError(`the key file of '${file.network}' has no signing key`);
  const { secretKey } = openSigningKey(master, file.network, file.signing);
  return texts.map((text) => sign(text, secretKey));
}

/**
 * A signing key: the first, or one that the newest of `before` endorses.
 *
 * @throws RangeError where the chain is full.
 */
export function makeSigningKey(
  master: MasterKey,
  network: string,
  before: SigningSection | undefined,
  random: Random,
): SigningSection {
  if (before && before.keys.length >= mostSigningKeys) {
    throw new RangeError(`the chain of signing keys has ${mostSigningKeys} keys, and takes no more`);
  }
  const seed = draw(random, nacl.sign.seedLength);
  const publicKey = toBase64(nacl.sign.keyPair.fromSeed(seed).publicKey);
  const sealedSeed = seal(seed, seedKey(master, network, publicKey), random);
  if (!before) return { keys: [{ publicKey }], sealedSeed };
  const { secretKey } = openSigningKey(master, network, before);
  const endorsement = sign(endorsementText(network, before.keys.length + 1, publicKey), secretKey);
  return { keys: [...before.keys, { publicKey, endorsement }], sealedSeed };
}

/** The same signing keys, sealed under another master key. */
export function resealSigning(
  { file, master }: OpenedKeyFile,
  to: MasterKey,
  signing: SigningSection,
  random: Random,
): SigningSection {
  const { network } = file;
  const { publicKey } = signing.keys[signing.keys.length - 1];
  const seed = openSigningKey(master, network, signing).secretKey.subarray(0, nacl.sign.seedLength);
  return { ...signing, sealedSeed: seal(seed, seedKey(to, network, publicKey), random) };
}

/** @throws Error if the seed is not that of the newest key: an authenticated file cannot have that. */
function openSigningKey(master: MasterKey, network: string, { keys, sealedSeed }: SigningSection) {
  const { publicKey } = keys[keys.length - 1];
  const seed = tryUnseal(sealedSeed, seedKey(master, network, publicKey));
  const pair = seed && nacl.sign.keyPair.fromSeed(seed);
  if (!pair || toBase64(pair.publicKey) !== publicKey) throw new Error('the signing key does not open');
  return pair;
}

function sign(text: string, secretKey: Uint8Array): string {
  return toBase64(nacl.sign.detached(new Uint8Array(Buffer.from(text, 'utf8')), secretKey));
}

function seedKey(master: MasterKey, network: string, publicKey: string): Uint8Array {
  return master.derive('dwcp key file 2', 'signing', network, publicKey);
}
