import { createPrivateKey, createPublicKey, diffieHellman } from 'node:crypto';
import { makeKeyPair, sharedSecret } from '../../lib/net/keys';
import { seededRandom } from './seeded-random';

const base64 = (hex: string) => Buffer.from(hex, 'hex').toString('base64');

/** Node's own X25519, which is OpenSSL's: keys wrapped in the DER of RFC 8410. */
function openssl(privateKey: string, publicKey: string): Buffer {
  const pkcs8 = Buffer.from('302e020100300506032b656e04220420', 'hex');
  const spki = Buffer.from('302a300506032b656e032100', 'hex');
  const der = (head: Buffer, key: string) => Buffer.concat([head, Buffer.from(key, 'base64')]);
  return diffieHellman({
    privateKey: createPrivateKey({ key: der(pkcs8, privateKey), format: 'der', type: 'pkcs8' }),
    publicKey: createPublicKey({ key: der(spki, publicKey), format: 'der', type: 'spki' }),
  });
}

describe('a shared secret', () => {
  test("is Alice's and Bob's of RFC 7748 section 6.1", () => {
    const shared = sharedSecret(
      base64('77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a'),
      base64('de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f'),
    );
    expect(Buffer.from(shared).toString('hex')).toBe(
      '4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742',
    );
  });

  test('is the same for both ends, and what OpenSSL makes of the keys', () => {
    const random = seededRandom('shared');
    for (let i = 0; i < 20; i++) {
      const [a, b] = [makeKeyPair(random), makeKeyPair(random)];
      const shared = Buffer.from(sharedSecret(a.privateKey, b.publicKey));
      expect(shared.equals(Buffer.from(sharedSecret(b.privateKey, a.publicKey)))).toBe(true);
      expect(shared.equals(openssl(a.privateKey, b.publicKey))).toBe(true);
    }
  });

  test('is refused for a public key of small order and for text that is no key, neither repeated', () => {
    const { privateKey } = makeKeyPair(seededRandom('small'));
    const order8 = base64('e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800');
    for (const point of [base64('00'.repeat(32)), order8]) {
      expect(() => sharedSecret(privateKey, point)).toThrow('the public key is a point of small order');
    }
    expect(() => sharedSecret('hunter2', order8)).toThrow('a key is 32 bytes in base64');
  });
});
