import { createCipheriv, createDecipheriv } from 'node:crypto';
import { toBase64 } from '../key-pair';
import { base64 } from '../key-shapes';

/** Every wrapping key wraps one file key and nothing else, so that its nonce may be zero, as in age. */
const nonce = Buffer.alloc(12);
const tagBytes = 16;
/** A wrapped file key: 32 bytes and 16 of tag. */
export const wrappedKey = base64(48);

const options = { authTagLength: tagBytes };

/** Wraps a file key with ChaCha20-Poly1305 (RFC 8439) under a key that wraps nothing else: base64. */
export function wrap(fileKey: Uint8Array, wrappingKey: Uint8Array): string {
  const cipher = createCipheriv('chacha20-poly1305', wrappingKey, nonce, options);
  return toBase64(Buffer.concat([cipher.update(fileKey), cipher.final(), cipher.getAuthTag()]));
}

/** What was wrapped; undefined if the key is another or a bit has changed. */
export function tryUnwrap(wrapped: string, wrappingKey: Uint8Array): Uint8Array | undefined {
  const bytes = Buffer.from(wrapped, 'base64');
  if (bytes.length < tagBytes) return undefined;
  const decipher = createDecipheriv('chacha20-poly1305', wrappingKey, nonce, options);
  decipher.setAuthTag(bytes.subarray(-tagBytes));
  const plain = decipher.update(bytes.subarray(0, -tagBytes));
  try {
    decipher.final();
  } catch {
    return undefined;
  }
  return new Uint8Array(plain);
}
