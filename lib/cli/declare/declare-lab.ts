import { InvalidArgumentError, Option, type Command } from 'commander';
import { faultNames, faultSummaries } from '../../lab/fault/fault-names';
import { planning } from '../planning-options';
import type { Declare } from './declare';

/** A number of at least `least`, at most `most`, as an argument. */
function figure(least: number, most: number) {
  return (text: string): number => {
    const value = Number(text);
    if (text.trim() === '' || !(value >= least && value <= most)) {
      throw new InvalidArgumentError(`a number from ${least} to ${most} is wanted.`);
    }
    return value;
  };
}

/** A whole number from `least` to `most`. */
function whole(least: number, most: number) {
  return (text: string): number => {
    const value = figure(least, most)(text);
    if (!Number.isInteger(value)) throw new InvalidArgumentError('a whole number is wanted.');
    return value;
  };
}

/** Which lab, for all commands but `up`. */
function existing(command: Command): Command {
  return command
    .option('--lab <name>', 'name of the lab (default: the only one there is)')
    .option('--directory <folder>', 'where labs are recorded (default: /run/dwcp-lab)');
}

/** Adds `dwcp lab up`. */
const declareUp: Declare = (lab, io, done) => {
  planning(lab.command('up'))
    .description('make the lab: namespaces, wires, an agent on every gateway; Ctrl-C takes it down')
    .argument('<network>', 'description (YAML or JSON) or plan; - for standard input')
    .option('--lab <name>', 'name of the lab (default: the name of the network)')
    .option('--detach', 'leave it running; dwcp lab down takes it down')
    .addOption(
      new Option('--no-delay', 'plain forwarding between gateways, without latencies').conflicts('relay'),
    )
    .option('--relay', 'delay packets by our own relay, also where the kernel has netem')
    .option('--passphrase-file <file>', "use the network's own keys: passphrase of the key file")
    .option('--key-file <file>', "use the network's own keys: 32 or more secret bytes")
    .option('--agent <file>', 'agent program (default: the one of this package)')
    .addOption(
      new Option(
        '--interval <ms>',
        'between probes (default: 20, or more where this machine could not keep up)',
      ).argParser(figure(5, 60_000)),
    )
    .addOption(
      new Option('--multiplier <number>', 'intervals of silence that mean down (default: 3)').argParser(
        whole(2, 50),
      ),
    )
    .addOption(new Option('--seed <number>', 'of random losses').argParser(figure(0, 2 ** 32 - 1)).default(1))
    .option('--directory <folder>', 'where labs are recorded (default: /run/dwcp-lab)')
    .action(async (file: string, options: object) => {
      const { upCommand } = await import('../lab/up-command.js');
      done(await upCommand(io, file, options as Parameters<typeof upCommand>[2]));
    });
};

/** Adds `dwcp lab status`. */
const declareStatus: Declare = (lab, io, done) => {
  existing(lab.command('status'))
    .description('gateways, agents, tunnels, and failures in force')
    .option('--json', 'as JSON')
    .action(async (options: object) => {
      const { statusCommand } = await import('../lab/status-command.js');
      done(await statusCommand(io, options));
    });
};

/** Adds `dwcp lab fail`. */
const declareFail: Declare = (lab, io, done) => {
  existing(lab.command('fail'))
    .description('fail a link, region or gateway; a second failure of a target replaces its first')
    .argument('<target>', 'link, region or gateway id')
    .option('--blackhole', 'nothing arrives (default, unless --loss or --delay is given)')
    .addOption(new Option('--loss <percent>', 'share of packets lost').argParser(figure(0, 100)))
    .addOption(new Option('--delay <ms>', 'added latency, one way').argParser(figure(0, 60_000)))
    .option('--towards <region>', 'only packets towards this region')
    .action(async (target: string, options: object) => {
      const { failCommand } = await import('../lab/fail-command.js');
      done(await failCommand(io, target, options));
    });
};

