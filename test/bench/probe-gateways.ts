/**
 * The other gateways of a probing bench, in a process of their own: `node probe-gateways.js '<gateway>'
 * '<description file>'`, forked by `probing.ts`. Told the ports of the gateway under measurement, each probes
 * it as its own plan says and answers it.
 */
import { readFileSync } from 'node:fs';
import { defaultProbeSettings, peersOf, sessionsOf, startProber, type Prober } from '../../lib/agent/probe';
import { loadSolver } from '../../lib/project/solver';
import { gatewayState, type GatewayState } from '../../lib/gateway';
import { readDescription } from '../../lib/model';
import { makeKeyPair, type KeyPair } from '../../lib/net/keys';
import { buildPlan } from '../../lib/plan';
import { loopbackPorts, type LoopbackPorts } from './loopback-ports';

/** The gateways of a description, with key pairs that every process makes alike: for benches alone. */
export interface BenchNetwork {
  readonly states: ReadonlyMap<string, GatewayState>;
  readonly keys: ReadonlyMap<string, KeyPair>;
}

/** Plans a description. @throws Error if it does not plan. */
export function benchNetwork(file: string): BenchNetwork {
  const { network } = readDescription(readFileSync(file, 'utf8'), file);
  const plan = network && buildPlan(network, { lock: null, keys: null, solver: loadSolver }).plan;
  if (!plan) throw new Error(`${file} does not plan`);
  const keys = new Map(
    plan.gateways.map(({ id }, i) => [id, makeKeyPair((bytes) => new Uint8Array(bytes).fill(i + 1))]),
  );
  const gateways = plan.gateways.map((g) => ({ ...g, publicKey: keys.get(g.id)!.publicKey }));
  const keyed = { ...plan, gateways };
  return { states: new Map(gateways.map(({ id }) => [id, gatewayState(keyed, id)])), keys };
}

/**
 * A prober that stands for a gateway on the loopback interface. Paths that carry traffic, the primaries of
 * its routes, are active.
 */
export async function gatewayOnLoopback(
  { states, keys }: BenchNetwork,
  gateway: string,
  own: LoopbackPorts,
  peers: ReadonlyMap<string, LoopbackPorts>,
): Promise<{ readonly prober: Prober; begin(): void }> {
  const state = states.get(gateway)!;
  const sessions = sessionsOf(state, defaultProbeSettings);
  const open = loopbackPorts(own, peers);
  const prober = await startProber({
    settings: defaultProbeSettings,
    listener: { onHealth: () => undefined },
    open,
  });
  return {
    prober,
    begin() {
      const wanted = sessions.map((session) => ({ ...session, destination: session.peer }));
      const known = peersOf(state, keys.get(gateway)!.privateKey).map((p) => ({
        ...p,
        sources: [p.gateway],
      }));
      prober.setSessions(wanted, known);
      const primaries = new Set(state.routes.map((route) => `path:${route.primary}`));
      for (const { id } of wanted) if (primaries.has(id)) prober.setPace(id, 'active');
    },
  };
}

async function main(measured: string, file: string): Promise<void> {
  const network = benchNetwork(file);
  const ports = new Map<string, LoopbackPorts>([[measured, { reflector: 0, sender: 0 }]]);
  const own: Record<string, LoopbackPorts> = {};
  const begins: (() => void)[] = [];
  for (const { gateway } of network.states.get(measured)!.peers) {
    own[gateway] = { reflector: 0, sender: 0 };
    const { begin } = await gatewayOnLoopback(network, gateway, own[gateway], ports);
    begins.push(begin);
  }
  process.once('message', (told: LoopbackPorts) => {
    Object.assign(ports.get(measured)!, told);
    // Gateways start when they start: spread them over an interval, alike in each run.
    begins.forEach((begin, i) => setTimeout(begin, (i * 7) % 20));
  });
  process.send!(own);
}

if (require.main === module) void main(process.argv[2], process.argv[3]);
