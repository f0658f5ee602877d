import { defaultProbeSettings } from '../agent/probe';
import { gatewayState } from '../gateway';
import type { PlanDocument } from '../plan';

/**
 * Packets a second, counted once for each tunnel that they pass, that a core is given for probes: some 0.3 ms
 * each with wireguard-go, our relay and the agents, so that 40 % of it is busy.
 */
const packetsPerCore = 1250;
/**
 * Packets a second of test streams, counted alike, that a core is given: some 0.2 ms each, so that 10 % of it
 * is busy.
 */
const streamPacketsPerCore = 500;
/** What agents probe at where nobody says otherwise, ms. */
export const usualIntervalMs = defaultProbeSettings.active.intervalMs;

/**
 * The interval of probes at which one machine keeps up with all agents of a network, ms: the agents' own
 * default where it can, a multiple of it where it cannot. On real gateways every agent has a machine.
 *
 * @param cores processors of this machine.
 */
export function affordableIntervalMs(plan: PlanDocument, cores: number): number {
  const intervalMs = (1000 * probePackets(plan)) / (packetsPerCore * cores);
  return usualIntervalMs * Math.max(1, Math.ceil(intervalMs / usualIntervalMs));
}

/** Between two packets of a test stream where the machine keeps up, ms: what an outage is told to. */
export const usualSpacingMs = 1;

/**
 * The time between two packets of a test stream at which one machine keeps up with all streams of a drill
 * beside the agents: 1, 2, 5, 10, 20, 50 ms and so on.
 *
 * @param streams most at once, each over as many tunnels as a planned path has on average.
 * @param cores processors of this machine.
 */
export function affordableSpacingMs({ paths }: PlanDocument, streams: number, cores: number): number {
  const tunnels = paths.reduce((sum, p) => sum + p.links.length, 0) / Math.max(1, paths.length);
  const leastMs = (1000 * streams * tunnels) / (streamPacketsPerCore * cores);
  const decade = 10 ** Math.floor(Math.log10(Math.max(usualSpacingMs, leastMs)));
  return [1, 2, 5, 10].map((step) => step * decade).find((ms) => ms >= leastMs)!;
}

/** Packets of all gateways in an interval, counted once for each tunnel that they pass. */
function probePackets(plan: PlanDocument): number {
  const packets = plan.gateways.map(({ id }) => {
    const { tunnels, paths, routes } = gatewayState(plan, id);
    const used = new Set(
      routes.flatMap((r) => [
        ...(r.primary === null ? [] : [r.primary]),
        ...r.spreads.flatMap((spread) => spread.members.map((member) => member.path)),
      ]),
    );
    // A probe and its answer; a way that both ends probe is probed by one.
    return paths.reduce((sum, { id: path, hops, probe, mirror }) => {
      if (probe === null) return sum;
      const each = 2 * hops * (mirror === null ? 1 : 0.5);
      return sum + (used.has(path) ? each : each / defaultProbeSettings.standbyFactor);
    }, tunnels.length);
  });
  return packets.reduce((sum, each) => sum + each, 0);
}
