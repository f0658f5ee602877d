import { bech32 } from '@scure/base';

/** A private key of age, in bytes: an X25519 scalar. Held so that neither JSON nor an inspector prints it. */
export class AgeIdentity {
  readonly #scalar: Uint8Array;

  constructor(scalar: Uint8Array) {
    if (scalar.length !== 32) throw new RangeError('an age identity has 32 bytes');
    this.#scalar = scalar;
  }

  /** Calls with the scalar, which the caller keeps nowhere. */
  use<T>(work: (scalar: Uint8Array) => T): T {
    return work(this.#scalar);
  }
}

const recipientPrefix = 'age';
const identityPrefix = 'age-secret-key-';

/** The point of a recipient `age1…` (32 bytes); undefined: it is none. */
export function recipientPoint(text: string): Uint8Array | undefined {
  return text === text.toLowerCase() ? decode(text, recipientPrefix) : undefined;
}

/** A point as age writes it: `age1…`, 62 characters. */
export function recipientText(point: Uint8Array): string {
  return bech32.encodeFromBytes(recipientPrefix, point);
}

/** The identity of a text `AGE-SECRET-KEY-1…`; undefined: it is none. */
export function parseIdentity(text: string): AgeIdentity | undefined {
  const scalar = text === text.toUpperCase() ? decode(text, identityPrefix) : undefined;
  return scalar && new AgeIdentity(scalar);
}

/** A scalar as age writes it: `AGE-SECRET-KEY-1…`, 74 characters. */
export function identityText(scalar: Uint8Array): string {
  return bech32.encodeFromBytes(identityPrefix, scalar).toUpperCase();
}

/**
 * The identities of a file as `age-keygen` writes it: one a line, with comments (`#`) and empty lines.
 *
 * @returns them; or the number of the first line that is no X25519 identity, from 1.
 */
export function parseIdentityFile(text: string): readonly AgeIdentity[] | number {
  const found: AgeIdentity[] = [];
  for (const [i, raw] of text.split('\n').entries()) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    const identity = parseIdentity(line);
    if (!identity) return i + 1;
    found.push(identity);
  }
  return found;
}

function decode(text: string, prefix: string): Uint8Array | undefined {
  try {
    const { prefix: found, bytes } = bech32.decodeToBytes(text);
    return found === prefix && bytes.length === 32 ? bytes : undefined;
  } catch {
    return undefined;
  }
}
