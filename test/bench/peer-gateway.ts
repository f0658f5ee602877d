import { spawn } from 'node:child_process';
import { openSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { frrConfig } from '../../lib/emit';
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

function withoutOspf6(config: string): string {
  return config
    .replace(/^router ospf6\n(?: .*\n)*exit\n/m, '')
    .replace(/^ ipv6 ospf6 .*\n/gm, '')
    .replace(/^ ipv6 address .*\n/gm, '');
}

setUpGateway(bare);
switch (kind) {
  case 'frr-ospf':
    // OSPFv2 alone: the streams are IPv4, and a second set of BFD sessions would only load the machine.
    startFrr(folder, withoutOspf6(frrConfig(gateway, timing)), ['bfdd', 'ospfd']);
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
