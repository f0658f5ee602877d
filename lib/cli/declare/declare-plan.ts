import { Option } from 'commander';
import { planning } from '../planning-options';
import { formatOption, generation } from './arguments';
import type { Declare } from './declare';

/** Adds `dwcp plan`. */
export const declarePlan: Declare = (program, io, done) => {
  planning(program.command('plan'))
    .description('plan a network and print the report; keeps the lock file')
    .argument('<description>', 'YAML or JSON file, or a plan; - for standard input')
    .addOption(formatOption('plan'))
    .option('--json', 'short for --format json')
    .option('-p, --previous <plan>', 'plan before: keep what can be kept of it, and say what moved and why')
    .option('--tolerance <share>', 'how much worse than planned afresh what is kept may be (default: 10 %)')
    .option('-o, --out <file>', 'write the plan document there too')
    .option('--all', 'every row of every table')
    .addOption(
      new Option(
        '--supersede <generation>',
        'number the plan above this one, which gateways may have although the lock file was taken back',
      ).argParser(generation),
    )
    .option('--renew', 'gateways may install the plan for a year from now, though it is the same')
    .action(async (file: string, options: object) => {
      const { planCommand } = await import('../plan-command.js');
      done(await planCommand(io, file, options));
    });
};
