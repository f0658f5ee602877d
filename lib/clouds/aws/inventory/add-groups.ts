import { gatewayFolder } from '../../../gateway/bucket-places';
import type { PlannedGateway } from '../../../plan';
import { groupDescription, groupName, prefixName, vpcPrefixes } from '../names';
import { outsideScrapers } from '../operators';
import { securityGroupOf, tunnelsOf } from '../rules';
import type { InventoryVpc } from './add-vpc';
import type { InventoryScope } from './inventory-scope';

/** @returns the ids of the gateway's security groups. */
export function addGroups(
  { plan, region, add, addresses, tags }: InventoryScope,
  gateway: PlannedGateway,
  made: InventoryVpc | undefined,
): readonly string[] {
  const at = gatewayFolder(gateway);
  const tunnels = tunnelsOf(plan.tunnels, gateway.id);
  const numbers = [...new Set([1, ...tunnels.map(({ own }) => securityGroupOf(own))])].sort((x, y) => x - y);
  const groups = new Map(
    numbers.map((number) => {
      const suffix = number === 1 ? '' : `-${number}`;
      const values = {
        name: groupName(plan, region, gateway, number),
        description: groupDescription(gateway),
        tags: tags(`${gateway.number}${suffix}`),
      };
      const path = `${at}/security-group${suffix}`;
      const id = made
        ? add('aws_security_group', path, values, { vpc_id: made.vpc })
        : add('aws_security_group', path, { ...values, vpc_id: region.vpc!.id });
      return [number, id];
    }),
  );
  const first = { security_group_id: groups.get(1)! };
  const own = { cidr_ipv4: region.ipv4Block, tags: tags('own-block') };
  add('aws_vpc_security_group_ingress_rule', `${at}/in-own-block`, own, first);
  add('aws_vpc_security_group_egress_rule', `${at}/out-own-block`, own, first);
  for (const prefix of vpcPrefixes(region)) {
    const name = prefixName(prefix);
    const behind = { cidr_ipv4: prefix, tags: tags(`prefix-${name}`) };
    add('aws_vpc_security_group_ingress_rule', `${at}/in-prefix-${name}`, behind, first);
    add('aws_vpc_security_group_egress_rule', `${at}/out-prefix-${name}`, behind, first);
  }
  const { metrics } = plan.operations ?? {};
  for (const prefix of outsideScrapers(plan, region)) {
    const name = `metrics-${prefixName(prefix)}`;
    const [from_port, to_port] = [metrics!.port, metrics!.port];
    const values = { cidr_ipv4: prefix, from_port, to_port, tags: tags(name) };
    add('aws_vpc_security_group_ingress_rule', `${at}/in-${name}`, values, first);
  }
  for (const name of ['http', 'https'])
    add('aws_vpc_security_group_egress_rule', `${at}/out-${name}`, { tags: tags(name) }, first);
  for (const { tunnel, own, peer } of tunnels) {
    const from = addresses.get(peer.gateway)!;
    const description = `${tunnel.type} with ${peer.gateway}`;
    const values = (port: number) => ({
      ...(from.endpoint === undefined ? {} : { cidr_ipv4: `${from.endpoint}/32` }),
      from_port: port,
      to_port: port,
      description,
      tags: tags(tunnel.id),
    });
    const references = {
      security_group_id: groups.get(securityGroupOf(own))!,
      ...(from.resource === undefined ? {} : { cidr_ipv4: from.resource }),
    };
    const [into, out] = [values(own.listenPort), values(peer.listenPort)];
    add('aws_vpc_security_group_ingress_rule', `${at}/in-${tunnel.identity}`, into, references);
    add('aws_vpc_security_group_egress_rule', `${at}/out-${tunnel.identity}`, out, references);
  }
  return [...groups.values()];
}
