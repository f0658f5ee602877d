/**
 * What stands in a plan for a value that Terraform knows at apply alone: the same text in every run. Only
 * code can give such a value, and only where planning needs none of it.
 *
 * @param path of the field, as diagnostics write it: `regions.dublin.vpc.id`.
 */
export function knownAtApply(path: string): string {
  return `known-at-apply:${path}`;
}

/** Is this the text that stands for such a value? */
export function isKnownAtApply(text: string): boolean {
  return text.startsWith('known-at-apply:');
}
