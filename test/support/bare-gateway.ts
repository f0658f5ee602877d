import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import type { GatewayState, GatewayTunnel } from '../../lib/gateway';
import { openAsGateway, readSealedPart, type GatewayKeys } from '../../lib/net/keys';

/** A gateway as a program of the lab gets it. */
export interface BareGateway {
  readonly gateway: GatewayState;
  readonly keys: GatewayKeys;
  readonly endpoints: Readonly<Record<string, string>>;
  /** A folder of its own. */
  readonly folder: string;
}

/** Reads what the command line of `dwcp-agent run` names. */
export function readBareGateway(args: readonly string[]): BareGateway {
  const names = ['bundle', 'endpoints', 'unseal', 'run-dir'];
  const { values } = parseArgs({
    args: [...args],
    options: Object.fromEntries(names.map((name) => [name, { type: 'string' as const }])),
    strict: false,
  });
  const text = (name: string) => readFileSync(name, 'utf8');
  const part = readSealedPart(text(path.join(values.bundle as string, 'keys.json')));
  if (!part.ok) throw new Error(part.problem.message);
  const opened = openAsGateway(part.value, text(values.unseal as string));
  if (!opened.ok) throw new Error(opened.problem.message);
  return {
    gateway: JSON.parse(text(path.join(values.bundle as string, 'gateway.json'))) as GatewayState,
    keys: opened.value,
    endpoints: JSON.parse(text(values.endpoints as string)) as Record<string, string>,
    folder: values['run-dir'] as string,
  };
}

/** Runs lines of sh; stops at the first that fails. */
export function sh(lines: string, input?: string): void {
  execFileSync('sh', ['-ec', lines], { input, stdio: ['pipe', 'ignore', 'inherit'] });
}

/** Loopback addresses, decapsulation and tunnels with their segments: everything but routes. */
export function setUpGateway(bare: BareGateway): void {
  const { gateway } = bare;
  const dummy = spawnSync('ip', ['link', 'add', 'dwcp0', 'type', 'dummy']).status === 0;
  if (!dummy) sh('ip link add dwcp0 type ifb');
  sh(`ip link set dwcp0 up
    ip addr add ${gateway.ipv4}/32 dev dwcp0
    ip addr add ${gateway.ipv6}/128 dev dwcp0 nodad
    for d in all default dwcp0 region0 underlay0; do
      echo 0 >/proc/sys/net/ipv4/conf/$d/rp_filter
      echo 1 >/proc/sys/net/ipv6/conf/$d/seg6_enabled
    done
    echo 1 >/proc/sys/net/ipv4/ip_forward; echo 1 >/proc/sys/net/ipv6/conf/all/forwarding
    ip -6 route add ${gateway.segmentDx4}/128 encap seg6local action End.DX4 nh4 0.0.0.0 dev dwcp0
    ip -6 route add ${gateway.segmentDx6}/128 encap seg6local action End.DX6 nh6 :: dev dwcp0
    ip -6 route add ${gateway.segmentLocal}/128 encap seg6local action End.DT6 table 255 dev dwcp0`);
  gateway.tunnels.forEach((t, i) => setUpTunnel(bare, t, 17800 + i));
}

function setUpTunnel({ keys, endpoints, folder }: BareGateway, t: GatewayTunnel, ownTable: number): void {
  const name = t.interfaceName;
  if (spawnSync('ip', ['link', 'add', name, 'type', 'wireguard']).status !== 0) {
    // It returns once its socket listens; wg(8) would remove one that does not yet.
    sh(`wireguard-go ${name} >/dev/null 2>&1`);
  }
  const file = (part: string, text: string) => {
    const target = path.join(folder, `${name}.${part}`);
    writeFileSync(target, text, { mode: 0o600 });
    return target;
  };
  const shared = keys.presharedKeys.get(t.id);
  const preshared = shared === undefined ? '' : `preshared-key ${file('psk', shared)}`;
  const endpoint = `${endpoints[t.peer.gateway]}:${t.peer.listenPort}`;
  sh(`wg set ${name} listen-port ${t.listenPort} private-key ${file('key', keys.privateKey)} \
      peer ${t.peer.publicKey} endpoint ${endpoint} allowed-ips 0.0.0.0/0,::/0 \
      persistent-keepalive ${t.keepaliveSeconds} ${preshared}
    ip addr add ${t.ipv4}/31 dev ${name}; ip addr add ${t.ipv6}/127 dev ${name} nodad
    ip link set ${name} mtu ${t.mtu} up
    echo 0 >/proc/sys/net/ipv4/conf/${name}/rp_filter
    echo 1 >/proc/sys/net/ipv6/conf/${name}/seg6_enabled
    ip -6 route add ${t.segment}/128 encap seg6local action End.X nh6 ${t.peer.ipv6} dev dwcp0`);
  if (t.parallel) {
    sh(`ip -6 rule add from ${t.ipv6} to ${t.peer.locator} lookup ${ownTable}
      ip -6 route add ${t.peer.locator} via ${t.peer.ipv6} dev ${name} table ${ownTable}`);
  } else sh(`ip -6 route add ${t.peer.locator} via ${t.peer.ipv6} dev ${name}`);
}
