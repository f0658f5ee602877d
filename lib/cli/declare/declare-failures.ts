import { planning } from '../planning-options';
import { formatOption, wholeNumber } from './arguments';
import type { Declare } from './declare';

/** Adds `dwcp failures`. */
export const declareFailures: Declare = (program, io, done) => {
  planning(program.command('failures'))
    .description(
      'what every single failure does: routes, loads, latency; and the share of time demands are carried',
    )
    .argument('<plan>', 'plan or description; - for standard input')
    .option('--dual', 'every pair of link failures too')
    .option('--threads <n>', 'most threads; the result is the same (default: as many as cores)', wholeNumber)
    .addOption(formatOption('failures'))
    .option('--json', 'short for --format json')
    .option('--all', 'every failure')
    .action(async (file: string, options: object) => {
      const { failuresCommand } = await import('../failures-command.js');
      done(await failuresCommand(io, file, options));
    });
};
