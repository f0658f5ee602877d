import { Argument, Command, CommanderError } from 'commander';
import { commands } from './declare/commands';
import type { Done } from './declare/declare';
import { addExamples } from './examples';
import { exitSummary } from './exit-codes';
import { helpWidthOf, type CliIo, type ExitCode } from './io';
import { packageVersion } from './package-version';
import { visibleIo } from './visible-io';
import { decodeText, mostBytes, readStream, tooLarge, type ReadFile } from '../project/read-file';

/** Commander would ask the process for the width instead of the io, and leave narrow columns unwrapped. */
function helpLayout(io: CliIo): { helpWidth: number; minWidthToWrap: number } {
  return { helpWidth: helpWidthOf(io), minWidthToWrap: 20 };
}

/** Shells that commands can be completed in. */
const shells = ['bash', 'zsh', 'fish'] as const;
type Shell = (typeof shells)[number];

/** Builds the `dwcp` program. Commands load their parts when they run, so that `--help` is instant. */
export function buildProgram(io: CliIo, done: Done): Command {
  const program = new Command('dwcp')
    .description('The global network as code: check, plan, explain and compare networks.')
    .version(packageVersion(), '-V, --version', 'print the version')
    .showHelpAfterError("run 'dwcp --help' for what there is")
    .configureOutput({
      writeOut: (text) => void io.stdout.write(text),
      writeErr: (text) => void io.stderr.write(text),
    })
    .configureHelp(helpLayout(io))
    .exitOverride();
  program.helpCommand(false);
  program.addHelpText(
    'after',
    [
      '',
      'Help on a command: dwcp help <command>. Other topics:',
      '  dwcp help codes [code]   what each diagnostic code means, and what to do',
      '  dwcp help exit-codes     the exit codes of every command',
      '',
      exitSummary(),
    ].join('\n'),
  );

  for (const declare of commands) declare(program, io, done);
  declareCompletion(program, io, done);
  declareHelp(program, io, done);
  return program;
}

/** Adds `dwcp completion`; here, as it completes the whole program. */
function declareCompletion(program: Command, io: CliIo, done: Done): void {
  program
    .command('completion')
    .description('print a script that completes commands, options and files in your shell')
    .addArgument(new Argument('<shell>', 'your shell').choices([...shells]))
    .action(async (shell: Shell) => {
      const { completionScript } = await import('./completion.js');
      io.stdout.write(completionScript(await wholeProgram(io), shell));
      done(0);
    });
}

/** Adds `dwcp help`; here, as it shows the whole program. */
function declareHelp(program: Command, io: CliIo, done: Done): void {
  program
    .command('help')
    .description('help on a command, on diagnostic codes or on exit codes')
    .argument('[topic...]', "a command, 'codes [code]' or 'exit-codes'; default: the commands")
    .action(async (topic: readonly string[]) => {
      done(await help(await wholeProgram(io), io, topic));
    });
}

/** The program with all its commands; the ones of keys bring the cryptography. */
async function wholeProgram(io: CliIo): Promise<Command> {
  const program = buildProgram(io, () => undefined);
  await addKeys(program, io);
  addExamples(program);
  return program;
}

async function addKeys(program: Command, io: CliIo): Promise<void> {
  const keys = (await import('./keys-entry.js')).keysEntry(io);
  for (const command of [keys, ...keys.commands]) command.configureHelp(helpLayout(io));
  program.addCommand(keys);
}

/** `dwcp help`: a topic, or the help of the command that the words name. */
async function help(program: Command, io: CliIo, [topic, ...words]: readonly string[]): Promise<ExitCode> {
  if (topic === 'codes' || topic === 'exit-codes') {
    const { codesTopic, exitCodesTopic } = await import('./help-topics.js');
    const layout = { width: helpWidthOf(io) };
    return topic === 'codes' ? codesTopic(io, words[0], layout) : exitCodesTopic(io, layout);
  }
  let command = program;
  for (const word of topic === undefined ? [] : [topic, ...words]) {
    const child = command.commands.find((c) => c.name() === word);
    if (!child) {
      io.stderr.write(`error: there is no command or topic '${word}'\nrun 'dwcp help' for what there is\n`);
      return 2;
    }
    command = child;
  }
  command.outputHelp();
  return 0;
}

/** How many arguments mean standard input: each `-` that is neither an output nor of another program. */
function standardInputs(args: readonly string[]): number {
  const end = args.indexOf('--');
  const own = end === -1 ? args : args.slice(0, end);
  return own.filter((arg, i) => arg === '-' && !['-o', '--out'].includes(own[i - 1])).length;
}

async function readStandardInput({ stdin }: CliIo): Promise<ReadFile> {
  const bytes = await readStream(stdin);
  return bytes === undefined
    ? tooLarge('<stdin>', `more than ${mostBytes} bytes`)
    : decodeText(bytes, '<stdin>');
}

/**
 * Runs the program and gives its exit code. Wrong usage is 2, but 1 for `diff`, whose 2 means changes. A
 * fault of ours is 1, with its message.
 */
export async function runCli(world: CliIo, args: readonly string[]): Promise<ExitCode> {
  const outside = visibleIo(world);
  let code: ExitCode = 0;
  const dashes = standardInputs(args);
  if (dashes > 1) {
    outside.stderr.write("error: standard input, '-', can be read once\n");
    return args[0] === 'diff' ? 1 : 2;
  }
  const io = dashes === 0 ? outside : { ...outside, stdinText: await readStandardInput(outside) };
  const program = buildProgram(io, (exit) => (code = exit));
  // Loaded only when wanted: it brings the cryptography.
  if (args[0] === 'keys') await addKeys(program, io);
  else program.command('keys').description('make, show, rotate and reseal the keys of a network');
  addExamples(program);
  try {
    if (args.length === 0) {
      program.outputHelp();
      return 0;
    }
    await program.parseAsync([...args], { from: 'user' });
    return code;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0 || args[0] === 'keys') return error.exitCode;
    return args[0] === 'diff' ? 1 : 2;
  }
}
