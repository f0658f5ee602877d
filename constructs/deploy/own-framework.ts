import { TerraformStack } from 'cdktf';
import type { Construct } from 'constructs';

/**
 * The stack of a construct.
 *
 * @throws Error if there is none, or another framework or another copy of this one made it.
 */
export function ownStack(construct: Construct): TerraformStack {
  return mustBeOwn(TerraformStack.of(construct));
}

/**
 * A stack that the framework of this package made. Two copies of a framework know each other's stacks but not
 * each other's tokens: references between them would be lost without a word.
 *
 * @throws Error if another framework or another copy of this one made it.
 */
export function mustBeOwn(stack: TerraformStack): TerraformStack {
  if (stack instanceof TerraformStack) return stack;
  throw new Error(
    `stack '${(stack as TerraformStack).node.id}' was made by another framework than this network's: ` +
      "with cdktn import from 'dwcp-multiregion/cdktn', with cdktf from 'dwcp-multiregion'; " +
      'of two copies of one framework keep one (npm ls cdktf cdktn shows them)',
  );
}
