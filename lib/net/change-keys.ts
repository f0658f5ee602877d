import { mostEarlier, type GatewayEntry, type KeyFile } from './key-file-shape';
import { draw, makeKeyPair, makePresharedKey, type Random } from './key-pair';
import { gatewayId as gatewayIdShape, networkName, tunnelId as tunnelIdShape } from './key-shapes';
import type { MasterKey } from './master-key';
import { authenticate, startKeyFile, type OpenedKeyFile } from './open-key-file';
import { defaultScryptCost, type KeySecret, type ScryptCost } from './scrypt-key';
import { sealPresharedKey, sealPrivateKey } from './sealed-part';
import { makeSigningKey } from './signing';
import { gatewaySecretBytes, keepSecret } from './unseal-text';

/** Who needs keys: gateway ids, and tunnels with the gateways at their ends. */
export interface WantedKeys {
  readonly gateways: readonly string[];
  readonly tunnels: readonly { readonly id: string; readonly ends: readonly [string, string] }[];
}

/**
 * A key file after a change, and the ids that were made, replaced or removed, sorted. All other entries
 * keep their bytes.
 */
export interface KeyFileChange {
  readonly opened: OpenedKeyFile;
  readonly gateways: readonly string[];
  readonly tunnels: readonly string[];
  /** Was a signing key made? */
  readonly signing: boolean;
}

/**
 * A new key file with every wanted key.
 *
 * @throws RangeError for an empty passphrase, a short key file, a malformed name or id, a tunnel end that
 *   is no gateway.
 */
export async function createKeyFile(
  network: string,
  wanted: WantedKeys,
  secret: KeySecret,
  random: Random,
  cost: ScryptCost = defaultScryptCost,
): Promise<KeyFileChange> {
  if (!networkName.safeParse(network).success) throw new RangeError(`'${network}' is not a network name`);
  return addMissing(await startKeyFile(network, secret, random, cost), wanted, random);
}

/**
 * Makes the keys that are wanted and not there, and the network's signing key where there is none. A tunnel
 * that has moved to other gateways gets a new preshared key: the gateway it left knew the old one.
 *
 * @throws RangeError for a malformed id or a tunnel end that is no wanted gateway.
 */
export function addMissing(opened: OpenedKeyFile, wanted: WantedKeys, random: Random): KeyFileChange {
  check(wanted);
  const { file } = opened;
  const gateways = wanted.gateways.filter((id) => !Object.hasOwn(file.gateways, id));
  const tunnels = wanted.tunnels.filter(({ id, ends }) => !joins(file, id, ends));
  const made = replace(opened, gateways, tunnels, random);
  if (file.signing) return made;
  const signing = makeSigningKey(opened.master, file.network, undefined, random);
  const signed = authenticate(opened.master, { ...made.opened.file, signing });
  return { ...made, opened: signed, signing: true };
}

/**
 * Replaces the named gateways' key pairs and unsealing secrets and the named tunnels' preshared keys. A
 * gateway's tunnels are rotated with it, because who held its keys held theirs.
 *
 * @throws RangeError for an id that the file does not hold.
 */
export function rotate(opened: OpenedKeyFile, ids: readonly string[], random: Random): KeyFileChange {
  const { file } = opened;
  const named = new Set(ids);
  const known = (id: string) => Object.hasOwn(file.gateways, id) || Object.hasOwn(file.presharedKeys, id);
  const unknown = ids.find((id) => !known(id));
  if (unknown !== undefined) throw new RangeError(`the key file has no '${unknown}'`);
  const gateways = Object.keys(file.gateways).filter((id) => named.has(id));
  const tunnels = Object.keys(file.presharedKeys)
    .map((id) => ({ id, ends: Object.keys(file.presharedKeys[id]) as [string, string] }))
    .filter(({ id, ends }) => named.has(id) || ends.some((end) => named.has(end)));
  return replace(opened, gateways, tunnels, random);
}

