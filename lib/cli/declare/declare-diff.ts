import { strictText } from '../planning-options';
import { formatOption } from './arguments';
import type { Declare } from './declare';

/** Adds `dwcp diff`. */
export const declareDiff: Declare = (program, io, done) => {
  program
    .command('diff')
    .description('what changes between two plans or descriptions; exit code 2 if anything does')
    .argument('<before>', 'plan or description; - for standard input')
    .argument('<after>', 'plan or description; - for standard input')
    .option('--strict', `of the plan after: ${strictText}`)
    .addOption(formatOption('diff'))
    .option('--json', 'short for --format json')
    .option('--all', 'every change')
    .action(async (before: string, after: string, options: object) => {
      const { diffCommand } = await import('../diff-command.js');
      done(await diffCommand(io, before, after, options));
    });
};
