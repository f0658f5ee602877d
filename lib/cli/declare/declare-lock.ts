import { Option } from 'commander';
import type { Declare } from './declare';

/** Adds `dwcp lock`. */
export const declareLock: Declare = (program, io, done) => {
  program
    .command('lock')
    .description('work on lock files')
    .command('merge')
    .description("Git's merge driver for lock files: dwcp lock merge --deployed main %O %A %B %P")
    .argument('<base>', 'what both sides grew from; empty: nothing')
    .argument('<ours>', 'one side; the result is written there')
    .argument('<theirs>', 'the other side')
    .argument('[path]', 'its name in the repository')
    .option('--deployed <branch>', 'the branch that is deployed: the side that is as it is there goes first')
    .addOption(new Option('--keep <side>', 'the side that goes first').choices(['ours', 'theirs']))
    .action(async (base: string, ours: string, theirs: string, name: string | undefined, options: object) => {
      const { lockMergeCommand } = await import('../lock-command.js');
      done(lockMergeCommand(io, [base, ours, theirs], name, options));
    });
};
