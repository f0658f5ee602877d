import { spawn } from 'node:child_process';
import { openSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { frrConfig } from '../support/frr-config';
import { addressAt, parsePrefix } from '../../lib/net';
import { readBareGateway, setUpGateway, sh } from '../support/bare-gateway';
import { babelConfig, birdStaticConfig, frrBgpConfig } from '../support/peer-configs';
import { startFrr } from '../support/start-frr';

// Runs a routing daemon in the place of our agent, over the same tunnels: `frr-ospf 20 3 run --bundle ...`.

const [kind, interval, multiplier, , ...rest] = process.argv.slice(2);
const timing = { intervalMs: Number(interval), multiplier: Number(multiplier) };
const bare = readBareGateway(rest);
const { gateway, folder } = bare;

function start(program: string, config: string, args: (file: string) => string[]): void {
  const file = path.join(folder, `${path.basename(program)}.conf`);
  writeFileSync(file, config);
  const log = openSync(`${file}.log`, 'a');
  spawn(program, args(file), { detached: true, stdio: ['ignore', log, log] }).unref();
}

/** A private AS number of each gateway (RFC 6996), by its loopback address. */
function asNumbers(): Map<string, number> {
  const as = new Map(gateway.tunnels.map(({ peer }) => [peer.gateway, peer.locator]));
  as.set(gateway.gateway, gateway.locator);
  // The fourth 16 bits of a locator number the gateways of a network.
  const number = (locator: string) => parseInt(locator.replace('::/64', '').split(':')[3] ?? '0', 16) & 0x3ff;
  return new Map([...as].map(([id, locator]) => [id, 64_512 + number(locator)]));
}

/**
 * OSPFv2 alone: the streams are IPv4, and a second set of BFD sessions would only load the machine. Links
 * fail in turn here, so not with its timers' defaults: for five seconds after one change a router would tell
 * of no other, itself included, and a neighbour that is back would wait ten for a hello. The region's block
 * is a network of the area, on an address that nobody asks for: ospfd looks at what is redistributed, as on
 * a cloud gateway, a second later (OSPF_ASE_CALC_INTERVAL).
 */
function quickOspf(config: string): string {
  return config
    .replace(
      /^router ospf\n/m,
      '$& timers throttle lsa all 0\n timers lsa min-arrival 0\n timers throttle spf 0 10 100\n',
    )
    .replace(
      /^ ip ospf network point-to-point\n/gm,
      '$& ip ospf hello-interval 1\n ip ospf dead-interval 4\n',
    )
    .replace(/^ redistribute .*\n/gm, '')
    .replace(/^router ospf6\n(?: .*\n)*exit\n/m, '')
    .replace(/^ ipv6 ospf6 .*\n/gm, '')
    .replace(/^ ipv6 address .*\n/gm, '');
}

/** The last address but one of a block, with the block's length. */
function lastOf(block: string): string {
  const prefix = parsePrefix(block);
  return `${addressAt(prefix, (1n << BigInt(32 - prefix.length)) - 2n)}/${prefix.length}`;
}

setUpGateway(bare);
switch (kind) {
  case 'frr-ospf':
    sh(`ip addr add ${lastOf(gateway.ipv4Block)} dev dwcp0 noprefixroute`);
    startFrr(folder, quickOspf(frrConfig(gateway, timing)), ['bfdd', 'ospfd']);
    break;
  case 'frr-bgp':
    startFrr(folder, frrBgpConfig(gateway, timing, asNumbers()), ['bfdd', 'bgpd']);
    break;
  case 'bird-static':
    start('bird', birdStaticConfig(gateway, timing), (file) => ['-f', '-c', file, '-s', '/run/bird.ctl']);
    break;
  case 'babel':
    // It speaks over link-local addresses, which WireGuard gives no tunnel.
    for (const { interfaceName, ipv6 } of gateway.tunnels)
      sh(`ip -6 address add fe80::1:${ipv6.split(':').pop() || '0'}/64 dev ${interfaceName} nodad || true`);
    start('babeld', babelConfig(gateway), (file) => [
      '-c',
      file,
      '-I',
      '/run/babeld.pid',
      '-S',
      '/run/babel-state',
    ]);
    break;
  default:
    throw new Error(`no routing daemon '${kind}'`);
}
process.stdout.write('{"ready":true}\n');
setInterval(() => undefined, 60_000);
