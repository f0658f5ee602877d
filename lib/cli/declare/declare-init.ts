import { Option } from 'commander';
import type { InitOptions } from '../init-command';
import { packageVersion } from '../package-version';
import type { Declare } from './declare';

/** Adds `dwcp init`. */
export const declareInit: Declare = (program, io, done) => {
  program
    .command('init')
    .description('make a project: description, app, test, CI workflow, lock file, keys')
    .argument('[folder]', 'a new or an empty folder', '.')
    .addOption(
      new Option('--framework <name>', 'CDK Terrain, or the archived CDKTF')
        .choices(['cdktn', 'cdktf'])
        .default('cdktn'),
    )
    .option('--network <name>', "the network's name (default: the folder's)")
    .addHelpText(
      'after',
      `
Nothing that is there is overwritten. With a secret in DWCP_PASSPHRASE, or in
the file that DWCP_KEY_FILE names, the keys are made too.`,
    )
    .action(async (folder: string, options: InitOptions) => {
      const { initCommand } = await import('../init-command.js');
      done(await initCommand(io, folder, options, packageVersion()));
    });
};
