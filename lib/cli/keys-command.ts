import { resolve } from 'node:path';
import { Command, CommanderError } from 'commander';
import { defaultScryptCost } from '../net/keys';
import { runWithSecrets } from './keys-exec';
import { openFile, readOrFail } from './keys-files';
import { initKeys, type InitOptions } from './keys-init';
import { KeysFailure, type KeysIo } from './keys-io';
import { resealKeys, type ResealOptions } from './keys-reseal';
import { rotateKeys, type RotateOptions } from './keys-rotate';
import type { SecretOptions } from './keys-secret';
import { signFolder } from './keys-sign';
import { showKeys, type ShowOptions } from './keys-show';

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
    .description('make, show, rotate and reseal the keys of a network, or hand them to a deployment')
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
    .option('--recipient <recipient>', toSealFor, append)
    .option('--remove-stale', 'drop the keys of gateways and tunnels that are gone')
    .action(guard((path: string, options: InitOptions) => initKeys(path, options, io, cost)));

  withSecret(keys.command('show'))
    .description('print gateways and public keys, and whether the file verifies where a secret is at hand')
    .argument('<keys-file>', 'key file')
    .option('--json', 'as JSON')
    .action(guard((path: string, options: ShowOptions) => showKeys(path, options, io)));

  withSecret(keys.command('rotate'))
    .description("rotate the keys of gateways (with their tunnels' preshared keys) or of tunnels")
    .argument('<keys-file>', 'key file')
    .argument('[ids...]', 'gateway ids (<region>/<number>) and tunnel ids')
    .option('--all', 'every key pair and preshared key')
    .option('--finish', 'take the next keys into use: every gateway has fetched them')
    .option('--now', 'replace at once: cuts tunnels until both ends have fetched')
    .option('--signing', 'a new signing key, endorsed by the old one')
    .action(
      guard((path: string, ids: string[], options: RotateOptions) => rotateKeys(path, ids, options, io)),
    );

  withSecret(keys.command('reseal'))
    .description('seal the same keys for recipients given anew: what opened the file before does not after')
    .argument('<keys-file>', 'key file')
    .option('--recipient <recipient>', toSealFor, append)
    .option('--new-passphrase', 'ask for a new passphrase (asked for anyway where nothing else is given)')
    .option(
      '--new-passphrase-file <file>',
      'read the new passphrase from a file (or set DWCP_NEW_PASSPHRASE)',
    )
    .option('--new-key-file <file>', '32 or more random bytes (or set DWCP_NEW_KEY_FILE)')
    .action(guard((path: string, options: ResealOptions) => resealKeys(path, options, io, cost)));

  withSecret(keys.command('sign'))
    .description('sign what was synthesized, for a deployment that does not synthesize itself')
    .argument('<keys-file>', 'key file')
    .argument('[folder]', 'output folder of the app, or of one of its stacks', 'cdktf.out')
    .action(
      guard((path: string, folder: string, options: SecretOptions) => signFolder(path, folder, options, io)),
    );

  withSecret(keys.command('exec'))
    .description("run a command, such as 'cdktn deploy', with unsealing secrets and signatures")
    .argument('<keys-file>', 'key file')
    .argument('<command...>', "after '--'")
    .action(guard((path: string, words: string[], options: SecretOptions) => exec(path, words, options, io)));
  return keys;
}

const toSealFor = 'seal for age1… or an AWS KMS key (its ARN); may be repeated';

function append(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

function withSecret(command: Command): Command {
  return command
    .option('--passphrase-file <file>', 'read the passphrase from a file (or set DWCP_PASSPHRASE)')
    .option('--key-file <file>', '32 or more random bytes instead of a passphrase (or set DWCP_KEY_FILE)')
    .option(
      '--identity <file>',
      'age identities (AGE-SECRET-KEY-1…) that open it (or set DWCP_IDENTITY_FILE)',
    )
    .option('--kms', 'open it by AWS KMS, with the AWS credentials at hand');
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

async function exec(
  path: string,
  command: readonly string[],
  options: SecretOptions,
  io: KeysIo,
): Promise<number> {
  const file = resolve(io.cwd, path);
  return runWithSecrets(await openFile(file, readOrFail(file, io), options, io), command, io);
}
