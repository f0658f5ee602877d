import { createPublicKey, diffieHellman, generateKeyPairSync } from 'node:crypto';
import { makeKeyPair, publicKeyFault } from '../../lib/net/keys';
import { seededRandom } from './seeded-random';

const prime = 2n ** 255n - 19n;

/** 32 bytes, least first, in base64. */
function encode(value: bigint): string {
  return Buffer.from(value.toString(16).padStart(64, '0'), 'hex').reverse().toString('base64');
}

/** The twelve encodings of points of small order that are in circulation, with the top bit unset and set. */
const smallOrder = [
  0n,
  1n,
  325606250916557431795983626356110631294008115727848805560023387167927233504n,
  39382357235489614581723060781553021112529911719440698176882885853963445705823n,
  prime - 1n,
  prime,
  prime + 1n,
].flatMap((u) => [u, u + 2n ** 255n]);

describe('a public key', () => {
  it.each(smallOrder.map((u) => [encode(u)]))('%s is refused: it gives no secret', (text) => {
    expect(publicKeyFault(text)).toMatch(/small order/);
  });

  it('is refused for small order exactly where OpenSSL refuses to derive a secret', () => {
    const { privateKey } = generateKeyPairSync('x25519');
    const derives = (text: string) => {
      const der = Buffer.concat([
        Buffer.from('302a300506032b656e032100', 'hex'),
        Buffer.from(text, 'base64'),
      ]);
      try {
        diffieHellman({ privateKey, publicKey: createPublicKey({ key: der, format: 'der', type: 'spki' }) });
        return true;
      } catch {
        return false;
      }
    };
    const near = smallOrder.flatMap((u) => [u - 1n, u, u + 1n]).filter((u) => u >= 0n && u < 2n ** 256n);
    expect(near.length).toBeGreaterThan(30);
    for (const u of near) {
      const refused = publicKeyFault(encode(u))?.includes('small order') ?? false;
      expect([encode(u), refused]).toEqual([encode(u), !derives(encode(u))]);
    }
  });

  it('is refused in an encoding that X25519 would read as that of another', () => {
    const own = BigInt(`0x${Buffer.from(encode(9n), 'base64').reverse().toString('hex')}`);
    expect(publicKeyFault(encode(own))).toBeUndefined();
    expect(publicKeyFault(encode(own + prime))).toMatch(/canonical/);
    expect(publicKeyFault(encode(own + 2n ** 255n))).toMatch(/canonical/);
  });

  it.each([
    '',
    'AAAA',
    'not base64',
    `${'A'.repeat(43)}`,
    `${encode(9n)}\n`,
    ` ${encode(9n)}`,
    `${'A'.repeat(42)}B=`,
  ])('%j is refused: it is not 32 bytes', (text) => expect(publicKeyFault(text)).toMatch(/32 bytes/));

  it('is accepted as it is made, every time', () => {
    const random = seededRandom('public keys');
    for (let i = 0; i < 40; i++) expect(publicKeyFault(makeKeyPair(random).publicKey)).toBeUndefined();
  });
});
