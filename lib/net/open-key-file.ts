import { createHmac, timingSafeEqual } from 'node:crypto';
import { keyFileText, keyFileVersion, readKeyFile, type KeyFile } from './key-file';
import { draw, toBase64, type Random } from './key-pair';
import { refuse, type KeyResult } from './key-problem';
import {
  deriveMasterKey,
  type KeyDerivation,
  type KeySecret,
  type MasterKey,
  type ScryptCost,
} from './master-key';

/** A key file whose secret is known and whose every byte was authenticated. */
export interface OpenedKeyFile {
  readonly file: KeyFile;
  readonly master: MasterKey;
  /** The file's canonical text. */
  readonly text: string;
}

/** Domain of every key that we derive from a master key. */
const domain = 'dwcp key file 1';

/**
 * Opens a key file: derives the master key and checks the MAC over the whole file. Going back to an older
 * whole file is not detected here; version control shows it.
 *
 * Problems: those of `readKeyFile`; `key-file-secret` for a wrong passphrase or key file,
 * `key-file-tampered` where the secret is right but some byte is not the one we wrote.
 *
 * @param network the name it must be for; absent: any.
 */
export async function openKeyFile(
  text: string,
  secret: KeySecret,
  network?: string,
): Promise<KeyResult<OpenedKeyFile>> {
  const read = readKeyFile(text, network);
  if (!read.ok) return read;
  const file = read.value;
  const master = await deriveMasterKey(secret, file.kdf);
  if (!equal(file.verifier, verifierOf(master, file.network))) {
    const what = 'passphrase' in secret ? 'passphrase' : 'key file given as secret';
    const message = `the ${what} does not open the keys of '${file.network}' (or their salt or verifier was changed)`;
    return refuse('key-file-secret', message, 'try again with the secret that the keys were made with');
  }
  if (!equal(file.mac, macOf(master, file))) {
    const message = 'the key file was changed by something other than this program: its MAC does not match';
    const next = 'restore it from version control and find out who changed it; do not deploy these keys';
    return refuse('key-file-tampered', message, next);
  }
  return { ok: true, value: { file, master, text: keyFileText(file) } };
}

/** An empty key file, sealed with `secret`; `addMissing` fills it. */
export async function startKeyFile(
  network: string,
  secret: KeySecret,
  random: Random,
  cost: ScryptCost,
): Promise<OpenedKeyFile> {
  const { n, r, p } = cost;
  const kdf: KeyDerivation = { algorithm: 'scrypt', n, r, p, salt: toBase64(draw(random, 32)) };
  const master = await deriveMasterKey(secret, kdf);
  const verifier = verifierOf(master, network);
  const empty = { gateways: {}, presharedKeys: {} };
  return authenticate(master, { formatVersion: keyFileVersion, network, kdf, verifier, ...empty });
}

/** The file with its MAC; ignores a MAC that it carries. */
export function authenticate(master: MasterKey, bare: Omit<KeyFile, 'mac'>): OpenedKeyFile {
  const file: KeyFile = { ...bare, mac: macOf(master, bare) };
  return { file, master, text: keyFileText(file) };
}

/**
 * The secret with which one gateway opens its own private key and the preshared keys of its own tunnels,
 * and nothing else: base64 of 32 bytes. The gateway gets it at deploy time and keeps it off disk.
 *
 * @throws RangeError if the file has no such gateway.
 */
export function gatewaySecret(opened: OpenedKeyFile, gatewayId: string): string {
  if (!Object.hasOwn(opened.file.gateways, gatewayId))
    throw new RangeError(`no keys for gateway '${gatewayId}'`);
  const { secretVersion } = opened.file.gateways[gatewayId];
  return toBase64(gatewaySecretBytes(opened.master, opened.file.network, gatewayId, secretVersion));
}

/** As `gatewaySecret`, before the entry stands in the file. */
export function gatewaySecretBytes(
  master: MasterKey,
  network: string,
  gatewayId: string,
  version: number,
): Uint8Array {
  return master.derive(domain, 'gateway', network, gatewayId, String(version));
}

function verifierOf(master: MasterKey, network: string): string {
  return toBase64(master.derive(domain, 'verifier', network));
}

function macOf(master: MasterKey, file: Omit<KeyFile, 'mac'>): string {
  const covered = keyFileText({ ...file, mac: undefined } as Omit<KeyFile, 'mac'>);
  return createHmac('sha256', master.derive(domain, 'mac')).update(covered, 'utf8').digest('base64');
}

function equal(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a, 'base64'), Buffer.from(b, 'base64')];
  return left.length === right.length && timingSafeEqual(left, right);
}
