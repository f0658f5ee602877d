import { TerraformVariable } from 'cdktf';
import type { Construct } from 'constructs';
import { unsealVariable } from '../../lib/cli/keys-exec';
import { terraformQuoted } from '../../lib/escape';

/**
 * The variable that takes the unsealing secrets, by gateway id: sensitive, and ephemeral, so that Terraform
 * writes it neither to a plan file nor to state. `dwcp keys exec` sets it. It has no default, because a
 * forgotten secret must not pass; where only a plan is wanted, any text will do for each, as write-only
 * arguments are not compared.
 */
export function createUnsealVariable(scope: Construct, gatewayIds: readonly string[]): TerraformVariable {
  const wanted = `[${[...gatewayIds].sort().map(terraformQuoted).join()}]`;
  const variable = new TerraformVariable(scope, 'unseal-secrets', {
    type: 'map(string)',
    description: 'unsealing secret of each gateway; run Terraform through dwcp keys exec',
    sensitive: true,
    nullable: false,
    validation: [
      {
        condition: `\${alltrue([for id in ${wanted} : contains(keys(var.${unsealVariable}), id)])}`,
        errorMessage: `${unsealVariable} has no entry for some gateway: run the command through 'dwcp keys exec'.`,
      },
    ],
  });
  variable.overrideLogicalId(unsealVariable);
  // cdktf knows no ephemeral variables (Terraform 1.10).
  variable.addOverride('ephemeral', true);
  return variable;
}

/** The expression for one gateway's secret. */
export function unsealSecretOf(gatewayId: string): string {
  return `\${var.${unsealVariable}[${terraformQuoted(gatewayId)}]}`;
}
