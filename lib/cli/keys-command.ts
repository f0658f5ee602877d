import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { Command, CommanderError } from 'commander';
import { formatDiagnostic, nearest, problem } from '../diagnostics';
import {
  addMissing,
  createKeyFile,
  defaultScryptCost,
  openKeyFile,
  publicKeysOf,
  readKeyFile,
  removeStale,
  rotate,
  type KeyFileChange,
  type KeyProblem,
  type KeySecret,
  type OpenedKeyFile,
  type PublicKeys,
  type ScryptCost,
} from '../net/keys';
import { encodeCanonical } from '../plan';
import { count } from '../units';
import { runWithSecrets } from './keys-exec';
import { takeExclusive } from './exclusive';
import { KeysFailure, type KeysIo, type WantedNetwork } from './keys-io';
import { takeNewSecret, takeSecret, trySecret, type SecretOptions } from './keys-secret';
import { isSameText, writeFileAtomic } from './write-file';

/**
 * `dwcp keys`: makes, shows, rotates and hands out the keys of a network. Every end but success is a
 * `CommanderError` whose `exitCode` is the process's: 1 error, 2 wrong usage, or what the command under
 * `exec` gave; its text is on stderr already. No private key, passphrase or unsealing secret is ever
 * printed.
 *
 * @param cost of scrypt for key files that are made now.
 */
export function keysCommand(io: KeysIo, cost = defaultScryptCost): Command {
  const keys = new Command('keys')
    .description('make, show and rotate the keys of a network, or hand them to a deployment')
    .exitOverride((error) => {
      const usage = error.code.startsWith('commander.') && error.exitCode !== 0;
      throw usage ? new CommanderError(2, error.code, error.message) : error;
    })
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
    });

  withSecret(keys.command('init'))
    .description('make the keys that a network lacks, keep those it has')
    .argument('<network>', 'description (YAML or JSON) or plan; - for standard input')
    .option('--out <file>', 'key file; default <network>.keys.json beside the description')
    .option('--remove-stale', 'drop the keys of gateways and tunnels that are gone')
    .action(guard((path: string, options: InitOptions) => init(path, options, io, cost)));

  withSecret(keys.command('show'))
    .description('print gateways and public keys, and whether the file verifies where a secret is at hand')
    .argument('<keys-file>', 'key file')
    .option('--json', 'as JSON')
    .action(guard((path: string, options: ShowOptions) => show(path, options, io)));

  withSecret(keys.command('rotate'))
    .description("replace the keys of gateways (with their tunnels' preshared keys) or of tunnels")
    .argument('<keys-file>', 'key file')
    .argument('[ids...]', 'gateway ids (<region>/<number>) and tunnel ids')
    .option('--all', 'every key')
    .action(guard((path: string, ids: string[], options: RotateOptions) => replace(path, ids, options, io)));

  withSecret(keys.command('exec'))
    .description("run a command, such as 'cdktf deploy', with the unsealing secrets in its environment")
    .argument('<keys-file>', 'key file')
    .argument('<command...>', "after '--'")
    .action(guard((path: string, words: string[], options: SecretOptions) => exec(path, words, options, io)));
  return keys;
}

interface InitOptions extends SecretOptions {
  readonly out?: string;
  readonly removeStale?: boolean;
}

interface ShowOptions extends SecretOptions {
  readonly json?: boolean;
}

interface RotateOptions extends SecretOptions {
  readonly all?: boolean;
}

function withSecret(command: Command): Command {
  return command
    .option('--passphrase-file <file>', 'read the passphrase from a file (or set DWCP_PASSPHRASE)')
    .option('--key-file <file>', '32 or more secret bytes instead of a passphrase (or set DWCP_KEY_FILE)');
}

/**
 * Ends the command the way commander ends it, with our exit code. Nothing is printed for an error's mere
 * code.
 */
function guard<A extends unknown[]>(action: (...args: A) => Promise<number>) {
  return async function (this: Command, ...args: A): Promise<void> {
    let exitCode: number;
    try {
      exitCode = await action(...args);
    } catch (error) {
      const code = error instanceof KeysFailure ? error.exitCode : 1;
      return this.error((error as Error).message, { exitCode: code, code: 'dwcp.keys' });
    }
    if (exitCode !== 0) throw new CommanderError(exitCode, 'dwcp.keys', '');
  };
}

/** Runs what reads, changes and writes a key file, while nobody else may. */
async function alone(file: string, io: KeysIo, work: () => Promise<number>): Promise<number> {
  const exclusive = takeExclusive(file, shown(file, io));
  if (!exclusive.ok) throw new KeysFailure(formatDiagnostic(exclusive.diagnostic));
  try {
    return await work();
  } finally {
    exclusive.release();
  }
}

async function init(path: string, options: InitOptions, io: KeysIo, cost: ScryptCost): Promise<number> {
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
    let opened = await open(from, before, options, io, wanted.network);
    if (options.removeStale) {
      const stale = removeStale(opened, wanted);
      removed = stale.gateways.length + stale.tunnels.length;
      opened = stale.opened;
    }
    made = addMissing(opened, wanted, random);
  }
  if (!isSameText(before, made.opened.text) || from !== file)
    write(file, from === file ? before : undefined, made.opened.text, io);
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

