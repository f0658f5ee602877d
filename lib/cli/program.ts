import { Argument, Command, CommanderError, InvalidArgumentError, Option } from 'commander';
// By itself: the room's index brings zod, YAML and all checks.
import { qosClasses } from '../model/qos';
import { addExamples } from './examples';
import { exitSummary } from './exit-codes';
import type { InitOptions } from './init-command';
import { helpWidthOf, type CliIo, type ExitCode } from './io';
import { labCommands } from './lab-program';
import { opsCommands } from './ops-program';
import { planning, strictText } from './planning-options';
import { visibleIo } from './visible-io';
import { formatsOf, type FormattedReport } from '../report/formats';
import { decodeText, mostBytes, readStream, tooLarge, type ReadFile } from '../project/read-file';

/** Version of the program, from its package. */
function version(): string {
  // From source and from dist alike.
  for (const up of ['../../package.json', '../../../package.json']) {
    try {
      // eslint-disable-next-line @typescript-eslint/no-require-imports -- the same
      const found = require(up) as { name?: string; version?: string };
      if (found.name === 'dwcp-multiregion' && found.version) return found.version;
    } catch {
      continue;
    }
  }
  return 'unknown';
}

/** Commander would ask the process for the width instead of the io, and leave narrow columns unwrapped. */
function helpLayout(io: CliIo): { helpWidth: number; minWidthToWrap: number } {
  return { helpWidth: helpWidthOf(io), minWidthToWrap: 20 };
}

/** A plan's generation as an argument. */
function generation(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 2 ** 48) {
    throw new InvalidArgumentError('a whole number from 1 is wanted.');
  }
  return value;
}

/** A UTC date, or an instant with its offset, as an argument; ms since 1970. */
function instant(text: string): number {
  const match = /^(\d{4}-\d\d-\d\d)(?:T([01]\d|2[0-3]):[0-5]\d(?::[0-5]\d)?(?:Z|[+-]\d\d:\d\d))?$/.exec(text);
  const [date, ms] = match ? [Date.parse(match[1]), Date.parse(text)] : [NaN, NaN];
  const exists = !Number.isNaN(date + ms) && new Date(date).toISOString().slice(0, 10) === match![1];
  if (!exists || ms < Date.UTC(1970, 0) || ms >= Date.UTC(2200, 0)) {
    throw new InvalidArgumentError(
      'a date in UTC is wanted, 2027-03-27, or an instant with its offset, 2027-03-27T22:00Z, from 1970 to 2199.',
    );
  }
  return ms;
}

/** How a command prints what it found. */
function formatOption(report: FormattedReport): Option {
  const names = formatsOf(report);
  return new Option('-f, --format <format>', 'how to print it').choices(names).default(names[0]);
}

/** 1, 2 and so on. */
function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new InvalidArgumentError('It is a whole number from 1 on.');
  return Number(text);
}

/** Shells that commands can be completed in. */
const shells = ['bash', 'zsh', 'fish'] as const;
type Shell = (typeof shells)[number];

