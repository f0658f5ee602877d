import { readFileSync } from 'node:fs';
import { leafId, reservedPairs } from '../apply/wanted-shaping';
import { patientRunner, type RunProcess } from '../apply/linux/run-process';
import { nftTable } from '../apply/numbers';
import { parseNftCounters } from '../telemetry/edge-metrics';
import type { GatewayState } from '../../gateway';
import {
  busyRatio,
  parseHostSample,
  type HostSample,
  type InterfaceRate,
  type TunnelSample,
} from '../telemetry';

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
 * Looks at the kernel's counters: `/proc` of this network namespace, `wg show all dump`, `tc` for the
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
  const dump = await look(['wg', 'show', 'all', 'dump']);
  const queueBytes = await queues(gateway, look);
  const edge = await look(['nft', '-j', 'list', 'counters', 'table', 'inet', nftTable]);
  return {
    atMs,
    host,
    cpuRatio: before === undefined ? NaN : busyRatio(before.host, host),
    rates,
    utilisation,
    tunnels: parseWireguardDump(dump.stdout, gateway, utcMs),
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

/** `wg show all dump` (wg(8)): 5 fields of an interface, 9 of a peer. The keys in it are passed over. */
export function parseWireguardDump(
  text: string,
  gateway: GatewayState,
  utcMs: number,
): ReadonlyMap<string, TunnelSample> {
  const tunnels = new Map(gateway.tunnels.map((t) => [t.interfaceName, t.id]));
  const found = new Map<string, TunnelSample>();
  for (const line of text.split('\n')) {
    const fields = line.split('\t');
    const id = tunnels.get(fields[0]);
    if (id === undefined) continue;
    const was = found.get(id) ?? { peers: 0, handshakeAgeSeconds: null, receivedBytes: 0, sentBytes: 0 };
    if (fields.length !== 9) {
      found.set(id, was);
      continue;
    }
    const [handshake, received, sent] = fields.slice(5, 8).map(Number);
    found.set(id, {
      peers: was.peers + 1,
      handshakeAgeSeconds: handshake > 0 ? Math.max(0, utcMs / 1000 - handshake) : was.handshakeAgeSeconds,
      receivedBytes: was.receivedBytes + received,
      sentBytes: was.sentBytes + sent,
    });
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
