import type { Eip } from '@cdktf/provider-aws/lib/eip';
import { VpcSecurityGroupEgressRule } from '@cdktf/provider-aws/lib/vpc-security-group-egress-rule';
import { VpcSecurityGroupIngressRule } from '@cdktf/provider-aws/lib/vpc-security-group-ingress-rule';
import type { SecurityGroup } from '@cdktf/provider-aws/lib/security-group';
import type { Construct } from 'constructs';
import { securityGroupOf, tunnelsOf } from '../../lib/emit/aws-rules';
import type { PlannedGateway } from '../../lib/plan';
import type { Tunnel, TunnelEnd } from '../../lib/tunnels';
import { tagsOf, type RegionScope } from './region-scope';

/** Security groups that one network interface takes (quota `security groups per ENI`). */
export const mostGroups = 5;
/**
 * The public address of each gateway, by id: Elastic IPs, and what external sites gave. Without prefix
 * length.
 */
export type PublicAddresses = ReadonlyMap<string, Eip['publicIp']>;

/** What admits one end of a tunnel. */
export interface EndRules {
  readonly ingress: readonly VpcSecurityGroupIngressRule[];
  readonly egress: readonly VpcSecurityGroupEgressRule[];
}

/**
 * Admits a gateway's tunnels: each from its peer's address alone, on its own port, and out to the peer
 * alone. By tunnel id. GRE and IPsec have no ports of their own: tunnels of one peer share their rules.
 */
export function createTunnelRules(
  scope: RegionScope,
  construct: Construct,
  gateway: PlannedGateway,
  groups: ReadonlyMap<number, SecurityGroup>,
  addresses: PublicAddresses,
): ReadonlyMap<string, EndRules> {
  const made = new Map<string, EndRules>();
  const rules = new Map<string, EndRules>();
  for (const { tunnel, own, peer } of tunnelsOf(scope.plan.tunnels, gateway.id)) {
    const group = groups.get(securityGroupOf(own))!;
    const all = flowsOf(tunnel, own, peer).map(({ id, ipProtocol, ownPort, peerPort }) => {
      const known = made.get(id);
      if (known) return known;
      const common = {
        region: scope.place,
        securityGroupId: group.id,
        cidrIpv4: `${addresses.get(peer.gateway)!}/32`,
        ipProtocol,
        description: `${tunnel.type} with ${peer.gateway}`,
        tags: tagsOf(scope, id),
      };
      const port = (number?: number) => ({ fromPort: number, toPort: number });
      const pair: EndRules = {
        ingress: [new VpcSecurityGroupIngressRule(construct, `in-${id}`, { ...common, ...port(ownPort) })],
        egress: [new VpcSecurityGroupEgressRule(construct, `out-${id}`, { ...common, ...port(peerPort) })],
      };
      made.set(id, pair);
      return pair;
    });
    rules.set(tunnel.id, { ingress: all.flatMap((r) => r.ingress), egress: all.flatMap((r) => r.egress) });
  }
  return rules;
}

/** A kind of packet on the Internet; ports undefined: the protocol has none. */
interface Flow {
  readonly id: string;
  readonly ipProtocol: string;
  readonly ownPort?: number;
  readonly peerPort?: number;
}

function flowsOf(tunnel: Tunnel, own: TunnelEnd, peer: TunnelEnd): readonly Flow[] {
  const shared = peer.gateway.replace('/', '-');
  switch (tunnel.type) {
    case 'wireguard':
    case 'vxlan':
      return [{ id: tunnel.id, ipProtocol: 'udp', ownPort: own.listenPort, peerPort: peer.listenPort }];
    case 'gre':
      return [{ id: `gre-${shared}`, ipProtocol: '47' }];
    case 'ipsec':
      // Elastic IPs are NAT: IKE starts on 500 and goes on, with ESP inside UDP, on 4500 (RFC 3948).
      return [500, 4500].map((port) => ({
        id: `ipsec-${port}-${shared}`,
        ipProtocol: 'udp',
        ownPort: port,
        peerPort: port,
      }));
  }
}
