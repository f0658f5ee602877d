import { Argument, InvalidArgumentError, Option, type Command } from 'commander';
import type { Declare } from './declare';

/** Seconds, as an argument. */
function seconds(text: string): number {
  const value = Number(text);
  if (!(value >= 1 && value <= 600))
    throw new InvalidArgumentError('a number of seconds from 1 to 600 is wanted.');
  return value;
}

/** Arguments and options of every command that asks gateways. */
function asking(command: Command): Command {
  return command
    .argument('<network>', 'description or plan; - for standard input')
    .addOption(
      new Option('--by <way>', 'how gateways are reached').choices(['overlay', 'ssm']).default('overlay'),
    )
    .option('--only <gateways...>', 'these gateways or regions alone')
    .addOption(new Option('--timeout <s>', 'longest wait for each gateway').argParser(seconds).default(10))
    .option('--keys <file>', 'key file (default: <network>.keys.json beside the description)')
    .option('--passphrase-file <file>', 'read the passphrase from a file (or set DWCP_PASSPHRASE)')
    .option('--key-file <file>', '32 or more random bytes instead of it (or set DWCP_KEY_FILE)')
    .option('--identity <file>', 'age identities that open the key file (or set DWCP_IDENTITY_FILE)')
    .option('--kms', 'open the key file by AWS KMS')
    .option('--json', 'as JSON');
}

/** Adds the commands of `dwcp ops`. */
export const declareOps: Declare = (program, io, done) => {
  const ops = program.command('ops');
  ops.description('ask and drain the gateways of a deployed network, from inside it or by AWS');

  asking(ops.command('status'))
    .description('a line a gateway: plan, tunnels, routes, drains; exit code 1 if one does not answer')
    .action(async (file: string, options: object) => {
      const { opsStatus } = await import('../ops-command.js');
      done(await opsStatus(io, file, options as Parameters<typeof opsStatus>[2]));
    });

  for (const name of ['drain', 'undrain'] as const) {
    const command = ops
      .command(name)
      .addArgument(new Argument('<kind>', 'what it is').choices(['link', 'gateway', 'region']))
      .argument('<id>', 'its id in the plan');
    asking(command).description(
      name === 'drain'
        ? 'move traffic off on all gateways, without loss, and write it to the description or let it expire'
        : 'let traffic come back on all gateways, and take the drain out of the description',
    );
    if (name === 'drain') command.option('--for <time>', 'ends by itself: 30m, 2h, 1d; nothing is written');
    command
      .option('--no-write', 'leave the description as it is')
      .action(async (of: 'link' | 'gateway' | 'region', id: string, file: string, options: object) => {
        const { opsDrain } = await import('../ops-command.js');
        const given = options as Parameters<typeof opsDrain>[3];
        done(await opsDrain(io, file, { of, id }, given, name === 'drain'));
      });
  }

  asking(ops.command('events'))
    .description('changes at all gateways as they come, until Ctrl-C')
    .action(async (file: string, options: object) => {
      const { opsEvents } = await import('../ops-command.js');
      done(await opsEvents(io, file, options as Parameters<typeof opsEvents>[2]));
    });

  asking(ops.command('doctor'))
    .description('what each gateway finds wrong with its host; exit code 1 if something fails')
    .action(async (file: string, options: object) => {
      const { opsDoctor } = await import('../ops-command.js');
      done(await opsDoctor(io, file, options as Parameters<typeof opsDoctor>[2]));
    });
};
