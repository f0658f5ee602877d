import { resolve } from 'node:path';
import {
  openKeyFile,
  publicKeysOf,
  readKeyFile,
  recipientNames,
  signingChain,
  type KeyFile,
} from '../net/keys';
import { encodeCanonical } from '../plan';
import { failure, patiently, readOrFail } from './keys-files';
import type { KeysIo } from './keys-io';
import { trySecret, type SecretOptions } from './keys-secret';

export interface ShowOptions extends SecretOptions {
  readonly json?: boolean;
}

/** `dwcp keys show`: what anyone may read, and whether it verifies. */
export async function showKeys(path: string, options: ShowOptions, io: KeysIo): Promise<number> {
  const file = resolve(io.cwd, path);
  const text = readOrFail(file, io);
  const read = readKeyFile(text);
  if (!read.ok) throw failure(read.problem, file, io);
  const secret = trySecret(options, io);
  const opened = secret ? await patiently(io, openKeyFile(text, secret)) : undefined;
  const verified = opened ? opened.ok : null;
  const shown = options.json
    ? encodeCanonical({
        ...publicKeysOf(read.value),
        recipients: recipientNames(read.value),
        signing: signingChain(read.value),
        verified,
      })
    : listing(read.value, verified);
  io.stdout.write(shown);
  if (opened && !opened.ok) throw failure(opened.problem, file, io);
  return 0;
}

function listing(file: KeyFile, verified: boolean | null): string {
  const { network, gateways, presharedKeys, nextGateways, nextPresharedKeys } = publicKeysOf(file);
  const width = Math.max(0, ...Object.keys(gateways).map((id) => id.length));
  const verdict =
    verified === null ? 'not verified: no secret given' : verified ? 'verified' : 'NOT verified';
  const lines = [
    `${network}: ${verdict}`,
    ...Object.entries(gateways).flatMap(([id, key]) => {
      const next = Object.hasOwn(nextGateways, id)
        ? [`${id.padEnd(width)}  ${nextGateways[id]}  (next)`]
        : [];
      return [`${id.padEnd(width)}  ${key}`, ...next];
    }),
    ...presharedKeys.map((id) => `${id}  (preshared${nextPresharedKeys.includes(id) ? ', and next' : ''})`),
    ...recipientNames(file).map((name) => `sealed for ${name}`),
    ...signingChain(file).map(({ publicKey }, i) => `signing key ${i + 1}  ${publicKey}`),
  ];
  return `${lines.join('\n')}\n`;
}
