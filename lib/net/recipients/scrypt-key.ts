import { scrypt } from 'node:crypto';

/** What a file key is wrapped with where people keep the secret. */
export type KeySecret = { readonly passphrase: string } | { readonly keyFile: Uint8Array };

/** Cost of scrypt (RFC 7914): `n` a power of two; memory is 128 x n x r bytes. */
export interface ScryptCost {
  readonly n: number;
  readonly r: number;
  readonly p: number;
}

/** Scrypt's parameters as the key file keeps them; `salt` in base64. */
export interface KeyDerivation extends ScryptCost {
  readonly salt: string;
}

/** 128 MiB and some tenths of a second: what OWASP's password storage guidance asks of scrypt. */
export const defaultScryptCost: ScryptCost = { n: 2 ** 17, r: 8, p: 1 };

/** Fewest bytes of a key file that stands in for a passphrase. */
export const leastKeyFileBytes = 32;

/** Twice the memory and four times the work of the default. */
const mostMemoryBytes = 256 * 2 ** 20;
const mostWork = 2 ** 22;

/**
 * Are these parameters ones we are willing to run? They are read before anything is authenticated, so a
 * changed file must not make us burn memory or time. Too low a cost needs no refusal: it gives another key,
 * which opens nothing.
 */
export function isAffordable({ n, r, p }: ScryptCost): boolean {
  const whole = [n, r, p].every((figure) => Number.isSafeInteger(figure) && figure >= 1);
  if (!whole || n < 2 ** 10 || n > 2 ** 20 || !Number.isInteger(Math.log2(n))) return false;
  return 128 * n * r <= mostMemoryBytes && n * r * p <= mostWork;
}

/**
 * Stretches a passphrase (UTF-8 of its NFC form, RFC 8265) or the bytes of a key file with scrypt: 32 bytes.
 * Runs off the main thread.
 *
 * @throws RangeError for parameters that are not affordable, an empty passphrase or a key file under 32
 *   bytes.
 */
export async function stretch(secret: KeySecret, kdf: KeyDerivation): Promise<Uint8Array> {
  if (!isAffordable(kdf)) throw new RangeError('scrypt parameters are out of bounds');
  const { n: N, r, p } = kdf;
  const salt = Buffer.from(kdf.salt, 'base64');
  const maxmem = 128 * r * (N + p + 2) + 2 ** 20;
  const bytes = await new Promise<Buffer>((resolve, reject) => {
    scrypt(secretBytes(secret), salt, 32, { N, r, p, maxmem }, (error, key) => {
      if (error) reject(error);
      else resolve(key);
    });
  });
  return new Uint8Array(bytes);
}

function secretBytes(secret: KeySecret): Uint8Array {
  if ('passphrase' in secret) {
    if (secret.passphrase === '') throw new RangeError('the passphrase is empty');
    return Buffer.from(secret.passphrase.normalize('NFC'), 'utf8');
  }
  if (secret.keyFile.length < leastKeyFileBytes) {
    throw new RangeError(`the key file holds fewer than ${leastKeyFileBytes} bytes`);
  }
  return secret.keyFile;
}
