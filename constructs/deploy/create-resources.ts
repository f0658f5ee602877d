import { TerraformStack } from 'cdktf';
import { cloudsOf } from '../../lib/clouds/deployments';
import type { PlanDocument } from '../../lib/plan';
import type { CloudInputs, EndRules, PublicAddresses } from '../clouds/cloud';
import { cloudConstructs } from '../clouds/clouds';
import type { LinkResources, NetworkResources } from './network-resources';
import { samePlace } from './same-place';
import { createSignaturesVariable } from './signatures-variable';
import { createUnsealVariable } from './unseal-variable';

/**
 * Every resource of a planned network, in two rounds: first the public addresses of all gateways, in the
 * network's own stack; then each region, which may lie in another stack, since of other regions it needs
 * these addresses alone. Construct ids follow from region, gateway, link and tunnel ids alone.
 *
 * @param stacks of the network: its own first.
 */
export function createResources(
  inputs: Omit<CloudInputs, 'stackScope'>,
  stacks: readonly TerraformStack[],
): NetworkResources {
  const { network, plan } = inputs;
  const scopes = new Map(stacks.map((stack) => [stack, samePlace(network, stack)]));
  // Write-only arguments, which keep secrets out of state, came with 1.11.
  for (const stack of stacks) stack.addOverride('terraform.required_version', '>= 1.11.0');

  const stackScope = (stack: TerraformStack) => scopes.get(stack)!;
  const clouds = cloudsOf(plan).map((name) =>
    cloudConstructs(name).createAddresses({ ...inputs, stackScope }),
  );
  const addresses = publicAddresses(
    plan,
    clouds.map((cloud) => cloud.addresses),
  );
  const made = clouds.map((cloud) => cloud.createRegions(addresses));
  return {
    regions: new Map(made.flatMap(({ regions }) => [...regions])),
    links: linkResources(plan, new Map(made.flatMap(({ ends }) => [...ends]))),
    ...createVariables(inputs, stackScope, stacks),
  };
}

/** Where each gateway is reached: its address in a cloud, or the endpoint that an external region gave. */
function publicAddresses(plan: PlanDocument, inClouds: readonly PublicAddresses[]): PublicAddresses {
  const endpoints = new Map(plan.regions.map((region) => [region.id, region.endpoint]));
  const made = new Map(inClouds.flatMap((addresses) => [...addresses]));
  const known = plan.gateways.flatMap(({ id, region }): [string, string][] => {
    const address = made.get(id) ?? endpoints.get(region);
    return address ? [[id, address]] : [];
  });
  return new Map(known);
}

/** The variables that take secrets and signatures, of each stack whose gateways have some. */
function createVariables(
  { plan, bundles, regionStack }: Omit<CloudInputs, 'stackScope'>,
  stackScope: CloudInputs['stackScope'],
  stacks: readonly TerraformStack[],
): Pick<NetworkResources, 'unsealSecrets' | 'signatures'> {
  const [unsealSecrets, signatures] = [new Map(), new Map()];
  for (const stack of stacks) {
    const own = plan.gateways.flatMap(({ id, region, identity }) => {
      const bundle = bundles.get(id);
      return bundle && regionStack(region) === stack ? [{ identity, ...bundle }] : [];
    });
    const { id } = stack.node;
    const scope = stackScope(stack);
    const keyed = own.filter(({ secretVersion }) => secretVersion !== null).map((g) => g.identity);
    if (keyed.length > 0) unsealSecrets.set(id, createUnsealVariable(scope, keyed));
    const manifests = own.flatMap(({ manifest }) => manifest ?? []);
    if (manifests.length > 0) signatures.set(id, createSignaturesVariable(scope, manifests));
  }
  return { unsealSecrets, signatures };
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
