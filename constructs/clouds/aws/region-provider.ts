import type { AwsProviderConfig } from '@cdktf/provider-aws/lib/provider';
import { TerraformDataSource, TerraformResource, type TerraformProvider } from 'cdktf';
import type { Construct } from 'constructs';

/**
 * Arguments of an AWS provider for one region: an account reached with `assumeRole` or `profile`, say. The
 * alias names it. Regions that give the same alias share it, and must give the same arguments. `region` is
 * for resources that state none; default: that of the environment.
 */
export interface RegionProvider extends AwsProviderConfig {
  readonly alias: string;
}

/** Runs `make`, and gives the provider to all that it made below `scope` without naming another. */
export function withProvider<T>(scope: Construct, provider: TerraformProvider | undefined, make: () => T): T {
  if (!provider) return make();
  const before = new Set(scope.node.findAll());
  const made = make();
  for (const construct of scope.node.findAll()) {
    const takes =
      TerraformResource.isTerraformResource(construct) ||
      TerraformDataSource.isTerraformDataSource(construct);
    if (takes && !before.has(construct)) construct.provider ??= provider;
  }
  return made;
}
