import { randomBytes } from 'node:crypto';
import { dirname, join, resolve } from 'node:path';
import { addMissing, createKeyFile, removeStale, type KeyFileChange, type ScryptCost } from '../net/keys';
import { alone, keyCounts, openFile, sealing, shown, tryRead, writeKeys } from './keys-files';
import { KeysFailure, type KeysIo, type WantedNetwork } from './keys-io';
import { firstRecipients, type RecipientOptions } from './keys-recipients';
import type { SecretOptions } from './keys-secret';
import { isSameText } from '../project/write-file';

export interface InitOptions extends SecretOptions, RecipientOptions {
  readonly out?: string;
  readonly removeStale?: boolean;
}

/** `dwcp keys init`: makes what a network lacks. */
export async function initKeys(
  path: string,
  options: InitOptions,
  io: KeysIo,
  cost: ScryptCost,
): Promise<number> {
  const source = resolve(io.cwd, path);
  const wanted = await io.loadGateways(source);
  const beside = wanted.names.map((name) => join(dirname(source), `${name}.keys.json`));
  const files = options.out === undefined ? beside : [resolve(io.cwd, options.out)];
  return alone(files[0], io, () => makeKeys(wanted, files, options, io, cost));
}

async function makeKeys(
  wanted: WantedNetwork,
  files: readonly string[],
  options: InitOptions,
  io: KeysIo,
  cost: ScryptCost,
): Promise<number> {
  const [file] = files;
  // A renamed network's keys are taken over from the file of its name before.
  const [from = file] = files.filter((f) => tryRead(f, io) !== undefined);
  const before = tryRead(from, io);
  const random = (bytes: number) => randomBytes(bytes);
  let made: KeyFileChange;
  let removed = 0;
  if (before === undefined) {
    const to = await firstRecipients(options, io, wordsOf(wanted));
    made = await sealing(file, io, createKeyFile(wanted.network, wanted, to, random, cost));
  } else {
    if (options.recipient) {
      const next = `next: give it to 'dwcp keys reseal ${shown(file, io)}' with all the others`;
      throw new KeysFailure(`error: ${shown(from, io)} has its recipients already\n  ${next}`, 2);
    }
    let opened = await openFile(from, before, options, io, wanted.network);
    if (options.removeStale) {
      const stale = removeStale(opened, wanted);
      removed = stale.gateways.length + stale.tunnels.length;
      opened = stale.opened;
    }
    made = addMissing(opened, wanted, random);
  }
  if (!isSameText(before, made.opened.text) || from !== file)
    writeKeys(file, from === file ? before : undefined, made.opened.text, io);
  const total = wanted.gateways.length + wanted.tunnels.length + 1;
  const kept = total - made.gateways.length - made.tunnels.length - (made.signing ? 1 : 0);
  const dropped = removed > 0 ? `, removed ${removed}` : '';
  io.stdout.write(`made ${keyCounts(made)}, kept ${kept}${dropped}: ${shown(file, io)}\n`);
  const stale = removeStale(made.opened, wanted);
  const left = [...stale.gateways, ...stale.tunnels];
  if (left.length > 0) {
    io.stderr.write(
      `not in the network any more: ${left.join(', ')}; 'keys init --remove-stale' drops them\n`,
    );
  }
  return 0;
}

/** The public part of a network: its names, and the names of its regions. */
function wordsOf({ network, names, gateways }: WantedNetwork): string[] {
  return [...new Set([network, ...names, ...gateways.map((id) => id.split('/')[0])])];
}
