import { PassThrough } from 'node:stream';
import { CommanderError } from 'commander';
import { keysCommand } from '../../lib/cli/keys-command';
import type { KeysIo, WantedNetwork } from '../../lib/cli/keys-io';

/** Cheap, for secrets of tests alone. */
const cost = { n: 1024, r: 1, p: 1 };

export const pair: WantedNetwork = {
  network: 'demo',
  names: ['demo'],
  gateways: ['a/1', 'b/1'],
  tunnels: [{ id: 'tunnel-a-b', ends: ['a/1', 'b/1'] }],
};
export const line: WantedNetwork = {
  network: 'demo',
  names: ['demo'],
  gateways: ['a/1', 'b/1', 'c/1'],
  tunnels: [...pair.tunnels, { id: 'tunnel-b-c', ends: ['b/1', 'c/1'] }],
};

const cheapCommand = (io: KeysIo) => keysCommand(io, cost);

export interface Run {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A terminal that types `lines` and remembers whether it was asked to hide them. */
class Terminal extends PassThrough {
  readonly raw: boolean[] = [];

  setRawMode(raw: boolean): this {
    this.raw.push(raw);
    return this;
  }
}

/** What surrounds a run: its environment, and what is typed at a terminal (absent: there is none). */
export interface Surroundings {
  readonly env?: Record<string, string>;
  readonly typed?: string;
  readonly wanted?: WantedNetwork;
  readonly stdin?: NodeJS.ReadableStream;
}

/** Runs `dwcp keys` in this process, for the network `wanted` of `around`. */
export async function runKeys(
  folder: string,
  args: readonly string[],
  around: Surroundings = {},
  make = cheapCommand,
): Promise<Run> {
  const { env = {}, typed, wanted = pair } = around;
  const [stdout, stderr, terminal] = [new PassThrough(), new PassThrough(), new Terminal()];
  if (typed !== undefined) terminal.write(typed);
  const io: KeysIo = {
    stdin: around.stdin ?? terminal,
    stdout,
    stderr,
    env: { PATH: process.env.PATH, ...env },
    cwd: folder,
    isTty: typed !== undefined,
    loadGateways: () => wanted,
  };
  let code = 0;
  try {
    await make(io).parseAsync(args, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    code = error.exitCode;
  }
  if (typed !== undefined) expect(terminal.raw.filter((raw) => raw)).toHaveLength(terminal.raw.length / 2);
  return { code, stdout: String(stdout.read() ?? ''), stderr: String(stderr.read() ?? '') };
}
