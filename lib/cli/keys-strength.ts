import { deflateRawSync } from 'node:zlib';
import { leastKeyFileBytes } from '../net/keys';
import { KeysFailure } from './keys-io';

/** Fewest characters of a new passphrase. */
export const leastPassphrase = 12;

/**
 * Fewest guesses that find a new passphrase, as a power of ten. A key file is committed: whoever reads the
 * repository may guess for years. At 10,000 guesses a second (scrypt with 128 MiB each, so 1.3 TB of memory
 * written a second) 10^12 take three years.
 */
export const leastGuessesLog10 = 12;

/** @throws KeysFailure for a passphrase of fewer than 12 characters. */
export function refuseShort(passphrase: string): void {
  if ([...passphrase.normalize('NFC')].length < leastPassphrase)
    throw new KeysFailure(`error: the passphrase has fewer than ${leastPassphrase} characters`);
}

/**
 * Refuses a passphrase that is short or soon guessed, as zxcvbn estimates it. Nothing of it is repeated.
 *
 * @param known words that everybody knows of the network, such as its name.
 * @throws KeysFailure with the reason.
 */
export async function refuseWeakPassphrase(passphrase: string, known: readonly string[]): Promise<void> {
  refuseShort(passphrase);
  const text = passphrase.normalize('NFC');
  // Half a megabyte of dictionaries: loaded when a passphrase is chosen, never else.
  const { ZxcvbnFactory } = await import('@zxcvbn-ts/core');
  const common = await import('@zxcvbn-ts/language-common');
  const { dictionary, adjacencyGraphs: graphs } = common;
  const estimator = new ZxcvbnFactory({ dictionary, graphs });
  // Without what stands between words as well: a space beside a common word hides the word from it.
  const readings = [text, text.replace(/[\s._,;:-]+/g, '')].filter((reading) => reading !== '');
  const [estimated] = readings
    .map((reading) => estimator.check(reading, [...known]))
    .sort((a, b) => a.guessesLog10 - b.guessesLog10);
  if (estimated.guessesLog10 >= leastGuessesLog10) return;
  const parts = new Set(estimated.sequence.map((match) => partOf(match)));
  throw new KeysFailure(
    `error: the passphrase is weak: about 10^${Math.floor(estimated.guessesLog10)} guesses find it, ` +
      `10^${leastGuessesLog10} should be needed; it is made of ${[...parts].join(', ')}\n` +
      '  next: take five or more words at random, or 16 or more characters from a password manager',
  );
}

/** The kind of pattern that zxcvbn recognized, in words that show nothing of the secret. */
function partOf({ pattern, dictionaryName }: { pattern: string; dictionaryName?: unknown }): string {
  if (pattern === 'dictionary' && typeof dictionaryName === 'string')
    return dictionaries[dictionaryName] ?? 'a common word';
  return patterns[pattern] ?? 'a known pattern';
}

const dictionaries: Readonly<Record<string, string>> = {
  'passwords-common': 'a common password',
  userInputs: "a word of the network's own",
};

const patterns: Readonly<Record<string, string>> = {
  bruteforce: 'other characters',
  date: 'a date',
  regex: 'a year',
  repeat: 'a repetition',
  sequence: 'a sequence',
  separator: 'separators',
  spatial: 'keys beside each other',
};

/**
 * Refuses a key file that is not a secret: text of any kind but hex and base64 of random bytes, files of
 * well-known formats, and bytes of little entropy. What is random in truth is refused less often than once
 * in 10^7.
 *
 * @param name of the file, in messages.
 * @throws KeysFailure with the reason.
 */
