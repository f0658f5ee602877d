import { isDeepStrictEqual } from 'node:util';
import { DataAwsCallerIdentity } from '@cdktf/provider-aws/lib/data-aws-caller-identity';
import { AwsProvider } from '@cdktf/provider-aws/lib/provider';
import { TerraformStack } from 'cdktf';
import type { Construct } from 'constructs';
import type { RegionProvider } from './region-provider';

/** Providers and accounts that the regions of one stack share, each made when it is first asked for. */
export class StackShare {
  private readonly providers = new Map<string, { config: RegionProvider; provider: AwsProvider }>();
  private readonly accounts = new Map<string, DataAwsCallerIdentity>();

  /** @param scope the network's place in the stack. */
  constructor(private readonly scope: Construct) {}

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
}
