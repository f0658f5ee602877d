import type { CommandFailure, Host, HostCommand, HowToLook } from '../host';
import type { Kind } from '../host-object';
import { batchRunner, type BatchRunner } from './batch-runner';
import { findCapabilities } from './capabilities';
import { tryBatchLine, type BatchLine } from './command-line';
import type { LinuxPlace } from './linux-place';
import { observeHost } from './observe-host';
import { inTurnRunner, output, patientRunner, runProcess, type RunProcess } from './run-process';
import { runSlowly } from './slow-command';
import { watchHost } from './watch-host';
import { seePeers } from '../tunnels/wireguard/dump';
import { giveTunnelTo } from '../tunnels/wireguard/link';

export interface LinuxHostOptions {
  /**
   * Words before every command, for tests: they must end in `exec` of what follows and keep standard input
   * and the process id. Default none: the agent acts on the namespace that it runs in.
   */
  readonly prefix?: readonly string[];
  /**
   * Folder for what must outlive the agent but not the machine: settings as they were before, process ids
   * of wireguard-go. Made when needed. Default `/run/dwcp`.
   */
  readonly folder?: string;
  /** Told of each attempt to write there. @param error null: it was written. */
  readonly onWrite?: (file: string, error: Error | null) => void;
}

/** What is changed at once. */
const forSwitches: readonly Kind[] = ['nexthop', 'group', 'route'];

/** How processes that look are run. */
const runnerOf: Readonly<Record<HowToLook['pace'], () => RunProcess>> = {
  atOnce: () => runProcess,
  inTurn: inTurnRunner,
  unhurried: patientRunner,
};

/**
 * The Linux machine that this runs on: iproute2, tc, nft, wg. Needs root. Routes, rules, nexthops and queues
 * go to processes that stay (no process start for a switch); interfaces, settings and marks take one each.
 */
export function linuxHost(options: LinuxHostOptions = {}): Host {
  const { prefix = [], folder = '/run/dwcp', onWrite = () => undefined } = options;
  const place: LinuxPlace = { prefix, folder, onWrite, look: runProcess };
  const ip = [...place.prefix, 'ip', '-force', '-batch', '-'];
  /** For switches alone: they wait for nothing. */
  const urgent = batchRunner(ip);
  const runners: Readonly<Record<BatchLine['tool'], BatchRunner>> = {
    ip: batchRunner(ip),
    ip6: batchRunner([...place.prefix, 'ip', '-6', '-force', '-batch', '-']),
    tc: batchRunner([...place.prefix, 'tc', '-force', '-batch', '-']),
  };
  let links = '';
  /** iproute2 remembers the numbers of interfaces by name; a new interface of an old name has another. */
  const forgetLinks = async (): Promise<void> => {
    await Promise.all([urgent, ...Object.values(runners)].map((runner) => runner.close()));
  };
  let last: Promise<unknown> = Promise.resolve();
  /** One caller at a time. */
  const alone = <T>(work: () => Promise<T>): Promise<T> => {
    const mine = last.then(work);
    last = mine.catch(() => undefined);
    return mine;
  };
  return {
    capabilities: () => findCapabilities(place),
    observe: ({ pace, parts } = { pace: 'atOnce' }) =>
      alone(async () => {
        const from = { ...place, look: runnerOf[pace]() };
        const now = await linkNumbers(from);
        if (now !== links) await forgetLinks();
        links = now;
        // Starts it, so that the first switch finds it there.
        await urgent.run([]);
        return observeHost(from, parts);
      }),
    run(commands, atOnce = false) {
      if (!atOnce) {
        return alone(async () => {
          const failures = await runAll(place, runners, forgetLinks, commands);
          // It is there for the next switch; should it not start, that one says so.
          await urgent.run([]).catch(() => undefined);
          return failures;
        });
      }
      const other = commands.find(({ object }) => !forSwitches.includes(object.kind));
      if (other) throw new RangeError(`'${other.object.kind}' is not for a switch`);
      return runAll(place, { ...runners, ip: urgent }, forgetLinks, commands);
    },
    attempt: (commands) => alone(() => runAll(place, runners, forgetLinks, commands, true)),
    watch: (told) => watchHost(place.prefix, told),
    peers: () => seePeers(place),
    async giveTo(order) {
      try {
        await giveTunnelTo(place, order);
        return undefined;
      } catch (error) {
        return { line: `wg set ${order.device} peer ${order.publicKey}`, message: (error as Error).message };
      }
    },
    close: () => alone(forgetLinks),
  };
}

/** Names and numbers of all interfaces. */
async function linkNumbers({ prefix, look }: LinuxPlace): Promise<string> {
  const listed = JSON.parse(await output([...prefix, 'ip', '-j', 'link', 'show'], '', look)) as {
    readonly ifindex: number;
    readonly ifname: string;
  }[];
  return listed.map(({ ifindex, ifname }) => `${ifindex} ${ifname}`).join('\n');
}

async function runAll(
  place: LinuxPlace,
  runners: Readonly<Record<BatchLine['tool'], BatchRunner>>,
  forgetLinks: () => Promise<void>,
  commands: readonly HostCommand[],
  goesOn = false,
): Promise<readonly CommandFailure[]> {
  const failures: CommandFailure[] = [];
  for (let i = 0; i < commands.length;) {
    const first = tryBatchLine(commands[i]);
    if (!first) {
      const { verb, object } = commands[i];
      const failure = await runSlowly(place, commands[i]);
      if (verb !== 'change' && (object.kind === 'tunnel' || object.kind === 'device')) await forgetLinks();
      if (failure) failures.push(failure);
      if (failure && !goesOn) return failures;
      i++;
      continue;
    }
    const lines: string[] = [];
    const start = i;
    for (let next: BatchLine | undefined = first; next?.tool === first.tool;) {
      lines.push(next.line);
      i++;
      next = i < commands.length ? tryBatchLine(commands[i]) : undefined;
    }
    const tool = { ip: 'ip', ip6: 'ip -6', tc: 'tc' }[first.tool];
    try {
      const refused = await runners[first.tool].run(lines);
      for (const { index, message } of refused) {
        failures.push({ command: commands[start + index], line: `${tool} ${lines[index]}`, message });
      }
    } catch (error) {
      // Which of them ran is not known.
      const { message } = error as Error;
      failures.push(
        ...lines.map((line, n) => ({ command: commands[start + n], line: `${tool} ${line}`, message })),
      );
    }
    if (failures.length > 0 && !goesOn) return failures;
  }
  return failures;
}
