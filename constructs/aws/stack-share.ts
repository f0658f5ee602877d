import { isDeepStrictEqual } from 'node:util';
import { DataAwsCallerIdentity } from '@cdktf/provider-aws/lib/data-aws-caller-identity';
import { AwsProvider } from '@cdktf/provider-aws/lib/provider';
import { TerraformStack, type TerraformVariable } from 'cdktf';
import type { Construct } from 'constructs';
import type { RegionProvider } from './region-provider';
import { createSignaturesVariable } from './signatures-variable';
import { createUnsealVariable } from './unseal-variable';

/** What the regions of one stack share there, each made when it is first asked for. */
export class StackShare {
  private readonly providers = new Map<string, { config: RegionProvider; provider: AwsProvider }>();
  private readonly accounts = new Map<string, DataAwsCallerIdentity>();

  /** @param scope the network's place in the stack. */
  constructor(private readonly scope: Construct) {
    // Write-only arguments, which keep secrets out of state, came with 1.11.
    TerraformStack.of(scope).addOverride('terraform.required_version', '>= 1.11.0');
  }

  /**
   * The provider of these arguments; undefined: the stack's own.
   *
   * @throws Error if another provider of the stack has this alias.
   */
  provider(config: RegionProvider | undefined): AwsProvider | undefined {
    if (!config) return undefined;
    const { alias } = config;
    const known = this.providers.get(alias);
    if (known && isDeepStrictEqual(known.config, config)) return known.provider;
    const stack = TerraformStack.of(this.scope);
    if (stack.allProviders().some((other) => other.alias === alias)) {
      throw new Error(`stack '${stack.node.id}' has a provider '${alias}' with other arguments`);
    }
    const provider = new AwsProvider(this.scope, `provider-${alias}`, config);
    this.providers.set(alias, { config, provider });
    return provider;
  }

  /** The account that a provider reaches. */
  account(config: RegionProvider | undefined): DataAwsCallerIdentity {
    const id = config ? `account-${config.alias}` : 'account';
    const known = this.accounts.get(id);
    if (known) return known;
    const account = new DataAwsCallerIdentity(this.scope, id, { provider: this.provider(config) });
    this.accounts.set(id, account);
    return account;
  }

  /** The variable for the signatures of the stack's manifests; undefined: it has none. */
  signatures(manifests: readonly string[]): TerraformVariable | undefined {
    return manifests.length > 0 ? createSignaturesVariable(this.scope, manifests) : undefined;
  }

  /** The variable for the unsealing secrets of the stack's gateways; undefined: they have no key. */
  unsealSecrets(gatewayIds: readonly string[]): TerraformVariable | undefined {
    return gatewayIds.length > 0 ? createUnsealVariable(this.scope, gatewayIds) : undefined;
  }
}
