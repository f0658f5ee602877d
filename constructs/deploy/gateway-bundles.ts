import { agentFiles, atAnyTime, bundle, gatewayFiles, manifestText, type Validity } from '../../lib/gateway';
import { sealedPartOf, signingChain, type KeyFile } from '../../lib/net/keys';
import type { PlanDocument } from '../../lib/plan';

/** A bundle, which one gateway fetches: everything that changes with the plan. */
export interface GatewayBundle {
  /** Path below the stack's folder, where Terraform finds it. */
  readonly file: string;
  readonly bytes: Uint8Array;
  /** 64 hex digits. */
  readonly sha256: string;
  /** The text that is signed (`manifestText`); null: the network has no signing key. */
  readonly manifest: string | null;
  /** Changes with the gateway's unsealing secret; null: it has no key. */
  readonly secretVersion: number | null;
}

/**
 * The bundle of each gateway in a cloud, by gateway id.
 *
 * @param agent the agent's program; absent: the bundles hold none.
 * @param validity when they may be installed; default: at any time.
 */
export function gatewayBundles(
  plan: PlanDocument,
  keys: KeyFile | null,
  agent?: string,
  validity: Validity = atAnyTime,
): ReadonlyMap<string, GatewayBundle> {
  const regions = plan.regions.filter((region) => region.provider !== 'external');
  const inCloud = new Set(regions.map((region) => region.id));
  const own = plan.gateways.filter((gateway) => inCloud.has(gateway.region));
  const program = agent === undefined ? [] : [...agentFiles(agent)];
  const packed = new Map(
    own.map(({ id, identity }) => {
      const sealed = keys && Object.hasOwn(keys.gateways, identity) ? sealedPartOf(keys, identity) : null;
      const { bytes, sha256 } = bundle(new Map([...gatewayFiles(plan, id, sealed), ...program]));
      const file = `gateways/${identity.replace('/', '-')}.tar`;
      return [id, { identity, file, bytes, sha256, secretVersion: sealed?.secretVersion ?? null }];
    }),
  );
  const chain = keys ? signingChain(keys) : [];
  const first = plan.rollout && packed.get(plan.rollout.canary)!;
  const canary = first
    ? { gateway: first.identity, bundle: first.sha256, waitSeconds: plan.rollout!.waitSeconds }
    : null;
  const manifest = (identity: string, sha256: string, secretVersion: number | null) =>
    manifestText({
      network: plan.identity,
      gateway: identity,
      bundle: sha256,
      generation: plan.generation,
      secretEpoch: secretVersion ?? 0,
      validity,
      canary,
      chain,
    });
  return new Map(
    [...packed].map(([id, { identity, ...rest }]) => [
      id,
      {
        ...rest,
        manifest: chain.length === 0 ? null : manifest(identity, rest.sha256, rest.secretVersion),
      },
    ]),
  );
}
