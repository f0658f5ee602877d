import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { startFrr } from './start-frr';

// Loads a configuration from standard input into FRR, in the namespaces we are in, and prints what FRR then
// says its configuration is.
execFileSync('mount', ['-t', 'tmpfs', 'frr', '/run']);
const folder = '/run/dwcp-frr';
mkdirSync(folder);
const config = readFileSync(0, 'utf8');
// OSPF has an area once an interface with an address is in it.
for (const [i, [, name]] of [...config.matchAll(/^interface (\S+)$/gm)].entries()) {
  execFileSync('ip', ['link', 'add', name, 'type', 'veth', 'peer', 'name', `peer${i}`]);
  execFileSync('ip', ['address', 'add', `192.0.2.${2 * i}/31`, 'dev', name]);
  execFileSync('ip', ['link', 'set', name, 'up']);
}
startFrr(folder, config, ['bfdd', 'ospfd', 'ospf6d']);
process.stdout.write(execFileSync('vtysh', ['-c', 'show running-config'], { encoding: 'utf8' }));
