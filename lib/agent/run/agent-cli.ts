import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import type { DoctorOptions } from './examine-gateway';
import type { HostFilesOptions } from '../install/host-files';
import type { InstallOptions } from '../install/install-bundle';
import type { RunOptions } from './run-options';
import type { LogsOptions } from './run-logs';
import type { SsmAgentOptions } from '../install/ssm-agent';
import { places } from '../files/places';

/** `127.0.0.1:9469`, `[::1]:9469`, `off`. */
function listenAddress(text: string): { host: string; port: number } | null {
  if (text === 'off') return null;
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:]+)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (!match || port > 65535) throw new InvalidArgumentError("an address and a port are wanted, or 'off'.");
  return { host: match[1] ?? match[2], port };
}

function milliseconds(text: string): number {
  const value = Number(text);
  if (!(value >= 5 && value <= 60_000)) throw new InvalidArgumentError('5 to 60000 ms are wanted.');
  return value;
}

function multiplier(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 2 || value > 50) {
    throw new InvalidArgumentError('a whole number from 2 to 50 is wanted.');
  }
  return value;
}

function seconds(text: string): number {
  const value = Number(text);
  if (!(value >= 1 && value <= 3600)) throw new InvalidArgumentError('1 to 3600 s are wanted.');
  return value;
}

/** Options that say where the host's state lies. */
function placed(command: Command): Command {
  return command
    .option('--run-dir <dir>', 'what must not outlive a reboot', places.runDir)
    .option('--state-dir <dir>', 'record of what is applied', places.stateDir);
}

/** Told of the exit code of the command that ran. */
type Done = (code: number) => void;

function addRun(program: Command, done: Done): void {
  placed(program.command('run'))
    .description(
      'apply the plan, probe, fail over; SIGHUP takes a new plan, SIGTERM leaves forwarding as it is',
    )
    .option('--bundle <dir>', 'folder with gateway.json and keys.json', places.bundle)
    .option('--endpoints <file>', 'public addresses of gateways, JSON', places.endpoints)
    .option('--private-endpoints', 'take private addresses from it too: for networks on one machine')
    .option('--unseal <file>', 'unsealing secrets, a line an epoch', places.unseal)
    .addOption(
      new Option('--traffic-restore <ms>', 'of arriving again before traffic is trusted to a path')
        .hideHelp()
        .argParser(milliseconds),
    )
    .addOption(new Option('--lab-clock <file>', 'ms that move the wall clock, for labs').hideHelp())
    .option('--socket <path>', 'local API', places.socket)
    .addOption(
      new Option('--metrics <address>', 'where to serve /metrics, /healthz, /readyz')
        .default(listenAddress(places.metrics), places.metrics)
        .argParser(listenAddress),
    )
    .addOption(
      new Option('--interval <ms>', 'between probes of what is in use').default(20).argParser(milliseconds),
    )
    .addOption(
      new Option('--multiplier <n>', 'intervals of silence that mean down').default(3).argParser(multiplier),
    )
    .option('--fetch-dir <dir>', 'what the fetcher keeps, to show it', places.fetchDir)
    .option('--source <file>', 'where its objects lie in the cloud, as the bootstrap wrote it', places.source)
    .option('--cloud <url>', "what answers for the cloud's API, for networks on one machine")
    .addOption(
      new Option('--return-wait <seconds>', 'both gateways of a region serve so long before routes go home')
        .default(30)
        .argParser(seconds),
    )
    .option('--webhooks <file>', 'subscribers to tell of changes, JSON')
    .action(async (options: RunOptions) => {
      const { runAgent } = await import('./run-agent.js');
      done(await runAgent(options));
    });
}

function addInstall(program: Command, done: Done): void {
  placed(program.command('install'))
    .description('make an unpacked bundle the one that the agent runs, or refuse it and change nothing')
    .argument('<release>', 'folder of the unpacked bundle, beside those of others')
    .requiredOption('--endpoints <file>', 'public addresses of gateways that come with it, JSON')
    .requiredOption('--unseal <file>', 'unsealing secrets that open it, a line an epoch')
    .option('--health', 'say how it fares even where it was installed already')
    .addOption(
      new Option('--steady-ms <ms>', 'how long it must stay ready to be called good')
        .env('DWCP_STEADY_MS')
        .default(10_000)
        .argParser(Number),
    )
    .option('--home <dir>', 'where `current` and `endpoints.json` lie', places.home)
    .option('--units <dir>', "systemd's units", places.units)
    .option('--socket <path>', 'local API of the running agent', places.socket)
    .action(async (release: string, options: InstallOptions) => {
      const { installBundle } = await import('../install/install-bundle.js');
      done(await installBundle(release, options));
    });
}

