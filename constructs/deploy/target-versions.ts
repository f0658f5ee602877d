import type { Construct } from 'constructs';

/** The versions that take the network's write-only arguments, as npm semver ranges. */
const targets = { terraform: '>=1.11.0', opentofu: '>=1.11.0' };

/**
 * Declares to CDK Terrain that what stands below this construct is for Terraform and OpenTofu from 1.11: it
 * takes 1.5.7 for granted otherwise, and refuses write-only arguments. Targets that the app declares stay.
 * CDKTF does not read this.
 *
 * @throws Error if the construct has children already.
 */
export function declareTargets(construct: Construct): void {
  const { node } = construct;
  if (node.tryGetContext('targetVersions') === undefined) node.setContext('targetVersions', targets);
}
