import { randomBytes } from 'node:crypto';
import { resolve } from 'node:path';
import { openKeyFile, recipientNames, reseal, type NewRecipient, type ScryptCost } from '../net/keys';
import { count } from '../units';
import { alone, openFile, patiently, readOrFail, sealing, shown, writeKeys } from './keys-files';
import { KeysFailure, type KeysIo } from './keys-io';
import { newRecipients, type NewSecretOptions } from './keys-recipients';
import type { SecretOptions } from './keys-secret';

export interface ResealOptions extends SecretOptions, NewSecretOptions {}

/** `dwcp keys reseal`: the same keys for recipients given anew. Who opened the file before does not after. */
export async function resealKeys(
  path: string,
  options: ResealOptions,
  io: KeysIo,
  cost: ScryptCost,
): Promise<number> {
  const file = resolve(io.cwd, path);
  const name = shown(file, io);
  return alone(file, io, async () => {
    const before = readOrFail(file, io);
    const opened = await openFile(file, before, options, io);
    const regions = Object.keys(opened.file.gateways).map((id) => id.split('/')[0]);
    const to = await newRecipients(options, io, [opened.file.network, ...new Set(regions)]);
    for (const recipient of to) await refuseSame(before, recipient, io);
    const { opened: after, gateways } = await sealing(file, io, reseal(opened, to, randomBytes, cost));
    writeKeys(file, before, after.text, io);
    const secrets = count(gateways.length, 'gateway');
    io.stdout.write(`sealed anew for ${recipientNames(after.file).join(', ')}: ${name}\n`);
    io.stderr.write(
      `${secrets} ${gateways.length === 1 ? 'has' : 'have'} new unsealing secrets: plan and deploy\n` +
        'whoever had the file and its secret of before knows the keys in it: ' +
        `'dwcp keys rotate ${name} --all' and 'dwcp keys rotate ${name} --signing' replace them\n`,
    );
    return 0;
  });
}

/** A new passphrase that opens the file of before is the old one. @throws KeysFailure */
async function refuseSame(before: string, recipient: NewRecipient, io: KeysIo): Promise<void> {
  if (!('passphrase' in recipient || 'keyFile' in recipient)) return;
  if (!(await patiently(io, openKeyFile(before, recipient))).ok) return;
  const what = 'passphrase' in recipient ? 'passphrase' : 'key file';
  throw new KeysFailure(`error: the new ${what} is the old one\n  next: choose another`);
}
