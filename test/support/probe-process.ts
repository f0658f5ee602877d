/**
 * A prober in a process of its own: `node -r register-swc.js probe-process.ts '<ProbeProcess as JSON>'`.
 * Prints a line of JSON for each change of health, with the monotonic clock that all processes of a machine
 * share, and on any line of input one with its statistics.
 */
import { createInterface } from 'node:readline';
import { defaultProbeSettings, sessionKeys, startProber } from '../../lib/agent/probe';
import { session } from './probe-pair';

/** What it probes and answers. */
export interface ProbeProcess {
  readonly own: string;
  readonly peer: string;
  /** Addresses to probe, and those that the peer probes from. */
  readonly destinations: readonly string[];
  readonly sources: readonly string[];
  readonly intervalMs: number;
}

/** A change of health at `atMs` of the monotonic clock. */
export interface SaidByProcess {
  readonly atMs: number;
  readonly session: string;
  readonly health: string;
  readonly cause: string;
}

/** The machine's monotonic clock, ms. */
export const monotonicMs = () => Number(process.hrtime.bigint()) / 1e6;

async function main(wanted: ProbeProcess): Promise<void> {
  const secret = Buffer.alloc(32, 5);
  const print = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`);
  const prober = await startProber({
    settings: defaultProbeSettings,
    listener: {
      onHealth: (id, health, cause) => print({ atMs: monotonicMs(), session: id, health, cause }),
    },
  });
  const timing = { intervalMs: wanted.intervalMs, multiplier: 3 };
  prober.setSessions(
    wanted.destinations.map((destination, k) =>
      session(k, { peer: wanted.peer, destination, timing, plannedRttMs: 10 }),
    ),
    [
      {
        gateway: wanted.peer,
        sources: wanted.sources,
        answering: sessionKeys(secret, 'test', wanted.own, wanted.peer),
        sending: sessionKeys(secret, 'test', wanted.peer, wanted.own),
      },
    ],
  );
  createInterface({ input: process.stdin })
    .on('line', () => {
      const { user, system } = process.cpuUsage();
      const sessions = prober.sessions.map(({ id }) => prober.statistics(id));
      const { answered, refusals } = prober.reflector;
      print({ atMs: monotonicMs(), sessions, answered, refusals, cpuMs: (user + system) / 1000 });
    })
    .on('close', () => void prober.close());
}

if (require.main === module) void main(JSON.parse(process.argv[2]) as ProbeProcess);
