import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gatewayFiles } from '../gateway';
import { unsealText, sealedPartOf, type OpenedKeyFile } from '../net/keys';
import { onGateway, startDetached, untilReady, writeAgentProcess } from './processes';
import { gatewayFolder, type Lab } from './record';
import { cloudOf } from './start-clouds';

/** Port of every agent's metrics, on the loopback of its own namespace. */
export const metricsPort = 9586;

/** Unix socket of a gateway's agent. */
export function agentSocket(lab: Pick<Lab, 'directory' | 'record'>, gateway: string): string {
  return path.join(gatewayFolder(lab, gateway), 'agent.sock');
}

/** Moves the wall clock of a gateway's agent, by the ms in it. */
export function agentClockFile(lab: Pick<Lab, 'directory' | 'record'>, gateway: string): string {
  return path.join(gatewayFolder(lab, gateway), 'clock-ms');
}

/**
 * Writes what a gateway fetches from its bucket in the cloud: the same bundle, the addresses of its peers,
 * its unsealing secret.
 */
export function writeGateway(lab: Lab, id: string, keys: OpenedKeyFile): void {
  const folder = gatewayFolder(lab, id);
  const write = (name: string, text: string) => {
    const file = path.join(folder, name);
    mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
    writeFileSync(file, text, { mode: 0o600 });
  };
  const { identity } = lab.plan.gateways.find((g) => g.id === id)!;
  const bundle = gatewayFiles(lab.plan, id, sealedPartOf(keys.file, identity));
  for (const [name, text] of bundle) write(path.join('bundle', name), text);
  write('unseal', unsealText(keys, identity));
  write('endpoints.json', `${JSON.stringify(endpointsOf(lab, id))}\n`);
  for (const name of ['run', 'state']) mkdirSync(path.join(folder, name), { recursive: true, mode: 0o700 });
}

/** Where a gateway finds its peers, by gateway identity. */
export function endpointsOf(
  { layout, plan, record }: Pick<Lab, 'layout' | 'plan' | 'record'>,
  id: string,
): Record<string, string> {
  const address = new Map(layout.gateways.map((g) => [g.id, g.address]));
  const identity = new Map(plan.gateways.map((g) => [g.id, g.identity]));
  const found = layout.tunnels.flatMap(({ ends }) =>
    ([0, 1] as const).flatMap((side): [string, string][] => {
      const [near, far] = [ends[side], ends[1 - side]];
      if (near.gateway !== id) return [];
      return [
        [
          identity.get(far.gateway)!,
          record.underlay === 'relay' ? near.peerAddress : address.get(far.gateway)!,
        ],
      ];
    }),
  );
  return Object.fromEntries(found.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/**
 * Starts a gateway's agent and waits until it has applied its plan.
 *
 * @throws LabFault if it ends before, or takes more than a minute.
 */
export async function startAgent(lab: Lab, id: string, signal?: AbortSignal): Promise<void> {
  const folder = gatewayFolder(lab, id);
  const at = (name: string) => path.join(folder, name);
  const cloud = existsSync(at('source')) ? cloudOf(lab, id) : undefined;
  const command = [
    ...lab.record.agent,
    'run',
    ...['--bundle', at('bundle')],
    ...['--endpoints', at('endpoints.json'), '--private-endpoints'],
    ...['--unseal', at('unseal')],
    ...['--run-dir', at('run')],
    ...['--state-dir', at('state')],
    ...['--metrics', `127.0.0.1:${metricsPort}`],
    ...['--socket', agentSocket(lab, id)],
    ...['--source', at('source')],
    ...(cloud ? ['--cloud', cloud] : []),
    ...['--lab-clock', agentClockFile(lab, id)],
    ...lab.record.agentOptions,
  ];
  const log = at('agent.log');
  const from = statSync(log, { throwIfNoEntry: false })?.size ?? 0;
  const identity = startDetached(onGateway(lab, id, command), log);
  writeAgentProcess(lab, id, identity);
  await untilReady(identity, log, `the agent of ${id}`, { from, signal });
}
