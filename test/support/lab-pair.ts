import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect, type AgentClient } from '../../lib/agent/client';
import { publicKeysOf, type OpenedKeyFile } from '../../lib/net/keys';
import { planDigest } from '../../lib/plan';
import { onGateway, tryAgentProcess } from '../../lib/lab/processes';
import { gatewayFolder, isAlive, type Lab } from '../../lib/lab/record';
import { inside, run } from '../../lib/lab/run';
import { agentSocket, startAgent, writeGateway } from '../../lib/lab/start-agent';
import { planOfText } from './plan-of';
import { realLab } from './real-lab';
import { ready, startEcho } from './udp-stream';

/** Two gateways, real agents, one tunnel. */
export const pairDescription = `
network: pair
regions:
  a: { place: us-east-1 }
  b: { place: eu-west-1 }
links:
  - { between: [a, b], bandwidth: 1 Gbps }
`;

/** What became of packets that went to the far region and back, one each 10 ms. */
export interface Loss {
  readonly sent: number;
  readonly lost: number;
  /** Longest run of lost packets, ms. */
  readonly longestMs: number;
}

/** A lab with what a test does to it. */
export interface LabPair {
  readonly lab: Lab;
  /** The keys that it was brought up with. */
  readonly keys: OpenedKeyFile;
  /** Lays out what a gateway fetches under these keys, as a plan of this generation. */
  lay(id: string, keys: OpenedKeyFile, generation: number): void;
  agent(id: string): AgentClient;
  folder(id: string): string;
  /** A command on a gateway, its WireGuard within reach. */
  on(id: string, ...command: string[]): Promise<string>;
  /** Kills the agent, as a crash does. */
  kill(id: string): Promise<void>;
  start(id: string): Promise<void>;
  /** Kills everything and forgets what lies in memory, as a reboot does. */
  reboot(id: string): Promise<void>;
  /** Packets from region a to region b and back while some work is done, and `afterMs` more. */
  during(work: () => Promise<void>, afterMs: number): Promise<Loss>;
  /** Waits until a packet goes to region b and back. */
  untilPasses(): Promise<void>;
  /** Waits until the tunnel is up at both ends. */
  untilUp(): Promise<void>;
  close(): Promise<void>;
}

export async function labPair(name: string, description = pairDescription): Promise<LabPair> {
  const real = await realLab(name, planOfText(description));
  const { lab, keys } = real;
  const [a, b] = lab.layout.regions;
  const children: ChildProcess[] = [await startEcho(b.namespace)];
  const client = (id: string) => connect({ socket: agentSocket(lab, id) });
  const folder = (id: string) => gatewayFolder(lab, id);
  const kill = async (id: string) => {
    const identity = tryAgentProcess(lab, id);
    if (identity && isAlive(identity)) process.kill(identity.pid, 'SIGKILL');
    while (identity && isAlive(identity)) await sleep(5);
  };
  const ids = lab.layout.gateways.map((g) => g.id);
  const pair: LabPair = {
    lab,
    keys,
    lay(id, keys, generation) {
      const { gateways, nextGateways } = publicKeysOf(keys.file);
      const body = {
        ...lab.plan,
        generation,
        gateways: lab.plan.gateways.map((g) => ({
          ...g,
          publicKey: gateways[g.identity],
          ...(nextGateways[g.identity] && { nextPublicKey: nextGateways[g.identity] }),
        })),
      };
      writeGateway({ ...lab, plan: { ...body, digest: planDigest(body) } }, id, keys);
    },
    agent: client,
    folder,
    on: (id, ...command) => run(onGateway(lab, id, command)),
    kill,
    start: (id) => startAgent(lab, id),
    async reboot(id) {
      await kill(id);
      const gateway = lab.layout.gateways.find((g) => g.id === id)!;
      const names = await run(['ip', '-n', gateway.namespace, '-o', 'link', 'show']);
      for (const [, device] of names.matchAll(/^\d+: (wg-[^:@]+)/gm))
        await run(['ip', '-n', gateway.namespace, 'link', 'delete', 'dev', device]);
      const nft = ['nft', 'delete', 'table', 'inet', 'dwcp'];
      await run(inside(gateway.namespace, nft)).catch(() => '');
      rmSync(path.join(folder(id), 'run'), { recursive: true, force: true });
      await startAgent(lab, id);
    },
    async during(work, afterMs) {
      const child = startSender(a.namespace, b.hosts[0].ipv4);
      children.push(child);
      await ready(child);
      let text = '';
      child.stdout!.on('data', (piece: Buffer) => (text += piece.toString()));
      const closed = new Promise((resolve) => child.once('close', resolve));
      await sleep(500);
      await work();
      await sleep(afterMs);
      child.stdin!.end();
      await closed;
      return JSON.parse(text) as Loss;
    },
    async untilPasses() {
      const ping = inside(a.namespace, ['ping', '-c', '1', '-W', '1', '-q', b.hosts[0].ipv4]);
      for (const end = Date.now() + 120_000; ; await sleep(50)) {
        if (
          await run(ping).then(
            () => true,
            () => false,
          )
        )
          return;
        if (Date.now() > end) throw new Error('nothing passes after 120 s');
      }
    },
    async untilUp() {
      for (const end = Date.now() + 60_000; ; await sleep(50)) {
        const all = await Promise.all(
          ids.map((id) =>
            client(id)
              .tunnels()
              .catch(() => []),
          ),
        );
        if (all.every((t) => t.length > 0 && t.every(({ health }) => health === 'up'))) return;
        if (Date.now() > end) throw new Error('a tunnel is not up after 60 s');
      }
    },
    async close() {
      for (const child of children) child.kill('SIGKILL');
      await real.close();
    },
  };
  try {
    await pair.untilUp();
  } catch (error) {
    await pair.close();
    throw error;
  }
  return pair;
}

// What is due by the clock; an answer after 2 s is none.
const sender = `const s = require('dgram').createSocket('udp4');
let sent = 0;
const seen = new Set();
const times = [];
s.on('message', (m) => {
  const n = m.readUInt32BE(0);
  if (performance.now() - times[n] < 2000) seen.add(n);
});
const start = performance.now();
const timer = setInterval(() => {
  for (const due = (performance.now() - start) / 10; sent < due; ) {
    const m = Buffer.alloc(64);
    m.writeUInt32BE(sent);
    times.push(performance.now());
    sent++;
    s.send(m, 7007, process.argv[1]);
  }
}, 1);
process.stdout.write(' ');
process.stdin.on('end', () => {
  clearInterval(timer);
  setTimeout(() => {
    let run = 0, longest = 0;
    for (let n = 0; n < sent; n++) longest = Math.max(longest, (run = seen.has(n) ? 0 : run + 1));
    process.stdout.write(JSON.stringify({ sent, lost: sent - seen.size, longestMs: longest * 10 }));
    process.exit(0);
  }, 2100);
}).resume();`;

function startSender(ns: string, address: string): ChildProcess {
  const command = ['netns', 'exec', ns, process.execPath, '-e', sender, address];
  return spawn('ip', command, { stdio: ['pipe', 'pipe', 'pipe'] });
}

/** Replaces a file of a gateway, as its fetcher would. */
export function rewrite(pair: LabPair, id: string, name: string, change: (text: string) => string): void {
  const file = path.join(pair.folder(id), name);
  writeFileSync(file, change(readFileSync(file, 'utf8')));
}
