import { strictText } from '../planning-options';
import type { Declare } from './declare';

/** Adds `dwcp verify`. */
export const declareVerify: Declare = (program, io, done) => {
  program
    .command('verify')
    .description('check a plan independently of the planner: nothing it says is taken on trust')
    .argument('<plan>', 'plan document; - for standard input')
    .option('--description <file>', 'its description: every field of the plan is what that says')
    .option('--lock <file>', 'its lock file: blocks, addresses, segments, ports, names, generation')
    .option('--keys <file>', 'its key file: public keys, and which tunnels have a preshared key')
    .option('-p, --previous <plan>', 'the plan that it was made from: check what moved against it')
    .option('--strict', strictText)
    .option('--json', 'diagnostics as JSON on standard output')
    .addHelpText(
      'after',
      `
A plan proves by itself that it is sound, not that it is yours. Before you
deploy one that another machine made, hold it against what you committed.`,
    )
    .action(async (file: string, options: object) => {
      const { verifyCommand } = await import('../verify-command.js');
      done(verifyCommand(io, file, options));
    });
};
