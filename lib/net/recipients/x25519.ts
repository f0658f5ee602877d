import { hkdfSync } from 'node:crypto';
import nacl from 'tweetnacl';
import { z } from 'zod';
import { draw, toBase64 } from '../key-pair';
import { base64 } from '../key-shapes';
import { recipientPoint, recipientText } from './age-text';
import type { RecipientKind } from './kind';
import { tryUnwrap, wrap, wrappedKey } from './wrap';

const shape = z.strictObject({
  type: z.literal('x25519'),
  recipient: z
    .string()
    .max(100)
    .refine((text) => recipientPoint(text) !== undefined, 'is not an age recipient (age1…)'),
  ephemeral: base64(32),
  wrapped: wrappedKey,
});

/**
 * A key pair of age. `ephemeral` and `wrapped` are what the X25519 stanza of age-encryption.org/v1 holds (in
 * base64 with padding), for a file key of 32 bytes where age has 16.
 */
export type X25519Recipient = Readonly<z.infer<typeof shape>>;

export const x25519Kind: RecipientKind<X25519Recipient> = {
  shape,
  wrap(fileKey, to, { random }) {
    return Promise.resolve('age' in to ? wrapForAge(fileKey, to.age, draw(random, 32)) : undefined);
  },
  unwrap({ recipient, ephemeral, wrapped }, opener) {
    const identities = 'identities' in opener ? opener.identities : [];
    const share = Buffer.from(ephemeral, 'base64');
    for (const identity of identities) {
      const fileKey = identity.use((scalar) => {
        const point = nacl.scalarMult.base(scalar);
        if (recipientText(point) !== recipient) return undefined;
        const key = wrappingKey(nacl.scalarMult(scalar, share), share, point);
        return key && tryUnwrap(wrapped, key);
      });
      if (fileKey) return Promise.resolve(fileKey);
    }
    return Promise.resolve(undefined);
  },
  name: ({ recipient }) => recipient,
};

/**
 * Wraps a file key for a recipient.
 *
 * @param ephemeral 32 random bytes that nothing else uses.
 * @throws RangeError if the text is no age recipient, or its point is of small order.
 */
function wrapForAge(fileKey: Uint8Array, recipient: string, ephemeral: Uint8Array): X25519Recipient {
  const point = recipientPoint(recipient);
  if (!point) throw new RangeError(`'${recipient}' is not an age recipient (age1…)`);
  const share = nacl.scalarMult.base(ephemeral);
  const key = wrappingKey(nacl.scalarMult(ephemeral, point), share, point);
  if (!key) throw new RangeError(`'${recipient}' is a point of small order: everybody could open it`);
  return { type: 'x25519', recipient, ephemeral: toBase64(share), wrapped: wrap(fileKey, key) };
}

/** As age derives it; undefined where the shared secret is zero (RFC 7748 section 6.1). */
function wrappingKey(shared: Uint8Array, share: Uint8Array, point: Uint8Array): Uint8Array | undefined {
  if (shared.every((byte) => byte === 0)) return undefined;
  const salt = Buffer.concat([share, point]);
  return new Uint8Array(hkdfSync('sha256', shared, salt, 'age-encryption.org/v1/X25519', 32));
}
