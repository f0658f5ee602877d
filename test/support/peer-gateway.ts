import { frrConfig } from '../../lib/emit';
import { readBareGateway, setUpGateway } from './bare-gateway';
import { startFrr } from './start-frr';

// Runs a routing daemon in the place of our agent, over the same tunnels: `frr-ospf 20 3 run --bundle ...`.

const [kind, interval, multiplier, , ...rest] = process.argv.slice(2);
const timing = { intervalMs: Number(interval), multiplier: Number(multiplier) };
const bare = readBareGateway(rest);
setUpGateway(bare);
switch (kind) {
  case 'frr-ospf':
    startFrr(bare.folder, frrConfig(bare.gateway, timing), ['bfdd', 'ospfd', 'ospf6d']);
    break;
  default:
    throw new Error(`no routing daemon '${kind}'`);
}
process.stdout.write('{"ready":true}\n');
setInterval(() => undefined, 60_000);
