import { TerraformStack } from 'cdktf';
import { Construct } from 'constructs';
import { declareTargets } from './target-versions';

/** A child of a construct, made if it has none of this id. */
export function childOf(scope: Construct, id: string): Construct {
  return (scope.node.tryFindChild(id) as Construct | undefined) ?? new Construct(scope, id);
}

/**
 * The construct at the same path below another stack, made if missing; in its own stack the construct
 * itself. Terraform ids follow from that path, so a resource has the same one in whichever stack it lies.
 */
export function samePlace(construct: Construct, stack: TerraformStack): Construct {
  const own = TerraformStack.of(construct);
  if (own === stack) return construct;
  const { scopes } = construct.node;
  const [top, ...below] = scopes.slice(scopes.indexOf(own) + 1).map((scope) => scope.node.id);
  const made = stack.node.tryFindChild(top) === undefined;
  const first = childOf(stack, top);
  if (made) declareTargets(first);
  return below.reduce<Construct>(childOf, first);
}
