import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import type { GatewayState, GatewayTunnel } from '../../lib/emit';
import { openAsGateway, readSealedPart } from '../../lib/net/keys';

// Stands in for `dwcp-agent run` in tests of the lab itself: sets up the tunnels and the primary path of
// best-effort traffic with ip and wg, and then sleeps. It probes nothing and switches nothing.

const { values } = parseArgs({
  args: process.argv.slice(3),
  options: Object.fromEntries(
    ['bundle', 'endpoints', 'unseal', 'run-dir', 'metrics', 'socket'].map((name) => [
      name,
      { type: 'string' as const },
    ]),
  ),
});
const bundle = (name: string) => readFileSync(path.join(values.bundle as string, name), 'utf8');
const gateway = JSON.parse(bundle('gateway.json')) as GatewayState;
const endpoints = JSON.parse(readFileSync(values.endpoints as string, 'utf8')) as Record<string, string>;

function sh(command: string, input?: string): void {
  execFileSync('sh', ['-c', command], { input, stdio: ['pipe', 'ignore', 'inherit'] });
}

function device(): void {
  if (spawnSync('ip', ['link', 'add', 'dwcp0', 'type', 'dummy']).status !== 0)
    sh('ip link add dwcp0 type ifb');
  sh(`ip link set dwcp0 up; ip addr add ${gateway.ipv4}/32 dev dwcp0
    ip addr add ${gateway.ipv6}/128 dev dwcp0 nodad
    for d in all default dwcp0 region0 underlay0; do
      echo 0 >/proc/sys/net/ipv4/conf/$d/rp_filter
      echo 1 >/proc/sys/net/ipv6/conf/$d/seg6_enabled
    done
    echo 1 >/proc/sys/net/ipv4/ip_forward; echo 1 >/proc/sys/net/ipv6/conf/all/forwarding
    ip -6 route add ${gateway.segmentDx4}/128 encap seg6local action End.DX4 nh4 0.0.0.0 dev dwcp0
    ip -6 route add ${gateway.segmentDx6}/128 encap seg6local action End.DX6 nh6 :: dev dwcp0
    ip -6 route add ${gateway.segmentLocal}/128 encap seg6local action End.DT6 table 255 dev dwcp0`);
}

function tunnel(t: GatewayTunnel, i: number, keys: { privateKey: string; psk?: string }): void {
  const name = t.interfaceName;
  if (spawnSync('ip', ['link', 'add', name, 'type', 'wireguard']).status !== 0) {
    spawn('wireguard-go', ['-f', name], { stdio: ['ignore', 'inherit', 'inherit'], detached: true }).unref();
    for (let n = 0; spawnSync('wg', ['show', name]).status !== 0; n++) {
      if (n > 100) throw new Error(`no WireGuard for ${name}`);
      spawnSync('sleep', ['0.05']);
    }
  }
  const file = (part: string, text: string) => {
    const target = path.join(values['run-dir'] as string, `${name}.${part}`);
    writeFileSync(target, text, { mode: 0o600 });
    return target;
  };
  const peer = t.peer.publicKey!;
  sh(`wg setconf ${name} ${file('conf', bundle(`wireguard/${name}.conf`))}
    wg set ${name} private-key ${file('key', keys.privateKey)} peer ${peer} \
      endpoint ${endpoints[t.peer.gateway]}:${t.peer.listenPort} ${keys.psk ? `preshared-key ${file('psk', keys.psk)}` : ''}
    ip addr add ${t.ipv4}/31 dev ${name}; ip addr add ${t.ipv6}/127 dev ${name} nodad
    ip link set ${name} mtu ${t.mtu} up
    echo 0 >/proc/sys/net/ipv4/conf/${name}/rp_filter
    echo 1 >/proc/sys/net/ipv6/conf/${name}/seg6_enabled
    ip -6 route add ${t.segment}/128 encap seg6local action End.X nh6 ${t.peer.ipv6} dev dwcp0`);
  if (t.parallel) {
    sh(`ip -6 rule add from ${t.ipv6} to ${t.peer.locator} lookup ${17800 + i}
      ip -6 route add ${t.peer.locator} via ${t.peer.ipv6} dev ${name} table ${17800 + i}`);
  } else sh(`ip -6 route add ${t.peer.locator} via ${t.peer.ipv6} dev ${name}`);
}

function routes(): void {
  const number = new Map(gateway.paths.map((p, i) => [p.id, i + 1]));
  const lines = gateway.paths.flatMap((p, i) => {
    const hop = (via: string, segments: readonly string[]) =>
      `via ${via} dev ${p.interfaceName}${segments.length > 0 ? ` encap seg6 mode encap.red segs ${segments.join(',')}` : ''}`;
    // IPv4 in segments leaves by the next hop's IPv6 address: the outer packet is IPv6.
    const v4 = p.segmentsIpv4.length > 0 ? p.nextHopIpv6 : p.nextHopIpv4;
    return [
      `nexthop add id ${2 * i + 2} ${hop(v4, p.segmentsIpv4)}`,
      `nexthop add id ${2 * i + 3} ${hop(p.nextHopIpv6, p.segmentsIpv6)}`,
    ];
  });
  const best = gateway.routes.filter((r) => r.classes.includes('best-effort') && r.primary !== null);
  for (const r of best) {
    const id = 2 * number.get(r.primary!)!;
    lines.push(...r.ipv4Prefixes.map((prefix) => `route add ${prefix} nhid ${id}`));
    lines.push(...r.ipv6Prefixes.map((prefix) => `route add ${prefix} nhid ${id + 1}`));
  }
  sh('ip -batch -', `${lines.join('\n')}\n`);
}

const part = readSealedPart(bundle('keys.json'));
if (!part.ok) throw new Error(part.problem.message);
const opened = openAsGateway(part.value, readFileSync(values.unseal as string, 'utf8').trim());
if (!opened.ok) throw new Error(opened.problem.message);
device();
gateway.tunnels.forEach((t, i) =>
  tunnel(t, i, { privateKey: opened.value.privateKey, psk: opened.value.presharedKeys.get(t.id) }),
);
routes();
process.stdout.write('{"ready":true}\n');
setInterval(() => undefined, 60_000);
