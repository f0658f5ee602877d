import { createHash } from 'node:crypto';
import type { SigningKey } from '../net/keys';

/**
 * What a gateway may install: the network's signing key signs it, and the gateway's installed program judges
 * it before anything of the bundle runs.
 */
export interface Manifest {
  /** The network's identity. */
  readonly network: string;
  /** The gateway's identity: `<region's identity>/<number>`. */
  readonly gateway: string;
  /** SHA-256 of the bundle, 64 hex digits. */
  readonly bundle: string;
  /** Of the plan, from 1. */
  readonly generation: number;
  /** Which unsealing secret opens the bundle's keys: `secretVersion` of the key file; 0: there are none. */
  readonly secretEpoch: number;
  readonly validity: Validity;
  /** Who installs first; null: nobody waits for anybody. */
  readonly canary: Canary | null;
  /** The network's signing keys from the first to the one that signs. At least one. */
  readonly chain: readonly SigningKey[];
}

/** When a bundle may be installed. */
export interface Validity {
  /** Unix seconds; 0: at any time. */
  readonly notBefore: number;
  /** Unix seconds; 0: for ever. Afterwards a gateway keeps what runs, and installs nothing. */
  readonly latest: number;
}

export interface Canary {
  /** Its identity. */
  readonly gateway: string;
  /** SHA-256 of the canary's own bundle, 64 hex digits: its report is about this one. */
  readonly bundle: string;
  /** Longest wait of the others where the canary reports nothing, s. */
  readonly waitSeconds: number;
}

/** A bundle of a plan that no lock file keeps has no times. */
export const atAnyTime: Validity = { notBefore: 0, latest: 0 };

const number = '(?:0|[1-9]\\d{0,15})';
const hex = '[0-9a-f]{64}';
const base64 = (bytes: number) => {
  const rest = bytes % 3;
  const body = `[A-Za-z0-9+/]{${Math.ceil((bytes * 8) / 6)}}`;
  return rest === 0 ? body : `${body}={${3 - rest}}`;
};
const name = '[a-z][a-z0-9-]{0,62}';
const gateway = '[A-Za-z0-9][A-Za-z0-9._-]{0,62}/[1-9]\\d{0,2}';

/** The whole text without its signature; the gateway's program has the same in its own words. */
const whole = new RegExp(
  [
    'dwcp-manifest 1',
    `network (${name})`,
    `gateway (${gateway})`,
    `bundle (${hex})`,
    `generation (${number})`,
    `secret (${number})`,
    `not-before (${number})`,
    `latest (${number})`,
    `canary (?:-|(${gateway}) (${hex}) (${number}))`,
    `key 1 (${base64(32)})`,
    `((?:key [1-9]\\d{0,4} ${base64(32)} ${base64(64)}\n)*)$`,
  ].join('\n'),
);

/**
 * The text that is signed: one field a line, ASCII, in this order. Equal manifests give equal bytes.
 *
 * @throws RangeError for a field that does not fit its line: a space in a name, say.
 */
export function manifestText(manifest: Manifest): string {
  const { validity, canary, chain } = manifest;
  const waits = canary ? `${canary.gateway} ${canary.bundle} ${canary.waitSeconds}` : '-';
  const lines = [
    'dwcp-manifest 1',
    `network ${manifest.network}`,
    `gateway ${manifest.gateway}`,
    `bundle ${manifest.bundle}`,
    `generation ${manifest.generation}`,
    `secret ${manifest.secretEpoch}`,
    `not-before ${validity.notBefore}`,
    `latest ${validity.latest}`,
    `canary ${waits}`,
    ...chain.map(({ publicKey, endorsement }, i) =>
      ['key', i + 1, publicKey, ...(endorsement === undefined ? [] : [endorsement])].join(' '),
    ),
  ];
  const text = lines.map((line) => `${line}\n`).join('');
  if (!readManifest(text)) throw new RangeError(`no manifest can say this:\n${text}`);
  return text;
}

/** Reads what `manifestText` wrote; undefined: it is anything else. */
export function readManifest(text: string): Manifest | undefined {
  const found = whole.exec(text);
  if (!found) return undefined;
  const [, network, of, bundle, generation, secret, notBefore, latest, first, firstBundle, wait, key, more] =
    found;
  const later = more
    .split('\n')
    .filter(Boolean)
    .map((line) => line.split(' '));
  // Numbered in turn: none is left out, none stands twice.
  if (later.some(([, position], i) => position !== String(i + 2))) return undefined;
  return {
    network,
    gateway: of,
    bundle,
    generation: Number(generation),
    secretEpoch: Number(secret),
    validity: { notBefore: Number(notBefore), latest: Number(latest) },
    canary: first === undefined ? null : { gateway: first, bundle: firstBundle, waitSeconds: Number(wait) },
    chain: [{ publicKey: key }, ...later.map(([, , publicKey, endorsement]) => ({ publicKey, endorsement }))],
  };
}

/** By what a manifest's signature is found: SHA-256 of its text, 64 hex digits. */
export function manifestDigest(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}

/** The object that a gateway fetches: the text, and its signature on the last line. */
export function signedManifest(text: string, signature: string): string {
  return `${text}signature ${signature}\n`;
}
