import { deriveKey } from './seal';

/**
 * The master key, held so that neither JSON, a log nor an inspector can print it; only keys derived from it
 * come out. In the file it stands wrapped, once for each recipient.
 */
export class MasterKey {
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    if (bytes.length !== 32) throw new RangeError('a master key has 32 bytes');
    this.#bytes = bytes;
  }

  /** See `deriveKey`. */
  derive(...context: readonly string[]): Uint8Array {
    return deriveKey(this.#bytes, ...context);
  }
}
