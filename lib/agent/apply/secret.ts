import { createHash, timingSafeEqual } from 'node:crypto';

const shown = '[secret]';

/** A key on its way to the kernel: printing, logging or encoding it shows nothing. */
export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  /** The key itself, base64. */
  reveal(): string {
    return this.#text;
  }

  /** SHA-256 in hex: tells two keys apart. */
  digest(): string {
    return createHash('sha256').update(this.#text).digest('hex');
  }

  equals(other: Secret): boolean {
    return timingSafeEqual(Buffer.from(this.digest()), Buffer.from(other.digest()));
  }

  toJSON(): string {
    return shown;
  }

  toString(): string {
    return shown;
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return shown;
  }
}
