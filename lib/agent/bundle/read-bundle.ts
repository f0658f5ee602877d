import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { GatewayState } from '../../gateway';
import { openAsGateway, readSealedPart, type GatewayKeys, type SealedPart } from '../../net/keys';
import type { EarlierKeys } from '../apply';
import { earlierKeys, type RotationMemory } from '../peers';
import type { AppliedRecord } from './applied-record';
import { gatewaySchema } from '../../gateway/shape';
import { findLooseEnd } from './loose-ends';
import { readEndpoints } from './read-endpoints';

/** Where the wanted state lies. */
export interface BundleFiles {
  /** Folder with `gateway.json` and `keys.json`, as a bundle unpacks. */
  readonly bundle: string;
  /** Public addresses by gateway identity, JSON: outside all that is signed (`readEndpoints`). */
  readonly endpoints: string;
  /** Private addresses are taken from `endpoints` too. Default false. */
  readonly privateEndpoints?: boolean;
  /** Unsealing secrets by epoch (`unsealText`); null: the network has no keys yet. */
  readonly unseal: string | null;
  /** What the agent remembers of a rotation that had begun (`readRotation`). Default: nothing. */
  readonly rotation?: RotationMemory | null;
}

/** The wanted state, read and checked. */
export interface Bundle {
  readonly gateway: GatewayState;
  readonly keys: GatewayKeys | null;
  readonly endpoints: ReadonlyMap<string, string>;
  /** Endpoints that were not taken and why, a line each. Absent: none. */
  readonly ignoredEndpoints?: readonly string[];
  /** `keys.json` as it came. Absent: the plan has no keys. */
  readonly sealed?: SealedPart;
  /** Keys of before, where this bundle finishes a rotation. */
  readonly earlier?: EarlierKeys;
}

/** A bundle, or why it is refused: what, where, and what to do next. */
export type BundleResult =
  | { readonly ok: true; readonly bundle: Bundle }
  | { readonly ok: false; readonly code: BundleFault; readonly message: string; readonly next: string };

export type BundleFault = 'unreadable' | 'malformed' | 'version' | 'foreign' | 'older' | 'forked' | 'keys';

/** Most bytes of one file: gateway.json of a 30-region network takes about 2 MB. */
const mostBytes = 64 * 2 ** 20;

const again = 'fetch the bundle again, or deploy again';

/**
 * Reads what a gateway is to be, and refuses what is malformed, another network's or gateway's, or older than
 * what is applied. Changes nothing.
 *
 * @param applied what this gateway has applied; null: nothing yet, any gateway's plan is taken.
 */
export function readBundle(files: BundleFiles, applied: AppliedRecord | null): BundleResult {
  const refuse = (code: BundleFault, message: string, next: string): BundleResult => ({
    ok: false,
    code,
    message,
    next,
  });
  try {
    const stateFile = path.join(files.bundle, 'gateway.json');
    const raw = parse(readLimited(stateFile), stateFile);
    const version = (raw as { formatVersion?: unknown } | null)?.formatVersion;
    if (version !== undefined && version !== 1) {
      const message = `${stateFile} has format version ${JSON.stringify(version)}; this agent reads 1`;
      return refuse('version', message, 'upgrade the agent, or deploy with the version that it came from');
    }
    const read = gatewaySchema.safeParse(raw);
    if (!read.success) {
      const { path: where, message } = read.error.issues[0];
      return refuse('malformed', `${stateFile} is malformed at '${where.join('.')}': ${message}`, again);
    }
    const gateway = read.data;
    const loose = findLooseEnd(gateway);
    if (loose !== undefined) return refuse('malformed', `${stateFile}: ${loose}`, again);
    const order = refuseByOrder(gateway, applied);
    if (order) return order;

    const { addresses, ignored } = readEndpoints(files.endpoints, gateway, files.privateEndpoints);
    const bundle = { gateway, keys: null, endpoints: addresses, ignoredEndpoints: ignored };
    if (gateway.publicKey === null) return { ok: true, bundle };
    const opened = readKeys(files, gateway);
    if (typeof opened === 'string') return refuse('keys', opened, 'deploy again with `dwcp keys exec`');
    return { ok: true, bundle: { ...bundle, ...opened } };
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    return refuse(error.malformed ? 'malformed' : 'unreadable', error.message, again);
  }
}

/** Foreign, older, or a different plan with the same number. */
function refuseByOrder(gateway: GatewayState, applied: AppliedRecord | null): BundleResult | undefined {
  if (applied === null) return undefined;
  if (gateway.networkIdentity !== applied.network || gateway.identity !== applied.gateway) {
    const message =
      `the plan is of network '${gateway.network}' gateway '${gateway.gateway}'; ` +
      `this is '${applied.network}' '${applied.gateway}'`;
    const next = 'fetch its own bundle; to give this host to another network, run `dwcp-agent down` first';
    return { ok: false, code: 'foreign', message, next };
  }
  if (gateway.generation < applied.generation) {
    const message = `the plan has generation ${gateway.generation}; generation ${applied.generation} is applied`;
    const next = `fetch the newest; to go back on purpose, plan with --supersede ${applied.generation}`;
    return { ok: false, code: 'older', message, next };
  }
  if (gateway.generation === applied.generation && gateway.planDigest !== applied.planDigest) {
    const message = `another plan of generation ${gateway.generation} is applied: two lock files went apart`;
    const next = `merge the lock files, and plan with --supersede ${applied.generation}`;
    return { ok: false, code: 'forked', message, next };
  }
  return undefined;
}

/** The gateway's keys, or what is wrong with them. */
function readKeys(
  files: BundleFiles,
  gateway: GatewayState,
): (Required<Pick<Bundle, 'keys' | 'sealed'>> & Pick<Bundle, 'earlier'>) | string {
  const part = readSealedPart(readLimited(path.join(files.bundle, 'keys.json')));
  if (!part.ok) return part.problem.message;
  const { network, gateway: id, publicKey, next } = part.value;
  if (network !== gateway.networkIdentity || id !== gateway.identity || publicKey !== gateway.publicKey) {
    return `the sealed keys are of '${network}' '${id}', not of '${gateway.networkIdentity}' '${gateway.identity}'`;
  }
  if (next?.publicKey !== gateway.nextPublicKey) return 'the sealed keys have another next key than the plan';
  if (files.unseal === null) return 'there is no unsealing secret';
  const unseal = readLimited(files.unseal);
  const opened = openAsGateway(part.value, unseal);
  if (!opened.ok) return opened.problem.message;
  const earlier = earlierKeys(files.rotation ?? null, gateway, unseal);
  return { keys: opened.value, sealed: part.value, ...(earlier && { earlier }) };
}

class Unreadable extends Error {
  constructor(
    message: string,
    readonly malformed = false,
  ) {
    super(message);
  }
}

function readLimited(file: string): string {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    throw new Unreadable(`${file} cannot be read: ${(error as NodeJS.ErrnoException).code ?? 'unknown'}`);
  }
  if (bytes.length > mostBytes) throw new Unreadable(`${file} has ${bytes.length} bytes`, true);
  return bytes.toString('utf8');
}

function parse(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Unreadable(`${file} is no JSON, or only a part of it`, true);
  }
}
