import { fork } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import path from 'node:path';
import type { Prober } from '../../lib/agent/probe';
import { packetHmac } from '../../lib/agent/probe/packet-hmac';
import type { LoopbackPorts } from './loopback-ports';
import { interleave, showTime } from './measure';
import { benchNetwork, gatewayOnLoopback } from './probe-gateways';

/** What was measured, and the figure. */
export interface ProbingRow {
  readonly what: string;
  readonly figure: string;
}

const root = path.join(__dirname, '..', '..', '..');
const warmUpMs = 10_000;
const measuredMs = 20_000;
const cases = [
  ['six regions', 'six-regions', 'capetown/1'],
  ['mesh of 33 regions', 'aws-mesh', 'af-south-1/1'],
] as const;

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

/**
 * What probing costs one gateway: the processor time of a process that probes all that its plan lists, at
 * the default timing, and answers all that its peers' plans list, over UDP on the loopback interface. The
 * peers run in another process.
 */
export async function probingRows(): Promise<ProbingRow[]> {
  const rows = hmacRows();
  for (const [name, example, gateway] of cases) rows.push(...(await gatewayRows(name, example, gateway)));
  return rows;
}

function hmacRows(): ProbingRow[] {
  const key = Buffer.alloc(32, 1);
  const packet = Buffer.alloc(112, 2);
  const ours = packetHmac(key, 96);
  const [signed, plain] = interleave(
    [
      { name: 'ours', run: () => ours.sign(packet, 96) },
      { name: 'node', run: () => createHmac('sha256', key).update(packet.subarray(0, 96)).digest() },
    ],
    20,
    5,
    5000,
  );
  const figure = `${showTime(signed.medianMs)} (createHmac ${showTime(plain.medianMs)})`;
  return [{ what: 'HMAC of one probe', figure }];
}

async function gatewayRows(name: string, example: string, gateway: string): Promise<ProbingRow[]> {
  const file = path.join(root, 'stacks', 'examples', `${example}.yaml`);
  const others = fork(path.join(__dirname, 'probe-gateways.js'), [gateway, file]);
  try {
    const [ports] = (await once(others, 'message')) as [Record<string, LoopbackPorts>];
    const own = { reflector: 0, sender: 0 };
    const network = benchNetwork(file);
    const { prober, begin } = await gatewayOnLoopback(network, gateway, own, new Map(Object.entries(ports)));
    others.send(own);
    begin();
    await wait(warmUpMs);
    const before = { ...count(prober), cpu: process.cpuUsage(), at: performance.now() };
    await wait(measuredMs);
    const { user, system } = process.cpuUsage(before.cpu);
    const seconds = (performance.now() - before.at) / 1000;
    const after = count(prober);
    const sent = (after.sent - before.sent) / seconds;
    const answered = (after.answered - before.answered) / seconds;
    const cpuMs = (user + system) / 1000 / seconds;
    const statistics = prober.sessions.map(({ id }) => prober.statistics(id)!);
    const kinds = prober.sessions.map(({ id, kind }, i) => ({ id, kind, ms: statistics[i].intervalMs }));
    const tunnels = kinds.filter((k) => k.kind === 'tunnel');
    const paths = kinds.filter((k) => k.kind === 'path');
    const intervals = (list: readonly { readonly ms: number }[]) =>
      [...new Set(list.map((k) => k.ms))].sort((x, y) => x - y).join(', ');
    const down = prober.sessions.filter(({ id }) => prober.health(id) === 'down').length;
    await prober.close();
    return [
      {
        what: `${name}, one gateway: links each, paths each`,
        figure: `${tunnels.length} at ${intervals(tunnels)} ms, ${paths.length} at ${intervals(paths)} ms`,
      },
      { what: '  probes sent, probes answered', figure: `${sent.toFixed(0)}/s, ${answered.toFixed(0)}/s` },
      { what: '  share of a core', figure: `${(cpuMs / 10).toFixed(2)} %` },
      {
        what: '  a probe sent and judged, another answered',
        figure: `${((cpuMs * 1000 * 2) / (sent + answered)).toFixed(1)} us`,
      },
      { what: '  sessions called down', figure: `${down}` },
    ];
  } finally {
    others.kill();
  }
}

function count(prober: Prober): { sent: number; answered: number } {
  const sent = sum(prober.sessions.map(({ id }) => prober.statistics(id)!.sent));
  return { sent, answered: prober.reflector.answered };
}
