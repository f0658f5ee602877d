import { flowId, type Impairments } from './impairment';
import type { LabLayout } from './layout';

/**
 * An nftables script for the underlay of a lab without delays: drops what failures take, in one transaction
 * (nft(8)). Delays are beyond it.
 *
 * @throws RangeError if an impairment delays.
 */
export function blockRules({ gateways, tunnels }: LabLayout, impairments: Impairments): string {
  const address = new Map(gateways.map((g) => [g.id, g.address]));
  const rules = tunnels.flatMap((tunnel) =>
    ([0, 1] as const).flatMap((side) => {
      const found = impairments.get(flowId(tunnel, side));
      if (!found) return [];
      if (found.extraMs > 0) throw new RangeError('plain forwarding delays nothing');
      const [near, far] = [tunnel.ends[side], tunnel.ends[1 - side]];
      const from = `ip saddr ${address.get(near.gateway)} udp sport ${near.listenPort}`;
      const to = `ip daddr ${address.get(far.gateway)} udp dport ${far.listenPort}`;
      const share = found.blackhole ? '' : `numgen random mod 10000 < ${Math.round(found.lossRatio * 1e4)} `;
      return [`    ${from} ${to} ${share}counter drop`];
    }),
  );
  return `table ip failures
delete table ip failures
table ip failures {
  chain forward {
    type filter hook forward priority filter; policy accept;
${rules.map((rule) => `${rule}\n`).join('')}  }
}
`;
}