/** Builds the `dwcp` program. Commands load their parts when they run, so that `--help` is instant. */
export function buildProgram(io: CliIo, done: (code: ExitCode) => void): Command {
  const program = new Command('dwcp')
    .description('The global network as code: check, plan, explain and compare networks.')
    .version(version(), '-V, --version', 'print the version')
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

  program
    .command('init')
    .description('make a project: description, app, test, CI workflow, lock file, keys')
    .argument('[folder]', 'a new or an empty folder', '.')
    .addOption(
      new Option('--framework <name>', 'CDK Terrain, or the archived CDKTF')
        .choices(['cdktn', 'cdktf'])
        .default('cdktn'),
    )
    .option('--network <name>', "the network's name (default: the folder's)")
    .addHelpText(
      'after',
      `
Nothing that is there is overwritten. With a secret in DWCP_PASSPHRASE, or in
the file that DWCP_KEY_FILE names, the keys are made too.`,
    )
    .action(async (folder: string, options: InitOptions) => {
      const { initCommand } = await import('./init-command.js');
      done(await initCommand(io, folder, options, version()));
    });

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
      const { checkCommand } = await import('./check-command.js');
      done(await checkCommand(io, file, options));
    });

  program
    .command('import')
    .description(
      "a description of another tool's network: GraphML of NetworkX, yEd, Gephi or the Topology Zoo",
    )
    .argument('<file>', 'GraphML file; - for standard input')
    .option('--network <name>', "the network's name (default: that of the graph, else of the file)")
    .option('--bandwidth <bandwidth>', 'of links that give none, such as 10Gbps')
    .option('--latency <latency>', 'one way, of links that give none, such as 5ms')
    .option('-o, --out <file>', 'write the description there; the file must not exist')
    .action(async (file: string, options: object) => {
      const { importCommand } = await import('./import-command.js');
      done(importCommand(io, file, options));
    });

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
      const { planCommand } = await import('./plan-command.js');
      done(await planCommand(io, file, options));
    });

  planning(program.command('explain'))
    .description('why a pair is routed as it is: metrics, runner-up, backups and what they share')
    .argument('<plan>', 'plan or description; - for standard input')
    .argument('<from>', 'region id')
    .argument('<to>', 'region id')
    .addOption(new Option('-c, --class <class>', 'one QoS class only').choices([...qosClasses]))
    .option('--json', 'as JSON')
    .action(async (file: string, from: string, to: string, options: object) => {
      const { explainCommand } = await import('./explain-command.js');
      done(explainCommand(io, file, from, to, options));
    });

  planning(program.command('calendar'))
    .description('when the windows of reservations open, in UTC and by their own clocks')
    .argument('<plan>', 'plan or description; - for standard input')
    .argument('[reservation]', 'reservation id (default: all)')
    .option('--from <time>', 'openings that end after it: a UTC date or an instant (default: now)', instant)
    .option('--until <time>', 'openings that begin before it: a UTC date or an instant', instant)
    .option('--count <n>', 'at most so many (default: 14, or all with --until)', wholeNumber)
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      `
Nights in which the clocks change are marked: an hour shorter or longer, or
closing at another hour. What a refused reservation asked for is listed too.`,
    )
    .action(async (file: string, reservation: string | undefined, options: object) => {
      const { calendarCommand } = await import('./calendar-command.js');
      done(calendarCommand(io, file, reservation, options));
    });

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
      const { verifyCommand } = await import('./verify-command.js');
      done(verifyCommand(io, file, options));
    });

  planning(program.command('failures'))
    .description(
      'what every single failure does: routes, loads, latency; and the share of time demands are carried',
    )
    .argument('<plan>', 'plan or description; - for standard input')
    .option('--dual', 'every pair of link failures too')
    .option('--threads <n>', 'most threads; the result is the same (default: as many as cores)', wholeNumber)
    .addOption(formatOption('failures'))
    .option('--json', 'short for --format json')
    .option('--all', 'every failure')
    .action(async (file: string, options: object) => {
      const { failuresCommand } = await import('./failures-command.js');
      done(await failuresCommand(io, file, options));
    });

  program
    .command('diff')
    .description('what changes between two plans or descriptions; exit code 2 if anything does')
    .argument('<before>', 'plan or description; - for standard input')
    .argument('<after>', 'plan or description; - for standard input')
    .option('--strict', `of the plan after: ${strictText}`)
    .addOption(formatOption('diff'))
    .option('--json', 'short for --format json')
    .option('--all', 'every change')
    .action(async (before: string, after: string, options: object) => {
      const { diffCommand } = await import('./diff-command.js');
      done(await diffCommand(io, before, after, options));
    });

  program
    .command('schema')
    .description('print the JSON Schema of a description, for editors')
    .action(async () => {
      const { descriptionJsonSchema } = await import('../model/index.js');
      io.stdout.write(`${JSON.stringify(descriptionJsonSchema(), null, 2)}\n`);
      done(0);
    });

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
      const { lockMergeCommand } = await import('./lock-command.js');
      done(lockMergeCommand(io, [base, ours, theirs], name, options));
    });

  labCommands(program.command('lab'), io, done);
  opsCommands(program.command('ops'), io, done);

  program
    .command('version')
    .description('print the version of the program, and which formats of files it reads and writes')
    .option('--json', 'as JSON')
    .action(async (options: object) => {
      const { versionCommand } = await import('./version-command.js');
      done(versionCommand(io, version(), options));
    });

  program
    .command('completion')
    .description('print a script that completes commands, options and files in your shell')
    .addArgument(new Argument('<shell>', 'your shell').choices([...shells]))
    .action(async (shell: Shell) => {
      const { completionScript } = await import('./completion.js');
      io.stdout.write(completionScript(await wholeProgram(io), shell));
      done(0);
    });

  program
    .command('help')
    .description('help on a command, on diagnostic codes or on exit codes')
    .argument('[topic...]', "a command, 'codes [code]' or 'exit-codes'; default: the commands")
    .action(async (topic: readonly string[]) => {
      done(await help(await wholeProgram(io), io, topic));
    });
  return program;
}

/** The program with all its commands; those of keys bring the cryptography. */
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
