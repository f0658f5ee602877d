import { z } from 'zod';
import { publicKeyFault } from './public-key';

/** Canonical base64 (RFC 4648 section 3.5) of so many bytes. */
export const base64 = (bytes: number) =>
  z.string().refine((text) => {
    const decoded = Buffer.from(text, 'base64');
    return decoded.length === bytes && decoded.toString('base64') === text;
  }, `is not ${bytes} bytes in base64`);

export const networkName = z.string().regex(/^[a-z][a-z0-9-]{0,62}$/, 'is not a network name');
/** `<region>/<number>`. */
export const gatewayId = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}\/[1-9]\d{0,2}$/, 'is not a gateway id');
export const tunnelId = z.string().regex(/^tunnel-[A-Za-z0-9._/-]{1,190}$/, 'is not a tunnel id');
/** A Curve25519 public key that an honest gateway may have. */
export const publicKey = z.string().superRefine((text, context) => {
  const fault = publicKeyFault(text);
  if (fault !== undefined) context.addIssue({ code: 'custom', message: fault });
});
/** 24 bytes of nonce, 16 of tag, 32 of key. */
export const sealedKey = base64(72);
/** The epoch of a gateway's unsealing secret: drawn, so no order is in it. */
export const secretVersion = z
  .int()
  .min(1)
  .max(2 ** 31 - 1);
