import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { linuxHost, type Host, type HostSettings } from '../../lib/agent/apply';
import { wantedHost, type WantedHost } from '../../lib/agent/apply/wanted/wanted-host';
import type { GatewayState } from '../../lib/gateway';
import { addressAt, parsePrefix } from '../../lib/net';
import type { PlannedGateways } from './gateway-plan';

/** A gateway in a namespace of its own. */
export interface GatewaySpace {
  readonly id: string;
  readonly ns: string;
  readonly host: Host;
  readonly state: GatewayState;
  wanted(change?: Partial<HostSettings>): WantedHost;
}

/** Gateways joined by an underlay, and a host behind the first gateway of each region. */
export interface GatewayNetwork {
  readonly folder: string;
  gateway(id: string): GatewaySpace;
  /** Namespace of the host of a region, and its addresses. */
  workload(region: string): { readonly ns: string; readonly ipv4: string; readonly ipv6: string };
  /** Interface of the underlay towards a gateway, in namespace `underlay`. */
  readonly underlay: string;
  port(gateway: string): string;
  close(): Promise<void>;
}

/** Why namespaces with tunnels cannot be had on this machine; undefined: they can. */
export function namespaceGap(): string | undefined {
  if (process.getuid?.() !== 0) return 'not root';
  for (const tool of ['ip', 'tc', 'nft', 'wg']) {
    if (spawnSync('sh', ['-c', `command -v ${tool}`]).status !== 0) return `${tool} is not installed`;
  }
  if (spawnSync('ip', ['netns', 'list']).status !== 0) return 'no network namespaces';
  return undefined;
}

/** Runs a shell command. Throws with what it said. */
export function sh(command: string, input?: string): string {
  const done = spawnSync('sh', ['-c', command], { encoding: 'utf8', input, maxBuffer: 2 ** 28 });
  if (done.status !== 0) throw new Error(`${command}: ${done.stderr}`);
  return done.stdout;
}

/** Runs a shell command in a namespace. */
export function inside(ns: string, command: string): string {
  return sh(`ip netns exec ${ns} sh -c ${quote(command)}`);
}

