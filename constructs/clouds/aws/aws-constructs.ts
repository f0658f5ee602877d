import { TerraformStack } from 'cdktf';
import type { PlannedRegion } from '../../../lib/plan';
import { samePlace } from '../../deploy/same-place';
import type { AddressedCloud, CloudConstructs, CloudInputs } from '../cloud';
import { createRegion } from './create-region';
import { createEips, showToOtherStacks } from './public-addresses';
import { withProvider } from './region-provider';
import type { RegionScope } from './region-scope';
import type { EndRules, RegionResources } from './resources';
import { StackShare } from './stack-share';

/** How the resources of regions in AWS are made. Construct ids follow from region, gateway and tunnel ids. */
export const awsConstructs: CloudConstructs = { createAddresses };

function createAddresses(inputs: CloudInputs): AddressedCloud {
  const { network, plan, bundles } = inputs;
  const home = TerraformStack.of(network);
  const inAws = plan.regions.filter((region) => region.provider === 'aws');
  const placed = inAws.map((region) => {
    return { region, stack: inputs.regionStack(region.id), config: inputs.provider(region.id) };
  });
  const stacks = new Set([home, ...placed.map(({ stack }) => stack)]);
  const shares = new Map([...stacks].map((stack) => [stack, new StackShare(inputs.stackScope(stack))]));

  const eips = new Map(
    placed.flatMap(({ region, config }) => {
      const scope = scopeIn(inputs, region, home);
      const provider = shares.get(home)!.provider(config);
      return [...withProvider(scope.construct, provider, () => createEips(scope))];
    }),
  );
  if (shares.size > 1) showToOtherStacks(home, eips);

  return {
    addresses: new Map([...eips].map(([gateway, eip]) => [gateway, eip.publicIp])),
    createRegions(addresses) {
      const ends = new Map<string, EndRules>();
      const regions = placed.map(({ region, stack, config }): [string, RegionResources] => {
        const scope = scopeIn(inputs, region, stack);
        const account = shares.get(stack)!.account(config);
        const provider = shares.get(stack)!.provider(config);
        const made = withProvider(scope.construct, provider, () =>
          createRegion({ scope, account, bundles, eips, addresses, ends }),
        );
        return [region.id, made];
      });
      return { regions: new Map(regions), ends };
    },
  };
}

function scopeIn(inputs: CloudInputs, region: PlannedRegion, stack: TerraformStack): RegionScope {
  const { plan } = inputs;
  const { id } = region;
  return {
    construct: samePlace(inputs.regionScope(id), stack),
    plan,
    region,
    place: region.place!,
    gateways: plan.gateways.filter((g) => g.region === id).sort((x, y) => x.number - y.number),
    extras: inputs.extra(id),
  };
}
