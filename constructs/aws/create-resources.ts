import { TerraformStack, type TerraformVariable } from 'cdktf';
import type { Construct } from 'constructs';
import type { PlanDocument, PlannedRegion } from '../../lib/plan';
import type { GatewayBundle } from '../gateway-bundles';
import type { RegionExtra } from './extra';
import { createRegion } from './create-region';
import { createEips, publicAddresses, showToOtherStacks } from './public-addresses';
import { withProvider, type RegionProvider } from './region-provider';
import type { RegionScope } from './region-scope';
import type { LinkResources, NetworkResources, RegionResources } from './resources';
import { samePlace } from './same-place';
import { StackShare } from './stack-share';
import type { EndRules } from './tunnel-rules';

/** What the AWS side of a network is made from. */
export interface ResourceInputs {
  readonly network: Construct;
  /** With its texts as Terraform writes them (`terraformTexts`). */
  readonly plan: PlanDocument;
  /** By gateway id, for each gateway in AWS. */
  readonly bundles: ReadonlyMap<string, GatewayBundle>;
  /** Where a region stands in the construct tree. */
  readonly regionScope: (region: string) => Construct;
  /** The stack of a region's resources but its public addresses, which lie in the network's own. */
  readonly regionStack: (region: string) => TerraformStack;
  /** A region's pass-through arguments, the last winning. */
  readonly extra: (region: string) => readonly RegionExtra[];
  /** A region's provider; undefined: that of the stack. */
  readonly provider: (region: string) => RegionProvider | undefined;
}

/**
 * Every resource of a planned network, in two rounds: first the public addresses of all gateways, in the
 * network's own stack; then each region, which may lie in a stack of its own, since of other regions it
 * needs these addresses alone. Construct ids follow from region, gateway, link and tunnel ids alone.
 */
export function createResources(inputs: ResourceInputs): NetworkResources {
  const { network, plan, bundles } = inputs;
  const home = TerraformStack.of(network);
  const inAws = plan.regions.filter((region) => region.provider === 'aws');
  const stacks = new Map(inAws.map((region) => [region.id, inputs.regionStack(region.id)]));
  const providers = new Map(inAws.map((region) => [region.id, inputs.provider(region.id)]));
  const shares = new Map(
    [...new Set([home, ...stacks.values()])].map((stack) => [
      stack,
      new StackShare(samePlace(network, stack)),
    ]),
  );

  const eips = new Map(
    inAws.flatMap((region) => {
      const scope = scopeIn(inputs, region, home);
      const provider = shares.get(home)!.provider(providers.get(region.id));
      return [...withProvider(scope.construct, provider, () => createEips(scope))];
    }),
  );
  if (shares.size > 1) showToOtherStacks(home, eips);
  const addresses = publicAddresses(plan, eips);

  const rules = new Map<string, EndRules>();
  const regions = inAws.map((region): [string, RegionResources] => {
    const stack = stacks.get(region.id)!;
    const scope = scopeIn(inputs, region, stack);
    const config = providers.get(region.id);
    const account = shares.get(stack)!.account(config);
    const provider = shares.get(stack)!.provider(config);
    const made = withProvider(scope.construct, provider, () =>
      createRegion({ scope, account, bundles, eips, addresses, rules }),
    );
    return [region.id, made];
  });

  const unsealSecrets = new Map<string, TerraformVariable>();
  const signatures = new Map<string, TerraformVariable>();
  for (const [stack, share] of shares) {
    const here = plan.gateways.filter((gateway) => stacks.get(gateway.region) === stack);
    const own = here.map(({ id, identity }) => ({ identity, ...bundles.get(id)! }));
    const keyed = own.filter(({ secretVersion }) => secretVersion !== null).map((g) => g.identity);
    const secrets = share.unsealSecrets(keyed);
    if (secrets) unsealSecrets.set(stack.node.id, secrets);
    const signed = share.signatures(own.flatMap(({ manifest }) => manifest ?? []));
    if (signed) signatures.set(stack.node.id, signed);
  }
  return {
    regions: new Map(regions),
    links: linkResources(plan, rules),
    unsealSecrets,
    signatures,
  };
}

function scopeIn(inputs: ResourceInputs, region: PlannedRegion, stack: TerraformStack): RegionScope {
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

function linkResources(
  plan: PlanDocument,
  rules: ReadonlyMap<string, EndRules>,
): ReadonlyMap<string, LinkResources> {
  return new Map(
    plan.links.map((link) => {
      const ends = plan.tunnels
        .filter((tunnel) => tunnel.link === link.id)
        .flatMap((tunnel) => tunnel.ends.map((end) => `${tunnel.id} at ${end.gateway}`))
        .filter((end) => rules.has(end));
      return [
        link.id,
        {
          ingress: new Map(ends.map((end) => [end, rules.get(end)!.ingress])),
          egress: new Map(ends.map((end) => [end, rules.get(end)!.egress])),
        },
      ];
    }),
  );
}
