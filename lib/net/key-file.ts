import { z } from 'zod';
import { keyFileShapes, keyFileVersionsRead, type GatewayEntry, type KeyFile } from './key-file-shape';
import { refuse, type KeyResult } from './key-problem';

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
  /** Public key that a gateway will have after `keys rotate --finish`, base64, by id of those that will. */
  readonly nextGateways: Readonly<Record<string, string>>;
  /** Ids of the tunnels that will have another preshared key then, sorted. */
  readonly nextPresharedKeys: readonly string[];
  /** Public signing keys, base64, from the first, with which gateways are made; empty: none yet. */
  readonly signingKeys: readonly string[];
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
  const format = version.success ? version.data.formatVersion : 2;
  if (!keyFileVersionsRead.includes(format)) {
    const message = `the key file has format version ${format}, this program reads ${keyFileVersionsRead.join(' and ')}`;
    return refuse('key-file-version', message, 'use the program version that wrote the file');
  }
  const parsed = keyFileShapes[format].safeParse(data);
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
  const ids = Object.keys(file.gateways).sort();
  const entries: Readonly<Record<string, GatewayEntry>> = file.gateways;
  const column = <T>(of: readonly string[], pick: (entry: GatewayEntry) => T): Record<string, T> =>
    Object.fromEntries(of.map((id) => [id, pick(entries[id])]));
  return {
    network: file.network,
    gateways: column(ids, (entry) => entry.publicKey),
    secretVersions: column(ids, (entry) => entry.secretVersion),
    presharedKeys: Object.keys(file.presharedKeys).sort(),
    nextGateways: column(
      ids.filter((id) => entries[id].next),
      (entry) => entry.next!.publicKey,
    ),
    nextPresharedKeys: Object.keys(nextPresharedKeysOf(file)).sort(),
    signingKeys: (('signing' in file && file.signing?.keys) || []).map((key) => key.publicKey),
  };
}

/** Preshared keys that come into use with `keys rotate --finish`, as `presharedKeys` of the file has them. */
export function nextPresharedKeysOf(file: KeyFile): KeyFile['presharedKeys'] {
  return ('nextPresharedKeys' in file && file.nextPresharedKeys) || {};
}
