import type { Command } from 'commander';

/** Options that every command that plans shares. */
export function planning(command: Command): Command {
  return command
    .option('--lock <file>', 'lock file (default: <network>.lock.json beside the description)')
    .option('--keys <file>', 'key file (default: <network>.keys.json beside the description, if there)')
    .option('--frozen-lock', 'fail if the lock file would change');
}