export function refuseWeakKeyFile(bytes: Uint8Array, name: string): void {
  const make = `make one with 'head -c 32 /dev/urandom > ${name}'`;
  const refuse = (why: string, next = make) =>
    new KeysFailure(`error: ${name} is not a secret to seal keys with: ${why}\n  next: ${next}`);
  const format = formats.find(([, magic]) => Buffer.from(bytes.subarray(0, magic.length)).equals(magic));
  if (format) throw refuse(`it is a file of ${format[0]}`);
  const text = textOf(bytes);
  if (text === undefined) {
    const why = littleEntropy(bytes);
    if (why !== undefined) throw refuse(why);
    return;
  }
  if (text.includes('AGE-SECRET-KEY-1')) {
    const next = "seal for it with --recipient and what 'age-keygen -y' prints, and open with --identity";
    throw refuse('it holds an age identity', next);
  }
  const decoded = decode(text);
  if (!decoded) {
    const next = `${make}; a passphrase goes with --passphrase-file`;
    throw refuse('it is text that others may know', next);
  }
  if (decoded.length < leastKeyFileBytes)
    throw refuse(`it stands for ${decoded.length} bytes, ${leastKeyFileBytes} are needed`);
  const why = textOf(decoded) === undefined ? littleEntropy(decoded) : 'it is text, encoded';
  if (why !== undefined) throw refuse(why);
}

/** Formats whose files people have at hand, and how they begin. */
const formats: readonly (readonly [string, Buffer])[] = [
  ['gzip', Buffer.from([0x1f, 0x8b, 0x08, 0x00])],
  ['ZIP', Buffer.from('PK\u0003\u0004', 'latin1')],
  ['PNG', Buffer.from('\u0089PNG\r\n', 'latin1')],
  ['JPEG', Buffer.from([0xff, 0xd8, 0xff])],
  ['PDF', Buffer.from('%PDF-')],
  ['ELF', Buffer.from('\u007fELF', 'latin1')],
  ['SQLite', Buffer.from('SQLite format 3')],
];

/** The text, where the bytes are one: UTF-8 without other control characters than white space. */
function textOf(bytes: Uint8Array): string | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    // eslint-disable-next-line no-control-regex -- these are what tells text from bytes
    return /[\u0000-\u0008\u000e-\u001f\u007f]/.test(text) ? undefined : text;
  } catch {
    return undefined;
  }
}

/**
 * Bytes in hex or base64, in one line or in lines of one length; undefined: it is other text. Letters of both
 * cases tell base64 from a word.
 */
function decode(text: string): Uint8Array | undefined {
  const lines = text.trim().split(/\r?\n/);
  const width = lines[0].length;
  const last = lines.length - 1;
  if (lines.some((line, i) => line.length > width || (i < last && line.length < width))) return undefined;
  const joined = lines.join('');
  if (/^([0-9a-f]{2})+$/.test(joined) || /^([0-9A-F]{2})+$/.test(joined)) return Buffer.from(joined, 'hex');
  const mixed = /[a-z]/.test(joined) && /[A-Z]/.test(joined);
  return mixed && /^[A-Za-z0-9+/_-]+={0,2}$/.test(joined) ? Buffer.from(joined, 'base64') : undefined;
}

/** Why bytes are not random; undefined: they may be. */
function littleEntropy(bytes: Uint8Array): string | undefined {
  if (bytes.every((byte) => byte === bytes[0])) return `it is the byte ${bytes[0]} over and over`;
  const expected = 256 * (1 - (255 / 256) ** bytes.length);
  if (new Set(bytes).size < (2 / 3) * expected)
    return `only ${new Set(bytes).size} different bytes are in it`;
  const steps = bytes.map((byte, i) => byte - bytes[Math.max(0, i - 1)]).subarray(1);
  if (new Set(steps).size < expected / 2) return 'its bytes follow a rule';
  let [all, some] = [255, 0];
  for (const byte of bytes) [all, some] = [all & byte, some | byte];
  if (all !== 0 || some !== 255) return 'a bit is the same in all of its bytes';
  if (deflateRawSync(bytes, { level: 9 }).length < bytes.length) return 'it repeats itself';
  return undefined;
}
