import { constants } from 'node:crypto';

/**
 * TLS 1.2 with a key that both ends have and an ephemeral one (RFC 8442, RFC 7905): each end proves itself to
 * the other, and a key that leaks later opens nothing that was recorded. Node offers no external keys for
 * TLS 1.3 that both sides of it take.
 */
export const remoteTls = {
  ciphers: 'ECDHE-PSK-CHACHA20-POLY1305',
  minVersion: 'TLSv1.2',
  maxVersion: 'TLSv1.2',
  ecdhCurve: 'X25519',
  // A session that is taken up again would outlive its key.
  secureOptions: constants.SSL_OP_NO_TICKET,
} as const;
