import { packageVersion } from '../package-version';
import type { Declare } from './declare';

/** Adds `dwcp version`. */
export const declareVersion: Declare = (program, io, done) => {
  program
    .command('version')
    .description('print the version of the program, and which formats of files it reads and writes')
    .option('--json', 'as JSON')
    .action(async (options: object) => {
      const { versionCommand } = await import('../version-command.js');
      done(versionCommand(io, packageVersion(), options));
    });
};
