import type { Command } from 'commander';

/** The help of `--strict`. */
export const strictText =
  'warnings are errors, and so are a refused reservation and a demand that is not carried whole';

/** Options that every command that plans shares. */
export function planning(command: Command): Command {
  return command
    .option('--lock <file>', 'lock file (default: <network>.lock.json beside the description)')
    .option('--keys <file>', 'key file (default: <network>.keys.json beside the description, if there)')
    .option('--frozen-lock', 'fail if the lock file would change')
    .option('--strict', strictText);
}
