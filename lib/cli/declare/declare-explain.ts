import { Option } from 'commander';
// By itself: the room's index brings zod, YAML and all checks.
import { qosClasses } from '../../model/qos';
import { planning } from '../planning-options';
import type { Declare } from './declare';

/** Adds `dwcp explain`. */
export const declareExplain: Declare = (program, io, done) => {
  planning(program.command('explain'))
    .description('why a pair is routed as it is: metrics, runner-up, backups and what they share')
    .argument('<plan>', 'plan or description; - for standard input')
    .argument('<from>', 'region id')
    .argument('<to>', 'region id')
    .addOption(new Option('-c, --class <class>', 'one QoS class only').choices([...qosClasses]))
    .option('--json', 'as JSON')
    .action(async (file: string, from: string, to: string, options: object) => {
      const { explainCommand } = await import('../explain-command.js');
      done(explainCommand(io, file, from, to, options));
    });
};
