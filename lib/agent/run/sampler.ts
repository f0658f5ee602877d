import { readFileSync } from 'node:fs';
import { leafId, reservedPairs } from '../apply/wanted/wanted-shaping';
import { patientRunner, type RunProcess } from '../apply/linux/run-process';
import { nftTable } from '../apply/numbers';
import type { TunnelSample } from '../apply';
import { driverOf } from '../apply/tunnels/drivers';
import { parseNftCounters } from '../telemetry/edge-metrics';
import type { GatewayState } from '../../gateway';
import { busyRatio, parseHostSample, type HostSample, type InterfaceRate } from '../telemetry';

/** What the kernel counted, and what follows from two looks at it. */
export interface Sample {
  readonly atMs: number;
  readonly host: HostSample;
  /** 0 to 1; NaN at the first look. */
  readonly cpuRatio: number;
  readonly rates: ReadonlyMap<string, InterfaceRate>;
  /** By tunnel; NaN-free: absent at the first look. */
  readonly utilisation: ReadonlyMap<string, number>;
  readonly tunnels: ReadonlyMap<string, TunnelSample>;
  readonly reservationMbps: ReadonlyMap<string, number>;
  /** Packets that the trust boundary refused or marked anew, by counter. */
  readonly edgePackets: ReadonlyMap<string, number>;
  /** Bytes sent by queue, `<device> <class id>`: what the next look compares with. */
  readonly queueBytes: ReadonlyMap<string, number>;
}

/**
 * Looks at the kernel's counters: `/proc` of this network namespace, the drivers of tunnels, `tc` for the
 * tunnels that reserved traffic leaves by, and `nft` for what was refused. What cannot be read is left out.
 */
export async function takeSample(
  gateway: GatewayState,
  before: Sample | undefined,
  atMs: number,
  utcMs: number,
): Promise<Sample> {
  const host = parseHostSample(read('/proc/net/dev'), read('/proc/stat'), read('/proc/meminfo'));
  const seconds = before === undefined ? 0 : (atMs - before.atMs) / 1000;
  const rates = new Map<string, InterfaceRate>();
  for (const [name, now] of seconds > 0 ? host.interfaces : []) {
    const was = before?.host.interfaces.get(name);
    if (was) {
      const mbps = (bytes: number) => Math.max(0, (bytes * 8) / 1e6 / seconds);
      const receivedMbps = mbps(now.receivedBytes - was.receivedBytes);
      rates.set(name, { receivedMbps, sentMbps: mbps(now.sentBytes - was.sentBytes) });
    }
  }
  const utilisation = new Map<string, number>();
  for (const { id, interfaceName, bandwidthMbps } of gateway.tunnels) {
    const rate = rates.get(interfaceName);
    if (rate && bandwidthMbps > 0) utilisation.set(id, rate.sentMbps / bandwidthMbps);
  }
  const look = patientRunner();
  const tunnels = await sampleTunnels(gateway, look, utcMs);
  const queueBytes = await queues(gateway, look);
  const edge = await look(['nft', '-j', 'list', 'counters', 'table', 'inet', nftTable]);
  return {
    atMs,
    host,
    cpuRatio: before === undefined ? NaN : busyRatio(before.host, host),
    rates,
    utilisation,
    tunnels,
    reservationMbps: usedOf(gateway, queueBytes, before?.queueBytes, seconds),
    queueBytes,
    edgePackets: parseNftCounters(edge.stdout),
  };
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/** Counters of each tunnel, by its id. */
async function sampleTunnels(
  gateway: GatewayState,
  look: RunProcess,
  utcMs: number,
): Promise<Map<string, TunnelSample>> {
  const ids = new Map(gateway.tunnels.map((tunnel) => [tunnel.interfaceName, tunnel.id]));
  const found = new Map<string, TunnelSample>();
  for (const type of new Set(gateway.tunnels.map((tunnel) => tunnel.type))) {
    for (const [name, sample] of await driverOf(type).sample(look, utcMs)) {
      const id = ids.get(name);
      if (id !== undefined) found.set(id, sample);
    }
  }
  return found;
}

/** Devices that reserved traffic leaves by. */
function reservedDevices(gateway: GatewayState): string[] {
  const devices = new Map(gateway.paths.map((path) => [path.id, path.interfaceName]));
  const used = gateway.reservations.flatMap((r) => r.paths.flatMap((id) => devices.get(id) ?? []));
  return [...new Set(used)].sort();
}

async function queues(gateway: GatewayState, look: RunProcess): Promise<Map<string, number>> {
  const bytes = new Map<string, number>();
  for (const device of reservedDevices(gateway)) {
    const { stdout } = await look(['tc', '-s', 'class', 'show', 'dev', device]);
    for (const [id, sent] of parseClassCounters(stdout)) bytes.set(`${device} ${id}`, sent);
  }
  return bytes;
}

/** `tc -s class show` (tc(8)); its JSON holds no HTB classes before iproute2 6.2. Bytes sent by class id. */
export function parseClassCounters(text: string): ReadonlyMap<string, number> {
  const found = text.matchAll(/^class htb (\S+) [^\n]*\n\s+Sent (\d+) bytes/gm);
  return new Map([...found].map(([, id, sent]) => [id, Number(sent)]));
}

/** What each reservation sent: those of one pair and class share a queue, by what they hold. */
function usedOf(
  gateway: GatewayState,
  now: ReadonlyMap<string, number>,
  before: ReadonlyMap<string, number> | undefined,
  seconds: number,
): Map<string, number> {
  const used = new Map<string, number>();
  if (before === undefined || seconds <= 0) return used;
  for (const { class: qos, number, reservations } of reservedPairs(gateway)) {
    const id = leafId(qos, number);
    let bytes = 0;
    for (const [queue, sent] of now) {
      if (queue.endsWith(` ${id}`)) bytes += Math.max(0, sent - (before.get(queue) ?? 0));
    }
    const all = reservations.reduce((sum, r) => sum + r.bandwidthMbps, 0);
    for (const r of reservations) used.set(r.id, ((bytes * 8) / 1e6 / seconds) * (r.bandwidthMbps / all));
  }
  return used;
}
