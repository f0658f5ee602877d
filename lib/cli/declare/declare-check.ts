import { planning } from '../planning-options';
import type { Declare } from './declare';

/** Adds `dwcp check`. */
export const declareCheck: Declare = (program, io, done) => {
  planning(program.command('check'))
    .description('check a description and everything that is planned from it; writes nothing')
    .argument('<description>', 'YAML or JSON file; - for standard input')
    .option(
      '-p, --previous <plan>',
      'plan before: say what would move, and what becomes of its cloud resources',
    )
    .option('--tolerance <share>', 'how much worse than planned afresh what is kept may be (default: 10 %)')
    .option('--all', 'everything that would move')
    .option('--json', 'diagnostics as JSON on standard output')
    .action(async (file: string, options: object) => {
      const { checkCommand } = await import('../check-command.js');
      done(await checkCommand(io, file, options));
    });
};
