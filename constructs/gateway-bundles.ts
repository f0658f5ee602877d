import { agentFiles, bundle, gatewayFiles } from '../lib/emit';
import { sealedPartOf, type KeyFile } from '../lib/net/keys';
import type { PlanDocument } from '../lib/plan';

/** What one gateway fetches: everything of it that changes with the plan. */
export interface GatewayBundle {
  /** Path below the stack's folder, where Terraform finds it. */
  readonly file: string;
  readonly bytes: Uint8Array;
  /** 64 hex digits. */
  readonly sha256: string;
  /** Changes with the gateway's unsealing secret; null: it has no key. */
  readonly secretVersion: number | null;
}

/**
 * The bundle of each gateway in AWS, by gateway id.
 *
 * @param agent the agent's program; absent: the bundles hold none.
 */
export function gatewayBundles(
  plan: PlanDocument,
  keys: KeyFile | null,
  agent?: string,
): ReadonlyMap<string, GatewayBundle> {
  const regions = plan.regions.filter((region) => region.provider === 'aws');
  const inAws = new Set(regions.map((region) => region.id));
  const own = plan.gateways.filter((gateway) => inAws.has(gateway.region));
  const program = agent === undefined ? [] : [...agentFiles(agent)];
  return new Map(
    own.map(({ id, identity }) => {
      const sealed = keys && Object.hasOwn(keys.gateways, identity) ? sealedPartOf(keys, identity) : null;
      const { bytes, sha256 } = bundle(new Map([...gatewayFiles(plan, id, sealed), ...program]));
      const file = `gateways/${identity.replace('/', '-')}.tar`;
      return [id, { file, bytes, sha256, secretVersion: sealed?.secretVersion ?? null }];
    }),
  );
}