async function show(path: string, options: ShowOptions, io: KeysIo): Promise<number> {
  const file = resolve(io.cwd, path);
  const text = readOrFail(file, io);
  const read = readKeyFile(text);
  if (!read.ok) throw failure(read.problem, file, io);
  const publicKeys = publicKeysOf(read.value);
  const secret = trySecret(options, io);
  const opened = secret ? await patiently(io, openKeyFile(text, secret)) : undefined;
  const verified = opened ? opened.ok : null;
  const json = options.json ?? false;
  io.stdout.write(json ? encodeCanonical({ ...publicKeys, verified }) : listing(publicKeys, verified));
  if (opened && !opened.ok) throw failure(opened.problem, file, io);
  return 0;
}

async function replace(
  path: string,
  ids: readonly string[],
  options: RotateOptions,
  io: KeysIo,
): Promise<number> {
  if (ids.length > 0 === (options.all ?? false)) throw new KeysFailure('error: name ids, or give --all', 2);
  const file = resolve(io.cwd, path);
  return alone(file, io, () => rotateKeys(file, ids, options, io));
}

async function rotateKeys(
  file: string,
  ids: readonly string[],
  options: RotateOptions,
  io: KeysIo,
): Promise<number> {
  const before = readOrFail(file, io);
  const opened = await open(file, before, options, io);
  const all = [...Object.keys(opened.file.gateways), ...Object.keys(opened.file.presharedKeys)];
  const unknown = ids.filter((id) => !all.includes(id));
  if (unknown.length > 0) {
    const near = nearest(unknown[0], all);
    const next = near ? `\n  next: did you mean '${near}'?` : '';
    throw new KeysFailure(`error: ${shown(file, io)} has no keys for '${unknown.join("', '")}'${next}`);
  }
  const change = rotate(opened, options.all ? all : ids, (bytes) => randomBytes(bytes));
  write(file, before, change.opened.text, io);
  io.stdout.write(`replaced ${keyCounts(change)}: ${shown(file, io)}\n`);
  io.stderr.write('the old keys stay in use until you plan and deploy again\n');
  return 0;
}

async function exec(
  path: string,
  command: readonly string[],
  options: SecretOptions,
  io: KeysIo,
): Promise<number> {
  const file = resolve(io.cwd, path);
  return runWithSecrets(await open(file, readOrFail(file, io), options, io), command, io);
}

async function open(
  file: string,
  text: string,
  options: SecretOptions,
  io: KeysIo,
  network?: string,
): Promise<OpenedKeyFile> {
  // A file that cannot be read is told before anyone types a passphrase.
  const read = readKeyFile(text, network);
  if (!read.ok) throw failure(read.problem, file, io);
  const secret: KeySecret = await takeSecret(options, io);
  const opened = await patiently(io, openKeyFile(text, secret, network));
  if (!opened.ok) throw failure(opened.problem, file, io);
  return opened.value;
}

/** Says what takes long, on a terminal, after a second. */
async function patiently<T>(io: KeysIo, work: Promise<T>): Promise<T> {
  if (!io.isTty) return work;
  let told = false;
  const timer = setTimeout(() => {
    told = true;
    io.stderr.write('deriving the key (scrypt) ...');
  }, 1000);
  try {
    return await work;
  } finally {
    clearTimeout(timer);
    if (told) io.stderr.write('\r\u001b[K');
  }
}

/** Writes unless somebody else has written in the meantime: their keys would be lost. */
function write(file: string, before: string | undefined, text: string, io: KeysIo): void {
  if (tryRead(file, io) !== before) {
    throw new KeysFailure(
      `error: ${shown(file, io)} was changed in the meantime\n  next: run the command again`,
    );
  }
  try {
    writeFileAtomic(file, text, 0o644);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new KeysFailure(`error: cannot write ${shown(file, io)}: ${code}; it is as it was`);
  }
}

function tryRead(file: string, io: KeysIo): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    throw new KeysFailure(`error: cannot read ${shown(file, io)}: ${code}`);
  }
}

function readOrFail(file: string, io: KeysIo): string {
  const text = tryRead(file, io);
  if (text !== undefined) return text;
  throw new KeysFailure(`error: ${shown(file, io)} does not exist\n  next: make it with 'dwcp keys init'`);
}

function failure({ code, message, next }: KeyProblem, file: string, io: KeysIo): KeysFailure {
  return new KeysFailure(formatDiagnostic(problem(code, shown(file, io), message, next)));
}

function shown(file: string, io: KeysIo): string {
  return relative(io.cwd, file) || file;
}

function keyCounts({ gateways, tunnels, signing }: KeyFileChange): string {
  const [pairs, preshared] = [count(gateways.length, 'key pair'), count(tunnels.length, 'preshared key')];
  return signing ? `${pairs}, ${preshared} and the signing key` : `${pairs} and ${preshared}`;
}

function listing({ network, gateways, presharedKeys }: PublicKeys, verified: boolean | null): string {
  const width = Math.max(0, ...Object.keys(gateways).map((id) => id.length));
  const verdict =
    verified === null ? 'not verified: no secret given' : verified ? 'verified' : 'NOT verified';
  const lines = [
    `${network}: ${verdict}`,
    ...Object.entries(gateways).map(([id, key]) => `${id.padEnd(width)}  ${key}`),
    ...presharedKeys.map((id) => `${id}  (preshared)`),
  ];
  return `${lines.join('\n')}\n`;
}
