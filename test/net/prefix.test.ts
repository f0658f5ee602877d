import ipaddr from 'ipaddr.js';
import { addressAt, tryParseAddress, tryParseNetwork, tryParsePrefix } from '../../lib/net';
import { seeded } from '../support/random-seeded';

const seed = 20270311;

/** What the library says, asked for both families and slowly. */
function byLibrary(text: string): { family: 4 | 6; value: bigint } | undefined {
  const isFour = ipaddr.IPv4.isValidFourPartDecimal(text);
  if (!isFour && (text.includes('%') || !ipaddr.IPv6.isValid(text))) return undefined;
  const bytes = (isFour ? ipaddr.IPv4.parse(text) : ipaddr.IPv6.parse(text)).toByteArray();
  const value = bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  return { family: isFour ? 4 : 6, value };
}

/** What the library parses texts of a family with; its types do not tell. */
const parserOf = (family: unknown) => family as { parser: (text: string) => unknown };

describe(`addresses, seed ${seed}`, () => {
  const random = seeded(seed);
  const words = ['0', '00', '1', '9', '10', '127', '249', '255', '256', '1000', 'f', 'ffff', 'FD00', '10000'];
  const marks = ['.', '.', '.', ':', ':', '::', '%', '', ' ', '-', '0x'];
  const spliced = Array.from({ length: 20_000 }, () => {
    const parts = Array.from({ length: random.whole(1, 9) }, () => random.pick(words));
    const mark = random.pick(marks);
    return parts.reduce((text, part) => text + (random.chance(0.9) ? mark : random.pick(marks)) + part);
  });
  const plain = Array.from({ length: 2000 }, () => {
    const size = random.chance(0.5) ? 4 : 16;
    const zeros = random.chance(0.5);
    const bytes = Array.from({ length: size }, () =>
      zeros && random.chance(0.6) ? 0 : random.whole(0, 255),
    );
    return ipaddr.fromByteArray(bytes).toString();
  });

  it('are those of the library, and nothing else is one', () => {
    const texts = [
      ...spliced,
      ...plain,
      '::',
      '::1',
      '::ffff:10.0.0.1',
      '64:ff9b::1.2.3.4',
      '',
      ':',
      '1.2.3.4 ',
    ];
    const wrong = texts.filter((text) => {
      const [ours, library] = [tryParseAddress(text), byLibrary(text)];
      return ours?.family !== library?.family || ours?.value !== library?.value;
    });
    expect(wrong).toEqual([]);
    expect(texts.filter((text) => tryParseAddress(text)?.family === 4).length).toBeGreaterThan(1000);
    expect(texts.filter((text) => tryParseAddress(text)?.family === 6).length).toBeGreaterThan(1000);
  });

  it('come back as they were written, as prefixes too', () => {
    for (const text of plain) {
      const found = tryParseAddress(text)!;
      expect(tryParseAddress(addressAt(found, 0))).toEqual(found);
      expect(tryParsePrefix(`${text}/${found.length}`)).toEqual(found);
      expect(tryParseNetwork(`${text}/0`)?.value).toBe(0n);
    }
  });

  it('of one family are never tried as the other: no parser throws on a well-formed address', () => {
    const asFour = jest.spyOn(parserOf(ipaddr.IPv4), 'parser');
    const asSix = jest.spyOn(parserOf(ipaddr.IPv6), 'parser');
    for (const text of plain) tryParseAddress(text);
    expect(asFour).not.toHaveBeenCalled();
    expect(asSix.mock.calls.every(([text]) => text.includes(':'))).toBe(true);
    expect(asSix).toHaveBeenCalledTimes(plain.filter((text) => text.includes(':')).length);
    jest.restoreAllMocks();
  });
});
