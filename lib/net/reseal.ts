import type { KeyFileChange } from './change-keys';
import { moveToNewEpochs } from './gateway-entry';
import { draw, type Random } from './key-pair';
import { MasterKey } from './master-key';
import { withVerifier, type OpenedKeyFile } from './open-key-file';
import { wrapFileKey } from './recipients';
import type { NewRecipient } from './recipients/kind';
import { defaultScryptCost, type ScryptCost } from './recipients/scrypt-key';
import { resealSigning } from './signing';

/**
 * The same keys under a new file key, for recipients given anew: who could open the file before opens nothing
 * of it. Every gateway gets a new unsealing secret; those before are kept for bundles of before. Whoever had
 * the file and a secret of before knows the keys in it: a rotation replaces them.
 *
 * @throws RangeError and KmsFailure as `wrapFileKey` does.
 */
export async function reseal(
  opened: OpenedKeyFile,
  to: readonly NewRecipient[],
  random: Random,
  cost: ScryptCost = defaultScryptCost,
): Promise<KeyFileChange> {
  const { file } = opened;
  const fileKey = draw(random, 32);
  const recipients = await wrapFileKey(fileKey, to, { network: file.network, cost, random });
  const master = new MasterKey(fileKey);
  const gateways = Object.keys(file.gateways).sort();
  const entries = moveToNewEpochs(opened, master, gateways, random);
  const signing = file.signing && resealSigning(opened, master, file.signing, random);
  const after = withVerifier(master, { ...file, ...entries, recipients, signing });
  return { opened: after, gateways, tunnels: [], signing: false };
}
