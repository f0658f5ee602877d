import { onGateway } from '../processes';
import { LabFault } from '../record';
import { run } from '../run';
import type { GatewayFault } from './gateway-fault';

const table = 'lab-marks';
/** kube-proxy's mark for what it masquerades. */
const usual = '0x4000';

/**
 * Somebody else marks: the whole mark of what comes in and of what is made here, as the worst do, and bits
 * of what is forwarded, as Tailscale does. Priorities are those of iptables' tables (mangle, nat, filter).
 */
export const foreignMark: GatewayFault = {
  async make(lab, gateway, value = usual) {
    if (!/^0x[0-9a-f]{1,8}$/i.test(value) || Number(value) === 0) {
      throw new LabFault(`'${value}' is no mark: write it like ${usual}`);
    }
    const chain = (name: string, type: string, hook: string, priority: number, rule: string) =>
      `  chain ${name} {\n    type ${type} hook ${hook} priority ${priority};\n    ${rule}\n  }\n`;
    const passing = chain('passing', 'filter', 'forward', 0, `meta mark set meta mark | ${value}`);
    const script = [
      `table inet ${table} {\n`,
      chain('before', 'filter', 'prerouting', -100, `meta mark set ${value}`),
      chain('made', 'route', 'output', -149, `meta mark set ${value}`),
      '}\n',
      `table ip ${table} {\n${passing}}\n`,
      `table ip6 ${table} {\n${passing}}\n`,
    ].join('');
    await run(onGateway(lab, gateway, ['nft', '-f', '-']), script);
    return `${gateway}: somebody else marks packets ${value}`;
  },
  async heal(lab, gateway) {
    const lines = ['inet', 'ip', 'ip6'].map((family) => `delete table ${family} ${table}\n`);
    await run(onGateway(lab, gateway, ['nft', '-f', '-']), lines.join(''));
  },
};
