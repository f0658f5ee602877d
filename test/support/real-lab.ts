import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { bringUp } from '../../lib/lab/bring-up';
import { withLabKeys } from '../../lib/lab/lab-keys';
import type { Lab } from '../../lib/lab/record';
import { openStreams, type Streams } from '../../lib/lab/stream/streams';
import { takeDown } from '../../lib/lab/take-down';
import { streamPorts } from '../../lib/lab/test-ports';
import type { PlanDocument } from '../../lib/plan';
import type { OpenedKeyFile } from '../../lib/net/keys';
import { builtAgent } from './built-agent';
import { typescript } from './lab-process';

/** A plan on this machine: real agents, tunnels and packets. */
export interface RealLab {
  readonly lab: Lab;
  readonly keys: OpenedKeyFile;
  /** Where it is recorded. */
  readonly directory: string;
  /** The agents' program. */
  readonly agentFile: string;
  /** Programs that send and receive between its regions; `close` ends them, too. */
  openStreams(): Promise<Streams>;
  /** Takes down all of it. */
  close(): Promise<void>;
}

const source = (file: string) => path.join(__dirname, '..', '..', 'lib', 'lab', file);

/**
 * @param name of the lab, together with the process id.
 * @param agentOptions of every agent: patient ones, where what is tried must hold on a busy machine too.
 */
export async function realLab(
  name: string,
  plan: PlanDocument,
  agentOptions?: readonly string[],
): Promise<RealLab> {
  const agent = builtAgent();
  const directory = mkdtempSync(path.join(tmpdir(), `dwcp-${name}-`));
  const remove = () => {
    agent.remove();
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    const keyed = await withLabKeys(plan, (n) => randomBytes(n));
    const lab = await bringUp({
      ...keyed,
      lab: `${name}${process.pid}`,
      directory,
      underlay: 'direct',
      seed: 1,
      foreground: true,
      agentOptions,
      programs: { agent: [process.execPath, agent.file], relay: [...typescript, source('relay/main.ts')] },
    });
    let streams: Streams | undefined;
    return {
      lab,
      keys: keyed.keys,
      directory,
      agentFile: agent.file,
      async openStreams() {
        const namespaces = lab.layout.regions.map((r) => r.namespace);
        return (streams = await openStreams(
          [...typescript, source('stream/main.ts')],
          namespaces,
          streamPorts,
        ));
      },
      async close() {
        streams?.close();
        await takeDown(directory, lab.record.lab);
        remove();
      },
    };
  } catch (error) {
    remove();
    throw error;
  }
}
