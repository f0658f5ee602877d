import { tunnelKind, tunnelTypes } from '../../tunnels';
import { onGateway } from '../processes';
import { LabFault, type Lab } from '../record';
import { run } from '../run';
import type { GatewayFault } from './gateway-fault';

/** Loads a table of somebody else on a gateway; one of its name that is there goes. */
async function load(lab: Lab, gateway: string, table: string, chains: string): Promise<void> {
  const script = `table ${table}\ndelete table ${table}\ntable ${table} {\n${chains}\n}\n`;
  await run(onGateway(lab, gateway, ['nft', '-f', '-']), script);
}

async function drop(lab: Lab, gateway: string, table: string): Promise<void> {
  await run(onGateway(lab, gateway, ['nft', 'delete', 'table', ...table.split(' ')]));
}

const families = new Map([
  [undefined, 'inet'],
  ['4', 'ip'],
  ['6', 'ip6'],
] as const);

/** `iptables -P FORWARD DROP`, as Docker sets it, is `forward-drop 4`. */
export const forwardDrop: GatewayFault = {
  async make(lab, gateway, value) {
    const family = families.get(value as '4' | '6' | undefined);
    if (family === undefined) throw new LabFault(`forward-drop takes 4 or 6 or nothing, not '${value}'`);
    const chain = '  chain forward { type filter hook forward priority 0; policy drop; }';
    await load(lab, gateway, `${family} lab_forward`, chain);
    return `${gateway}: a filter of somebody else drops all that is forwarded${value === undefined ? '' : `, IPv${value} alone`}`;
  },
  async heal(lab, gateway, value) {
    await drop(lab, gateway, `${families.get(value as '4' | '6' | undefined)} lab_forward`);
  },
};

/** Headers of IP, UDP and WireGuard around a packet of a tunnel over IPv4. */
const tunnelOverhead = tunnelKind(tunnelTypes[0]).overhead.ipv4;

/** What WireGuard sends and takes in is dropped by its length, and nobody is told. */
export const mtu: GatewayFault = {
  async make(lab, gateway, value = '1200') {
    const [size, link, ...rest] = value.split('@');
    const bytes = Number(size);
    if (!/^\d{3,4}$/.test(size) || bytes < 300 || rest.length > 0) {
      throw new LabFault(`mtu takes bytes from 300 to 9999, such as 1200 or 1200@<link>, not '${value}'`);
    }
    const ports = lab.plan.tunnels
      .filter((tunnel) => link === undefined || tunnel.link === link)
      .flatMap((tunnel) => tunnel.ends.filter((end) => end.gateway === gateway))
      .map((end) => end.listenPort);
    if (ports.length === 0) throw new LabFault(`${gateway} has no link '${link}'`);
    const set = `{ ${ports.join(', ')} }`;
    // WireGuard pads to 16 bytes.
    const most = bytes + tunnelOverhead;
    await load(
      lab,
      gateway,
      'inet lab_mtu',
      [
        '  chain out {',
        '    type filter hook output priority 0;',
        `    udp sport ${set} meta length > ${most} drop`,
        '  }',
        '  chain in {',
        '    type filter hook input priority 0;',
        `    udp dport ${set} meta length > ${most} drop`,
        '  }',
      ].join('\n'),
    );
    const where = link === undefined ? 'in its tunnels' : `on ${link}`;
    return `${gateway}: packets over ${bytes} bytes vanish ${where}`;
  },
  heal: (lab, gateway) => drop(lab, gateway, 'inet lab_mtu'),
};
