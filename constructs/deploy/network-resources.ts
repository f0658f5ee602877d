import type { TerraformVariable } from 'cdktf';
import type { CloudResources, EndRules } from '../clouds/cloud';

/** Every resource of a network, to refer to or to override. */
export interface NetworkResources {
  /** By region id; external regions have none. */
  readonly regions: CloudResources['regions'];
  /** By link id. */
  readonly links: ReadonlyMap<string, LinkResources>;
  /** Take the unsealing secrets at apply, by stack id; a stack whose gateways have no key has none. */
  readonly unsealSecrets: ReadonlyMap<string, TerraformVariable>;
  /** Take the signatures of manifests, by stack id; a network without a signing key has none. */
  readonly signatures: ReadonlyMap<string, TerraformVariable>;
}

/** The rules that admit a link's tunnels, by `<tunnel id> at <gateway id>`. */
export interface LinkResources {
  readonly ingress: ReadonlyMap<string, EndRules['ingress']>;
  readonly egress: ReadonlyMap<string, EndRules['egress']>;
}
