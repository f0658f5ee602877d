import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { frrConfig } from '../../lib/emit';
import { readBareGateway, setUpGateway, type BareGateway } from './bare-gateway';

// Runs a routing daemon in the place of our agent, over the same tunnels: `frr-ospf 20 3 run --bundle ...`.

const [kind, interval, multiplier, , ...rest] = process.argv.slice(2);
const timing = { intervalMs: Number(interval), multiplier: Number(multiplier) };

/** Starts a daemon that stays when we end, with the gateway; its log in its folder. */
function start({ folder }: BareGateway, program: string, ...args: string[]): void {
  const log = path.join(folder, `${path.basename(program)}.log`);
  writeFileSync(log, '');
  spawn('sh', ['-c', 'exec "$@" >"$0" 2>&1', log, program, ...args], { detached: true, stdio: 'ignore' }).unref();
}

function until(what: string, command: readonly string[]): void {
  for (let i = 0; ; i++) {
    try {
      execFileSync(command[0], command.slice(1), { stdio: 'ignore' });
      return;
    } catch {
      if (i === 200) throw new Error(`${what} does not answer`);
      execFileSync('sleep', ['0.05']);
    }
  }
}

function frr(bare: BareGateway, config: string, daemons: readonly string[]): void {
  const run = '/run/frr';
  mkdirSync(run, { recursive: true });
  // Debian's daemons run as frr, and would not as root.
  execFileSync('chown', ['frr:frr', run]);
  for (const daemon of ['zebra', ...daemons]) {
    const args = ['-f', '/dev/null', '-i', `${run}/${daemon}.pid`, '-A', '127.0.0.1'];
    start(bare, `/usr/lib/frr/${daemon}`, ...args);
    until(daemon, ['vtysh', '-d', daemon, '-c', 'show version']);
  }
  const file = path.join(bare.folder, 'frr.conf');
  writeFileSync(file, config);
  execFileSync('vtysh', ['-f', file], { stdio: ['ignore', 'ignore', 'inherit'] });
}

const bare = readBareGateway(rest);
setUpGateway(bare);
switch (kind) {
  case 'frr-ospf':
    frr(bare, frrConfig(bare.gateway, timing), ['bfdd', 'ospfd', 'ospf6d']);
    break;
  default:
    throw new Error(`no routing daemon '${kind}'`);
}
process.stdout.write('{"ready":true}\n');
setInterval(() => undefined, 60_000);
