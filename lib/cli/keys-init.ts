import { randomBytes } from 'node:crypto';
import { dirname, join, resolve } from 'node:path';
import { addMissing, createKeyFile, removeStale, type KeyFileChange, type ScryptCost } from '../net/keys';
import { alone, keyCounts, openFile, patiently, shown, tryRead, writeKeys } from './keys-files';
import type { KeysIo, WantedNetwork } from './keys-io';
import { takeNewSecret, type SecretOptions } from './keys-secret';
import { isSameText } from './write-file';

export interface InitOptions extends SecretOptions {
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
    const secret = await takeNewSecret(options, io);
    made = await patiently(io, createKeyFile(wanted.network, wanted, secret, random, cost));
  } else {
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
