import { randomBytes } from 'node:crypto';
import { resolve } from 'node:path';
import { nearest } from '../diagnostics';
import {
  beginRotation,
  finishRotation,
  rotateNow,
  rotateSigning,
  signingChain,
  type KeyFileChange,
  type OpenedKeyFile,
} from '../net/keys';
import { count } from '../units';
import { alone, keyCounts, openFile, readOrFail, shown, writeKeys } from './keys-files';
import { KeysFailure, type KeysIo } from './keys-io';
import type { SecretOptions } from './keys-secret';

export interface RotateOptions extends SecretOptions {
  readonly all?: boolean;
  readonly now?: boolean;
  readonly finish?: boolean;
  readonly signing?: boolean;
}

const random = (bytes: number) => randomBytes(bytes);

/** The report of a rotation, for stdout, and the next steps, for stderr. */
interface Rotation {
  readonly opened: OpenedKeyFile;
  readonly done: string;
  readonly next: string;
}

/** `dwcp keys rotate`: next keys, then those in use; or all at once; or the signing key. */
export async function rotateKeys(
  path: string,
  ids: readonly string[],
  options: RotateOptions,
  io: KeysIo,
): Promise<number> {
  const { all = false, now = false, finish = false, signing = false } = options;
  const what = [ids.length > 0, all, finish, signing].filter((given) => given).length;
  if (what !== 1) throw new KeysFailure('error: name ids, or give one of --all, --finish and --signing', 2);
  if (now && (finish || signing)) throw new KeysFailure('error: --now goes with ids or --all', 2);
  const file = resolve(io.cwd, path);
  return alone(file, io, async () => {
    const before = readOrFail(file, io);
    const opened = await openFile(file, before, options, io);
    const name = shown(file, io);
    const {
      opened: after,
      done,
      next,
    } = signing
      ? newSigningKey(opened)
      : finish
        ? finishOne(opened, name)
        : rotateIds(opened, all ? allIds(opened) : known(ids, opened, name), now, name);
    writeKeys(file, before, after.text, io);
    io.stdout.write(`${done}: ${name}\n`);
    io.stderr.write(`${next}\n`);
    return 0;
  });
}

function rotateIds(opened: OpenedKeyFile, ids: readonly string[], now: boolean, name: string): Rotation {
  if (now) {
    const change = rotateNow(opened, ids, random);
    const next =
      'the old keys stay in use until you plan and deploy again; ' +
      'then each tunnel is cut until both its ends have fetched';
    return { opened: change.opened, done: `replaced ${keyCounts(change)}`, next };
  }
  const change = beginRotation(opened, ids, random);
  const alone = cutTunnels(change);
  const next =
    (alone.length > 0 ? `${alone.join(', ')}: ${cutWhenFinished}\n` : '') +
    'the keys in use stay; plan and deploy, wait until every gateway has fetched that, ' +
    `then run 'dwcp keys rotate ${name} --finish', plan and deploy again`;
  return { opened: change.opened, done: `made ${nextCounts(change)}`, next };
}

const cutWhenFinished =
  'carries nothing after --finish until both ends have fetched; rotate a gateway at one end instead';

/** Tunnels none of whose gateways rotates: a peer is told apart by its public key alone, which stays. */
function cutTunnels({ opened: { file }, tunnels }: KeyFileChange): string[] {
  return tunnels.filter((id) => !Object.keys(file.presharedKeys[id]).some((end) => file.gateways[end].next));
}

function finishOne(opened: OpenedKeyFile, name: string): Rotation {
  const change = finishRotation(opened, random);
  if (change.gateways.length + change.tunnels.length === 0) {
    const next = `next: begin a rotation with 'dwcp keys rotate ${name} --all' or with ids`;
    throw new KeysFailure(`error: no rotation has begun in ${name}\n  ${next}`);
  }
  const next =
    'plan and deploy; a gateway that has not fetched the deployment before has no tunnels ' +
    'until it fetches this one';
  return { opened: change.opened, done: `took ${nextCounts(change)} into use`, next };
}

function newSigningKey(opened: OpenedKeyFile): Rotation {
  const { opened: after } = rotateSigning(opened, random);
  const number = signingChain(after.file).length;
  const next =
    'plan and deploy: gateways follow the chain of keys, and take nothing any more that only ' +
    'the key before has signed';
  return { opened: after, done: `made signing key ${number}`, next };
}

function allIds({ file }: OpenedKeyFile): string[] {
  return [...Object.keys(file.gateways), ...Object.keys(file.presharedKeys)];
}

function known(ids: readonly string[], opened: OpenedKeyFile, name: string): readonly string[] {
  const all = allIds(opened);
  const unknown = ids.filter((id) => !all.includes(id));
  if (unknown.length === 0) return ids;
  const near = nearest(unknown[0], all);
  const next = near ? `\n  next: did you mean '${near}'?` : '';
  throw new KeysFailure(`error: ${name} has no keys for '${unknown.join("', '")}'${next}`);
}

function nextCounts({ gateways, tunnels }: KeyFileChange): string {
  return `${count(gateways.length, 'next key pair')} and ${count(tunnels.length, 'next preshared key')}`;
}