/** Adds `dwcp lab fault`. */
const declareFault: Declare = (lab, io, done) => {
  const widest = Math.max(...faultNames.map((name) => name.length));
  existing(lab.command('fault'))
    .description('give a gateway a fault, as others on the host cause it; what lasts is ended by heal')
    .argument('<gateway>', 'gateway id')
    .argument('<fault>', 'what goes wrong, see below')
    .argument('[value]', 'of the fault: a link, for those of an interface (default: its first)')
    .addHelpText('after', ({ command }) => {
      const help = command.createHelp();
      const lines = faultNames.map((name) => help.formatItem(name, widest, faultSummaries[name], help));
      return ['', 'Faults:', ...lines].join('\n');
    })
    .action(async (gateway: string, fault: string, value: string | undefined, options: object) => {
      const { faultCommand } = await import('../lab/fault-command.js');
      done(await faultCommand(io, [gateway, fault, value], options));
    });
};

/** Adds `dwcp lab heal`. */
const declareHeal: Declare = (lab, io, done) => {
  existing(lab.command('heal'))
    .description('end the failures and faults of a target, or all')
    .argument('[target]', 'link, region or gateway id')
    .argument('[fault]', 'this fault of the gateway alone')
    .action(async (target: string | undefined, fault: string | undefined, options: object) => {
      const { healCommand } = await import('../lab/heal-command.js');
      done(await healCommand(io, target, fault, options));
    });
};

/** Adds `dwcp lab drill`. */
const declareDrill: Declare = (lab, io, done) => {
  existing(lab.command('drill'))
    .description(
      'fail every link and region in turn, and each brownout, and measure: exit code 1 if traffic does ' +
        'not take the path that the plan predicts, or coming back loses a packet',
    )
    .addOption(new Option('--only <kinds...>', 'these alone').choices(['links', 'regions', 'brownouts']))
    .addOption(new Option('--runs <number>', 'times each failure').argParser(whole(1, 1000)).default(1))
    .addOption(
      new Option('--pairs <number>', 'most test streams at once').argParser(whole(1, 100)).default(6),
    )
    .addOption(
      new Option(
        '--spacing <ms>',
        'between two packets of a stream (default: 1, more where this machine cannot keep up with the streams)',
      ).argParser(whole(1, 1000)),
    )
    .option('--json', 'everything as JSON on standard output')
    .action(async (options: object) => {
      const { drillCommand } = await import('../lab/drill-command.js');
      done(await drillCommand(io, options as Parameters<typeof drillCommand>[1]));
    });
};

/** Adds `dwcp lab restart`. */
const declareRestart: Declare = (lab, io, done) => {
  existing(lab.command('restart'))
    .description("restart a gateway's agent, as systemd does: neighbours are told, and forwarding goes on")
    .argument('<gateway>', 'gateway id')
    .option('--upgrade', "start the agent of this package, whatever the lab's was")
    .action(async (gateway: string, options: object) => {
      const { restartCommand } = await import('../lab/restart-command.js');
      done(await restartCommand(io, gateway, options as Parameters<typeof restartCommand>[2]));
    });
};

/** Adds `dwcp lab exec`. */
const declareExec: Declare = (lab, io, done) => {
  existing(lab.command('exec'))
    .description('run a command among the workloads of a region, or on a gateway')
    .argument('<where>', 'region id, or gateway id')
    .argument('<command...>', "after '--'")
    .action(async (where: string, words: string[], options: object) => {
      const { execCommand } = await import('../lab/exec-command.js');
      done(await execCommand(io, where, words, options));
    });
};

/** Adds `dwcp lab down`. */
const declareDown: Declare = (lab, io, done) => {
  existing(lab.command('down'))
    .description('remove a lab by its record, whatever has happened to it')
    .action(async (options: object) => {
      const { downCommand } = await import('../lab/down-command.js');
      done(await downCommand(io, options));
    });
};

/** Adds the commands of `dwcp lab`. */
export const declareLab: Declare = (program, io, done) => {
  const lab = program.command('lab');
  lab.description('run the whole network on this machine, in network namespaces; needs root');
  const declared = [
    declareUp,
    declareStatus,
    declareFail,
    declareFault,
    declareHeal,
    declareDrill,
    declareRestart,
    declareExec,
    declareDown,
  ];
  for (const declare of declared) declare(lab, io, done);
};
