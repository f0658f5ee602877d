import type { Command } from 'commander';
import { bashCompletion } from './completion-bash';
import { fishCompletion } from './completion-fish';
import { completedCommands } from './completion-model';
import { zshCompletion } from './completion-zsh';

const scripts = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion };

/**
 * A shell's script that completes commands, options, choices and file names, made from the program itself.
 * Later additions to the program need the script again.
 */
export function completionScript(program: Command, shell: keyof typeof scripts): string {
  const topics = [...program.commands.map((c) => c.name()), 'codes', 'exit-codes'];
  return scripts[shell](completedCommands(program, topics));
}
