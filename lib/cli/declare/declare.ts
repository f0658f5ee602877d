import type { Command } from 'commander';
import type { CliIo, ExitCode } from '../io';

/** Takes the exit code of a command that has run. */
export type Done = (code: ExitCode) => void;

/**
 * Adds a command to the program: its arguments, its options, its help. The command loads its parts when it
 * runs, so that `--help` is instant.
 */
export type Declare = (program: Command, io: CliIo, done: Done) => void;
