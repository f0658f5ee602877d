import { spawnSync } from 'node:child_process';
import { isKey, makeKeyPair, makePresharedKey, publicKeyOf } from '../../lib/net/keys';
import { seededRandom } from './seeded-random';
import { skipped } from './skipped';

const base64 = (hex: string) => Buffer.from(hex, 'hex').toString('base64');
const hasWg = spawnSync('wg', ['--version']).status === 0;

describe('key pairs', () => {
  // Published test vectors, nobody's keys.
  test.each([
    [
      'Alice',
      '77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a',
      '8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a',
    ],
    [
      'Bob',
      '5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb',
      'de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f',
    ],
  ])("%s's public key follows from the private one as in RFC 7748 section 6.1", (_name, secret, shown) => {
    expect(publicKeyOf(base64(secret))).toBe(base64(shown));
  });

  test('a private key is stored clamped, as wg genkey does', () => {
    const random = seededRandom('clamped');
    for (let i = 0; i < 50; i++) {
      const bytes = Buffer.from(makeKeyPair(random).privateKey, 'base64');
      expect([bytes.length, bytes[0] & 7, bytes[31] & 128, bytes[31] & 64]).toEqual([32, 0, 0, 64]);
    }
  });

  test('equal randomness gives equal keys and other randomness others', () => {
    expect(makeKeyPair(seededRandom('a'))).toEqual(makeKeyPair(seededRandom('a')));
    expect(makeKeyPair(seededRandom('a'))).not.toEqual(makeKeyPair(seededRandom('b')));
    expect(makePresharedKey(seededRandom('a'))).not.toBe(makePresharedKey(seededRandom('b')));
  });

  test('a source of randomness that gives too few bytes is refused', () => {
    expect(() => makeKeyPair(() => new Uint8Array(16))).toThrow('gave 16 of 32 bytes');
  });

  test('only 32 bytes in canonical base64 are a key', () => {
    const key = makePresharedKey(seededRandom('key'));
    expect(isKey(key)).toBe(true);
    for (const bad of [
      '',
      key.slice(0, 43),
      `${key}\n`,
      `${key.slice(0, 42)}B=`,
      base64('00'),
      `-${key.slice(1)}`,
    ]) {
      expect(isKey(bad)).toBe(false);
    }
  });

  test('text that is no private key is refused without being repeated', () => {
    expect(() => publicKeyOf('hunter2hunter2')).toThrow('a private key is 32 bytes in base64');
  });

  test('wg reads the private key and prints the same public key', () => {
    if (!hasWg) return skipped('wireguard-tools are not installed');
    const random = seededRandom('wg pubkey');
    for (let i = 0; i < 20; i++) {
      const { privateKey, publicKey } = makeKeyPair(random);
      expect(spawnSync('wg', ['pubkey'], { input: privateKey, encoding: 'utf8' }).stdout.trim()).toBe(
        publicKey,
      );
    }
  });
});
