import { createConnection } from 'node:net';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { blockRules } from './block-rules';
import { monotonicMs } from './clock';
import type { Impairments } from './impairment';
import { netemChange, netemSetUp } from './netem-commands';
import { labFolder, LabFault, type Lab, type UnderlayKind } from './record';
import type { RelayRequest } from './relay/main';
import type { FlowCount } from './relay/relay';
import { inside, run } from './run';

/** What stands between the gateways. */
export interface Underlay {
  readonly kind: UnderlayKind;
  /**
   * Replaces everything that is impaired. @returns CLOCK_MONOTONIC ms when it was in force: exact for the
   * relay, otherwise when the program that did it had ended. @throws LabFault for a delay without one.
   */
  impair(impairments: Impairments): Promise<number>;
}

/** One sentence for people. */
export const underlayNotes: Readonly<Record<UnderlayKind, string>> = {
  relay: 'delay and loss by our own relay (this kernel has no netem)',
  netem: 'delay and loss by netem',
  direct: 'no delay: the kernel forwards, failures by nftables',
};

/** Can this kernel delay packets itself? Tried on a device of a namespace, with nothing left behind. */
export async function hasNetem(namespace: string): Promise<boolean> {
  try {
    await run(['tc', '-n', namespace, 'qdisc', 'add', 'dev', 'lo', 'root', 'netem', 'delay', '1ms']);
  } catch {
    return false;
  }
  await run(['tc', '-n', namespace, 'qdisc', 'delete', 'dev', 'lo', 'root']);
  return true;
}

/** Gives every flow its planned latency by netem. */
export async function setUpNetem({ layout }: Pick<Lab, 'layout'>): Promise<void> {
  await tcBatch(layout.underlay, netemSetUp(layout));
}

/** The underlay of a lab that is up. */
export function underlayOf(lab: Lab): Underlay {
  const { layout, record } = lab;
  switch (record.underlay) {
    case 'relay':
      return {
        kind: 'relay',
        async impair(impairments) {
          const answer = await ask(lab, { impair: Object.fromEntries(impairments) });
          return (answer as { atMs: number }).atMs;
        },
      };
    case 'netem':
      return {
        kind: 'netem',
        async impair(impairments) {
          await tcBatch(layout.underlay, netemChange(layout, impairments));
          return monotonicMs();
        },
      };
    case 'direct':
      return {
        kind: 'direct',
        async impair(impairments) {
          if ([...impairments.values()].some((i) => i.extraMs > 0)) {
            throw new LabFault('this lab was made with --no-delay: it cannot delay packets');
          }
          await run(inside(layout.underlay, ['nft', '-f', '-']), blockRules(layout, impairments));
          return monotonicMs();
        },
      };
  }
}

/** What the relay has carried, by flow id. */
export async function relayCounts(lab: Lab): Promise<Readonly<Record<string, FlowCount>>> {
  return (await ask(lab, { counts: true })) as Record<string, FlowCount>;
}

/** Unix socket on which the relay is told what to lose. */
export function relaySocket(lab: Pick<Lab, 'directory' | 'record'>): string {
  return path.join(labFolder(lab.directory, lab.record.lab), 'relay.sock');
}

function ask(lab: Lab, request: RelayRequest): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const connection = createConnection(relaySocket(lab));
    connection.once('error', (error) =>
      reject(new LabFault(`the lab's relay does not answer: ${error.message}`)),
    );
    createInterface(connection).once('line', (line) => {
      connection.end();
      resolve(JSON.parse(line));
    });
    connection.write(`${JSON.stringify(request)}\n`);
  });
}

async function tcBatch(namespace: string, lines: readonly string[]): Promise<void> {
  await run(['tc', '-n', namespace, '-batch', '-'], `${lines.join('\n')}\n`);
}