/** Drops the keys of gateways and tunnels that are not wanted (any more). */
export function removeStale(opened: OpenedKeyFile, wanted: WantedKeys): KeyFileChange {
  check(wanted);
  const { file, master } = opened;
  const wantedGateways = new Set(wanted.gateways);
  const gateways = Object.keys(file.gateways).filter((id) => !wantedGateways.has(id));
  const kept = new Set(wanted.tunnels.filter(({ id, ends }) => joins(file, id, ends)).map(({ id }) => id));
  const tunnels = Object.keys(file.presharedKeys).filter((id) => !kept.has(id));
  const changed = {
    ...file,
    gateways: without(file.gateways, gateways),
    presharedKeys: without(file.presharedKeys, tunnels),
  };
  const after = authenticate(master, changed);
  return { opened: after, gateways: gateways.sort(), tunnels: tunnels.sort(), signing: false };
}

function replace(
  { file, master }: OpenedKeyFile,
  gatewayIds: readonly string[],
  tunnels: WantedKeys['tunnels'],
  random: Random,
): KeyFileChange {
  const gateways: Record<string, GatewayEntry> = { ...file.gateways };
  for (const id of gatewayIds) {
    gateways[id] = newGateway(master, file.network, id, file.gateways[id], random);
  }
  const presharedKeys = { ...file.presharedKeys };
  for (const { id, ends } of tunnels) {
    const key = makePresharedKey(random);
    const sealed = ends.map((end) => {
      const secret = gatewaySecretBytes(master, file.network, end, gateways[end].secretVersion);
      return [end, sealPresharedKey(key, id, secret, random)];
    });
    presharedKeys[id] = Object.fromEntries(sealed);
  }
  const opened = authenticate(master, { ...file, gateways, presharedKeys });
  return {
    opened,
    gateways: [...gatewayIds].sort(),
    tunnels: tunnels.map(({ id }) => id).sort(),
    signing: false,
  };
}

function newGateway(
  master: MasterKey,
  network: string,
  id: string,
  before: GatewayEntry | undefined,
  random: Random,
): GatewayEntry {
  const taken = before ? [before.secretVersion, ...(before.earlier ?? []).map((e) => e.secretVersion)] : [];
  const secretVersion = drawEpoch(taken, random);
  const { publicKey, privateKey } = makeKeyPair(random);
  const secret = gatewaySecretBytes(master, network, id, secretVersion);
  const entry = { publicKey, sealedPrivateKey: sealPrivateKey(privateKey, secret, random), secretVersion };
  if (!before) return entry;
  const old = gatewaySecretBytes(master, network, id, before.secretVersion);
  const kept = keepSecret(master, network, id, before.secretVersion, old, random);
  return { ...entry, earlier: [kept, ...(before.earlier ?? [])].slice(0, mostEarlier) };
}

/** An epoch that is none of those. */
function drawEpoch(taken: readonly number[], random: Random): number {
  let epoch = Buffer.from(draw(random, 4)).readUInt32BE() >>> 1 || 1;
  while (taken.includes(epoch)) epoch = (epoch % (2 ** 31 - 1)) + 1;
  return epoch;
}

function joins({ presharedKeys }: KeyFile, id: string, ends: readonly [string, string]): boolean {
  return Object.hasOwn(presharedKeys, id) && ends.every((end) => Object.hasOwn(presharedKeys[id], end));
}

function check({ gateways, tunnels }: WantedKeys): void {
  const known = new Set(gateways);
  const bad = gateways.find((id) => !gatewayIdShape.safeParse(id).success);
  if (bad !== undefined) throw new RangeError(`'${bad}' is not a gateway id`);
  for (const { id, ends } of tunnels) {
    if (!tunnelIdShape.safeParse(id).success) throw new RangeError(`'${id}' is not a tunnel id`);
    if (ends[0] === ends[1] || !ends.every((end) => known.has(end))) {
      throw new RangeError(`tunnel '${id}' does not end on two of the gateways`);
    }
  }
  for (const [what, ids] of [
    ['gateway', gateways],
    ['tunnel', tunnels.map(({ id }) => id)],
  ] as const) {
    if (new Set(ids).size !== ids.length) throw new RangeError(`a ${what} id stands twice`);
  }
}

function without<T>(record: Readonly<Record<string, T>>, ids: readonly string[]): Record<string, T> {
  const gone = new Set(ids);
  return Object.fromEntries(Object.entries(record).filter(([id]) => !gone.has(id)));
}