/** Starts a command in a namespace, to be ended by the caller. */
export function startInside(
  ns: string,
  command: readonly string[],
  stdin: 'ignore' | 'pipe' = 'ignore',
): ChildProcess {
  return spawn('ip', ['netns', 'exec', ns, ...command], { stdio: [stdin, 'pipe', 'pipe'] });
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/**
 * Words before a command that put it into a namespace, with a folder of its own for WireGuard's sockets:
 * they lie in the file system, and interfaces of several gateways have the same name. With a log, every
 * command is written down before it runs.
 */
export function prefixOf(ns: string, sockets: string, log?: string): string[] {
  const note = log === undefined ? '' : `echo "$@" >>${log} && `;
  const script = `mount --bind ${sockets} /var/run/wireguard && ${note}exec "$@"`;
  return ['ip', 'netns', 'exec', ns, 'sh', '-c', script, 'sh'];
}

/** A namespace with a host in it. */
export interface HostSpace {
  readonly ns: string;
  readonly host: Host;
  /** Every command that the host ran, a line each. */
  commands(): string;
  /** Another agent on the same host, as after a restart. */
  again(): Host;
  close(): Promise<void>;
}

/** A namespace and a host in it, with nothing there yet. */
export function emptySpace(name: string): HostSpace {
  const folder = mkdtempSync(path.join(tmpdir(), 'dwcp-'));
  mkdirSync(path.join(folder, 'sockets'));
  mkdirSync('/var/run/wireguard', { recursive: true });
  sh(`ip netns add ${name} && ip -n ${name} link set lo up`);
  const log = path.join(folder, 'commands');
  const hosts: Host[] = [];
  const start = () => {
    const host = linuxHost({ prefix: prefixOf(name, path.join(folder, 'sockets'), log), folder });
    hosts.push(host);
    return host;
  };
  return {
    ns: name,
    host: start(),
    commands: () => readFileSync(log, 'utf8'),
    again: start,
    async close() {
      await Promise.all(hosts.map((host) => host.close()));
      endNamespace(name);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Ends what still runs in a namespace (by process id), then removes it. */
function endNamespace(ns: string): void {
  const ids = spawnSync('ip', ['netns', 'pids', ns], { encoding: 'utf8' }).stdout.split('\n');
  for (const id of ids.filter((line) => line !== '')) {
    try {
      process.kill(Number(id), 'SIGKILL');
    } catch {
      // It has ended.
    }
  }
  spawnSync('ip', ['netns', 'delete', ns]);
}

/**
 * Builds the gateways of a plan: an underlay bridge in a namespace of its own, 192.0.2.0/24, one namespace a
 * gateway, and one a region for a host behind its first gateway (the region's block, .200.2 and its like in
 * IPv6). Nothing is applied yet. Names begin with `prefix`, at most 8 letters, and end with numbers.
 */
export function buildGateways(planned: PlannedGateways, prefix: string): GatewayNetwork {
  const folder = mkdtempSync(path.join(tmpdir(), 'dwcp-'));
  mkdirSync('/var/run/wireguard', { recursive: true });
  const made: string[] = [];
  const hosts: Host[] = [];
  const addNamespace = (name: string) => {
    sh(`ip netns add ${name} && ip -n ${name} link set lo up`);
    made.push(name);
    return name;
  };
  const close = async () => {
    await Promise.all(hosts.map((host) => host.close()));
    for (const ns of made.reverse()) endNamespace(ns);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const underlay = addNamespace(`${prefix}u`);
    sh(`ip -n ${underlay} link add br0 type bridge && ip -n ${underlay} link set br0 up`);
    const ids = planned.plan.gateways.map((gateway) => gateway.id);
    const endpoints = new Map(ids.map((id, i) => [id, `192.0.2.${i + 1}`]));
    const spaces = new Map<string, GatewaySpace>();
    for (const [i, id] of ids.entries()) {
      const ns = addNamespace(`${prefix}g${i}`);
      sh(`ip -n ${underlay} link add v${i} type veth peer name eth0 netns ${ns}`);
      sh(`ip -n ${underlay} link set v${i} master br0 up`);
      sh(`ip -n ${ns} addr add ${endpoints.get(id)}/24 dev eth0 && ip -n ${ns} link set eth0 up`);
      const own = path.join(folder, String(i));
      mkdirSync(path.join(own, 'sockets'), { recursive: true });
      const host = linuxHost({ prefix: prefixOf(ns, path.join(own, 'sockets')), folder: own });
      hosts.push(host);
      const state = planned.state(id);
      const settings = { endpoints, keys: planned.keys(id), selections: [], openReservations: [] };
      const wanted = (change: Partial<HostSettings> = {}) => wantedHost(state, { ...settings, ...change });
      spaces.set(id, { id, ns, host, state, wanted });
    }
    const workloads = new Map<string, { ns: string; ipv4: string; ipv6: string }>();
    for (const [i, region] of planned.plan.regions.entries()) {
      const ns = addNamespace(`${prefix}w${i}`);
      const { ns: gateway } = spaces.get(`${region.id}/1`)!;
      const [block4, block6] = [parsePrefix(region.ipv4Block), parsePrefix(region.ipv6Block)];
      const [router4, ipv4] = [addressAt(block4, 51201), addressAt(block4, 51202)];
      const [router6, ipv6] = [addressAt(block6, 51201), addressAt(block6, 51202)];
      sh(`ip -n ${ns} link add eth0 type veth peer name lan netns ${gateway}`);
      sh(`ip -n ${ns} link set eth0 up && ip -n ${gateway} link set lan up`);
      sh(`ip -n ${gateway} addr add ${router4}/24 dev lan && ip -n ${ns} addr add ${ipv4}/24 dev eth0`);
      sh(`ip -n ${gateway} addr add ${router6}/112 dev lan nodad`);
      sh(`ip -n ${ns} addr add ${ipv6}/112 dev eth0 nodad`);
      sh(`ip -n ${ns} route add default via ${router4} && ip -n ${ns} -6 route add default via ${router6}`);
      workloads.set(region.id, { ns, ipv4, ipv6 });
    }
    return {
      folder,
      underlay,
      gateway: (id) => spaces.get(id)!,
      workload: (region) => workloads.get(region)!,
      port: (id) => `v${ids.indexOf(id)}`,
      close,
    };
  } catch (error) {
    void close();
    throw error;
  }
}
