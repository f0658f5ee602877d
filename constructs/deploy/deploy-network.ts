import path from 'node:path';
import { TerraformStack } from 'cdktf';
import { Construct } from 'constructs';
import { regionFolder } from '../../lib/clouds/region-folder';
import { encodePlan, type PlanDocument, type PlannedRegion } from '../../lib/plan';
import { packagedAgent } from './agent-program';
import { createResources } from './create-resources';
import type { NetworkResources } from './network-resources';
import { askSignatures } from '../../lib/cli/ask-signatures';
import { manifestFile, signaturesFile, signaturesText } from '../../lib/cli/sign-stacks';
import { terraformTexts } from '../../lib/escape';
import { childOf } from './same-place';
import type { DeployablePlan, DeployedRegion, DeploymentProps, RegionDeployment } from './deployment';
import { gatewayBundles } from './gateway-bundles';
import { mustBeOwn } from './own-framework';
import { writeAtSynth } from './synth-files';
import { putTokens } from '../describe/take-tokens';

const plannedStacks = new WeakSet<TerraformStack>();

/**
 * Takes a stack for one network: two would share the folder of bundles and the variable of the secrets.
 *
 * @throws Error if another network was planned into it, or another framework made it.
 */
export function claimStack(stack: TerraformStack): void {
  mustBeOwn(stack);
  if (plannedStacks.has(stack)) {
    throw new Error(`stack '${stack.node.id}' holds a planned network already; use one stack each`);
  }
  plannedStacks.add(stack);
}

/**
 * The resources of a plan in their stacks, and the files that go with each stack: its gateways' bundles, and
 * with the network's own the plan.
 *
 * @param own how regions are deployed that say so themselves, by id.
 */
export function deployNetwork(
  network: Construct,
  { plan, keys, tokens = new Map(), validity }: DeployablePlan,
  props: DeploymentProps,
  own: ReadonlyMap<string, RegionDeployment>,
): NetworkResources {
  const home = TerraformStack.of(network);
  const stacks = regionStacks(plan, home, props);
  const regions = new Map(plan.regions.map((region) => [region.id, region]));
  const provider = (id: string) => {
    const wide = props.provider;
    const given = typeof wide === 'function' ? wide(deployed(regions.get(id)!)) : wide;
    return own.get(id)?.provider ?? given;
  };
  const bundles = gatewayBundles(plan, keys, packagedAgent(), validity);
  const root = rootOf(network, plan);
  const all = [...new Set([home, ...stacks.values()])];
  const inputs = {
    network: root,
    // Here, and nowhere behind it, a plan's texts become Terraform's.
    plan: putTokens(terraformTexts(plan), tokens),
    bundles,
    regionScope: (id: string) => childOf(childOf(root, 'regions'), regionFolder(regions.get(id)!)),
    regionStack: (id: string) => stacks.get(id)!,
    extra: (id: string) => [props.extra ?? {}, own.get(id)?.extra ?? {}],
    provider,
  };
  const resources = createResources(inputs, all);
  for (const stack of all) {
    const here = plan.gateways.filter((gateway) => stacks.get(gateway.region) === stack);
    const packed = here.map(({ id }) => bundles.get(id)!);
    const files = packed.flatMap(({ file, bytes, manifest }): [string, string | Uint8Array][] => [
      [file, bytes],
      ...(manifest === null ? [] : [[manifestFile(file), manifest] as [string, string]]),
    ]);
    const manifests = packed.flatMap(({ manifest }) => manifest ?? []);
    const planFile = [path.join('plans', `${plan.network}.json`), encodePlan(plan)] as const;
    writeAtSynth(stack, {
      stackFiles: new Map(files),
      outputFiles: new Map(stack === home ? [planFile] : []),
      ownFolders: ['gateways'],
      // A deployment signs; a run that only synthesizes needs no secret.
      lateFiles() {
        const signatures = askSignatures(manifests, process.env);
        return new Map(signatures && [[signaturesFile, signaturesText(manifests, signatures)]]);
      },
    });
  }
  return resources;
}

/**
 * Where the resources stand, and hence what Terraform calls them. A network whose construct is called after
 * it keeps the place that it had before it was renamed; a construct id of your own keeps its place by itself.
 *
 * @throws Error if something else stands at the place of before.
 */
function rootOf(network: Construct, plan: PlanDocument): Construct {
  const scope = network.node.scope!;
  if (plan.identity === plan.network || network.node.id !== plan.network) return network;
  if (scope.node.tryFindChild(plan.identity)) {
    const place = `'${plan.identity}', the place of the resources of network '${plan.network}'`;
    throw new Error(`a construct of yours stands at ${place}, which was made under that name`);
  }
  return new Construct(scope, plan.identity);
}

function deployed({ id, identity, place }: PlannedRegion): DeployedRegion {
  return { id, identity, place: place! };
}

/** The stack of each region in a cloud, by region id. */
function regionStacks(
  plan: PlanDocument,
  home: TerraformStack,
  { regionStack = () => home }: DeploymentProps,
): ReadonlyMap<string, TerraformStack> {
  const inClouds = plan.regions.filter((region) => region.provider !== 'external');
  const stacks = new Map(inClouds.map((region) => [region.id, regionStack(deployed(region))]));
  for (const stack of new Set(stacks.values())) if (stack !== home) claimStack(stack);
  return stacks;
}