function addHostFiles(program: Command, done: Done): void {
  program
    .command('host-files')
    .description('tell systemd-networkd which routes, rules and interfaces are not its own')
    .option('--bundle <dir>', 'folder with gateway.json', places.bundle)
    .option('--etc <dir>', "systemd's configuration", places.etc)
    .action(async (options: HostFilesOptions) => {
      const { writeHostFiles } = await import('../install/host-files.js');
      done(await writeHostFiles(options));
    });
}

function addSsmAgent(program: Command, done: Done): void {
  program
    .command('ssm-agent')
    .description('install the SSM agent that the plan names, if it is that very package')
    .option('--bundle <dir>', 'folder with gateway.json', places.bundle)
    .option('--source <file>', 'where its objects lie in the cloud, as the bootstrap wrote it', places.source)
    .option('--ssm-dir <dir>', 'what is kept of it', places.ssmDir)
    .action(async (options: SsmAgentOptions) => {
      const { installSsmAgent } = await import('../install/ssm-agent.js');
      done(await installSsmAgent(options));
    });
}

function addLogs(program: Command, done: Done): void {
  program
    .command('logs')
    .description("send this host's journal to where the plan says")
    .option('--bundle <dir>', 'folder with gateway.json', places.bundle)
    .option('--source <file>', 'where its objects lie in the cloud, as the bootstrap wrote it', places.source)
    .option('--logs-dir <dir>', 'how far it was sent', places.logsDir)
    .option('--logs-run-dir <dir>', 'what became of it', places.logsRunDir)
    .addOption(
      new Option('--cloud <url>', 'what answers for CloudWatch Logs, for networks on one machine').env(
        'AWS_ENDPOINT_URL',
      ),
    )
    .addOption(
      new Option('--metadata <url>', "what answers for the instance's metadata").env(
        'AWS_EC2_METADATA_SERVICE_ENDPOINT',
      ),
    )
    .action(async (options: LogsOptions) => {
      const { runLogs } = await import('./run-logs.js');
      done(await runLogs(options));
    });
}

function addDoctor(program: Command, done: Done): void {
  placed(program.command('doctor'))
    .description('look at this host for what costs a gateway traffic; exit code 0 ok, 1 warnings, 2 failures')
    .option('--json', 'as JSON')
    .option('--bundle <dir>', 'folder with gateway.json', places.bundle)
    .option('--socket <path>', 'local API of the agent', places.socket)
    .option('--fetch-dir <dir>', 'what the fetcher keeps', places.fetchDir)
    .option('--etc <dir>', "systemd's configuration", places.etc)
    .option('--ssm-dir <dir>', 'what is kept of the SSM agent', places.ssmDir)
    .option('--logs-run-dir <dir>', 'what became of the journal', places.logsRunDir)
    .action(async (options: DoctorOptions) => {
      const { runDoctor } = await import('./examine-gateway.js');
      done(await runDoctor(options));
    });
}

function addDown(program: Command, done: Done): void {
  placed(program.command('down'))
    .description('remove exactly what the agent made on this host')
    .action(async (options: { runDir: string; stateDir: string }) => {
      const { takeHostDown } = await import('./take-host-down.js');
      done(await takeHostDown(options));
    });
}

/**
 * The `dwcp-agent` program.
 *
 * @returns 0 fine, 1 error, 2 wrong usage.
 */
export async function runAgentCli(args: readonly string[]): Promise<number> {
  let code = 0;
  const program = new Command('dwcp-agent')
    .description('Makes this gateway do what its part of the plan says, and keeps traffic flowing.')
    .showHelpAfterError("run 'dwcp-agent --help' for what there is")
    .exitOverride();
  program.addHelpText('after', '\nExit codes: 0 fine, 1 error, 2 wrong usage.');

  const done: Done = (exit) => (code = exit);
  const adders = [addRun, addInstall, addHostFiles, addSsmAgent, addLogs, addDoctor, addDown];
  for (const add of adders) add(program, done);
  const { addClientCommands } = await import('./client-commands.js');
  addClientCommands(program, places.socket, done);
  try {
    if (args.length === 0) {
      program.outputHelp();
      return 0;
    }
    await program.parseAsync([...args], { from: 'user' });
    return code;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? 0 : 2;
  }
}
