import { TerraformVariable } from 'cdktf';
import type { Construct } from 'constructs';
import { manifestDigest } from '../../lib/gateway';
import { terraformQuoted } from '../../lib/escape';
import { signaturesVariable } from '../../lib/cli/sign-stacks';

/**
 * The variable that takes the signatures of manifests, by the SHA-256 of their text. No secret: whoever
 * deploys writes it beside the stack (`dwcp keys exec`, `dwcp sign`). Empty, which is the default, where only
 * a plan is wanted; otherwise every manifest of the stack must have its signature.
 *
 * @param manifests of the gateways of this stack.
 */
export function createSignaturesVariable(scope: Construct, manifests: readonly string[]): TerraformVariable {
  const wanted = `[${manifests.map(manifestDigest).sort().map(terraformQuoted).join()}]`;
  const name = `var.${signaturesVariable}`;
  const variable = new TerraformVariable(scope, 'signatures', {
    type: 'map(string)',
    description: 'signatures of what gateways may install; dwcp keys exec and dwcp sign write them',
    default: {},
    nullable: false,
    validation: [
      {
        condition: `\${length(${name}) == 0 || alltrue([for digest in ${wanted} : contains(keys(${name}), digest)])}`,
        errorMessage:
          "What gateways would install is not signed: synthesize and deploy in one run under 'dwcp keys exec', or sign what was synthesized with 'dwcp sign'.",
      },
    ],
  });
  variable.overrideLogicalId(signaturesVariable);
  return variable;
}

/** The expression for one manifest's signature. */
export function signatureOf(manifest: string): string {
  return `\${lookup(var.${signaturesVariable}, ${terraformQuoted(manifestDigest(manifest))}, "none")}`;
}
