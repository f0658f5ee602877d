import { z } from 'zod';
import { refuse, type KeyResult } from './key-problem';
import { isAffordable } from './master-key';
import { publicKeyFault } from './public-key';

/**
 * Version of the key file's format; a reader refuses every other.
 *
 * 1, 2026-11-23: the first.
 */
export const keyFileVersion = 1;

const base64 = (bytes: number) =>
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
export const secretVersion = z
  .int()
  .min(1)
  .max(2 ** 31 - 1);

const gatewayEntry = z.strictObject({ publicKey, sealedPrivateKey: sealedKey, secretVersion });

const keyFile = z
  .strictObject({
    formatVersion: z.literal(keyFileVersion),
    network: networkName,
    kdf: z
      .strictObject({ algorithm: z.literal('scrypt'), n: z.int(), r: z.int(), p: z.int(), salt: base64(32) })
      .refine(isAffordable, 'asks for more memory or work than any key file of ours'),
    verifier: base64(32),
    gateways: z.record(gatewayId, gatewayEntry),
    presharedKeys: z.record(tunnelId, z.record(gatewayId, sealedKey)),
    mac: base64(32),
  })
  .superRefine((file, context) => {
    const holders = new Map<string, string>();
    for (const [id, entry] of Object.entries(file.gateways)) {
      const other = holders.get(entry.publicKey);
      if (other !== undefined) {
        const message = `is the public key of '${other}' too`;
        context.addIssue({ code: 'custom', path: ['gateways', id, 'publicKey'], message });
      }
      holders.set(entry.publicKey, id);
    }
    for (const [id, ends] of Object.entries(file.presharedKeys)) {
      const known = Object.keys(ends).filter((end) => Object.hasOwn(file.gateways, end));
      if (known.length !== 2 || Object.keys(ends).length !== 2) {
        context.addIssue({
          code: 'custom',
          path: ['presharedKeys', id],
          message: 'is not sealed for two gateways of the file',
        });
      }
    }
  });

/**
 * One gateway's keys. `secretVersion` is drawn anew with every new unsealing secret, for write-only
 * arguments.
 */
export type GatewayEntry = Readonly<z.infer<typeof gatewayEntry>>;
/** The key file as data. Preshared keys by tunnel id, then sealed once for each of the two gateways. */
export type KeyFile = Readonly<z.infer<typeof keyFile>>;

/**
 * What anyone may read from a key file. Not authenticated: only `openKeyFile` can tell whether a byte was
 * changed.
 */
export interface PublicKeys {
  readonly network: string;
  /** Public key, base64, by gateway id. */
  readonly gateways: Readonly<Record<string, string>>;
  /** Changes whenever the gateway's unsealing secret does; 1 to 2^31-1; by gateway id. */
  readonly secretVersions: Readonly<Record<string, number>>;
  /** Ids of the tunnels that have a preshared key, sorted. */
  readonly presharedKeys: readonly string[];
}

/**
 * Canonical text: keys in code unit order, two spaces, a newline at the end. Equal files give equal bytes.
 */
export function keyFileText(file: Omit<KeyFile, 'mac'>): string {
  return `${JSON.stringify(file, sorted, 2)}\n`;
}

function sorted(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/**
 * Reads a key file without a secret. Lines may end as on Windows: a checkout can have turned them.
 *
 * Problems: `key-file-incomplete`, `key-file-conflict`, `key-file-not-json`, `key-file-version`,
 * `key-file-shape`, `key-file-reformatted`, `key-file-network`.
 *
 * @param network the name it must be for; absent: any.
 */
export function readKeyFile(fileText: string, network?: string): KeyResult<KeyFile> {
  const text = fileText.replaceAll('\r\n', '\n');
  const restore = 'restore the file from version control';
  if (/^(<{7}|={7}|>{7}|\|{7})( |\r?$)/m.test(text)) {
    const next = 'take one side whole, then run `dwcp keys init`: it makes only the keys that are missing';
    return refuse('key-file-conflict', 'the key file holds merge conflict markers', next);
  }
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    return text.endsWith('}\n')
      ? refuse('key-file-not-json', 'the key file is not JSON', restore)
      : refuse('key-file-incomplete', 'the key file ends in the middle: it was written half', restore);
  }
  const version = z.looseObject({ formatVersion: z.number() }).safeParse(data);
  if (version.success && version.data.formatVersion !== keyFileVersion) {
    const message = `the key file has format version ${version.data.formatVersion}, this program reads ${keyFileVersion}`;
    return refuse('key-file-version', message, 'use the program version that wrote the file');
  }
  const parsed = keyFile.safeParse(data);
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0];
    const missing = message.includes('received undefined');
    const fault = missing ? `'${path.join('.')}' is missing` : `malformed at '${path.join('.')}': ${message}`;
    return refuse('key-file-shape', `the key file is damaged: ${fault}`, restore);
  }
  // Anything but our own text is refused, so that the file's MAC covers white space and repeated keys too.
  if (keyFileText(parsed.data) !== text) {
    const message = 'the key file was reformatted: its bytes are not the ones we write';
    return refuse(
      'key-file-reformatted',
      message,
      `${restore}; keep editors and line-ending conversion away from it`,
    );
  }
  if (network !== undefined && parsed.data.network !== network) {
    const message = `the key file belongs to network '${parsed.data.network}', not to '${network}'`;
    return refuse('key-file-network', message, `use ${network}.keys.json`);
  }
  return { ok: true, value: parsed.data };
}

/** The public half of a key file; needs no secret. Problems as `readKeyFile`. */
export function readPublicKeys(text: string, network?: string): KeyResult<PublicKeys> {
  const read = readKeyFile(text, network);
  return read.ok ? { ok: true, value: publicKeysOf(read.value) } : read;
}

/** The public half of a file that is read already. */
export function publicKeysOf(file: KeyFile): PublicKeys {
  const column = <T>(pick: (entry: GatewayEntry) => T): Record<string, T> =>
    Object.fromEntries(
      Object.keys(file.gateways)
        .sort()
        .map((id) => [id, pick(file.gateways[id])]),
    );
  return {
    network: file.network,
    gateways: column((entry) => entry.publicKey),
    secretVersions: column((entry) => entry.secretVersion),
    presharedKeys: Object.keys(file.presharedKeys).sort(),
  };
}
