import { createHmac, timingSafeEqual } from 'node:crypto';
import { keyFileText, readKeyFile } from './key-file';
import type { KeyFile, KeyFile1, KeyFile2 } from './key-file-shape';
import { draw, type Random } from './key-pair';
import { refuse, type KeyResult } from './key-problem';
import { MasterKey } from './master-key';
import { recipientName, unwrapFileKey, wrapFileKey } from './recipients';
import type { KeyOpener, NewRecipient } from './recipients/kind';
import { KmsFailure } from './recipients/kms';
import { scryptRecipient } from './recipients/scrypt';
import { stretch, type ScryptCost } from './recipients/scrypt-key';

/** A key file whose secret is known and whose every byte was authenticated. */
export interface OpenedKeyFile {
  /** In format 2, whatever was read. */
  readonly file: KeyFile2;
  readonly master: MasterKey;
  /** The file's canonical text, in the format in which it was read or written. */
  readonly text: string;
}

/**
 * Opens a key file: unwraps the master key and checks the MAC over the whole file. Going back to an older
 * whole file is not detected here; version control shows it. A file of format 1 is given in format 2; its
 * text stays until the first change.
 *
 * Problems: those of `readKeyFile`; `key-file-secret` for a wrong passphrase, key file or identity,
 * `key-file-kms` where AWS KMS does not answer or refuses, `key-file-tampered` where the secret is right but
 * some byte is not the one we wrote.
 *
 * @param network the name it must be for; absent: any.
 */
export async function openKeyFile(
  text: string,
  opener: KeyOpener,
  network?: string,
): Promise<KeyResult<OpenedKeyFile>> {
  const read = readKeyFile(text, network);
  if (!read.ok) return read;
  const file = read.value;
  let fileKey: Uint8Array | undefined;
  try {
    fileKey = await fileKeyOf(file, opener);
  } catch (error) {
    if (error instanceof KmsFailure) return refuse('key-file-kms', error.message, error.next);
    throw error;
  }
  const master = fileKey && new MasterKey(fileKey);
  if (!master || !equal(file.verifier, verifierOf(master, file))) {
    const who = openerName(opener);
    const message = `${who} does not open the keys of '${file.network}' (or what it is checked by was changed)`;
    return refuse('key-file-secret', message, `they are sealed for ${recipientNames(file).join(', ')}`);
  }
  if (!equal(file.mac, macOf(master, file))) {
    const message = 'the key file was changed by something other than this program: its MAC does not match';
    const next = 'restore it from version control and find out who changed it; do not deploy these keys';
    return refuse('key-file-tampered', message, next);
  }
  const opened = file.formatVersion === 1 ? upgrade(master, file, fileKey!) : { file, master };
  return { ok: true, value: { ...opened, file: opened.file, text: keyFileText(file) } };
}

/** Who can open the file, in words. */
export function recipientNames(file: KeyFile): string[] {
  return file.formatVersion === 1 ? ['a passphrase or key file'] : file.recipients.map(recipientName);
}

/** Format 1 has scrypt alone. */
async function fileKeyOf(file: KeyFile, opener: KeyOpener): Promise<Uint8Array | undefined> {
  if (file.formatVersion === 2) return unwrapFileKey(file.recipients, opener, file.network);
  return 'passphrase' in opener || 'keyFile' in opener ? stretch(opener, file.kdf) : undefined;
}

function openerName(opener: KeyOpener): string {
  if ('passphrase' in opener) return 'the passphrase';
  if ('keyFile' in opener) return 'the key file given as secret';
  return 'kms' in opener ? 'AWS KMS' : 'the identity';
}

/** An empty key file, sealed for `to`; `addMissing` fills it. */
export async function startKeyFile(
  network: string,
  to: readonly NewRecipient[],
  random: Random,
  cost: ScryptCost,
): Promise<OpenedKeyFile> {
  const fileKey = draw(random, 32);
  const recipients = await wrapFileKey(fileKey, to, { network, cost, random });
  const empty = { gateways: {}, presharedKeys: {} };
  return withVerifier(new MasterKey(fileKey), { formatVersion: 2, network, recipients, ...empty });
}

/** A changed file with its MAC; ignores a MAC that it carries. */
export function authenticate(master: MasterKey, bare: Omit<KeyFile2, 'mac'>): OpenedKeyFile {
  const file: KeyFile2 = { ...bare, mac: macOf(master, bare) };
  return { file, master, text: keyFileText(file) };
}

/** A file under a new master key, with its verifier and MAC. */
export function withVerifier(master: MasterKey, bare: Omit<KeyFile2, 'mac' | 'verifier'>): OpenedKeyFile {
  return authenticate(master, { ...bare, verifier: verifierOf(master, bare) });
}

/** The same keys in format 2: what scrypt gave stays the master key, so that every secret stays. */
function upgrade(master: MasterKey, file: KeyFile1, fileKey: Uint8Array): OpenedKeyFile {
  const { network, kdf, gateways, presharedKeys } = file;
  const recipients = [scryptRecipient(fileKey, kdf, fileKey)];
  return withVerifier(master, { formatVersion: 2, network, recipients, gateways, presharedKeys });
}

/** Each format derives under a name of its own: no text of one is ever taken for one of the other. */
function domainOf({ formatVersion }: { readonly formatVersion: number }): string {
  return `dwcp key file ${formatVersion}`;
}

function verifierOf(master: MasterKey, file: Pick<KeyFile, 'formatVersion' | 'network'>): string {
  return Buffer.from(master.derive(domainOf(file), 'verifier', file.network)).toString('base64');
}

function macOf(master: MasterKey, file: Omit<KeyFile, 'mac'>): string {
  const covered = keyFileText({ ...file, mac: undefined } as Omit<KeyFile, 'mac'>);
  return createHmac('sha256', master.derive(domainOf(file), 'mac'))
    .update(covered, 'utf8')
    .digest('base64');
}

function equal(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a, 'base64'), Buffer.from(b, 'base64')];
  return left.length === right.length && timingSafeEqual(left, right);
}
