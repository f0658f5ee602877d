import path from 'node:path';
import { TerraformStack } from 'cdktf';
import { Construct } from 'constructs';
import type { KeyFile } from '../lib/net/keys';
import { regionFolder } from '../lib/clouds/region-folder';
import { encodePlan, type PlanDocument, type PlannedRegion } from '../lib/plan';
import { packagedAgent } from './agent-program';
import { createResources } from './aws/create-resources';
import type { NetworkResources } from './aws/resources';
import { askSignatures } from '../lib/cli/ask-signatures';
import { manifestFile, signaturesFile, signaturesText } from '../lib/cli/sign-stacks';
import type { Validity } from '../lib/gateway';
import { terraformTexts } from '../lib/escape';
import { childOf } from './aws/same-place';
import type { DeployedRegion, DeploymentProps, RegionDeployment } from './deployment';
import { gatewayBundles } from './gateway-bundles';
import { mustBeOwn } from './own-framework';
import { writeAtSynth } from './synth-files';
import { putTokens } from './take-tokens';

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
 * @param tokens what Terraform knows at apply, by the text that stands for it in the plan.
 * @param validity when the bundles may be installed; default: at any time.
 */
export function deployNetwork(
  network: Construct,
  plan: PlanDocument,
  keys: KeyFile | null,
  props: DeploymentProps,
  own: ReadonlyMap<string, RegionDeployment>,
  tokens: ReadonlyMap<string, string> = new Map(),
  validity?: Validity,
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
  const resources = createResources({
    network: root,
    // Here, and nowhere behind it, a plan's texts become Terraform's.
    plan: putTokens(terraformTexts(plan), tokens),
    bundles,
    regionScope: (id) => childOf(childOf(root, 'regions'), regionFolder(regions.get(id)!)),
    regionStack: (id) => stacks.get(id)!,
    extra: (id) => [props.extra ?? {}, own.get(id)?.extra ?? {}],
    provider,
  });
  for (const stack of new Set([home, ...stacks.values()])) {
    const here = plan.gateways.filter((gateway) => stacks.get(gateway.region) === stack);
    const own = here.map(({ id }) => bundles.get(id)!);
    const files = own.flatMap(({ file, bytes, manifest }): [string, string | Uint8Array][] => [
      [file, bytes],
      ...(manifest === null ? [] : [[manifestFile(file), manifest] as [string, string]]),
    ]);
    const manifests = own.flatMap(({ manifest }) => manifest ?? []);
    const planFile = [path.join('plans', `${plan.network}.json`), encodePlan(plan)] as const;
    writeAtSynth(stack, {
      stackFiles: new Map(files),
      outputFiles: new Map(stack === home ? [planFile] : []),
      ownFolders: ['gateways'],
      // Whoever deploys signs; what only synthesizes needs no secret.
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

/** The stack of each region in AWS, by region id. */
function regionStacks(
  plan: PlanDocument,
  home: TerraformStack,
  { regionStack = () => home }: DeploymentProps,
): ReadonlyMap<string, TerraformStack> {
  const inAws = plan.regions.filter((region) => region.provider === 'aws');
  const stacks = new Map(inAws.map((region) => [region.id, regionStack(deployed(region))]));
  for (const stack of new Set(stacks.values())) if (stack !== home) claimStack(stack);
  return stacks;
}
