import { newGateway, newPresharedKey, nextIfAny } from './gateway-entry';
import type { GatewayEntry, KeyFile } from './key-file-shape';
import type { Random } from './key-pair';
import { gatewayId as gatewayIdShape, networkName, tunnelId as tunnelIdShape } from './key-shapes';
import { authenticate, startKeyFile, type OpenedKeyFile } from './open-key-file';
import type { NewRecipient } from './recipients/kind';
import { defaultScryptCost, type ScryptCost } from './recipients/scrypt-key';
import { makeSigningKey } from './signing';

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
  to: NewRecipient | readonly NewRecipient[],
  random: Random,
  cost: ScryptCost = defaultScryptCost,
): Promise<KeyFileChange> {
  if (!networkName.safeParse(network).success) throw new RangeError(`'${network}' is not a network name`);
  return addMissing(await startKeyFile(network, [to].flat() as NewRecipient[], random, cost), wanted, random);
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
  const made = replaceKeys(opened, gateways, tunnels, random);
  if (file.signing) return made;
  const signing = makeSigningKey(opened.master, file.network, undefined, random);
  const signed = authenticate(opened.master, { ...made.opened.file, signing });
  return { ...made, opened: signed, signing: true };
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
    ...nextIfAny(without(file.nextPresharedKeys ?? {}, tunnels)),
  };
  const after = authenticate(master, changed);
  return { opened: after, gateways: gateways.sort(), tunnels: tunnels.sort(), signing: false };
}

/** Gives the gateways new pairs and secrets and the tunnels new preshared keys, at once. */
export function replaceKeys(
  opened: OpenedKeyFile,
  gatewayIds: readonly string[],
  tunnels: WantedKeys['tunnels'],
  random: Random,
): KeyFileChange {
  const { file, master } = opened;
  const gateways: Record<string, GatewayEntry> = { ...file.gateways };
  for (const id of gatewayIds) gateways[id] = newGateway(opened, id, file.gateways[id], random);
  const presharedKeys = { ...file.presharedKeys };
  for (const { id, ends } of tunnels) presharedKeys[id] = newPresharedKey(opened, gateways, id, ends, random);
  const tunnelIds = tunnels.map(({ id }) => id);
  const nextPresharedKeys = without(file.nextPresharedKeys ?? {}, tunnelIds);
  const after = authenticate(master, { ...file, gateways, presharedKeys, ...nextIfAny(nextPresharedKeys) });
  return { opened: after, gateways: [...gatewayIds].sort(), tunnels: tunnelIds.sort(), signing: false };
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
