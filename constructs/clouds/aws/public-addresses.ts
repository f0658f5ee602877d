import { Eip } from '@cdktf/provider-aws/lib/eip';
import { Aspects, TerraformOutput, TerraformStack } from 'cdktf';
import { gatewayFolder } from '../../../lib/gateway/bucket-places';
import { tagsOf, type RegionScope } from './region-scope';
import { childOf } from '../../deploy/same-place';

/** An Elastic IP for each gateway of a region, by gateway id. */
export function createEips(scope: RegionScope): ReadonlyMap<string, Eip> {
  return new Map(
    scope.gateways.map((gateway) => [
      gateway.id,
      new Eip(childOf(scope.construct, gatewayFolder(gateway)), 'eip', {
        region: scope.place,
        domain: 'vpc',
        tags: tagsOf(scope, String(gateway.number)),
      }),
    ]),
  );
}

/**
 * Lets other stacks' plans show the addresses that they read from this one: cdktf calls every output that
 * one stack reads from another sensitive, and a reviewer would see no address in any rule.
 */
export function showToOtherStacks(stack: TerraformStack, eips: ReadonlyMap<string, Eip>): void {
  Aspects.of(stack).add({
    visit: (construct) => {
      if (!TerraformOutput.isTerraformOutput(construct)) return;
      const { id } = construct.node;
      const prefixes = [...eips.values()].map(
        (eip) => `${eip.terraformResourceType}.${eip.friendlyUniqueId}`,
      );
      if (prefixes.some((prefix) => id.startsWith(`cross-stack-output-${prefix}.`)))
        construct.sensitive = false;
    },
  });
}
